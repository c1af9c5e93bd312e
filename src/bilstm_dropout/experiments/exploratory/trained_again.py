"""Part u, predictions of all: part b's own runs at the fixed rate, and of `none`, trained again.

Fixed before any of its runs. Part b has every placement, but published of its runs are measures alone. What placements
do to single answers (how sure they are, which flip from seed to seed, how training goes) needs each example's
probabilities and the learning curves, and those are kept of the same configurations trained again: at the last epoch of
all, and on MR at the checkpoint that validation chose, there on the validation rows too. The rows are published as u's
own, so that predictions and curves fit them to the last digit; b's rows stay as they are and stay what part b concludes
from. What is concluded from u are paired differences to `none` by unit, with intervals; it tests nothing.
"""

from __future__ import annotations

from ...runs.config import RunConfig
from ..confirmatory.plan import FIXED_RATE
from .plan import dose_response

PART, OF = "u", "b"


def runs() -> list[RunConfig]:
    """Every run, in part b's order."""
    return [run for run in dose_response() if run.placement == "none" or run.rate == FIXED_RATE]
