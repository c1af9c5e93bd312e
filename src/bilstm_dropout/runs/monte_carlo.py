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

from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf
from scipy.special import entr

from ..dropout.forms import fill, forms_of
from ..dropout.masks import draw_masks, seed_of
from ..dropout.placements import resolve
from ..dropout.sizes import Sizes
from .config import RunConfig

OUTPUT_RATES = (0.1, 0.25, 0.5)


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
            trainer.masked("test", _at_the_output(trainer, rate, output_rate, seed)) for seed in _seeds(config)
        )
        found |= _named(f"test_best_output_{output_rate}", *averaged(draws))
    return found


def averaged(draws: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The mean (N, C) of probabilities over passes, and the mutual information (N, 1) of prediction and masks in nats,
    never below 0; both float32. draws: at least one, each (N, C), used up one by one.
    """
    total = entropies = 0.0
    for count, p in enumerate(draws, start=1):  # noqa: B007 - the last count is how many there were
        p = np.asarray(p, dtype=np.float64)
        total, entropies = total + p, entropies + entr(p).sum(axis=1, keepdims=True)
    mean = total / count
    information = entr(mean).sum(axis=1, keepdims=True) - entropies / count
    return mean.astype(np.float32), np.maximum(information, 0).astype(np.float32)


def _own(trainer, config, rate, without, names) -> dict[str, np.ndarray]:
    """Passes with the masks that the network was trained with. Without any, all of them are the pass without masks."""
    found = {}
    for name in names:
        split = name.rpartition("_")[0]
        if resolve(config.placement).terms:
            draws = (trainer.masked(split, _drawn(trainer, rate, seed)) for seed in _seeds(config))
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
        size = dict(batch=shape[0], steps=shape[1], features=trainer.features)
        sizes = Sizes(**size, units=trainer.network.units, directions=trainer.model.recurrent[0].directions)
        forms = forms_of(trainer.model.placement, trainer.network.layers, sizes)

        def draw_block(rate, seed):
            drawn = trainer.model.draw(rate, seed, **size)
            return drawn | {f"layer {n}": fill(drawn[f"layer {n}"], form) for n, form in enumerate(forms)}

        draw = trainer.program(draw_block, (trainer.model.placement, sizes), jit_compile=False)
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
