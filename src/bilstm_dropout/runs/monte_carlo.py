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
    for output_rate in OUTPUT_RATES:
        draws = (
            trainer.masked(trainer.splits["test"], _at_the_output(trainer, rate, output_rate, seed))
            for seed in _seeds(config)
        )
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


def _at_the_output(trainer, rate: float, output_rate: float, seed: int) -> Callable:
    """Masks at the output of the last layer; elsewhere what stands for masks in inference."""
    terms, last = resolve("output").terms, len(trainer.model.recurrent) - 1
    layer, expected = trainer.model.recurrent[last], trainer.model.expected(rate)

    def masks(block: int, shape) -> dict:
        sizes = Sizes(shape[0], shape[1], trainer.features, trainer.network.units, 0, layer.directions)
        drawn = draw_masks(terms, output_rate, sizes, [seed, block], label=str(last))
        own = expected[f"layer {last}"]
        return expected | {f"layer {last}": own | {"output": drawn["output"] * own.get("output", 1.0)}}

    return masks
