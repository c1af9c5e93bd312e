"""What a saved network answers for new rows: one pass without masks, and passes with masks where they are asked for.

Pass k = 1, 2, … has the masks of the mask seed (seed, stream k; 0), one draw of the network for all rows (Gal and
Ghahramani 2016). So what is said of a row depends on no other row of its file, nor on their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ...datasets.new.reading import TextReading
from ...dropout.masks import seed_of
from ...errors import UserError
from ...stats.monte_carlo import averaged
from ..blocks import EVALUATION_ROWS
from .network import Saved

MOST_PASSES = 10_000
INTERVAL = (0.025, 0.975)  # quantiles over passes


@dataclass(frozen=True)
class Answers:
    """Of N rows. probabilities: (N, C), without masks; label: (N,), the largest, by number.

    With passes, of the label's probability over them: mean, lower and upper, (N,); information: (N,), nats; else None.
    """

    probabilities: np.ndarray
    mean: np.ndarray | None = None
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    information: np.ndarray | None = None

    @property
    def label(self) -> np.ndarray:
        """The number of the class with the largest probability."""
        return self.probabilities.argmax(axis=1)


def check_passes(passes: int, seed: int) -> None:
    """UserError for numbers of passes and seeds that are not allowed."""
    if not 0 <= passes <= MOST_PASSES or passes == 1:
        raise UserError(f"--passes {passes} is not allowed: give 0 for none, or from 2 to {MOST_PASSES:,}.")
    if not 0 <= seed < 2**63:
        raise UserError(f"--seed {seed} is not allowed: give a whole number from 0, below 2**63.")


def answer(
    saved: Saved, contents: Sequence, passes: int = 0, seed: int = 1, advance: Callable[[int], object] = lambda _: None
) -> Answers:
    """Answer texts, or scaled series (T, F), at least one. advance: called with the number of rows that are done.

    passes, seed: as check_passes has them.
    """
    check_passes(passes, seed)
    reading, found = saved.about.reading, []
    sizes = np.array([_steps(reading, content) for content in contents])
    order = np.argsort(sizes, kind="stable")
    for steps in np.unique(sizes):
        rows, program = order[sizes[order] == steps], _Program(saved, int(steps))
        for first in range(0, len(rows), EVALUATION_ROWS):
            part = [contents[row] for row in rows[first : first + EVALUATION_ROWS]]
            inputs, lengths = reading.read(part)
            spare = EVALUATION_ROWS - len(part)
            widths = [(0, spare), (0, steps - inputs.shape[1])] + [(0, 0)] * (inputs.ndim - 2)
            block = tf.constant(np.pad(inputs, widths)), tf.constant(np.pad(lengths, (0, spare), constant_values=1))
            plain = program.plain(*block)[: len(part)]
            found.append((plain, *_of_passes(program, block, plain, passes, seed)))
            advance(len(part))
    return Answers(*(np.concatenate(each)[np.argsort(order)] for each in zip(*found, strict=True)))


def _steps(reading, content) -> int:
    """How many steps masks are drawn for: those of training; for a longer series as often twice as many as it takes.

    So the masks of a row do not depend on how long others are.
    """
    if isinstance(reading, TextReading):
        return reading.max_tokens
    return reading.steps * 2 ** max(0, math.ceil(math.log2(len(content) / reading.steps)))


def _of_passes(program: _Program, block, plain: np.ndarray, passes: int, seed: int) -> tuple[np.ndarray, ...]:
    """Mean, lower and upper of the label's probability, and information; () without passes."""
    if not passes:
        return ()
    draws = np.stack([program.masked(*block, seed_of(seed, stream))[: len(plain)] for stream in range(1, passes + 1)])
    mean, information = averaged(draws)
    rows, label = np.arange(len(plain)), plain.argmax(axis=1)
    lower, upper = np.quantile(draws[:, rows, label].astype(np.float64), INTERVAL, axis=0)
    return mean[rows, label], lower, upper, information[:, 0]


class _Program:
    """A network compiled for blocks of one shape."""

    def __init__(self, saved: Saved, steps: int):
        self.model, self.rate = saved.model, np.float32(saved.about.rate)
        self.shape = dict(batch=1, steps=steps, features=saved.about.features)
        self.expected = self.model.expected(self.rate)
        self._predict = tf.function(self._softmax, jit_compile=True)
        self._draw = tf.function(lambda seed: self.model.draw(self.rate, seed, **self.shape))

    def _softmax(self, inputs, lengths, masks):
        return tf.nn.softmax(self.model(inputs, lengths, masks=masks))

    def plain(self, inputs, lengths) -> np.ndarray:
        """Probabilities (rows, C) with the expectation that the placement states for its masks."""
        return self._predict(inputs, lengths, self.expected).numpy()

    def masked(self, inputs, lengths, seed: int) -> np.ndarray:
        """Probabilities (rows, C) with the masks of a seed, one draw for all rows."""
        masks = self._draw(tf.constant([seed, 0]))
        return self._predict(inputs, lengths, masks).numpy()
