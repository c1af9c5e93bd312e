"""What a run is: one placement, rate, seed and data set, with the network and how it is trained.

Everything is checked here, before TensorFlow is imported or anything is trained; only whether a data set has as many
rows as train_rows wants takes the data, and train.check_rows.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_serializer, model_validator

from .. import datasets as data
from ..datasets.options import plain
from ..dropout.forms import forms_of
from ..dropout.placements import resolve
from ..dropout.shapes import embedding_terms, mask_shapes
from ..dropout.sizes import Sizes
from ..errors import UserError, from_validation
from .schedules import NAMES, SCHEDULES, WINDOWS, peak

# The largest are those that TensorFlow's sizes and a table's column of seeds can hold.
Whole = Annotated[int, Field(strict=True, ge=1, lt=2**31)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
Rate = Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]

OUTPUT_RATES = (0.1, 0.25, 0.5)  # of the masks at the output alone, with which `passes` are made, too
DEFAULT_DATASETS = ["japanese_vowels", "recall"]
_RATE = "numbers from 0 up to, not including, 1 (gates: at most .5)"
_WHOLE = "a whole number of at least 1, below 2**31"
_SEED = "a whole number from 0, below 2**63"
_SCHEDULE = f"one of {', '.join(SCHEDULES)}, of equal mean; {', '.join(WINDOWS)}, masks there alone"
_SEEDS = "different whole numbers from 0, below 2**63"
# name: (default, annotation in a notebook, meaning, what is allowed)
FIELDS: dict[str, tuple[Any, str, str, str]] = {
    "placement": ("recurrent", "str", "where the masks sit", "a placement, several joined by +, or site:axis,axis"),
    "datasets": (DEFAULT_DATASETS, "list", "data sets to train on", "names of data sets"),
    "rates": ([0.1, 0.25, 0.5], "list", "drop rates to train", _RATE),
    "schedule": ("constant", "str", "the rate over training", _SCHEDULE),
    "seeds": ([1, 2, 3], "list", "each fixes weights, batch order, subset and masks", _SEEDS),
    "dropout_stream": (0, "int", "another number draws other masks for the same seed", _SEED),
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
# What dropout is controlled by or compared with, and what is watched besides: fields of a run alone, part of its
# identity only where they are used.
CONTROLS: dict[str, Any] = {
    "weight_decay": 0.0, "label_smoothing": 0.0, "permuted_labels": False, "watch_training": False,
    "passes": 0,
}  # fmt: skip
_CONTROLS_ALLOWED = {
    "weight_decay": "a number from 0", "label_smoothing": "a number from 0 up to, not including, 1",
    "permuted_labels": "true or false", "watch_training": "true or false",
    "passes": "a whole number from 0, below 2**31",
}  # fmt: skip


class RunConfig(BaseModel):
    """One run: its identity, together with the data's fingerprint and the results' version.

    Fields as PARAMETERS describes them, with one rate, one seed and one data set; `dataset_options` are that data
    set's, defaults spelt out. UserError for a value that is not allowed, or a placement that does not apply.

    Five fields are no parameters of a notebook. weight_decay: at each update every weight loses this share of
    itself times the learning rate (Loshchilov and Hutter 2019). label_smoothing: the share of the target that is spread
    over all classes (Szegedy et al. 2016). permuted_labels: train on labels in an order drawn from the seed.
    watch_training: at the end of each epoch, also measure the loss on the training rows without masks. passes: so many
    predictions with masks after training (see monte_carlo). These two change nothing else of the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    placement: str = "none"
    rate: Rate = 0.0
    schedule: Literal[NAMES] = "constant"
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
    weight_decay: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)] = CONTROLS["weight_decay"]
    label_smoothing: Rate = CONTROLS["label_smoothing"]
    permuted_labels: Annotated[bool, Field(strict=True)] = CONTROLS["permuted_labels"]
    watch_training: Annotated[bool, Field(strict=True)] = CONTROLS["watch_training"]
    passes: Annotated[int, Field(strict=True, ge=0, lt=2**31)] = CONTROLS["passes"]

    def __init__(self, **values):
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise from_validation(error, _ALLOWED) from None

    @model_serializer(mode="wrap")
    def _used(self, serialize) -> dict:
        # A run that uses no control is spelt, and named, as before there were any.
        return {name: value for name, value in serialize(self).items() if CONTROLS.get(name, ...) != value}

    @model_validator(mode="before")
    @classmethod
    def _canonical(cls, values: dict) -> dict:
        placement = resolve(values.get("placement", "none"))
        filled = {**values, "placement": placement.name}
        name = values.get("dataset", "japanese_vowels")
        options = values.get("dataset_options")
        filled["dataset_options"] = data.canonical_options(name, {} if options is None else options)
        if placement.fixed_rate is not None:
            filled.setdefault("rate", placement.fixed_rate)
        filled = {field: plain(value) for field, value in filled.items()}
        # Runs that are the same get the same key: -0.0 is 0.0, nothing is drawn without dropout, series have no words.
        if filled.get("rate") == 0 and isinstance(filled["rate"], float):
            filled["rate"] = 0.0
        if not placement.terms and _is_whole(filled.get("dropout_stream")):
            filled["dropout_stream"] = 0
        if not placement.terms and filled.get("schedule") in NAMES:
            filled["schedule"] = "constant"
        if data.describe(name).kind == "series" and _is_whole(filled.get("embedding_dim"), least=1):
            filled["embedding_dim"] = FIELDS["embedding_dim"][0]
        return filled

    @model_validator(mode="after")
    def _fits(self) -> RunConfig:
        placement = resolve(self.placement)
        placement.check_rate(self.rate)
        highest, ceiling = self.rate * peak(self.schedule), min(1, placement.maximum_rate)
        if self.schedule != "constant" and not (highest < 1 and highest <= ceiling):
            raise UserError(
                f"The schedule {self.schedule} takes the rate {self.rate:g} up to {highest:g}, which {self.placement} "
                f"does not allow. Give a rate of at most {math.floor(99 * ceiling / peak(self.schedule)) / 100:g}."
            )
        if not applies(self.placement, self.dataset, self.layers):
            articles = {"second layer": "a second layer", "embedding": "an embedding"}
            needs = " and ".join(articles[each] for each in sorted(placement.needs))
            raise UserError(
                f"{self.placement} needs {needs}; {self.dataset} with layers={self.layers} has not. "
                "Token data sets have an embedding; layers=2 gives a second layer."
            )
        return self


# A field that is a list in FIELDS, rates, is one of its values here: rate.
_ALLOWED = {
    name: FIELDS[name if name in FIELDS else f"{name}s"][3] if name not in CONTROLS else _CONTROLS_ALLOWED[name]
    for name in RunConfig.model_fields
}


def applies(placement: str, dataset: str, layers: int) -> bool:
    """Whether a placement exists in a network for this data set with so many layers."""
    return resolve(placement).applies(data.describe(dataset).kind == "tokens", layers)


def _is_whole(value, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def network(config: RunConfig) -> RunConfig:
    """The part of a configuration that a trainer is made for: data, sizes, and what its programs have built in."""
    options = {**config.dataset_options, **data.shared_options(config.dataset)}
    apart = {
        "placement": "none", "rate": 0.0, "schedule": "constant", "seed": 0, "dropout_stream": 0, "learning_rate": 1.0,
        "epochs": 1, "permuted_labels": False, "watch_training": False, "passes": 0,
        "dataset_options": options,
    }  # fmt: skip
    return config.model_copy(update=apart)


def programme(config: RunConfig) -> str:
    """What a compiled program depends on, as text; runs that agree in it share one."""
    # Of a batch and of the data only the axes count here, and any sizes that differ tell them apart.
    sizes = Sizes(2, 3, 5, 7, 11, 1 + config.bidirectional)
    placement = resolve(config.placement)
    embedding = mask_shapes(embedding_terms(placement), sizes)
    return f"{network(config).model_dump_json()} {forms_of(placement, config.layers, sizes)} {embedding}"
