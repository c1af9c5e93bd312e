"""How long the test texts of the confirmation are, and how many of their words no training text had: counts, no words.

It needs the text files; the counts are published, so that the book can sort texts without having any.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field, model_validator

from ..datasets.dataset import UNKNOWN
from ..results.measurement import Measurement
from .confirmatory.folds import every_fold

_Counts = tuple[Annotated[int, Field(ge=0)], ...]


class Counted(BaseModel, extra="forbid", frozen=True):
    """A test part, in the order of its rows. fingerprint: of the fold's data, as published rows of a2 have it.

    tokens: of each text, as the network reads it, cut off at the set's limit. unknown: how many of these are in no
    training text of the fold often enough to have a row of the embedding table.
    """

    dataset: str
    fold: int
    fingerprint: str
    tokens: _Counts
    unknown: _Counts

    @model_validator(mode="after")
    def _of_the_same_texts(self):
        if len(self.tokens) != len(self.unknown) or any(map(int.__gt__, self.unknown, self.tokens)):
            raise ValueError("each text has a number of tokens and, among these, of unknown ones")
        return self


class Texts(Measurement):
    """Counts of every test part of the confirmation's text sets."""

    FILE = "texts.json"
    COMMAND = "bilstm-dropout measure texts"
    NAME = "counts"

    folds: tuple[Counted, ...]

    def of(self, dataset: str, fold: int) -> Counted:
        """The counts of one test part. KeyError for one that is not among them."""
        found = [each for each in self.folds if (each.dataset, each.fold) == (dataset, fold)]
        if not found:
            raise KeyError((dataset, fold))
        return found[0]


def measure() -> Texts:
    """Count: seconds. UserError where text files are not to be had."""
    found = []
    for dataset, fold, data in every_fold():
        unknown = (np.asarray(data.test.inputs) == UNKNOWN).sum(axis=1)
        found.append(Counted(
            dataset=dataset, fold=fold, fingerprint=data.fingerprint,
            tokens=tuple(map(int, data.test.lengths)), unknown=tuple(map(int, unknown)),
        ))  # fmt: skip
    return Texts(folds=tuple(found))
