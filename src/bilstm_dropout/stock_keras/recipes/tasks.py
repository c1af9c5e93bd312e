"""What the recipes are trained on: two tasks on JapaneseVowels, two made from a fixed seed, and two on text.

The pages that the recipes come from show models without their data, so the tasks are this project's choice; one page
tells of Keras' own example on IMDB.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ... import datasets
from ...errors import UserError

FIRST_GROUP = 4  # speakers 1 to 4 are the one group, 5 to 9 the other
WINDOW_STEPS = 6  # the shortest utterance has 7 frames: six to read and one to forecast
LONG_STEPS, LONG_FEATURES, LONG_MEAN = 1000, 4, 0.1
CHARACTER_STEPS, SYMBOLS, CHAIN_CONTRAST = 498, 64, 2.0
VOCABULARY = 20_000  # token ids of the text sets, the number of Keras' example
# Tells the streams of the two made tasks apart.
_LONG_STREAM, _CHARACTER_STREAM = 11, 12


@dataclass(frozen=True, eq=False)
class Part:
    """Examples of one part: inputs float32 (N, T, F) or int32 (N, T), targets float32 (N,)."""

    inputs: np.ndarray
    targets: np.ndarray

    def first(self, rows: int | None, steps: int | None) -> Part:
        """At most so many rows, and of each at most so many steps; None leaves all."""
        return Part(self.inputs[:rows, :steps], self.targets[:rows])


@dataclass(frozen=True)
class Task:
    """A question asked of sequences.

    sentence: what is asked, of what, in Markdown. make: gives the training and the test part, whole. loss: as Keras
    names it. metric: what counts on the test part, 'accuracy' or 'mean squared error'. symbols: number of characters,
    0 for series. trivial: from both parts, what a forecast without a network reaches; trivial_is: what that is.
    text: the data set that is read from files and so may be absent, '' for what is always here.
    """

    name: str
    sentence: str
    make: Callable[[], tuple[Part, Part]]
    loss: str
    metric: str
    trivial: Callable[[Part, Part], float]
    trivial_is: str
    symbols: int = 0
    text: str = ""

    def parts(self, rows: int | None = None, steps: int | None = None) -> tuple[Part, Part]:
        """The training and the test part; rows and steps, both optional, make them smaller.

        Raises UserError where the data set's files are neither here nor to be had.
        """
        train, test = _made(self.name)
        return train.first(rows, steps), test.first(rows, steps)

    def fingerprint(self) -> str:
        """16 hexadecimal digits that change with any number of the whole task; for text, without reading its files."""
        digest = hashlib.sha256()
        if self.text:
            stated = datasets.REGISTRY[self.text].fingerprint
            digest.update(f"{stated}\0{inspect.getsource(self.make)}".encode())
            return digest.hexdigest()[:16]
        for part in self.parts():
            for array in (part.inputs, part.targets):
                digest.update(f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:16]

    def measure(self, outputs: np.ndarray, part: Part) -> float:
        """The metric of a network's outputs (N,) on a part."""
        if self.metric == "accuracy":
            return float(np.mean((outputs > 0.5) == (part.targets > 0.5)))
        return float(np.mean((outputs - part.targets) ** 2))


def speaker_groups() -> tuple[Part, Part]:
    """JapaneseVowels with two classes, padded with zeros: 1 for the speakers 1 to FIRST_GROUP, 0 for the others."""
    dataset = datasets.load("japanese_vowels")
    train, test = _equally_long(dataset)
    labels = [(split.labels < FIRST_GROUP).astype(np.float32) for split in (dataset.train, dataset.test)]
    return Part(train, labels[0]), Part(test, labels[1])


def next_frame() -> tuple[Part, Part]:
    """Every WINDOW_STEPS frames of an utterance, and the first coefficient of the frame that follows.

    The target is scaled so that the training frames span 0 to 1: the page's head cannot give a negative number.
    """
    dataset = datasets.load("japanese_vowels")
    real = np.arange(dataset.train.inputs.shape[1]) < dataset.train.lengths[:, None]
    lowest, highest = dataset.train.inputs[real][:, 0].min(), dataset.train.inputs[real][:, 0].max()

    def part(split) -> Part:
        windows, targets = [], []
        for frames, length in zip(split.inputs, split.lengths, strict=True):
            for end in range(WINDOW_STEPS, length):
                windows.append(frames[end - WINDOW_STEPS : end])
                targets.append((frames[end, 0] - lowest) / (highest - lowest))
        # The first column is rescaled too, so that the last value read is itself a forecast.
        inputs = np.stack(windows)
        inputs[..., 0] = (inputs[..., 0] - lowest) / (highest - lowest)
        return Part(inputs, np.array(targets, np.float32))

    return part(dataset.train), part(dataset.test)


def long_series(train: int = 256, test: int = 512) -> tuple[Part, Part]:
    """Normal noise of spread 1 whose mean is LONG_MEAN in every feature at all steps for class 1, minus that for 0."""

    def part(number: int, rows: int) -> Part:
        stream = np.random.default_rng([_LONG_STREAM, number])
        targets = np.arange(rows) % 2
        noise = stream.standard_normal((rows, LONG_STEPS, LONG_FEATURES))
        inputs = noise + LONG_MEAN * (2 * targets - 1)[:, None, None]
        return Part(inputs.astype(np.float32), targets.astype(np.float32))

    return part(0, train), part(1, test)


def two_chains(train: int = 256, test: int = 512) -> tuple[Part, Part]:
    """Characters from one of two Markov chains; the class says which.

    A chain's transition probabilities are the softmax of CHAIN_CONTRAST times standard normal numbers, drawn once for
    each chain. The first character is any with equal probability.
    """
    logits = CHAIN_CONTRAST * np.random.default_rng([_CHARACTER_STREAM, 2]).standard_normal((2, SYMBOLS, SYMBOLS))
    upper = (np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)).cumsum(axis=-1)

    def part(number: int, rows: int) -> Part:
        stream = np.random.default_rng([_CHARACTER_STREAM, number])
        targets = np.arange(rows) % 2
        text = np.empty((rows, CHARACTER_STEPS), np.int32)
        text[:, 0] = stream.integers(0, SYMBOLS, rows)
        for step in range(1, CHARACTER_STEPS):
            next_one = (stream.random((rows, 1)) > upper[targets, text[:, step - 1]]).sum(axis=1)
            text[:, step] = np.minimum(next_one, SYMBOLS - 1)  # rounding may leave the last sum just below 1
        return Part(text, targets.astype(np.float32))

    return part(0, train), part(1, test)


def film_sentences() -> tuple[Part, Part]:
    """MR, padded with zeros at the end: 1 for a positive review. The validation part is left aside."""
    dataset = _text("mr")
    train, test = _equally_long(dataset)
    return Part(train, dataset.train.labels.astype(np.float32)), Part(test, dataset.test.labels.astype(np.float32))


def film_reviews() -> tuple[Part, Part]:
    """IMDB, the last 100 tokens of each review: 1 for a positive one. The validation part is left aside.

    Zeros stand before a shorter review, where Keras' `pad_sequences` puts them.
    """
    dataset = _text("imdb")

    def part(inputs, split) -> Part:
        steps = inputs.shape[1]
        from_the_end = (np.arange(steps) + split.lengths[:, None]) % steps
        return Part(np.take_along_axis(inputs, from_the_end, axis=1), split.labels.astype(np.float32))

    train, test = _equally_long(dataset)
    return part(train, dataset.train), part(test, dataset.test)


def _text(name: str) -> datasets.Dataset:
    """The text set with default options; UserError where it is not the one that its results are known by."""
    dataset, stated = datasets.load(name), datasets.REGISTRY[name].fingerprint
    if dataset.fingerprint != stated:
        raise UserError(
            f"{name} has the fingerprint {dataset.fingerprint}, and the recipes need {stated}. Install the versions "
            "that requirements.lock names."
        )
    return dataset


def _equally_long(dataset: datasets.Dataset) -> list[np.ndarray]:
    """The inputs of the training and the test part, padded with zeros at the end to the same number of steps."""
    both = [split.inputs for split in (dataset.train, dataset.test)]
    longest = max(inputs.shape[1] for inputs in both)
    return [np.pad(inputs, [(0, 0), (0, longest - inputs.shape[1]), *[(0, 0)] * (inputs.ndim - 2)]) for inputs in both]


def commonest_class(train: Part, test: Part) -> float:
    """The share of test examples that are of the training part's commonest class."""
    return float(np.mean(test.targets == (train.targets.mean() > 0.5)))


def last_value(_train: Part, test: Part) -> float:
    """The mean squared error of forecasting that the last value stays."""
    return float(np.mean((test.inputs[:, -1, 0] - test.targets) ** 2))


_CLASSES = dict(
    loss="binary_crossentropy", metric="accuracy", trivial=commonest_class, trivial_is="always the commonest class"
)
TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task(
            "speaker-groups",
            f"JapaneseVowels: is the speaker one of 1 to {FIRST_GROUP}, or one of {FIRST_GROUP + 1} to 9?",
            speaker_groups, **_CLASSES,
        ),
        Task(
            "next-frame",
            f"JapaneseVowels: from {WINDOW_STEPS} frames of 12 coefficients, the first coefficient of the next frame, "
            "scaled so that the training frames span 0 to 1.",
            next_frame, loss="mean_squared_error", metric="mean squared error",
            trivial=last_value, trivial_is="the last value stays",
        ),
        Task(
            "long-series",
            f"{LONG_STEPS:,} steps of {LONG_FEATURES} features, normal noise of spread 1 with a mean of "
            f"{LONG_MEAN} or −{LONG_MEAN}: which? Every step says equally little, so accuracy tells how many steps are "
            "put to use.",
            long_series, **_CLASSES,
        ),
        Task(
            "two-chains",
            f"{CHARACTER_STEPS} characters of {SYMBOLS} symbols from one of two Markov chains with random transition "
            "probabilities: which?",
            two_chains, symbols=SYMBOLS, **_CLASSES,
        ),
        Task(
            "film-sentences", "MR: is a sentence of a film review from a positive or a negative one?",
            film_sentences, symbols=VOCABULARY, text="mr", **_CLASSES,
        ),
        Task(
            "film-reviews", "IMDB: from its last 100 tokens, is a film review positive or negative?",
            film_reviews, symbols=VOCABULARY, text="imdb", **_CLASSES,
        ),
    )
}  # fmt: skip


@lru_cache(maxsize=len(TASKS))
def _made(name: str) -> tuple[Part, Part]:
    return TASKS[name].make()
