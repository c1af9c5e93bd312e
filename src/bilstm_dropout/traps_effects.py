"""What traps cost: paired differences between what one asks for and what one gets, from run records."""

from __future__ import annotations

import math

from . import placements
from .config import Sweep
from .numbers import MissingNumber, Numbers
from .profiles import load_profile
from .statistics import Difference, verdict
from .traps import TRAPS


def trap_sweeps(profile: str = "quick") -> list[Sweep]:
    """The runs that the traps' effects are measured on, with a profile's data sets, rates, seeds and network.

    Most are placements of the table, so a study of the profile has trained them; own terms are not. `run_sweep`
    trains what is missing.
    """
    loaded = load_profile(profile)
    names = dict.fromkeys(name for _, pair in _pairs() for name in pair)
    return [sweep for sweep in map(loaded.sweep, names) if sweep is not None]


def _pairs() -> list[tuple[str, tuple[str, str]]]:
    """Each trap's name with each pair of placements, as far as the table has them; an own term needs no entry."""
    return [
        (trap.name, pair)
        for trap in TRAPS
        for pair in trap.effect
        if all(name in placements.TABLE or ":" in name for name in pair)
    ]


def effects(results: Numbers) -> list[dict]:
    """A row for each trap with an effect, pair of placements, data set and rate; nothing is trained.

    Keys: trap, a, b, dataset, rate; mean, low, high (a - b in test NLL in nats, 95 % interval, at the epoch that
    validation chose, or the last where there is none), n (pairs of seeds) and verdict. Where runs are missing n is 0
    and the numbers are NaN.
    """
    rows = []
    for trap, (a, b) in _pairs():
        for dataset in results.datasets:
            for rate in results.rates(dataset):
                try:
                    found = results.paired(a, b, "nll", dataset, rate, "chosen")
                except MissingNumber:
                    found = Difference(math.nan, math.nan, math.nan, math.nan, 0)
                rows.append({
                    "trap": trap, "a": a, "b": b, "dataset": dataset, "rate": rate, "mean": found.mean,
                    "low": found.low, "high": found.high, "n": found.n, "verdict": verdict(found),
                })  # fmt: skip
    return rows
