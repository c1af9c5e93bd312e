"""What a run is (RunConfig: one rate, one seed) and what a notebook, a profile or a command asks for (Sweep: many).

Everything is checked here, before TensorFlow is imported or anything is trained.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_serializer, model_validator

from .. import datasets as data
from ..dropout.placements import resolve
from ..errors import UserError, unknown
from .schedules import SCHEDULES, peak

Whole = Annotated[int, Field(strict=True, ge=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]
Rate = Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]

DEFAULT_DATASETS = ["japanese_vowels", "recall"]
_RATE = "numbers from 0 up to, not including, 1 (gates: at most .5)"
_WHOLE = "a whole number of at least 1"
# name: (default, annotation in a notebook, meaning, what is allowed)
_FIELDS: dict[str, tuple[Any, str, str, str]] = {
    "placement": ("recurrent", "str", "where the masks sit", "a placement, several joined by +, or site:axis,axis"),
    "datasets": (DEFAULT_DATASETS, "list", "data sets to train on", "names of data sets"),
    "rates": ([0.1, 0.25, 0.5], "list", "drop rates to train", _RATE),
    "schedule": ("constant", "str", "the rate over training, of equal mean", "one of " + ", ".join(SCHEDULES)),
    "seeds": ([1, 2, 3], "list", "each fixes weights, batch order, subset and masks", "different whole numbers from 0"),
    "dropout_stream": (0, "int", "another number draws other masks for the same seed", "a whole number from 0"),
    "dataset_options": ({}, "dict", "options of a data set, by its name", "a dictionary: data set to its options"),
    "train_rows": (None, "int", "train on so many rows, chosen by the seed; unset for all", _WHOLE),
    "units": (64, "int", "LSTM units a direction", _WHOLE),
    "layers": (1, "int", "recurrent layers", "1 or 2"),
    "embedding_dim": (32, "int", "width of the word embedding, for token data", _WHOLE),
    "bidirectional": (True, "bool", "two directions, or forward only", "true or false"),
    "epochs": (40, "int", "passes over the training rows", _WHOLE),
    "batch_size": (32, "int", "sequences a batch", _WHOLE),
    "learning_rate": (1e-3, "float", "Adam's learning rate", "a number above 0"),
    "evaluations_per_epoch": (1, "int", "how often an epoch is evaluated", _WHOLE),
}
PARAMETERS = {name: (default, kind, f"{text}; {allowed}") for name, (default, kind, text, allowed) in _FIELDS.items()}
# What dropout is controlled by or compared with: fields of a run alone, part of its identity only where they are used.
RIVALS: dict[str, Any] = {"weight_decay": 0.0, "label_smoothing": 0.0, "permuted_labels": False}
_RIVALS_ALLOWED = {
    "weight_decay": "a number from 0", "label_smoothing": "a number from 0 up to, not including, 1",
    "permuted_labels": "true or false",
}  # fmt: skip
_ONE_FOR_MANY = {"rate": "rates", "seed": "seeds", "dataset": "datasets"}
_LISTS = ("datasets", "rates", "seeds")
# Fields that may differ from data set to data set, given as a dictionary with the data sets' names.
_BY_DATASET = (
    "train_rows",
    "units",
    "layers",
    "embedding_dim",
    "bidirectional",
    "epochs",
    "batch_size",
    "learning_rate",
    "evaluations_per_epoch",
)


class RunConfig(BaseModel):
    """One run: its identity, together with the data's fingerprint and the results' version.

    Fields as PARAMETERS describes them, with one rate, one seed and one data set; `dataset_options` are that data
    set's, defaults spelt out. UserError for a value that is not allowed, or a placement that does not apply.

    Three fields are no parameters of a notebook. weight_decay: at each update every weight loses this share of
    itself times the learning rate (Loshchilov and Hutter 2019). label_smoothing: the share of the target that is spread
    over all classes (Szegedy et al. 2016). permuted_labels: train on labels in an order drawn from the seed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    placement: str = "none"
    rate: Rate = 0.0
    schedule: Literal[tuple(SCHEDULES)] = "constant"
    seed: Seed = 1
    dropout_stream: Seed = 0
    dataset: str = "japanese_vowels"
    dataset_options: dict[str, Any] = {}
    train_rows: Whole | None = None
    units: Whole = 64
    layers: Annotated[int, Field(strict=True, ge=1, le=2)] = 1
    embedding_dim: Whole = 32
    bidirectional: Annotated[bool, Field(strict=True)] = True
    epochs: Whole = 40
    batch_size: Whole = 32
    learning_rate: Positive = 1e-3
    evaluations_per_epoch: Whole = 1
    weight_decay: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] = RIVALS["weight_decay"]
    label_smoothing: Rate = RIVALS["label_smoothing"]
    permuted_labels: Annotated[bool, Field(strict=True)] = RIVALS["permuted_labels"]

    def __init__(self, **values):
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _one_line(error, RunConfig.model_fields) from None

    @model_serializer(mode="wrap")
    def _used(self, serialize) -> dict:
        # A run that uses no rival is spelt, and named, as before there were any.
        return {name: value for name, value in serialize(self).items() if RIVALS.get(name, ...) != value}

    @model_validator(mode="before")
    @classmethod
    def _canonical(cls, values: dict) -> dict:
        placement = resolve(values.get("placement", "none"))
        filled = {**values, "placement": placement.name}
        name = values.get("dataset", "japanese_vowels")
        filled["dataset_options"] = data.canonical_options(name, values.get("dataset_options") or {})
        if placement.fixed_rate is not None:
            filled.setdefault("rate", placement.fixed_rate)
        filled = {field: _plain(value) for field, value in filled.items()}
        # Runs that are the same get the same key: -0.0 is 0.0, nothing is drawn without dropout, series have no words.
        if filled.get("rate") == 0 and isinstance(filled["rate"], float):
            filled["rate"] = 0.0
        if not placement.terms and _is_whole(filled.get("dropout_stream")):
            filled["dropout_stream"] = 0
        if not placement.terms and filled.get("schedule") in SCHEDULES:
            filled["schedule"] = "constant"
        if data.describe(name).kind == "series" and _is_whole(filled.get("embedding_dim"), least=1):
            filled["embedding_dim"] = _FIELDS["embedding_dim"][0]
        return filled

    @model_validator(mode="after")
    def _fits(self) -> RunConfig:
        placement = resolve(self.placement)
        placement.check_rate(self.rate)
        highest, ceiling = self.rate * peak(self.schedule), min(1, placement.maximum_rate)
        if self.schedule != "constant" and not (highest < 1 and highest <= ceiling):
            raise UserError(
                f"The schedule {self.schedule} takes the rate {self.rate:g} up to {highest:g}, which {self.placement} "
                f"does not allow. Give a rate of at most {0.99 * ceiling / peak(self.schedule):.2g}."
            )
        if not applies(self.placement, self.dataset, self.layers):
            articles = {"second layer": "a second layer", "embedding": "an embedding"}
            needs = " and ".join(articles[each] for each in sorted(placement.needs))
            raise UserError(
                f"{self.placement} needs {needs}; {self.dataset} with layers={self.layers} has not. "
                "Token data sets have an embedding; layers=2 gives a second layer."
            )
        return self


def applies(placement: str, dataset: str, layers: int) -> bool:
    """Whether a placement exists in a network for this data set with so many layers."""
    return resolve(placement).applies(data.describe(dataset).kind == "tokens", layers)


class Sweep(BaseModel):
    """Runs of one placement over data sets, rates and seeds. Fields as PARAMETERS describes them.

    The fields from train_rows on take one value, or a dictionary from data set to value; where none is given, what the
    data set is usually trained with (datasets.training), else the default of PARAMETERS. A placement that needs a
    second layer gets layers=2 unless layers is given. Without `datasets`, those of the default that the placement
    applies to are taken; a named one that it does not apply to is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    placement: str = "recurrent"
    datasets: list[str] = []
    rates: Annotated[list[Rate], Field(min_length=1)] = [0.1, 0.25, 0.5]
    schedule: Literal[tuple(SCHEDULES)] = "constant"
    seeds: Annotated[list[Seed], Field(min_length=1)] = [1, 2, 3]
    dropout_stream: Seed = 0
    dataset_options: dict[str, dict[str, Any]] = {}
    train_rows: Any = None
    units: Any = None
    layers: Any = None
    embedding_dim: Any = None
    bidirectional: Any = None
    epochs: Any = None
    batch_size: Any = None
    learning_rate: Any = None
    evaluations_per_epoch: Any = None

    def __init__(self, **values):
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _one_line(error, _FIELDS) from None

    @field_validator("seeds", "rates", "datasets")
    @classmethod
    def _different(cls, values: list) -> list:
        if len(set(values)) < len(values):
            raise ValueError("each value may stand there once")
        return values

    @model_validator(mode="after")
    def _complete(self) -> Sweep:
        placement = resolve(self.placement)
        object.__setattr__(self, "placement", placement.name)
        if self.layers is None:
            object.__setattr__(self, "layers", 2 if "second layer" in placement.needs else 1)
        if not self.datasets:
            chosen = [name for name in DEFAULT_DATASETS if applies(placement.name, name, 2)]
            object.__setattr__(self, "datasets", chosen)
        for name in [*self.datasets, *self.dataset_options]:
            data.describe(name)
        for field in _BY_DATASET:
            value = getattr(self, field)
            for name in value if isinstance(value, dict) else ():
                data.describe(name)
        self.runs()  # every run is checked here, before any starts
        return self

    @classmethod
    def parse(cls, **parameters) -> Sweep:
        """Make a Sweep from what papermill or a command line hands over: values, or JSON text of them.

        Lists may be single values. Unknown names raise UserError with near matches and every allowed name.
        """
        for name in parameters:
            if name in _ONE_FOR_MANY:
                raise UserError(
                    f"There is no parameter {name!r}; it is {_ONE_FOR_MANY[name]!r}, which takes a list or one value. "
                    f"Allowed: {', '.join(_FIELDS)}."
                )
            if name not in _FIELDS:
                raise unknown("parameter", name, _FIELDS)
        values = {name: _read(name, value) for name, value in parameters.items()}
        return cls(**{name: value for name, value in values.items() if value is not None})

    def _run(self, placement: str, dataset: str, rate: float, seed: int) -> RunConfig:
        return RunConfig(
            placement=placement,
            dataset=dataset,
            rate=rate,
            schedule=self.schedule,
            seed=seed,
            dropout_stream=self.dropout_stream,
            dataset_options=self.dataset_options.get(dataset, {}),
            **self._settings(dataset),
        )

    def _settings(self, dataset: str) -> dict:
        """The fields from train_rows on as one data set has them."""
        given = {field: getattr(self, field) for field in _BY_DATASET}
        found = {
            field: value.get(dataset) if isinstance(value, dict) else value for field, value in given.items()
        }
        own = {field: default for field, (default, *_) in _FIELDS.items()} | data.training(dataset)
        return {field: own[field] if value is None else value for field, value in found.items()}

    def runs(self) -> list[RunConfig]:
        """Every run of the placement: by data set, then rate, then seed. A placement with one rate has one."""
        fixed = resolve(self.placement).fixed_rate
        rates = self.rates if fixed is None else [fixed]
        return [
            self._run(self.placement, name, rate, seed)
            for name in self.datasets
            for rate in rates
            for seed in self.seeds
        ]

    def baselines(self) -> list[RunConfig]:
        """The runs of `none` that the placement is compared with: same data, network and seeds."""
        return [self._run("none", name, 0.0, seed) for name in self.datasets for seed in self.seeds]

    def for_dataset(self, name: str) -> Sweep:
        """The same sweep on one of its data sets, every field a plain value. UserError for one it does not have."""
        if name not in self.datasets:
            raise unknown("data set of this sweep", name, self.datasets)
        return self.model_copy(update={"datasets": [name], **self._settings(name)})


def _read(name: str, value):
    """Turn JSON text into its value where the field is no text, and a single value into a list where it is a list."""
    if isinstance(value, str) and name not in ("placement", "schedule"):
        try:
            value = json.loads(value)
        except ValueError:
            if name != "datasets":
                raise _not_allowed(name, value) from None
    if name in _LISTS and not isinstance(value, list | tuple | type(None)):
        value = [value]
    if name == "rates" and value is not None:
        # papermill hands 0 over as an integer
        value = [float(rate) if isinstance(rate, int) and not isinstance(rate, bool) else rate for rate in value]
    return list(value) if isinstance(value, tuple) else value


def _plain(value):
    """A NumPy number as the Python number it stands for."""
    return value.item() if isinstance(value, np.generic) else value


def _is_whole(value, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _not_allowed(name: str, value) -> UserError:
    described = _FIELDS.get(name + "s", _FIELDS.get(name))
    allowed = described[3] if described else _RIVALS_ALLOWED.get(name, "another value")
    return UserError(f"{name}: {str(value)[:80]!r} is not allowed. Allowed: {allowed}.")


def _one_line(error: ValidationError, allowed) -> UserError:
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, UserError):
        return cause
    name = str(first["loc"][0]) if first["loc"] else "configuration"
    if first["type"] == "extra_forbidden":
        return unknown("parameter", name, allowed)
    return _not_allowed(name, first["input"])
