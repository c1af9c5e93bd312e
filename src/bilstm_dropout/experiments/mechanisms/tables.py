"""The tables behind notebooks/mechanisms.ipynb: measured from its settings, or read as they were published.

`bilstm-dropout measure mechanisms` prints what is in data/published/mechanisms.json. A page with other settings than
those published measures each table when it shows it; TensorFlow is imported only then.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated

import numpy as np
import pandas as pd
import pydantic

from ...isolated import hash_of, sources_of
from ...progress import bar
from ...results.measurement import Measurement
from ...runs.provenance import provenance
from .settings import Settings

DOSED = (
    "input", "input-spatial", "lstm-dropout", "recurrent", "recurrent-stepwise", "candidate", "gates", "cell",
    "zoneout", "output", "variational",
)  # fmt: skip
# The networks whose gradients are taken, and the placement that each was trained with; None: as it starts.
TRAINED = {
    "as initialised": None,
    "trained without dropout, masks put on": "none",
    "trained with recurrent": "recurrent",
}


def _of() -> SimpleNamespace:
    """The modules that measure, by name. Only here, because they import TensorFlow."""
    from . import averaging, dose, equations, explosion, gradients, identity, monte_carlo, scaling, survival  # noqa: F401

    return SimpleNamespace(**locals())


def cell_rate(given: Settings) -> float:
    """The drop rate of the table 'ordinary cells'."""
    return max(given.high_rates[0], given.rate)


def _gradients(given: Settings) -> pd.DataFrame:
    """by_step of every curve, with `network`, a key of TRAINED, in place of `after`."""
    by_step = _of().gradients.by_step
    sizes = dict(steps=given.steps, units=given.trained_units, draws=given.draws, seeds=given.seeds)
    high = given.high_rates[0]
    start = [("none", 0.0), *(("recurrent", rate) for rate in given.high_rates)]
    start += [("recurrent-stepwise", high), ("cell-stepwise", given.rate)]
    later = [("none", 0.0), ("recurrent", high), ("recurrent-stepwise", high)]
    curves = zip(TRAINED.items(), (start, later, [("recurrent", high)]), strict=True)
    return pd.concat(
        [
            by_step(form, rate, after=after, **sizes).drop(columns="after").assign(network=network)
            for (network, after), masks in curves
            for form, rate in masks
        ],
        ignore_index=True,
    )


def _recalled(given: Settings) -> pd.DataFrame:
    """A row a trained network: trained_with, seed and its accuracy at naming the cue."""
    found = []
    for placement in filter(None, TRAINED.values()):
        sizes = (given.steps, given.high_rates[0], placement, given.trained_units, given.seeds)
        found += [(placement, *each) for each in zip(given.seeds, _of().gradients.accuracy(*sizes), strict=True)]
    return pd.DataFrame(found, columns=["trained_with", "seed", "accuracy"])


def _doses_at_output(given: Settings) -> pd.DataFrame:
    """What the formula gives for `output`: rate, expected (spread in logits)."""
    dose = _of().dose
    expected = dose.expected_at_output(dose.RATES, units=given.trained_units, seed=given.seeds[0])
    return pd.DataFrame({"rate": dose.RATES, "expected": expected})


# By name. Columns are those of the function that measures it.
TABLES: dict[str, Callable[[Settings], pd.DataFrame]] = {
    "equations": lambda given: _of().equations.differences(given.rate, seed=given.seeds[0]),
    "averaging": lambda given: _of().averaging.by_length(
        given.long_steps, given.rate, given.draws, seed=given.seeds[0]
    ),
    "survival": lambda given: _of().survival.by_step(
        rate=given.rate, steps=given.steps, draws=8 * given.draws, seed=given.seeds[0]
    ),
    "held cells": lambda given: _of().explosion.held(
        given.rate, given.steps, draws=20 * given.draws, seed=given.seeds[0]
    ),
    "ordinary cells": lambda given: _of().explosion.ordinary(
        cell_rate(given), steps=given.long_steps, draws=given.draws, seed=given.seeds[0]
    ),
    "identity": lambda given: _of().identity.differences(seed=given.seeds[0]),
    "scaling": lambda given: _of().scaling.slopes(
        tuple(sorted({given.rate, given.high_rates[0]})), draws=10 * given.draws, seed=given.seeds[0]
    ),
    "gradients": _gradients,
    "recalled": _recalled,
    "doses": lambda given: _of().dose.by_rate(DOSED, units=given.trained_units, seed=given.seeds[0]),
    "doses at output": _doses_at_output,
    "monte carlo": lambda given: _of().monte_carlo.by_sharing(
        given.rate,
        max(50, given.draws),  # of which a spread needs more than other measures
        units=given.trained_units,
        seed=given.seeds[0],
    ),
}

# All of a column's values have one type; 'NaN' and 'Infinity' are numbers.
_Bools, _Ints, _Texts = (tuple[each, ...] for each in (pydantic.StrictBool, pydantic.StrictInt, pydantic.StrictStr))
_Column = Annotated[_Bools | _Ints | tuple[float, ...] | _Texts, pydantic.Field(union_mode="left_to_right")]


def _written(value: bool | int | float | str) -> bool | int | float | str:
    """As JSON has it: what is no finite number in words."""
    if not isinstance(value, float) or np.isfinite(value):
        return value
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


class Mechanisms(Measurement):
    """What was measured. settings: with what sizes. tables: of TABLES by name, each by column. code: what measured."""

    FILE = "mechanisms.json"
    COMMAND = "bilstm-dropout measure mechanisms"
    NAME = "mechanisms"

    settings: Settings
    tables: dict[str, dict[str, _Column]]
    code: str
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _whole(self):
        if set(self.tables) != set(TABLES):
            raise ValueError(f"tables needs these, each once: {', '.join(TABLES)}")
        for name, columns in self.tables.items():
            if len({len(values) for values in columns.values()}) != 1:
                raise ValueError(f"the columns of the table {name} need one length")
        return self

    @pydantic.field_serializer("tables")
    def _plain(self, tables):
        return {name: {column: [_written(value) for value in values] for column, values in columns.items()}
                for name, columns in tables.items()}  # fmt: skip

    def frame(self, name: str) -> pd.DataFrame:
        """One of TABLES."""
        return pd.DataFrame({column: list(values) for column, values in self.tables[name].items()})


def measure(settings: Settings | None = None) -> Mechanisms:
    """Measure every table: a minute at the default settings. Trains networks of seconds; nothing is kept of them."""
    settings, found = settings or Settings(), {}
    with bar(len(TABLES), "tables") as advance:
        for name, measured in TABLES.items():
            found[name] = measured(settings).to_dict("list")
            advance()
    code = hash_of(sources_of(__name__))
    return Mechanisms(settings=settings, tables=found, code=code, provenance=provenance())


class Tables:
    """The tables of some settings by name: `tables["survival"]`. published: whether they are the published ones.

    UserError where the published file is missing or damaged.
    """

    def __init__(self, settings: Settings) -> None:
        published = Mechanisms.published()
        self.settings, self.published = settings, published.settings == settings
        self._source = published.frame if self.published else lambda name: TABLES[name](settings)
        self._found: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._found:
            self._found[name] = self._source(name)
        return self._found[name]
