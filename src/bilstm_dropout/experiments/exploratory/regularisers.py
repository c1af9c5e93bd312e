"""Part v, other regularisers: what none gains from weight decay, smoothed labels and half the width.

Fixed before any of its runs. On the three text sets of the confirmation, with a3's network, setting and 20 units,
`none` is trained with each of SETTINGS and with half the units. The runs on MR that the controls (part j) have are
shared. What is concluded are paired differences to a3's `none`, beside those of a3's placements, with intervals; it
tests nothing. Strengths are those of the controls: nobody tuned them, as nobody tuned a3's drop rate.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ..confirmatory import plan
from .plan import CONTROL_SETTINGS, MANY, NONE, runs_of

PART, OF = "v", "a3"
SETTINGS = [*CONTROL_SETTINGS, {"units": plan.NETWORK["units"] // 2}]


def runs() -> list[RunConfig]:
    """Every run, those of one setting side by side."""
    return [
        run for dataset in plan.TUNED for setting in SETTINGS for run in runs_of(dataset, MANY, [NONE], **setting)
    ]
