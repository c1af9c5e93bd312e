"""What a linear model reaches on the folds of the confirmation: TF-IDF of words and word pairs, logistic regression.

It is fitted as `rivals` has it, on the very splits of part a2, so that it stands beside the networks fold by fold. It
needs the text files; what it reached is published, so that the book does not.
"""

from __future__ import annotations

import pandas as pd
from pydantic import BaseModel, Field

from ..results.measurement import Measurement
from . import rivals
from .confirmatory.folds import every_fold


class Fitted(BaseModel, extra="forbid", frozen=True):
    """A linear model on one fold. nll in nats; fingerprint: of the fold's data, as published rows of a2 have it."""

    dataset: str
    fold: int
    fingerprint: str
    strength: float = Field(gt=0)
    accuracy: float = Field(ge=0, le=1)
    nll: float = Field(ge=0, allow_inf_nan=False)


class Linear(Measurement):
    """What the linear model reached, a fold each. model: in words."""

    FILE = "linear.json"
    COMMAND = "bilstm-dropout measure linear"
    NAME = "linear models"

    model: str
    fitted: list[Fitted]

    def frame(self) -> pd.DataFrame:
        """A row a fold, with the columns of Fitted."""
        return pd.DataFrame([each.model_dump() for each in self.fitted])


def measure() -> Linear:
    """Fit it on every fold of every text set of a2: some minutes. UserError where text files are not to be had."""
    found = []
    for dataset, fold, data in every_fold():
        (model,) = [each for each in rivals.rivals(data) if each.name == rivals.WORDS]
        found.append(
            Fitted(
                dataset=dataset, fold=fold, fingerprint=data.fingerprint, strength=model.strength,
                accuracy=round(model.accuracy, 6), nll=round(model.nll, 6),
            )
        )  # fmt: skip
    return Linear(model=rivals.WORDS, fitted=found)
