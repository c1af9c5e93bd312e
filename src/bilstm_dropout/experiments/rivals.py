"""Rivals without a recurrent network, for orientation: what the class shares alone, and a linear model, reach.

Both see what the network sees: the token ids after the vocabulary was cut, or the series as it is padded. They are
fitted on the training part, the linear model's strength is chosen on validation, and both are measured on test.
"""

from __future__ import annotations

import contextlib
import time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field, ValidationError

from ..datasets.dataset import Dataset, Split
from ..files import write_text
from ..paths import runs_folder
from ..stats import metrics

# Raise it when a change alters what the rivals reach, so that nothing older is read back.
VERSION = 1
# C, the inverse strength of the L2 penalty; the default stands where there is no validation part to choose on.
STRENGTHS = (0.1, 1.0, 10.0, 100.0)
DEFAULT_STRENGTH = 1.0
# Only what takes longer than this is kept: everything else is quicker to compute than to trust.
SECONDS_WORTH_KEEPING = 10.0
MAJORITY = "majority class"
WORDS = "TF-IDF of words and word pairs, logistic regression"
SUMMARIES = "mean, spread, first and last value, logistic regression"

_Share = Annotated[float, Field(ge=0, le=1)]
_Positive = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Rival(BaseModel, extra="forbid", frozen=True):
    """What one rival reaches on the test part.

    strength: the C of its logistic regression, None without one. chosen_on: 'validation', or 'nothing' where the
    default stands. accuracy, nll (nats), brier, macro_f1: as metrics.measures gives them.
    """

    name: str
    strength: float | None
    chosen_on: str
    accuracy: _Share
    nll: _Positive
    brier: _Positive
    macro_f1: _Share


class _Kept(BaseModel, extra="forbid"):
    version: int
    scikit_learn: str
    fingerprint: str
    rivals: list[Rival]


def rivals(dataset: Dataset) -> list[Rival]:
    """The majority class and the linear model of a data set, measured on its test part.

    The majority class gives every example the training part's class shares, so it always predicts the commonest.
    What took longer than SECONDS_WORTH_KEEPING is kept beside the runs and read back for the same data.
    """
    kept = _read(dataset)
    if kept is not None:
        return kept
    started = time.monotonic()
    found = [_class_shares(dataset), _linear(dataset)]
    if time.monotonic() - started > SECONDS_WORTH_KEEPING:
        _keep(dataset, found)
    return found


def summaries(split: Split) -> np.ndarray:
    """The features of the series' rival, float64 (N, 4 F + 1): mean, standard deviation, first and last value of
    each of the F features over an example's own steps, and its length.
    """
    inputs, lengths = split.inputs.astype(np.float64), split.lengths
    real = (np.arange(inputs.shape[1]) < lengths[:, None])[..., None]
    mean = inputs.sum(axis=1) / lengths[:, None]
    spread = np.sqrt((((inputs - mean[:, None]) * real) ** 2).sum(axis=1) / lengths[:, None])
    last = inputs[np.arange(len(inputs)), lengths - 1]
    return np.concatenate([mean, spread, inputs[:, 0], last, lengths[:, None]], axis=1)


def _class_shares(dataset):
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier(strategy="prior").fit(dataset.train.labels[:, None], dataset.train.labels)
    return _measured(MAJORITY, None, "nothing", _probabilities(model, dataset.test.labels[:, None], dataset), dataset)


def _linear(dataset):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    if dataset.kind == "tokens":
        name, scaled = WORDS, _vectoriser().fit(_joined(dataset.train))
        inputs = {part: scaled.transform(_joined(split)) for part, split in dataset.splits().items()}
    else:
        name, scaled = SUMMARIES, StandardScaler().fit(summaries(dataset.train))
        inputs = {part: scaled.transform(summaries(split)) for part, split in dataset.splits().items()}

    def fitted(strength):
        return LogisticRegression(C=strength, max_iter=1000).fit(inputs["train"], dataset.train.labels)

    if len(np.unique(dataset.train.labels)) < 2:  # nothing to separate: what is left is the class shares
        return _class_shares(dataset).model_copy(update={"name": name})
    if dataset.validation is None:
        model, strength, chosen_on = fitted(DEFAULT_STRENGTH), DEFAULT_STRENGTH, "nothing"
    else:
        models = {strength: fitted(strength) for strength in STRENGTHS}
        scores = {
            strength: metrics.nll(_probabilities(each, inputs["validation"], dataset), dataset.validation.labels)
            for strength, each in models.items()
        }
        strength, chosen_on = min(scores, key=scores.get), "validation"
        model = models[strength]
    return _measured(name, strength, chosen_on, _probabilities(model, inputs["test"], dataset), dataset)


def _vectoriser():
    from sklearn.feature_extraction.text import TfidfVectorizer

    # Ids are joined by spaces, so every run of other characters is one token, a single digit too.
    return TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", lowercase=False, sublinear_tf=True)


def _joined(split):
    return [
        " ".join(map(str, row[:length])) for row, length in zip(split.inputs.tolist(), split.lengths, strict=True)
    ]


def _probabilities(model, inputs, dataset):
    """(N, classes); a class that training lacks has probability 0."""
    p = np.zeros((inputs.shape[0], len(dataset.classes)))
    p[:, model.classes_] = model.predict_proba(inputs)
    return p


def _measured(name, strength, chosen_on, p, dataset):
    return Rival(
        name=name, strength=strength, chosen_on=chosen_on, **metrics.measures(p, dataset.test.labels)
    )


def _file(dataset) -> Path:
    return runs_folder() / "baselines" / f"{dataset.fingerprint}.json"


def _version() -> str:
    return version("scikit-learn")


def _read(dataset) -> list[Rival] | None:
    """What was kept of this data under these versions, or None; a file that does not fit counts as none."""
    try:
        kept = _Kept.model_validate_json(_file(dataset).read_bytes())
    except (OSError, ValidationError):
        return None
    same = (kept.version, kept.scikit_learn, kept.fingerprint) == (VERSION, _version(), dataset.fingerprint)
    return kept.rivals if same else None


def _keep(dataset, found) -> None:
    kept = _Kept(version=VERSION, scikit_learn=_version(), fingerprint=dataset.fingerprint, rivals=found)
    with contextlib.suppress(OSError):  # what cannot be kept is computed again
        write_text(_file(dataset), kept.model_dump_json(indent=1))
