"""The runs that the ledger's empirical claims rest on, and the paired differences taken from them.

JapaneseVowels with a small network, NETWORK; every contrast pairs runs by seed (the same initial weights, batch
order and training subset). Ten seeds: a sign-flip test can then reach p = .002, and how wide an interval stays is said
beside it. Everything below was fixed before any of it was run, but for one thing: with fewer training rows the runs
first had 20 epochs like the others, so fewer updates, and were far from trained; they now have as many updates.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..results.rows import nll
from ..runs.sweep import Sweep
from ..wording import rate_text

PART = "claims"
SEEDS = list(range(1, 11))
RATES = [0.1, 0.25, 0.5]
RATE = 0.25
NETWORK = dict(datasets=["japanese_vowels"], units=32, epochs=20)
SITES = (
    "input", "input-spatial", "lstm-dropout", "lstm-dropout-gates", "recurrent", "recurrent-tied",
    "recurrent-stepwise", "output", "combined",
)  # fmt: skip
# Rows of the 270 that train (None: all of them), and the epochs that give 180 updates in batches of 32.
ROWS = {45: 90, 90: 60, 180: 30, None: 20}
SIZED = ("input", "recurrent", "output")
SCHEDULED = ("input", "recurrent")
SCHEDULES = ("decay", "ramp", "triangle")
# One direction's masks copied to the other, as an integer seed does in stock Keras.
ONE_FOR_BOTH = "recurrent:sample,gate,feature"
# The same share of inputs kept, .375, in one place or in two: (1 - p)^2 = .375 where two masks meet.
ONE_PLACE, TWO_PLACES = 1 - 0.375, round(1 - 0.375**0.5, 6)


def sweeps() -> list[Sweep]:
    """Every sweep, those that share a compiled program side by side."""
    found = [Sweep(placement=each, rates=RATES, seeds=SEEDS, **NETWORK) for each in SITES]
    found += [
        Sweep(placement=each, rates=[RATE], seeds=SEEDS, schedule=schedule, **NETWORK)
        for each in SCHEDULED
        for schedule in SCHEDULES
    ]
    found.append(Sweep(placement=ONE_FOR_BOTH, rates=[RATE], seeds=SEEDS, **NETWORK))
    found += [
        Sweep(placement=each, rates=[rate], seeds=SEEDS, **NETWORK)
        for each, rate in (("input", ONE_PLACE), ("lstm-dropout", ONE_PLACE), ("input+lstm-dropout", TWO_PLACES))
    ]
    found += [
        Sweep(placement=each, rates=[RATE], seeds=SEEDS, train_rows=rows, **NETWORK | {"epochs": epochs})
        for rows, epochs in ROWS.items()
        if rows is not None
        for each in SIZED
    ]
    return found


def losses(
    rows: pd.DataFrame, placement: str, rate: float = RATE, train_rows: int | None = None, schedule: str = "constant"
) -> pd.Series:
    """Test NLL at the last epoch (nats) by seed, NaN for a run that diverged.

    rows: published.read(PART), or records in that form. `none` has the rate 0.
    """
    rate = 0.0 if placement == "none" else rate
    chosen = rows[(rows["placement"] == placement) & np.isclose(rows["rate"], rate) & (rows["schedule"] == schedule)]
    chosen = chosen[chosen["train_rows"].isna() if train_rows is None else chosen["train_rows"] == train_rows]
    if chosen.empty or chosen["seed"].duplicated().any():
        what = f"{placement} at {rate_text(rate)} ({train_rows or 'all'} rows, {schedule})"
        raise ValueError(f"{what} is not there once a seed")
    return pd.Series(nll(chosen, "last", "missing"), index=chosen["seed"]).sort_index()
