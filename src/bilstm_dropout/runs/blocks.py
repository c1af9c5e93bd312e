"""A part of a data set as compiled evaluation takes it: blocks of equally many rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

EVALUATION_ROWS = 128  # rows a compiled evaluation takes at once; small enough to stay in the processor's cache


class Blocks(NamedTuple):
    """inputs: (blocks, EVALUATION_ROWS, T) word numbers, or (…, T, F). lengths: (blocks, EVALUATION_ROWS). order: (N,),
    the number that a row in this order has in the data set.
    """

    inputs: tf.Tensor
    lengths: tf.Tensor
    order: np.ndarray

    def in_own_order(self, found: np.ndarray) -> np.ndarray:
        """Rows as the blocks have them, (at least N, …), in the order of the data set, without the filler."""
        ordered = np.empty_like(found[: len(self.order)])
        ordered[self.order] = found[: len(self.order)]
        return ordered


def in_blocks(split, steps: int) -> Blocks:
    """A split of a Dataset, padded to so many steps, at least its own.

    The longest come first, because a block takes as many steps as its longest row; filler rows stand at the end.
    """
    spare, more = -len(split.labels) % EVALUATION_ROWS, steps - split.inputs.shape[1]
    order = np.argsort(-split.lengths, kind="stable")
    inputs = np.pad(split.inputs[order], [(0, spare), (0, more)] + [(0, 0)] * (split.inputs.ndim - 2))
    lengths = np.pad(split.lengths[order], (0, spare), constant_values=1)
    blocks = len(lengths) // EVALUATION_ROWS
    return Blocks(
        tf.constant(inputs.reshape(blocks, EVALUATION_ROWS, *inputs.shape[1:])),
        tf.constant(lengths.reshape(blocks, EVALUATION_ROWS)),
        order,
    )
