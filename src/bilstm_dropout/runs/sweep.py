"""What a notebook, a profile or a command asks for: runs of one placement over data sets, rates and seeds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from .. import datasets as data
from ..dropout.placements import resolve
from ..errors import UserError, from_validation, not_allowed, unknown
from ..files.reading import read_json
from .config import DEFAULT_DATASETS, FIELDS, Rate, RunConfig, Seed, applies
from .schedules import NAMES

PARAMETERS = {name: (default, kind, f"{text}; {allowed}") for name, (default, kind, text, allowed) in FIELDS.items()}
_ALLOWED = {name: allowed for name, (*_, allowed) in FIELDS.items()}
_ONE_FOR_MANY = {"rate": "rates", "seed": "seeds", "dataset": "datasets"}
_LISTS = ("datasets", "rates", "seeds")
# Fields that may differ from data set to data set, given as a dictionary with the data sets' names.
_BY_DATASET = tuple(FIELDS)[tuple(FIELDS).index("train_rows") :]

_Rates = Annotated[list[Rate], Field(min_length=1)]


class Sweep(BaseModel, frozen=True, extra="forbid"):
    """Runs of one placement over data sets, rates and seeds. Fields as PARAMETERS describes them.

    rates takes a list, or a dictionary from data set to list; a data set that it does not name has the default's. The
    fields from train_rows on take one value, or a dictionary from data set to value; where none is given, what the data
    set is usually trained with (datasets.training), else the default of PARAMETERS. A placement that needs a
    second layer gets layers=2 unless layers is given. Without `datasets`, those of the default that the placement
    applies to are taken; a named one that it does not apply to is an error.
    """

    placement: str = "recurrent"
    datasets: list[str] = []
    rates: _Rates | dict[str, _Rates] = [0.1, 0.25, 0.5]
    schedule: Literal[NAMES] = "constant"
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
            raise from_validation(error, _ALLOWED) from None

    @field_validator("seeds", "rates", "datasets")
    @classmethod
    def _different(cls, values: list | dict[str, list]) -> list | dict[str, list]:
        for each in values.values() if isinstance(values, dict) else [values]:
            if len(set(each)) < len(each):
                raise ValueError("each value may stand there once")
        return values

    @model_validator(mode="after")
    def _complete(self) -> Sweep:
        placement = resolve(self.placement)
        object.__setattr__(self, "placement", placement.name)
        if self.layers is None:
            object.__setattr__(self, "layers", placement.layers)
        if not self.datasets:
            chosen = [name for name in DEFAULT_DATASETS if applies(placement.name, name, 2)]
            object.__setattr__(self, "datasets", chosen)
        for name in self.datasets:
            data.describe(name)
        for name, options in self.dataset_options.items():  # also of a data set that this placement leaves out
            data.canonical_options(name, options)
        for field in ("rates", *_BY_DATASET):
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
                    f"Allowed: {', '.join(FIELDS)}."
                )
            if name not in FIELDS:
                raise unknown("parameter", name, FIELDS)
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
        own = {field: default for field, (default, *_) in FIELDS.items()} | data.training(dataset)
        return {field: own[field] if value is None else value for field, value in found.items()}

    def rates_on(self, dataset: str) -> list[float]:
        """The drop rates on a data set."""
        return rates_on(self.rates, dataset)

    def runs(self) -> list[RunConfig]:
        """Every run of the placement: by data set, then rate, then seed. A placement with one rate has one."""
        fixed = resolve(self.placement).fixed_rate
        return [
            self._run(self.placement, name, rate, seed)
            for name in self.datasets
            for rate in (self.rates_on(name) if fixed is None else [fixed])
            for seed in self.seeds
        ]

    def baselines(self) -> list[RunConfig]:
        """The runs of `none` that the placement is compared with: same data, network and seeds."""
        return [self._run("none", name, 0.0, seed) for name in self.datasets for seed in self.seeds]


def rates_on(rates: list[float] | dict[str, list[float]] | None, dataset: str) -> list[float]:
    """The rates on a data set, of what the field `rates` takes; the default where nothing is given for it."""
    given = rates.get(dataset) if isinstance(rates, dict) else rates
    return FIELDS["rates"][0] if given is None else given


def _read(name: str, value):
    """Turn JSON text into its value where the field is no text, and a single value into a list where it is a list."""
    if isinstance(value, str) and name not in ("placement", "schedule"):
        try:
            value = read_json(value)
        except ValueError:
            if name != "datasets":
                raise not_allowed(name, value, _ALLOWED[name]) from None
    if name == "rates" and isinstance(value, dict):
        return {dataset: _as_list(each) for dataset, each in value.items() if each is not None}
    return _as_list(value) if name in _LISTS else list(value) if isinstance(value, tuple) else value


def _as_list(value):
    """Several values as a list, a single one as a list of it."""
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, list | None) else [value]
