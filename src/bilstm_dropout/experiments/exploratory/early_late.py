"""Part s, early and late: masks only in the first, or only in the last fifth of the updates (Liu et al. 2023).

Fixed before any of its runs. On MR, with a3's network and setting, each of SITES drops at the fixed rate in one of
schedules.WINDOWS and not at all elsewhere. Liu et al. say that early dropout lowers the final training loss of a
network that underfits, and that late dropout helps one that overfits. So every run measures the loss on its training
rows without masks at the end of each epoch. No published run of `none` has that, so `none` is trained again: its 20
runs here differ from a3's in what they watch alone. The mean rate is a fifth of the fixed one. What is concluded are
paired differences to `none` by unit, with intervals, and beside them those of a3's constant rate in test NLL; it tests
nothing.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ...runs.schedules import WINDOWS
from .plan import MANY, NONE, at, runs_of

PART, OF = "s", "a3"
DATASET = "mr"
SITES = ("input", "recurrent-tied", "output", "variational")


def runs() -> list[RunConfig]:
    """Every run, those of one site side by side, `none` first."""
    dropped = [
        run
        for site in SITES
        for window in WINDOWS
        for run in runs_of(DATASET, MANY, at([site]), schedule=window, watch_training=True)
    ]
    return [*runs_of(DATASET, MANY, [NONE], watch_training=True), *dropped]
