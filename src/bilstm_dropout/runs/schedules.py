"""Drop rates that change while a network trains: a multiplier of the rate against the share of training done.

Every schedule of SCHEDULES has mean 1, so that it is compared with a constant rate of equal mean. Decay: a rate that
falls to 0, as quoted in Cheng et al. 2017; triangle: 0 for the first fifth, a peak halfway, 0 at the end (Cheng et al.
2017).

The two of WINDOWS have mean 1/5: the rate as it is in one fifth of the updates, and 0 in the others. They are early and
late dropout (Liu et al. 2023), which are to be compared with no dropout. A constant rate beside them is five times as
much.
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
# The shares of training done from and before which the multiplier is 1; it is 0 elsewhere.
WINDOWS: dict[str, tuple[float, float]] = {"first-fifth": (0, 0.2), "last-fifth": (0.8, np.inf)}
NAMES = (*SCHEDULES, *WINDOWS)


def multiplier(schedule: str, done):
    """What the rate is multiplied with. schedule: of NAMES. done: share of training done, 0 to 1, or an array of them.

    An update's share is that of the updates before it: 0 for the first. 1 is reached after the last.
    """
    if schedule in WINDOWS:
        start, end = WINDOWS[schedule]
        return np.where((np.asarray(done) >= start) & (np.asarray(done) < end), 1.0, 0.0)
    return np.interp(done, *zip(*SCHEDULES[schedule], strict=True))


def mean_until(schedule: str, done: float) -> float:
    """The mean multiplier over training up to a share of it, above 0 and to 1; 1 for done = 1. schedule: of SCHEDULES,
    which have corners, not jumps.
    """
    shares = np.linspace(0, done, 2001)
    return float(np.trapezoid(multiplier(schedule, shares), shares) / done)


def peak(schedule: str) -> float:
    """The largest multiplier. schedule: of NAMES."""
    return 1 if schedule in WINDOWS else max(height for _, height in SCHEDULES[schedule])
