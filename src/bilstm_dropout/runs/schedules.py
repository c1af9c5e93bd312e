"""Drop rates that change while a network trains: a multiplier of the rate against the share of training done.

Every schedule has mean 1, so that it is compared with a constant rate of equal mean. Decay: a rate that falls to 0,
as quoted in Cheng et al. 2017; triangle: 0 for the first fifth, a peak halfway, 0 at the end (Cheng et al. 2017).
"""

from __future__ import annotations

import numpy as np

# Corners (share of training done, multiplier), joined by straight lines.
SCHEDULES: dict[str, tuple[tuple[float, float], ...]] = {
    "constant": ((0, 1), (1, 1)),
    "decay": ((0, 2), (1, 0)),
    "ramp": ((0, 0), (1, 2)),
    "triangle": ((0, 0), (0.2, 0), (0.5, 2.5), (1, 0)),
}


def multiplier(schedule: str, done):
    """What the rate is multiplied with. schedule: a name of SCHEDULES. done: share of training done, 0 to 1."""
    return np.interp(done, *zip(*SCHEDULES[schedule], strict=True))


def mean_until(schedule: str, done: float) -> float:
    """The mean multiplier over training up to a share of it, above 0 and to 1; 1 for done = 1."""
    shares = np.linspace(0, done, 2001)
    return float(np.trapezoid(multiplier(schedule, shares), shares) / done)


def peak(schedule: str) -> float:
    """The largest multiplier."""
    return max(height for _, height in SCHEDULES[schedule])
