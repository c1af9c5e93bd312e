"""Part t, planted again: ten cells of part `planted` on ten other draws of its data.

Fixed before any of its runs. Part `planted` has one draw, so its intervals are over initial weights, batches and masks
alone; here a unit is a draw, with one seed, and intervals are over draws of the data too. What is concluded are paired
differences in test NLL to `none` on the same draw: whether input and recurrent dropout still do better than none
where neighbouring steps go together in training rows alone (claim 4), and whether input dropout still helps where many
features say the same (a positive control). It tests nothing.
"""

from __future__ import annotations

from ..runs.config import RunConfig
from . import planted
from .confirmatory.plan import changed

PART = "t"
SEED = 1
DRAWS = tuple(range(1, 11))  # of the data, option data_seed; part `planted` has draw 0
SITES: dict[planted.Task, tuple[str, ...]] = {
    planted.SPURIOUS: ("input", "recurrent", "output"), planted.REDUNDANT: ("input",),
}  # fmt: skip


def runs() -> list[RunConfig]:
    """Every run, those of one draw side by side."""
    cells = [(task, "none", 0.0) for task in SITES]
    cells += [(task, site, rate) for task, sites in SITES.items() for site in sites for rate in planted.RATES]
    return [on_draw(task.run(placement, rate, SEED), draw) for draw in DRAWS for task, placement, rate in cells]


def on_draw(run: RunConfig, draw: int) -> RunConfig:
    """A run of planted features, on another draw of its data (a whole number from 0)."""
    return changed(run, dataset_options={**run.dataset_options, "data_seed": draw})
