"""Part q, recall: every placement on the cue in the middle of 20 steps, where part `memory` has no run of it.

Fixed before any of its runs. With part `memory` it makes the table of placements whole on one task whose best possible
answer is known: each placement at each of RATES, with learning curves and predictions. What is concluded from it are
paired differences to `none` by seed, with intervals; it tests nothing. The baseline of one layer is that of `memory`,
whose rows have neither curves nor predictions; placements that need a second layer have a `none` of two beside them.
"""

from __future__ import annotations

from ..runs.config import RunConfig
from . import memory
from .confirmatory.plan import changed
from .exploratory.plan import doses_of

PART = "q"
RATES = (0.1, 0.25, 0.5)
CASE = memory.Case("recall", "middle", bidirectional=True, steps=20)


def runs() -> list[RunConfig]:
    """Every run, those that share a compiled program side by side."""
    one, two = (doses_of(CASE.task, layers, RATES) for layers in (1, 2))
    cells = [(1, placement, rate) for placement, rate in one if rate not in memory.FORMS.get(placement, ())]
    cells += [(2, placement, rate) for placement, rate in [("none", 0.0), *two]]
    return [
        changed(run, layers=layers, placement=placement, rate=rate)
        for layers, placement, rate in cells
        for run in like_memory()
    ]


def like_memory() -> list[RunConfig]:
    """The runs of `none` in part `memory` that have the same task, seeds and training."""
    return CASE.sweep("none", [0.0], memory.SEEDS, memory.epochs(CASE)).runs()
