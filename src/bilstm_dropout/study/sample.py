"""A profile that is a sample of the published study: what makes it one, and what it trains beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ..errors import UserError, brief, unknown
from ..experiments.parts import PARTS
from ..results import published
from ..runs.config import RunConfig
from ..runs.sweep import Sweep
from ..runs.train import key_of, wanted
from ..wording import rate_text


@dataclass(frozen=True)
class Added:
    """Of placements of which nothing is published. seeds and rates: as a Sweep takes them; its own by default."""

    seeds: list[int]
    rates: list[float] | dict[str, list[float]]

    @classmethod
    def parse(cls, given: object) -> Added:
        """From what a profile says: a dictionary with `seeds`, `rates` or both. UserError for anything else."""
        if not isinstance(given, dict) or not given:
            raise UserError(f"added: {brief(given)!r} is not allowed. Allowed: a dictionary with seeds and rates.")
        for name in given:
            if name not in cls.__annotations__:
                raise unknown("key of added", name, cls.__annotations__)
        sweep = Sweep.parse(placement="none", **given)
        return cls(sweep.seeds, sweep.rates)

    def __str__(self) -> str:
        seeds = f"seeds {', '.join(map(str, self.seeds))}"
        if isinstance(self.rates, dict):
            return f"{seeds} at " + "; ".join(f"{_said(each)} on {name}" for name, each in self.rates.items())
        return f"{seeds} at {_said(self.rates)}"


def _said(rates: list[float]) -> str:
    return f"p = {', '.join(map(rate_text, rates))}"


@dataclass(frozen=True)
class Sample:
    """Published runs as a profile's twins. profile: its name. names: those of its data sets whose files are here."""

    profile: str
    names: tuple[str, ...]

    @cached_property
    def _published(self) -> pd.DataFrame:
        rows = published.listed()
        return rows[rows["part"].isin(PARTS)]

    def has(self, placement: str) -> bool:
        """Whether anything is published of a placement on the profile's data sets."""
        rows = self._published
        return bool((rows["dataset"].isin(self.names) & (rows["placement"] == placement)).any())

    def without_twin(self, sweep: Sweep) -> RunConfig | None:
        """The first run of a sweep, or of what it is compared with, that has no twin."""
        keys = set(self._published["key"])
        there = sweep.model_copy(update={"datasets": [name for name in sweep.datasets if name in self.names]})
        return next((config for config in wanted(there) if key_of(config) not in keys), None)

    def error(self, run: RunConfig) -> UserError:
        """That a run of the profile has no twin, in one line."""
        at = f" at p = {rate_text(run.rate)}" if run.rate else ""
        layers = " with two layers" if run.layers == 2 else ""
        return UserError(
            f"The profile {self.profile} is a sample of published runs, and {run.placement}{at}{layers}, seed "
            f"{run.seed} on {run.dataset} is not published. Take seeds, rates and settings that are, or remove "
            "`sample: true` from it."
        )
