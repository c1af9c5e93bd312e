"""What traps cost: paired differences between what one asks for and what one gets, from published runs."""

from __future__ import annotations

import math

import pandas as pd

from ..experiments.ledger import RATES, contrast, losses
from ..stats.paired import Difference, verdict
from .traps import TRAPS

_NOTHING = Difference(math.nan, math.nan, math.nan, math.nan, 0)


def effects(rows: pd.DataFrame) -> list[dict]:
    """A row for each trap with an effect, pair of placements and rate.

    rows: published runs of the part claims. Keys: trap, a, b, rate; mean, low, high (a - b in test NLL in nats, 95 %
    interval), n (pairs of seeds) and verdict. Where runs are missing n is 0 and the numbers are NaN.
    """
    found = []
    for trap in TRAPS:
        for a, b in trap.effect:
            for rate in RATES:
                try:
                    each = contrast(losses(rows, a, rate), losses(rows, b, rate))
                except ValueError:
                    each = _NOTHING
                found.append({
                    "trap": trap.name, "a": a, "b": b, "rate": rate, "mean": each.mean, "low": each.low,
                    "high": each.high, "n": each.n, "verdict": verdict(each),
                })  # fmt: skip
    return found
