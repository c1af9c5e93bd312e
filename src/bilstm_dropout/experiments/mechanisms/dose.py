"""Why equal p is not equal dose: the spread that masks give the logits of one trained network.

The network was trained without dropout, so that the masks alone differ. Dose: the standard deviation of the centred
logits over mask draws, root mean square over classes and examples. Keras is imported where a network is, so that a
measured table can be read without it.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from ... import datasets
from ...dropout.placements import resolve
from ...errors import UserError
from ..logits import centred, spread

RATES = (0.02, 0.1, 0.25, 0.5, 0.75)  # a rate that a placement does not allow is left out of it
REFERENCE = ("recurrent", 0.25)  # whose dose `matched` looks for


def centred_logits(model, inputs, lengths, rate: float, draws: int, seed: int) -> np.ndarray:
    """Logits minus their mean over classes, (draws, N, C), of `draws` passes with masks of the model's placement."""
    from keras import ops

    rows, steps, features = inputs.shape
    masks = model.draw(rate, (seed, 0), rows * draws, steps, features)
    many = ops.convert_to_tensor(np.tile(inputs, (draws, 1, 1)))
    logits = ops.convert_to_numpy(model(many, ops.convert_to_tensor(np.tile(lengths, draws)), masks=masks))
    return centred(logits.reshape(draws, rows, -1).astype(float))


def by_rate(
    names: tuple[str, ...],
    rates: tuple[float, ...] = RATES,
    units: int = 32,
    rows: int = 32,
    draws: int = 16,
    seed: int = 1,
) -> pd.DataFrame:
    """Spread of the logits for each placement and rate, on `rows` test examples of JapaneseVowels.

    names: placements of a one-layer network without an embedding, every mask of which is drawn for each sample: one
    that the batch shares would need a pass a draw. Columns: placement, rate, spread (in logits), error (its
    standard error over examples). A rate that a placement does not allow is left out.
    """
    from ...runs import networks

    _, part = examples(rows)
    found = []
    for name in names:
        model = networks.network(networks.series(units=units, seed=seed), masked=name)
        for rate in rates:
            try:
                resolve(name).check_rate(rate)
            except UserError:
                continue
            logits = centred_logits(model, part.inputs, part.lengths, rate, draws, seed)
            variances = logits.var(axis=0, ddof=1).mean(axis=-1)  # (N,)
            error = variances.std(ddof=1) / np.sqrt(rows) / (2 * np.sqrt(variances.mean()))
            found.append((name, rate, spread(logits), error))
    return pd.DataFrame(found, columns=["placement", "rate", "spread", "error"])


def expected_at_output(
    rates: tuple[float, ...] = RATES, units: int = 32, rows: int = 32, seed: int = 1
) -> np.ndarray:
    """What by_rate's spread must be for `output`, (rates,): the head is linear, so its variances add up exactly.

    With inverted masks Var[z] = p / (1 - p) · Σ_u (w_u h_u)², w the head's kernel minus its mean over classes.
    """
    from keras import ops

    from ...runs import networks

    _, part = examples(rows)
    model = networks.network(networks.series(units=units, seed=seed))
    real = np.arange(part.inputs.shape[1])[None] < part.lengths[:, None]
    inputs, real = ops.convert_to_tensor(part.inputs), ops.convert_to_tensor(real)
    hidden = model.recurrent[0](inputs, masks={}, sequences_mask=real)
    kernel = model.head.get_weights()[0].astype(float)
    kernel -= kernel.mean(axis=1, keepdims=True)
    unit = ((ops.convert_to_numpy(hidden).astype(float) ** 2) @ (kernel**2)).mean()
    rates = np.asarray(rates)
    return np.sqrt(rates / (1 - rates) * unit)


def examples(rows: int) -> tuple[np.ndarray, datasets.Split]:
    """So many test examples of JapaneseVowels, spaced evenly, since it is sorted by class: their numbers, and them."""
    test = datasets.load("japanese_vowels").test
    chosen = np.linspace(0, len(test) - 1, rows).astype(int)
    return chosen, test.take(chosen)


def matched(frame: pd.DataFrame) -> pd.DataFrame:
    """The least rate at which each placement has the spread of REFERENCE, interpolated between logarithms of by_rate's.

    Columns: placement, rate (NaN where no two neighbouring rates have the spread between them), least, most (spreads
    over the rates). The spread need not rise with the rate: 0/1 masks shrink what they make noisy. ValueError where the
    frame lacks REFERENCE.
    """
    of = frame[(frame["placement"] == REFERENCE[0]) & np.isclose(frame["rate"], REFERENCE[1])]
    target, rows = np.log(of["spread"].item()), []
    for name, group in frame.groupby("placement", sort=False):
        group = group.sort_values("rate")
        points = list(zip(np.log(group["rate"]), np.log(group["spread"]), strict=True))
        found = [
            np.exp(left + (right - left) * (target - low) / (high - low))
            for (left, low), (right, high) in itertools.pairwise(points)
            if low <= target <= high
        ]
        rows.append((name, found[0] if found else np.nan, group["spread"].min(), group["spread"].max()))
    return pd.DataFrame(rows, columns=["placement", "rate", "least", "most"])
