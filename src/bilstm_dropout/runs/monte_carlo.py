"""Monte Carlo dropout: what a trained network predicts on average over passes with masks (Gal and Ghahramani 2016).

Passes 1, 2, … have the masks of the dropout streams after the run's own, drawn by the same pure function as in
training: a block of rows has the mask seed (seed, stream; number of the block). Where a mask is shared by the batch, as
weights are, it is shared by the rows of a block. Of all passes two sums are kept, of the probabilities and of their
entropies, so memory does not grow with their number.

The names among a record's probabilities: `test_last_mean`, `test_best_mean`, `validation_best_mean`, (N, C); and, for
the test part, `…_information`, (N, 1), nats: the entropy of the mean less the mean entropy, from 0 to ln C. The same
for masks at the output alone, at OUTPUT_RATES, on any network at the chosen checkpoint: `test_best_output_0.25_mean`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from keras import tree

from ..dropout.masks import draw_masks, seed_of
from ..dropout.placements import resolve
from ..dropout.sizes import Sizes
from ..stats.monte_carlo import averaged
from .config import OUTPUT_RATES, RunConfig
from .drawing import Drawing


def at_the_end(trainer, config: RunConfig, rate: float, without: dict) -> dict[str, np.ndarray]:
    """What passes give at the last epoch: of the test part. without: probabilities without masks, by name."""
    return _own(trainer, config, rate, without, ["test_last"])


def at_the_chosen(trainer, config: RunConfig, rate: float, without: dict) -> dict[str, np.ndarray]:
    """What passes give at the chosen checkpoint, whose weights the trainer has: of the test and validation part, and
    of the test part with masks at the output alone.
    """
    found = _own(trainer, config, rate, without, ["test_best", "validation_best"])
    read = _read(trainer, rate)
    for output_rate in OUTPUT_RATES:
        draws = (_at_the_output(trainer, read, output_rate, seed) for seed in _seeds(config))
        found |= _named(f"test_best_output_{output_rate}", *averaged(draws))
    return found


def _own(trainer, config, rate, without, names) -> dict[str, np.ndarray]:
    """Passes with the masks that the network was trained with. Without any, all of them are the pass without masks."""
    found = {}
    for name in names:
        split = name.rpartition("_")[0]
        if resolve(config.placement).terms:
            draws = (trainer.masked(trainer.splits[split], _drawn(trainer, rate, seed)) for seed in _seeds(config))
            mean, information = averaged(draws)
        else:
            mean, information = without[name], np.zeros((len(without[name]), 1), np.float32)
        found |= _named(name, mean, information if split == "test" else None)
    return found


def _named(name: str, mean, information) -> dict[str, np.ndarray]:
    return {f"{name}_mean": mean} | ({} if information is None else {f"{name}_information": information})


def _seeds(config: RunConfig) -> list[int]:
    first = config.dropout_stream + 1
    return [seed_of(config.seed, stream) for stream in range(first, first + config.passes)]


def _drawn(trainer, rate: float, seed: int) -> Callable:
    """The masks that the network was trained with, for a block, in the form of their program."""

    def masks(block: int, shape) -> dict:
        drawing = Drawing(trainer.model, dict(batch=shape[0], steps=shape[1], features=trainer.features))

        def draw_block(rate, seed):
            return drawing(rate, seed)

        draw = trainer.program(draw_block, (trainer.model.placement, drawing.sizes), jit_compile=False)
        return draw(tf.constant(rate, tf.float32), tf.constant([seed, block]))

    return masks


def _read(trainer, rate: float) -> list[tf.Tensor]:
    """What the head reads of the test part's blocks in inference, (rows, directions x units) each."""
    split, expected = trainer.splits["test"], trainer.model.expected(rate)

    def read_block(inputs, lengths, masks):
        return trainer.model.read(inputs, lengths if trainer.padded else None, masks)

    read = trainer.program(read_block, tree.map_structure(lambda mask: mask.shape, expected))
    return [read(*block, expected) for block in zip(split.inputs, split.lengths, strict=True)]


def _at_the_output(trainer, read: list[tf.Tensor], rate: float, seed: int) -> np.ndarray:
    """Probabilities (N, C) of the test part with masks at the output of the last layer, elsewhere as in inference.

    read: what the head reads without these masks, so that the recurrence is computed once for all passes.
    """
    layer, last = trainer.model.recurrent[-1], str(len(trainer.model.recurrent) - 1)

    def answer(read, rate, seed):
        sizes = Sizes(read.shape[0], 1, trainer.features, trainer.network.units, 0, layer.directions)
        mask = draw_masks(resolve("output").terms, rate, sizes, seed, label=last)["output"]
        return tf.nn.softmax(trainer.model.head(read * mask))

    program = trainer.program(answer, "", jit_compile=False)
    numbered = (tf.constant([seed, block]) for block in range(len(read)))
    blocks = [program(each, tf.constant(rate, tf.float32), number) for each, number in zip(read, numbered, strict=True)]
    return trainer.splits["test"].in_own_order(np.concatenate(blocks))
