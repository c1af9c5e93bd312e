"""Series made from a seed, in which it is planted what tells the classes apart, and whose posterior is known.

They hold what real data hide: how many features carry the signal and how alike these are, how many carry none, and
whether neighbouring steps are related in training rows in a way that means nothing later.
"""

from __future__ import annotations

import numpy as np
import scipy

from .dataset import Card, Dataset, Split
from .options import Option, share, whole

CLASSES = ("minus", "plus")
STREAM = 3  # apart from those of the made token tasks
SEPARATION = 1.5  # standard deviations from either class to the boundary, so that the best error is 6.7 %
DECIMALS, PLACES = 3, 6  # of inputs and posteriors, so that another machine's last digits do not make other data

CARD = Card(
    name="planted",
    title="Planted features",
    what=(
        "Series of normal noise of two classes. In `informative` features the mean at every step is a little higher "
        "for one class; `correlation` says how alike their noise is at a step. However many there are, "
        "together they tell as much: the best possible error is always 6.7 %. `distractors` more features say "
        "nothing. With `spurious` above 0 there is one more, in which the second of two neighbouring steps goes with "
        "the first by this correlation, with the sign of the class, in training and validation rows; in test rows "
        "the sign is that of a coin. Which class is it?"
    ),
    source="Made by this package from a seed.",
    licence="MIT, as this package",
    citation="",
    flaws=(
        "Artificial: the signal is linear, the same at every step and as strong in each informative feature, so "
        "that sums would do, and every series has the same length."
    ),
    kind="series",
)

OPTIONS: dict[str, Option] = {
    "steps": whole(12, "length of every series", 2, 2000),
    "informative": whole(1, "features that carry the signal", 1, 1000),
    "distractors": whole(0, "features of noise alone", 0, 1000),
    "correlation": share(0.0, "of the noise of two informative features at a step", 1.0),
    "spurious": share(0.0, "correlation of neighbouring steps that tells the class in training alone", 1.0),
    "train": whole(250, "training series", 2, 100_000),
    "validation": whole(250, "validation series", 2, 100_000),
    "test": whole(1000, "test series", 2, 100_000),
    "data_seed": whole(0, "seed of the data, apart from a run's seed", 0, 2**32 - 1),
}


def planted(
    *, steps: int, informative: int, distractors: int, correlation: float, spurious: float, train: int,
    validation: int, test: int, data_seed: int,
) -> Dataset:  # fmt: skip
    """Options as in OPTIONS, checked before. Classes are as equally frequent in a split as its size allows.

    The features lie in this order: informative, distractors, the spurious one where there is one. Each has a variance
    of 1 within a class. Posteriors are those of the law that a split's rows are drawn from.
    """
    # A step's informative features have one covariance, so that their sum tells all: its variance is `together` times
    # their number, and the log-odds of all steps have twice SEPARATION² between the classes.
    together = 1 - correlation + correlation * informative
    shift = SEPARATION * np.sqrt(together / (informative * steps))

    def split(name: str, rows: int, number: int) -> Split:
        stream = np.random.default_rng([STREAM, data_seed, number])
        labels = np.argsort(stream.random(rows), kind="stable").astype(np.int32) % 2
        sign = (2 * labels - 1)[:, None, None]
        shared = stream.standard_normal((rows, steps, 1))
        own = stream.standard_normal((rows, steps, informative))
        signal = shift * sign + np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
        noise = stream.standard_normal((rows, steps, distractors))
        inputs = np.concatenate([signal, noise], axis=2).round(DECIMALS)
        odds = 2 * shift / together * inputs[..., :informative].sum(axis=(1, 2))
        if spurious:
            way = sign if name != "test" else np.where(stream.random((rows, 1, 1)) < 0.5, -1, 1)
            pairs = _pairs(stream, way, rows, steps, spurious).round(DECIMALS)
            inputs = np.concatenate([inputs, pairs], axis=2)
            if name != "test":
                odds = odds + _odds_of_pairs(pairs, spurious)
        ids = tuple(f"{name}-{row:05d}" for row in range(rows))
        plus = scipy.special.expit(odds).round(PLACES).clip(10.0**-PLACES, 1 - 10.0**-PLACES)
        posterior = np.stack([1 - plus, plus], axis=1).astype(np.float32)
        return Split(inputs.astype(np.float32), np.full(rows, steps, dtype=np.int32), labels, ids, posterior)

    return Dataset(
        name="planted",
        kind="series",
        train=split("train", train, 0),
        validation=split("validation", validation, 1),
        test=split("test", test, 2),
        classes=CLASSES,
        features=informative + distractors + (spurious > 0),
    )


def _pairs(stream: np.random.Generator, way: np.ndarray, rows: int, steps: int, correlation: float) -> np.ndarray:
    """A feature (rows, steps, 1) whose steps 2k and 2k + 1 have the correlation, with the sign of `way`, (rows, 1, 1).

    By itself each step is normal with a variance of 1, whatever the sign. An odd last step has no partner.
    """
    values, own = stream.standard_normal((2, rows, steps, 1))
    second = slice(1, None, 2)
    first = values[:, 0 : steps - 1 : 2]
    values[:, second] = way * correlation * first + np.sqrt(1 - correlation**2) * own[:, second]
    return values


def _odds_of_pairs(pairs: np.ndarray, correlation: float) -> np.ndarray:
    """Log-odds (rows,) that the sign of the pairs' correlation is plus."""
    steps = pairs.shape[1]
    products = (pairs[:, 0 : steps - 1 : 2] * pairs[:, 1::2]).sum(axis=(1, 2))
    return 2 * correlation / (1 - correlation**2) * products
