"""Files of the reader's own for tests: written row by row, texts and series that are sound but for what a test does."""

import csv

import numpy as np
import pytest

from bilstm_dropout.datasets.own.series import read_series
from bilstm_dropout.datasets.own.texts import read_texts
from bilstm_dropout.errors import UserError

HEADER = ["id", "step", "label", "x"]


def write(file, rows, delimiter=","):
    """Rows of cells, or a file's whole text, as a file; its path."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as stream:
        if isinstance(rows, str):
            stream.write(rows)
        else:
            csv.writer(stream, delimiter=delimiter).writerows(rows)
    return file


def texts(*classes, count=12):
    """A file of texts: so many different ones of each class."""
    return [["text", "label"], *([f"plain text number {n} {place}", label] for place, label in enumerate(classes)
                                 for n in range(count))]  # fmt: skip


def series(columns=(), values=lambda s, k: [], *, id="s{}".format, step=lambda k: k, label="ab", steps=6):
    """A file of 24 series, the first twelve of the first class, of noise and of more columns.

    values: of series s at step k, for the columns. id, step: what is written for a number.
    """
    noise = np.random.default_rng(0).normal(size=(24, steps)).round(4)
    return [[*HEADER, *columns], *([id(s), step(k), label[s > 11], noise[s, k], *values(s, k)]
                                   for s in range(24) for k in range(steps))]  # fmt: skip


def as_texts(folder, rows, name="a.csv", text="text", label="label", **named):
    """What a file of texts comes to."""
    return read_texts(write(folder / name, rows), text, label, **named)


def as_series(folder, rows, name="a.csv", **named):
    """What a file of series comes to."""
    return read_series(write(folder / name, rows), "id", "step", "label", **named)


def refusal(read, *given, **named) -> str:
    """The one line that a file is refused with."""
    with pytest.raises(UserError) as caught:
        read(*given, **named)
    assert str(caught.value).isprintable()
    return str(caught.value)


def finding(content, name):
    """The finding of that name, in words, or None."""
    found = [each for each in content.report if each.name == name]
    return found[0].said(content.kind, str) if found else None
