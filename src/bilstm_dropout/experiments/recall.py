"""Part q, recall: every placement on the cue in the middle of 20 steps, where part `memory` has no run of it.

Fixed before any of its runs. With part `memory` it makes the table of placements whole on one task whose best possible
answer is known: each placement at each of RATES, with learning curves and predictions. What is concluded from it are
paired differences to `none` by seed, with intervals; it tests nothing. The baseline of one layer is that of `memory`,
whose rows have neither curves nor predictions; placements that need a second layer have a `none` of two beside them.

    bilstm-dropout experiments q                          # trains what is missing; goes on where it stopped
"""

from __future__ import annotations

from ..dropout.placements import TABLE
from ..runs.config import RunConfig, applies
from . import memory

PART = "q"
RATES = (0.1, 0.25, 0.5)
CASE = memory.Case("recall", "middle", bidirectional=True, steps=20)


def runs() -> list[RunConfig]:
    """Every run, those that share a compiled program side by side."""
    cells = [(1, placement, rate) for placement, rate in _cells(1) if rate not in memory.FORMS.get(placement, ())]
    cells += [(2, "none", 0.0), *((2, placement, rate) for placement, rate in _cells(2))]
    return [_run(*cell, seed) for cell in cells for seed in memory.SEEDS]


def _cells(layers: int) -> list[tuple[str, float]]:
    """Placements that drop, each with the rates that it allows, in a network of as many layers as each needs."""
    return [
        (name, rate)
        for name, entry in TABLE.items()
        if entry.terms and layers == 1 + ("second layer" in entry.needs) and applies(name, CASE.task, layers)
        for rate in RATES
        if rate <= entry.maximum_rate
    ]


def _run(layers: int, placement: str, rate: float, seed: int) -> RunConfig:
    (like_memory,) = CASE.sweep("none", [0.0], [seed], memory.epochs(CASE)).runs()
    # Made anew rather than copied: only that checks that the placement fits.
    return RunConfig(**{**like_memory.model_dump(), "layers": layers, "placement": placement, "rate": rate})
