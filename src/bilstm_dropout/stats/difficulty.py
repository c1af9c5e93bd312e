"""Which examples a placement changes most: its difference of losses among easy and among hard examples.

How hard an example is, is measured by other runs than those that are compared, of both sides alike: an example that one
run happens to get wrong looks harder and better the next time, whatever was done (regression to the mean). With both
sides in it, and the compared seed in neither, two sides that are one have no expected difference in any part.
"""

from __future__ import annotations

import numpy as np

PARTS = 5


def parts_of(values, parts: int = PARTS) -> np.ndarray:
    """Which of so many parts of equal size an example falls in, 0 the least values: (N,) to integers (N,).

    Equal values keep their order; where N is no multiple, the first parts have one example more.
    ValueError for fewer examples than parts.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or not 1 <= parts <= values.size:
        raise ValueError(f"{parts} parts need as many values or more, of the shape (N,); got {values.shape}")
    found = np.empty(values.size, dtype=np.int64)
    for part, places in enumerate(np.array_split(np.argsort(values, kind="stable"), parts)):
        found[places] = part
    return found


def by_difficulty(loss, base, parts: int = PARTS, shown=None, shown_base=None) -> np.ndarray:
    """A loss less its base, in parts of examples from easy to hard: (S, parts), a row a seed.

    loss, base: (S, N) of the same S seeds, two or more. An example's part is that of its mean loss over the *other*
    seeds of both. shown, shown_base: (S, N), what is compared instead in the same parts, such as losses after a
    temperature or errors. ValueError for shapes that do not fit.
    """
    loss, base = np.asarray(loss, dtype=np.float64), np.asarray(base, dtype=np.float64)
    change = loss - base if shown is None else np.asarray(shown, dtype=float) - np.asarray(shown_base, dtype=float)
    if loss.ndim != 2 or loss.shape != base.shape or change.shape != loss.shape or len(loss) < 2:
        raise ValueError(f"losses need one shape (S, N), two seeds or more; got {loss.shape} and {base.shape}")
    both = loss + base
    rest = both.sum(axis=0) - both  # the other seeds', but for a factor that orders nothing
    return np.stack([
        np.bincount(part := parts_of(hard, parts), weights=each) / np.bincount(part)
        for hard, each in zip(rest, change, strict=True)
    ])  # fmt: skip
