"""Real-valued series that arrive with the installed libraries: nothing is downloaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np

from ..errors import UserError
from .cache import kept
from .dataset import Card, Dataset, Split, moments, pad, standardised

# Rows of each speaker, 1 to 9, as the data's authors count them.
VOWEL_ROWS = {"train": (30,) * 9, "test": (31, 35, 88, 44, 29, 24, 40, 50, 29)}
VOWEL_FEATURES = 12
VOWEL_STEPS = (7, 29)

DIGIT_ROWS = 1797
DIGIT_SPLIT_SEED = 20240501
# A fifth each, rounded up; the remaining three fifths are for training.
DIGIT_HELD_OUT = 360

JAPANESE_VOWELS_CARD = Card(
    name="japanese_vowels",
    short="JapaneseVowels",
    classes=9,
    title="JapaneseVowels",
    what=(
        "Nine men say the two Japanese vowels /ae/; an utterance is 7 to 29 frames of 12 LPC cepstrum "
        "coefficients, each standardised by the training rows' mean and spread. Which of the nine speaks?"
    ),
    source=(
        "Kudo, Toyama and Shimbo (1999), UCI Machine Learning Repository; in the UEA archive's format "
        "inside the aeon package, so nothing is downloaded. Its own split: 270 utterances for training, "
        "370 for the test."
    ),
    licence="CC BY 4.0, as UCI states",
    citation="kudo1999",
    flaws=(
        "Small: 270 training rows, and no validation rows, so nothing can be selected and the last epoch "
        "counts. Training classes are equal, test classes are not (24 to 88). The same nine men are in "
        "both parts, recorded on other occasions. A good model errs on a handful of test rows, each of them "
        "0.27 points of accuracy; look at the NLL."
    ),
    kind="series",
)

DIGITS_CARD = Card(
    name="digits",
    title="Digits",
    what=(
        "A handwritten digit as an 8 × 8 picture, read as a series of 8 rows (top to bottom) of 8 grey "
        "values from 0 to 1. Which digit is it?"
    ),
    source=(
        "Optical Recognition of Handwritten Digits, Alpaydin and Kaynak (1998), UCI Machine Learning "
        "Repository; the 1,797 pictures of its test part inside scikit-learn, so nothing is downloaded. "
        f"Split here 60 : 20 : 20, by class, with split seed {DIGIT_SPLIT_SEED}."
    ),
    licence="CC BY 4.0, as UCI states",
    citation="alpaydin1998",
    flaws=(
        "A picture, not a sequence by nature; all have 8 steps, so nothing here tests padding. The 13 "
        "writers are not named, so the same hand is in training and test, which flatters every model."
    ),
    kind="series",
)


def japanese_vowels() -> Dataset:
    """JapaneseVowels with its own split and no validation part.

    Importing aeon costs a process seconds, so the arrays are kept in data/cache. UserError where the installed aeon
    holds other data than the authors describe, because results would not compare.
    """
    return kept("japanese_vowels", [version("aeon")], {}, __name__, _vowels)


def _vowels() -> Dataset:
    train, test = _vowel_split("train"), _vowel_split("test")
    return Dataset(
        name="japanese_vowels",
        kind="series",
        train=standardised(train, train),
        validation=None,
        test=standardised(test, train),
        classes=tuple(f"speaker {number}" for number in range(1, 10)),
        features=VOWEL_FEATURES,
    )


def _vowel_split(part: str) -> Split:
    from aeon.datasets import load_japanese_vowels

    # aeon gives a list of (features, steps) and the speakers as the texts '1' to '9'.
    series, speakers = load_japanese_vowels(split=part)
    check_vowels(part, series, speakers)
    inputs, lengths = pad([one.T for one in series])
    ids = tuple(f"{part}-{row:03d}" for row in range(sum(VOWEL_ROWS[part])))
    return Split(inputs, lengths, np.asarray(speakers).astype(np.int32) - 1, ids)


def check_vowels(part: str, series: Sequence[np.ndarray], speakers: Sequence[str]) -> None:
    """UserError unless `part` has what the authors describe.

    That is, 'train' or 'test' has their number of rows for each of the speakers '1' to '9', and every series,
    (features, steps), has 12 features and 7 to 29 steps.
    """
    expected = {str(number): rows for number, rows in enumerate(VOWEL_ROWS[part], start=1)}
    found = dict(Counter(str(speaker) for speaker in speakers))
    shortest, longest = VOWEL_STEPS
    steps = [one.shape[1] for one in series]
    fits = all(one.shape[0] == VOWEL_FEATURES and shortest <= one.shape[1] <= longest for one in series)
    if found != expected or len(series) != sum(expected.values()) or not fits:
        raise UserError(
            f"The installed aeon has another JapaneseVowels: {part} has {len(series)} series of "
            f"{min(steps, default=0)} to {max(steps, default=0)} steps, rows a speaker {found}; expected are "
            f"{VOWEL_FEATURES} features, {shortest} to {longest} steps, rows a speaker {expected}. "
            "Install the aeon that requirements.lock names."
        )


def vowel_scaling() -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread, float64 (12,), of each coefficient over the training part's steps, not standardised."""
    return moments(_vowel_split("train"))


def digits() -> Dataset:
    """scikit-learn's digits as series of 8 rows of 8 pixels: 1,077 train, 360 validation, 360 test."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pictures, labels = load_digits(return_X_y=True)
    if pictures.shape != (DIGIT_ROWS, 64):
        raise UserError(
            f"The installed scikit-learn has other digits: {pictures.shape}, expected {(DIGIT_ROWS, 64)}. "
            "Install the scikit-learn that requirements.lock names."
        )

    def hold_out(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rest, held = train_test_split(
            rows, test_size=DIGIT_HELD_OUT, random_state=DIGIT_SPLIT_SEED, stratify=labels[rows]
        )
        return np.sort(rest), np.sort(held)

    rest, test = hold_out(np.arange(DIGIT_ROWS))
    train, validation = hold_out(rest)

    def split(rows: np.ndarray) -> Split:
        # Grey values are whole numbers from 0 to 16, so the division is exact.
        inputs = (pictures[rows] / 16).reshape(-1, 8, 8).astype(np.float32)
        ids = tuple(f"digits-{row:04d}" for row in rows)
        return Split(inputs, np.full(len(rows), 8, dtype=np.int32), labels[rows].astype(np.int32), ids)

    return Dataset(
        name="digits",
        kind="series",
        train=split(train),
        validation=split(validation),
        test=split(test),
        classes=tuple(str(digit) for digit in range(10)),
        features=8,
    )
