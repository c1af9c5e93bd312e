"""The order in which a batch's rows go through the recurrence, so that padding is not computed.

Rows are sorted by length, the longest first, and the backward direction starts at a row's own last real step. So
whatever has ended lies behind, and the last steps run on few rows. Results do not change; they go back to their order.
"""

from __future__ import annotations

import keras
from keras import ops

from .scan import STRIDE

# Once half of a batch's rows have ended, the steps that are left run on the other half. On JapaneseVowels, in batches
# of 32, that leaves out over a fifth of the steps times rows, on data of MR's size nearly half. A last quarter apart
# would leave out six per cent more, but took a third longer to compile and made runs no faster.
SHARES = (1 / 2,)
_LEAST_ROWS = 8  # so that small batches keep the smaller program


class InOrder:
    """All rows as they are, at every step: without padding, and where a loop's length is fixed.

    steps: T, or None where it is not known yet. passes: (rows, first step, step to stop before) of each stretch of
    steps; rows is None for all of them, the last step as scan.scan takes it.
    """

    def __init__(self, steps: int | None):
        self.passes = [(None, 0, steps)]

    def sort(self, rows, axis: int):
        """Bring rows (along `axis`) into the order of the recurrence; one that all rows share stays as it is."""
        return rows

    def restore(self, rows, axis: int):
        """Put the rows back into the order in which they came."""
        return rows

    def backwards(self, rows):
        """Reverse the steps of sorted rows (T, D, B, ...)."""
        return ops.flip(rows, axis=0)


class ByLength(InOrder):
    """Rows by the number of their last real step, the longest first (TensorFlow).

    padding: boolean (B, T), True where a step is real. passes: as InOrder has them; all rows, then the longest of them.
    """

    def __init__(self, padding):
        batch, lengths = padding.shape[0], real_lengths(padding)
        self._order = ops.argsort(-lengths)
        self._back = ops.argsort(self._order)
        self._lengths = ops.take(lengths, self._order)
        left = [None, *(rows for rows in (int((batch or 0) * share) for share in SHARES) if rows >= _LEAST_ROWS)]
        # Whole strides of the loop; at a step behind a row's end its state stays.
        ends = [-(-self._lengths[rows] // STRIDE) * STRIDE for rows in [*left[1:], 0]]
        self.passes = list(zip(left, [0, *ends[:-1]], ends, strict=True))

    def sort(self, rows, axis):
        """As InOrder.sort."""
        return rows if rows.shape[axis] == 1 else ops.take(rows, self._order, axis=axis)

    def restore(self, rows, axis):
        """As InOrder.restore."""
        return ops.take(rows, self._back, axis=axis)

    def backwards(self, rows):
        """Reverse each sorted row's (T, D, B|1, ...) steps up to its last real one; padding stays behind."""
        import tensorflow as tf

        if rows.shape[2] == 1:  # one for all rows, whose lengths differ
            shape = ops.shape(rows)
            rows = ops.broadcast_to(rows, (*shape[:2], ops.shape(self._lengths)[0], *shape[3:]))
        return tf.reverse_sequence(rows, self._lengths, seq_axis=0, batch_axis=2)


def real_lengths(padding):
    """The number (B,) of each row's last real step, counted from 1; 0 without one. padding: boolean (B, T)."""
    return ops.max(ops.where(padding, ops.arange(1, ops.shape(padding)[1] + 1), 0), axis=1)


def row_order(padding, steps: int | None) -> InOrder:
    """The order for a batch of T steps, None where T is not known yet. padding: boolean (B, T) or None."""
    if padding is None or keras.backend.backend() != "tensorflow":
        return InOrder(steps)
    return ByLength(ops.cast(padding, "bool"))


def first_rows(rows, count: int | None, axis: int):
    """The first rows of a tensor along `axis`; all of it for None, or where the rows share one."""
    if count is None or rows.shape[axis] == 1:
        return rows
    return rows[(slice(None),) * axis + (slice(0, count),)]
