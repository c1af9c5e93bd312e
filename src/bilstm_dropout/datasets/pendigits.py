"""PenDigits: handwritten digits as the path of the pen, from the UEA archive's two files."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial

import numpy as np

from ..errors import UserError
from .cache import kept
from .dataset import Card, Dataset, Split
from .files import SourceFile, fetch
from .folds import FOLD_OPTION, fold_numbers

PARTS = ("train", "test")
ROWS = {
    "train": (780, 779, 780, 719, 780, 720, 720, 778, 719, 719),
    "test": (363, 364, 364, 336, 364, 335, 336, 364, 336, 336),
}
SHAPE = (2, 8)
LARGEST_VALUE = 100.0
FINGERPRINT = "4c71b31b60790d61"
OPTIONS = {"fold": replace(FOLD_OPTION, meaning="which tenth of the training part is for validation")}
_ADDRESS = "https://timeseriesclassification.com/aeon-toolkit/PenDigits.zip"
FILES = (
    SourceFile(
        "PenDigits/PenDigits_TRAIN.ts",
        _ADDRESS,
        "8c665817e28c88922d06a25791bb24e3bef766ea0c48534e79f0b5ccd44526e4",
        1_000_000,
        member="PenDigits_TRAIN.ts",
    ),
    SourceFile(
        "PenDigits/PenDigits_TEST.ts",
        _ADDRESS,
        "efc35920415126cb0b1019f4a40c12990845f7d4eadf72c996d5d1f6aeb91c9a",
        1_000_000,
        member="PenDigits_TEST.ts",
    ),
)

CARD = Card(
    name="pendigits",
    title="PenDigits",
    what=(
        "A digit written on a tablet, as the pen's path: 8 points at equal distances along it, each with its x and y "
        "from 0 to 1. Which digit is it?"
    ),
    source=(
        "Alimoglu (1996) and Alpaydin, UCI Machine Learning Repository, in the UEA archive's format. Its own split: "
        "7,494 digits of 30 writers, 3,498 of 14 others. One tenth of the former is for validation."
    ),
    licence="not stated in the archive's files",
    citation="alimoglu1996",
    flaws=(
        "Every path has 8 points, so nothing tests padding, and dropout along 8 steps is drawn few times. Writers are "
        "not named: those of the validation part are in training too, those of the test part are not, so validation "
        "can look better than the test. Points lie at equal distances, so the pen's speed is lost."
    ),
    kind="series",
    small=False,
    files=tuple(file.path for file in FILES),
)


def pendigits(fold: int) -> Dataset:
    """PenDigits with its own test part; `fold` of ten of its training part is for validation. Values are over 100.

    The arrays are kept in data/cache. UserError where a file is absent and cannot be downloaded, or is another one.
    """
    sources = [file.sha256 for file in FILES]
    return kept("pendigits", sources, {"fold": fold}, __name__, partial(_make, fold))


def _make(fold: int) -> Dataset:
    parts = {part: _read(part, file) for part, file in zip(PARTS, FILES, strict=True)}
    inputs, labels = parts["train"]
    held = fold_numbers([series.tobytes() for series in inputs], labels) == fold

    def split(part: str, rows: np.ndarray) -> Split:
        inputs, labels = (array[rows] for array in parts[part])
        ids = tuple(f"pendigits-{part}-{row:04d}" for row in rows)
        return Split(inputs, np.full(len(rows), SHAPE[1], dtype=np.int32), labels, ids)

    return Dataset(
        name="pendigits",
        kind="series",
        train=split("train", np.flatnonzero(~held)),
        validation=split("train", np.flatnonzero(held)),
        test=split("test", np.arange(len(parts["test"][1]))),
        classes=tuple(str(digit) for digit in range(10)),
        features=SHAPE[0],
    )


def _read(part: str, file: SourceFile) -> tuple[np.ndarray, np.ndarray]:
    from aeon.datasets import load_from_ts_file

    # aeon gives (rows, features, steps) and the digits as texts.
    series, digits = load_from_ts_file(str(fetch(file)))
    check(part, series, digits)
    # Coordinates are whole numbers, so the division gives the same on every machine.
    inputs = (np.asarray(series).transpose(0, 2, 1) / LARGEST_VALUE).astype(np.float32)
    return np.ascontiguousarray(inputs), np.asarray(digits).astype(np.int32)


def check(part: str, series: np.ndarray, digits: np.ndarray) -> None:
    """UserError unless 'train' or 'test' has its known rows a digit, as series (rows, 2, 8) from 0 to 100."""
    counts = Counter(str(digit) for digit in digits)
    expected = {str(digit): rows for digit, rows in enumerate(ROWS[part])}
    shape = (sum(ROWS[part]), *SHAPE)
    series = np.asarray(series)
    fits = series.shape == shape and series.min() >= 0 and series.max() <= LARGEST_VALUE
    if counts != expected or not fits:
        raise UserError(
            f"The {part} file of PenDigits has series of shape {series.shape} and rows a digit {dict(counts)}; "
            f"expected are {shape}, values from 0 to 100, and {expected}. Put the UEA archive's file in its place."
        )
