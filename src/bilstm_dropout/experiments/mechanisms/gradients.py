"""How far the gradient reaches back, by step and by form of dropout, as networks start and after training.

The gradient is taken with respect to x_t, what the LSTM reads at step t, because all paths from step t on, through h
and through c, add up there; the one with respect to h_t would leave out what the cell carries.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import tensorflow as tf
from keras import ops

from ... import datasets
from ...dropout.masks import Sizes, draw_masks
from ...dropout.placements import resolve
from ...errors import UserError
from ...runs import networks

QUANTITIES = ("loss", "margin")


def by_step(
    form: str = "recurrent",
    rate: float = 0.5,
    steps: int = 50,
    units: int = 32,
    draws: int = 100,
    seeds: tuple[int, ...] = (1, 2, 3),
    after: str | None = None,
) -> pd.DataFrame:
    """Norm of the gradient at x_t, step by step, over mask draws and networks of one direction, on the recall task.

    form, rate: the masks that are on. draws: sequences a network, each with masks of its own. seeds: of the networks.
    after: None for networks as they start, else the placement ('none', or the form itself) that they were trained
    with, at the same rate, on sequences of networks.TRAINING_STEPS steps. A row a step (0 is the cue's) and quantity:
    'loss', the cross-entropy in nats, or 'margin', the true class's logit minus the mean of the others, which does
    not shrink as the network grows sure. Columns: form, rate, after, step, quantity, median, least and most
    (of the networks' own medians), high (95th percentile) and finite (share of draws whose norm is a number).
    """
    if after not in (None, "none", form):
        raise UserError(f"after: {after!r} is not allowed. Allowed: None, 'none' or the form itself, {form!r}.")
    norms = {quantity: [] for quantity in QUANTITIES}
    for seed in seeds:
        own = form if after == form else "none"
        config = networks.recall(own, rate if own != "none" else 0.0, units, seed)
        for quantity, values in _norms(config, after is not None, form, rate, steps, draws, seed).items():
            norms[quantity].append(values)
    frames = []
    for quantity, values in norms.items():
        pooled = np.concatenate(values)  # (draws × seeds, T)
        finite = np.isfinite(pooled)
        pooled = np.where(finite, pooled, np.inf)
        median, high = np.quantile(pooled, (0.5, 0.95), axis=0, method="lower")
        each = [np.quantile(np.nan_to_num(of_one, nan=np.inf), 0.5, axis=0, method="lower") for of_one in values]
        columns = {
            "form": form,
            "rate": rate,
            "after": after,
            "step": np.arange(steps),
            "quantity": quantity,
            "median": median,
            "least": np.min(each, axis=0),
            "most": np.max(each, axis=0),
            "high": high,
            "finite": finite.mean(axis=0),
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def _norms(config, after_training: bool, form: str, rate: float, steps: int, draws: int, seed: int) -> dict:
    """Quantity to norms (draws, T)."""
    options = {"steps": steps, "test": draws, "position": "first", "noise": 0.0, "data_seed": seed}
    part = datasets.load("recall", **options).test
    model, gradients = _compiled(config.units)
    networks.assign(model, config, after_training)
    sizes = Sizes(draws, steps, config.embedding_dim, config.units, directions=1)
    found = gradients(
        tf.constant(part.inputs), tf.constant(part.labels), draw_masks(resolve(form), rate, sizes, (seed, 0))
    )
    return {name: np.linalg.norm(ops.convert_to_numpy(found[name]), axis=-1) for name in QUANTITIES}


@lru_cache(maxsize=2)
def _compiled(units: int):
    """A network to assign weights to, and a function of tokens, labels and masks that gives the gradients at x_t."""
    model = networks.network(networks.recall(units=units), trained=False)

    @tf.function
    def gradients(tokens, labels, masks):
        x = model.embedding(tokens)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            logits = model.head(model.recurrent[0](x, masks=masks))
            true = tf.one_hot(labels, logits.shape[-1])
            others = tf.reduce_sum(logits * (1 - true), axis=-1) / (logits.shape[-1] - 1)
            # Sums over the batch: a sequence's gradient is its own.
            of = {
                "loss": tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(true, logits)),
                "margin": tf.reduce_sum(tf.reduce_sum(logits * true, axis=-1) - others),
            }
        return {name: tape.gradient(of[name], x) for name in QUANTITIES}

    return model, gradients


def accuracy(
    steps: int = 50, rate: float = 0.5, after: str = "none", units: int = 32, seeds: tuple[int, ...] = (1, 2, 3)
) -> list[float]:
    """Accuracy in inference on 400 sequences of `steps` steps, one a seed, of the networks that by_step measures."""
    test = datasets.load("recall", steps=steps, position="first", noise=0.0, test=400).test
    found = []
    for seed in seeds:
        config = networks.recall(after, rate if after != "none" else 0.0, units, seed)
        inputs, lengths = ops.convert_to_tensor(test.inputs), ops.convert_to_tensor(test.lengths)
        logits = ops.convert_to_numpy(networks.network(config)(inputs, lengths, rate=config.rate))
        found.append(float(np.mean(logits.argmax(axis=-1) == test.labels)))
    return found
