"""Token sequences made from a seed, whose true class probabilities (the Bayes posterior) are known.

Everything is drawn with `Generator.random`, one stream a task, seed and split: the other splits' sizes
change nothing, and positions or label noise can be varied while cues, noise tokens and the rest stay what
they were.
"""

from __future__ import annotations

import numpy as np

from .dataset import Card, Dataset, Split
from .options import Option, choice, share, whole

NOISE_SYMBOLS = 16
SPECIAL_NAMES = ("<padding>", "<unknown>")
FIRST_SYMBOL = len(SPECIAL_NAMES)
NOISE_NAMES = tuple(f"noise {number:02d}" for number in range(1, NOISE_SYMBOLS + 1))

RECALL_CLASSES = ("A", "B", "C", "D")
ORDER_CLASSES = ("A first", "B first")

# Tells the streams of the two tasks apart at equal seeds.
RECALL_STREAM = 1
ORDER_STREAM = 2

RECALL_CARD = Card(
    name="recall",
    title="Recall",
    what=(
        "One of four cue symbols stands at a fixed place in a sequence of noise symbols. Which cue was it? "
        "The label is the cue's class, or with probability `noise` one of the other three. With a cue at both "
        "ends the class is their sum: as numbers from 0 to 3, modulo 4."
    ),
    source="Made by this package from a seed.",
    licence="MIT, as this package",
    citation="",
    flaws=(
        "Artificial, and every sequence has the same length. A cue at the first step is trivial for a "
        "BiLSTM, whose backward direction reads it last: use the middle for it, and the first step for an "
        "LSTM of one direction. The unknown token never occurs. At few steps the same sequence can be in "
        "two splits."
    ),
    kind="tokens",
)

ORDER_CARD = Card(
    name="order",
    title="Order",
    what=(
        "Two marker symbols, A and B, stand at two random places in the middle third of a sequence of "
        "noise symbols. Which came first? The label is that, or with probability `noise` the other."
    ),
    source="Made by this package from a seed.",
    licence="MIT, as this package",
    citation="",
    flaws=(
        "Artificial, and every sequence has the same length. Neither direction has an advantage, and a "
        "model that only counts symbols is at chance. The unknown token never occurs."
    ),
    kind="tokens",
)


def _options(steps: int, least_steps: int, classes: int) -> dict[str, Option]:
    """The options of both tasks; noise below (classes - 1) / classes leaves the true class the likeliest."""
    return {
        "steps": whole(steps, "length of every sequence", least_steps, 2000),
        "train": whole(250, "training sequences", classes, 100_000),
        "validation": whole(250, "validation sequences", classes, 100_000),
        "test": whole(1000, "test sequences", classes, 100_000),
        "noise": share(0.1, "probability that a label is replaced by another class", (classes - 1) / classes),
        "data_seed": whole(0, "seed of the data, apart from a run's seed", 0, 2**32 - 1),
    }


RECALL_OPTIONS = _options(steps=20, least_steps=3, classes=4) | {
    "position": choice("middle", "where the cue stands", ("first", "middle", "last", "both ends")),
}
ORDER_OPTIONS = _options(steps=24, least_steps=9, classes=2)


def recall(
    *, steps: int, train: int, validation: int, test: int, noise: float, data_seed: int, position: str
) -> Dataset:
    """The cue's class has probability 1 - noise, each other class noise / 3.

    Options as in RECALL_OPTIONS, checked before. Cues are as equally frequent in a split as its size allows.
    The middle is step `steps // 2`, counted from 0. At 'both ends' there are two cues, at the first step and at the
    last, and the class is the sum of their numbers modulo 4: either cue alone tells nothing of it.
    """
    place = {"first": 0, "middle": steps // 2, "last": steps - 1, "both ends": steps - 1}[position]

    def split(name: str, rows: int, number: int) -> Split:
        stream = np.random.default_rng([RECALL_STREAM, data_seed, number])
        cue = _balanced(stream, rows, len(RECALL_CLASSES))
        labels = _noisy(stream, cue, noise, len(RECALL_CLASSES))
        tokens = _noise_tokens(stream, rows, steps, first=FIRST_SYMBOL + len(RECALL_CLASSES))
        seen = cue
        if position == "both ends":
            # Drawn after everything else, so that noise tokens and labels are those of the other positions.
            first = _below(stream, len(RECALL_CLASSES), rows)
            tokens[:, 0] = FIRST_SYMBOL + first
            seen = (cue - first) % len(RECALL_CLASSES)
        tokens[:, place] = FIRST_SYMBOL + seen
        return _split(name, tokens, labels, cue, noise, len(RECALL_CLASSES))

    return Dataset(
        name="recall",
        kind="tokens",
        train=split("train", train, 0),
        validation=split("validation", validation, 1),
        test=split("test", test, 2),
        classes=RECALL_CLASSES,
        vocabulary=FIRST_SYMBOL + len(RECALL_CLASSES) + NOISE_SYMBOLS,
        token_names=SPECIAL_NAMES + RECALL_CLASSES + NOISE_NAMES,
    )


def order(*, steps: int, train: int, validation: int, test: int, noise: float, data_seed: int) -> Dataset:
    """The true order has probability 1 - noise, the other noise.

    Options as in ORDER_OPTIONS, checked before. The middle third is what remains after
    `steps // 3` steps at each end. Both orders are as equally frequent in a split as its size allows.
    """
    start, width = steps // 3, steps - 2 * (steps // 3)

    def split(name: str, rows: int, number: int) -> Split:
        stream = np.random.default_rng([ORDER_STREAM, data_seed, number])
        truth = _balanced(stream, rows, len(ORDER_CLASSES))
        labels = _noisy(stream, truth, noise, len(ORDER_CLASSES))
        # Two different places: one, and another a step or more further on, around the end if need be.
        one = _below(stream, width, rows)
        other = (one + 1 + _below(stream, width - 1, rows)) % width
        earlier, later = start + np.minimum(one, other), start + np.maximum(one, other)
        tokens = _noise_tokens(stream, rows, steps, first=FIRST_SYMBOL + 2)
        every = np.arange(rows)
        tokens[every, earlier] = FIRST_SYMBOL + truth
        tokens[every, later] = FIRST_SYMBOL + 1 - truth
        return _split(name, tokens, labels, truth, noise, len(ORDER_CLASSES))

    return Dataset(
        name="order",
        kind="tokens",
        train=split("train", train, 0),
        validation=split("validation", validation, 1),
        test=split("test", test, 2),
        classes=ORDER_CLASSES,
        vocabulary=FIRST_SYMBOL + 2 + NOISE_SYMBOLS,
        token_names=(*SPECIAL_NAMES, "A", "B", *NOISE_NAMES),
    )


def _below(stream: np.random.Generator, limit: int, shape: int | tuple[int, ...]) -> np.ndarray:
    """Whole numbers from 0 to limit - 1, int32, all equally likely."""
    return (stream.random(shape) * limit).astype(np.int32)


def _balanced(stream: np.random.Generator, rows: int, classes: int) -> np.ndarray:
    """Classes in random order, int32 (rows,), their counts differing by one at most."""
    return np.argsort(stream.random(rows), kind="stable").astype(np.int32) % classes


def _noisy(stream: np.random.Generator, truth: np.ndarray, noise: float, classes: int) -> np.ndarray:
    """Labels: with probability `noise` another class than the truth, each of the others equally likely."""
    replaced = stream.random(len(truth)) < noise
    shift = 1 + _below(stream, classes - 1, len(truth))
    return np.where(replaced, (truth + shift) % classes, truth).astype(np.int32)


def _noise_tokens(stream: np.random.Generator, rows: int, steps: int, first: int) -> np.ndarray:
    """Noise symbols for every step, int32 (rows, steps), with ids from `first` on."""
    return first + _below(stream, NOISE_SYMBOLS, (rows, steps))


def _split(
    name: str, tokens: np.ndarray, labels: np.ndarray, truth: np.ndarray, noise: float, classes: int
) -> Split:
    """A split of whole sequences with the posterior that the label noise gives."""
    rows, steps = tokens.shape
    posterior = np.full((rows, classes), noise / (classes - 1), dtype=np.float32)
    posterior[np.arange(rows), truth] = 1 - noise
    ids = tuple(f"{name}-{row:05d}" for row in range(rows))
    return Split(tokens, np.full(rows, steps, dtype=np.int32), labels, ids, posterior)
