"""What a data set is: padded arrays with their lengths and labels, checked when made, known by a fingerprint.

Nothing here knows where data comes from; the modules beside this one make `Dataset` objects from their
sources.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Literal

import numpy as np

from ..errors import UserError

KINDS = ("series", "tokens")
PADDING = 0
UNKNOWN = 1


@dataclass(frozen=True, eq=False)
class Split:
    """One part of a data set: N examples, padded to T steps with zeros AFTER their end.

    inputs: float32 (N, T, F) for series, int32 (N, T) for tokens (0 is padding, 1 the unknown token).
    lengths: int32 (N,), from 1 to T. labels: int32 (N,). ids: N names, each used once. posterior: float32
    (N, classes), the true probability of each class given the input, or None where unknown. Raises
    ValueError where these do not fit together. The arrays are made read-only: loads share them.
    """

    inputs: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    ids: tuple[str, ...]
    posterior: np.ndarray | None = None

    def __post_init__(self) -> None:
        rows = len(self.inputs)
        dtype = {2: np.int32, 3: np.float32}.get(self.inputs.ndim)
        _require(rows > 0, "a split needs at least one example")
        _require(self.inputs.dtype == dtype, "inputs are float32 (N, T, F) or int32 (N, T)")
        for name in ("lengths", "labels"):
            array = getattr(self, name)
            _require(array.shape == (rows,) and array.dtype == np.int32, f"{name} are int32 ({rows},)")
        _require(len(self.ids) == rows == len(set(self.ids)), f"ids are {rows} different names")
        _require(self.lengths.min() >= 1, "lengths start at 1")
        _require(self.lengths.max() <= self.inputs.shape[1], "lengths are at most the padded length")
        _require(np.isfinite(self.inputs).all(), "inputs are finite")
        real = np.arange(self.inputs.shape[1]) < self.lengths[:, None]
        _require(not self.inputs[~real].any(), "inputs are 0 after an example's end")
        if dtype is np.int32:
            # An embedding takes its mask from the ids, so a padding id inside an example would hide a step.
            _require(
                self.inputs[real].min() > PADDING, "token ids within an example are above the padding id"
            )
        if self.posterior is not None:
            _require(
                self.posterior.dtype == np.float32 and len(self.posterior) == rows,
                "posterior is float32 (N, C)",
            )
            _require(self.posterior.min() >= 0, "posterior probabilities are not negative")
            _require(np.allclose(self.posterior.sum(axis=1), 1, atol=1e-6), "posterior rows sum to 1")
        for _, array in self.arrays():
            array.setflags(write=False)

    def __len__(self) -> int:
        """The number of examples."""
        return len(self.labels)

    def arrays(self) -> list[tuple[str, np.ndarray]]:
        """The arrays with their names, in the fixed order of the fingerprint."""
        named = [(name, getattr(self, name)) for name in ("inputs", "lengths", "labels", "posterior")]
        return [(name, array) for name, array in named if array is not None]

    def take(self, rows: np.ndarray) -> Split:
        """These rows only, in this order; T stays, so that shapes do not depend on the choice."""
        taken = {name: array[rows] for name, array in self.arrays()}
        return Split(ids=tuple(self.ids[row] for row in rows), **taken)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set ready for training; loads share it, so treat `options` as read-only too.

    name: its name in the registry. kind: 'series' or 'tokens'. train, test: Split; validation: Split or
    None (then nothing may be selected on it: train for a fixed number of epochs and take the last).
    classes: names, in label order. features: F of a series, 0 for tokens. vocabulary: number of token ids,
    with padding and unknown, 0 for series. options: every option it was made with, defaults spelt out.
    token_names: a name an id, or () for series. room: so many rows the training part may be padded to, for a
    compiled program that serves all folds; 0 where each has its own. fingerprint: 16 hexadecimal digits of
    the SHA-256 over kind, sizes, class names and every array (see `fingerprint`). Raises ValueError where
    these do not fit together.
    """

    name: str
    kind: Literal["series", "tokens"]
    train: Split
    validation: Split | None
    test: Split
    classes: tuple[str, ...]
    features: int = 0
    vocabulary: int = 0
    fingerprint: str = field(init=False)
    options: dict = field(default_factory=dict)
    token_names: tuple[str, ...] = ()
    room: int = 0

    def __post_init__(self) -> None:
        _require(self.kind in KINDS, f"kind is one of {KINDS}")
        _require(len(set(self.classes)) == len(self.classes) >= 2, "classes are at least two different names")
        for name, split in self.splits().items():
            _require(
                split.labels.min() >= 0 and split.labels.max() < len(self.classes),
                f"{name} labels name a class",
            )
            if split.posterior is not None:
                _require(
                    split.posterior.shape[1] == len(self.classes), f"{name} posterior has a column a class"
                )
            if self.kind == "series":
                _require(
                    split.inputs.shape[2:] == (self.features,), f"{name} inputs are (N, T, {self.features})"
                )
            else:
                _require(split.inputs.ndim == 2, f"{name} inputs are (N, T)")
                _require(
                    split.inputs.max() < self.vocabulary, f"{name} token ids are below {self.vocabulary}"
                )
        ids = [identity for split in self.splits().values() for identity in split.ids]
        _require(len(set(ids)) == len(ids), "no id is in two splits")
        _require((self.features > 0) == (self.kind == "series"), "series have features, tokens have none")
        _require(
            (self.vocabulary > 0) == (self.kind == "tokens"), "tokens have a vocabulary, series have none"
        )
        _require(len(self.token_names) == self.vocabulary, "each token id has a name")
        _require(not self.room or self.room >= len(self.train), "room is 0 or enough for the training part")
        object.__setattr__(self, "fingerprint", fingerprint(self))

    def splits(self) -> dict[str, Split]:
        """The splits that exist, by name, in the order train, validation, test."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: split for name, split in named.items() if split is not None}

    def subset_rows(self, rows: int, seed: int) -> np.ndarray:
        """Row numbers, int64 ascending, of a class-stratified training subset; see `training_rows`."""
        return training_rows(self.train.labels, len(self.classes), rows, seed)

    def subset(self, rows: int, seed: int) -> Dataset:
        """The data set with `rows` training rows drawn from `seed` alone; validation and test stay whole.

        The fingerprint of the result is its own: a run is known by the whole set's fingerprint, rows and
        seed.
        """
        return replace(self, train=self.train.take(self.subset_rows(rows, seed)))


@dataclass(frozen=True)
class Card:
    """What a reader should know about a data set before using it.

    name: as in the registry. title: for headings. what: the examples and the question asked of them. source: who made
    it and how it gets here. licence: the terms its source states. citation: key in book/references.bib, or '' for data
    made by this package. flaws: what it cannot show. kind: 'series' or 'tokens'. options: name to (default, meaning
    with what is allowed). small: no download, and a run takes seconds. files: where it is not in an installed library
    or made, the files that it is read from, by their path in the data folder. short, classes: of the published study's
    sets, how tables and sentences have the name, and how many classes there are.
    """

    name: str
    title: str
    what: str
    source: str
    licence: str
    citation: str
    flaws: str
    kind: Literal["series", "tokens"]
    options: dict[str, tuple[object, str]] = field(default_factory=dict)
    small: bool = True
    files: tuple[str, ...] = ()
    short: str = ""
    classes: int = 0


def fingerprint(dataset: Dataset) -> str:
    """16 hexadecimal digits that change with anything a training run reads, and with nothing else.

    SHA-256 over a JSON line of kind, features, vocabulary and class names, then, for train, validation and
    test in this order and inputs, lengths, labels and posterior in this order, a JSON line of split, array,
    dtype and shape followed by the array's bytes. Numbers are hashed little-endian, row by row, so every
    machine agrees.
    """
    digest = hashlib.sha256()
    digest.update(_line(dataset.kind, dataset.features, dataset.vocabulary, list(dataset.classes)))
    for name, split in dataset.splits().items():
        _add_split(digest, name, split)
    return digest.hexdigest()[:16]


def part_fingerprints(dataset: Dataset) -> dict[str, str]:
    """A fingerprint for each of train, validation and test that the data set has, to tell which of them differs.

    16 hexadecimal digits of the SHA-256 over what `fingerprint` hashes for that part alone.
    """
    found = {}
    for name, split in dataset.splits().items():
        digest = hashlib.sha256()
        _add_split(digest, name, split)
        found[name] = digest.hexdigest()[:16]
    return found


def _add_split(digest, name: str, split: Split) -> None:
    for array_name, array in split.arrays():
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        digest.update(_line(name, array_name, array.dtype.name, list(array.shape)))
        digest.update(little.tobytes())


def _line(*values: object) -> bytes:
    return (json.dumps(values, separators=(",", ":")) + "\n").encode("ascii")


def _require(fits: bool, rule: str) -> None:
    if not fits:
        raise ValueError(f"This is no data set: {rule}.")


# Keeps this stream apart from every other use of the same seed (weights, batch order, dropout).
STREAM = 0x5B5E7


def training_rows(labels: np.ndarray, classes: int, rows: int, seed: int) -> np.ndarray:
    """Choose `rows` of the rows, stratified by class: a pure function of its arguments, int64 (rows,)
    ascending.

    labels: whole numbers (N,) from 0 to classes - 1. classes: how many there are. rows: from `classes` to N.
    seed: a whole number from 0. UserError where rows or seed is not one of these.

    Each class is put into a random order that depends on labels and seed only. Its j-th row (from 0) gets
    the place (j + 1/2) / (rows of its class), every class's first row goes before all others, and the
    subset is the beginning of that list (ties: the class that comes first). So shares follow the class
    frequencies (Webster's apportionment), every class that occurs is there, and for one seed a small subset
    is contained in each larger one.
    """
    labels = np.asarray(labels)
    if isinstance(rows, bool) or not isinstance(rows, Integral) or not classes <= rows <= len(labels):
        raise UserError(
            f"A training subset of {str(rows)[:80]!r} rows cannot be drawn; allowed is a whole number from "
            f"{classes} (one a class) to {len(labels)} (all there are). Change train_rows, or leave it "
            "out to train on all."
        )
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise UserError(
            f"The seed {str(seed)[:80]!r} cannot be used; allowed is a whole number from 0. Change the seed."
        )
    keys = np.random.default_rng([STREAM, int(seed)]).random(len(labels))
    place = np.empty(len(labels))
    later = np.empty(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank = np.argsort(np.argsort(keys[members], kind="stable"))
        place[members] = (rank + 0.5) / len(members)
        later[members] = rank > 0
    order = np.lexsort((labels, place, later))
    return np.sort(order[: int(rows)])


def pad(sequences: Sequence[np.ndarray], steps: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Series (steps, F) in one float32 array (N, T, F), zeros after the end, and lengths, int32 (N,).

    steps: T, at least the longest series; 0 for just that.
    """
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int32)
    padded = np.zeros((len(sequences), steps or lengths.max(), sequences[0].shape[1]), dtype=np.float32)
    for row, sequence in enumerate(sequences):
        padded[row, : len(sequence)] = sequence
    return padded, lengths


def moments(train: Split) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread, float64 (F,), of each feature over the real steps of a part of series."""
    real = np.arange(train.inputs.shape[1]) < train.lengths[:, None]
    # In float64, so that the order in which a processor adds does not reach the float32 result.
    values = train.inputs[real].astype(np.float64)
    return values.mean(axis=0), values.std(axis=0)


def standardised(split: Split, train: Split) -> Split:
    """The split with every feature less its mean over the training part's real steps, divided by its spread there."""
    mean, spread = moments(train)
    real = np.arange(split.inputs.shape[1]) < split.lengths[:, None]
    inputs = np.where(real[..., None], (split.inputs - mean) / spread, 0).astype(np.float32)
    return replace(split, inputs=inputs)
