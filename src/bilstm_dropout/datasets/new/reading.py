"""How new rows become what a trained network reads: the rules of its training data, as a value that is kept with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...errors import UserError
from .. import own, series
from ..dataset import UNKNOWN, Dataset, pad
from ..own.limits import most
from ..own.series import scaled
from ..pendigits import LARGEST_VALUE
from ..text.corpora import CORPORA
from ..text.formats import without_breaks
from ..text.tokenizer import PUBLISHED, RULES
from ..text.tokens import cut_tokens, encoded

_GREY_VALUES = 16.0  # of scikit-learn's digits, by which they are divided
_Whole = Annotated[int, Field(strict=True, ge=1)]
_Name = Annotated[str, Field(strict=True, min_length=1, max_length=1000)]
_Number = Annotated[float, Field(allow_inf_nan=False)]


class TextReading(BaseModel):
    """A text to token ids. column: where texts stand. rule: of the tokenizer. max_tokens, keep: as in TEXT_OPTIONS.

    tokens: those that training knew, in the order of their ids from 2. breaks: whether <br> is read as a blank.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["tokens"] = "tokens"
    column: _Name = "text"
    rule: Literal[RULES]
    max_tokens: Annotated[_Whole, Field(le=1000)]
    keep: Literal["first", "last"]
    tokens: Annotated[tuple[Annotated[str, Field(strict=True, max_length=200_000)], ...], Field(max_length=100_000)]
    breaks: bool = False

    def read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Token ids, int32 (N, max_tokens), and lengths, int32 (N,): always as wide, whatever the texts are."""
        texts = [without_breaks(text) for text in texts] if self.breaks else texts
        ids = {token: number for number, token in enumerate(self.tokens, UNKNOWN + 1)}
        return encoded(cut_tokens(texts, self.rule, self.max_tokens, self.keep), ids, self.max_tokens)


class SeriesReading(BaseModel):
    """Numbers to scaled numbers. id, step, features: columns. mean, spread: of each feature.

    A feature whose spread is 0 reads 0. steps: of the longest series in training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["series"] = "series"
    id: _Name = "id"
    step: _Name = "step"
    features: Annotated[tuple[_Name, ...], Field(min_length=1, max_length=1000)]
    mean: tuple[_Number, ...]
    spread: tuple[Annotated[_Number, Field(ge=0)], ...]
    steps: Annotated[_Whole, Field(le=2000)]

    @model_validator(mode="after")
    def _fits(self) -> SeriesReading:
        if not len(self.features) == len(self.mean) == len(self.spread) == len(set(self.features)):
            raise ValueError("each feature has a name, a mean and a spread of its own")
        return self

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Values (T, F) of a series as the network reads them, float32; not finite where they are too far away."""
        return scaled(np.asarray(values, dtype=np.float64), np.array(self.mean), np.array(self.spread))

    def read(self, examples: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Scaled series, each (T, F), float32 (N, steps, F) with zeros after the end, and lengths, int32 (N,)."""
        return pad(examples, max(self.steps, *map(len, examples)))


Reading = Annotated[TextReading | SeriesReading, Field(discriminator="kind")]


def reading_of(dataset: Dataset) -> TextReading | SeriesReading:
    """The rules by which a loaded data set was read. UserError, one line, for data that are made and not read."""
    name, options = dataset.name, dataset.options
    kept = own.kept(name)
    if dataset.kind == "tokens":
        corpus = name in {each.card.name for each in CORPORA}
        if not kept and not corpus:
            raise UserError(
                f"{name} is made by a program, so there are no new rows to answer. Save a network of a text set, of "
                "japanese_vowels, digits or pendigits, or of your own data."
            )
        rule = kept.facts.get("tokenizer", PUBLISHED) if kept else PUBLISHED
        known = dataset.token_names[UNKNOWN + 1 : int(dataset.train.inputs.max()) + 1]  # the rest fills up sizes
        column = {"column": kept.columns["text"]} if kept else {}
        sizes = {part: options[part] for part in ("max_tokens", "keep")}
        return TextReading(rule=rule, tokens=known, breaks=name == "imdb", **sizes, **column)
    columns = {}
    if kept:
        mean, spread = kept.scaling(options["fold"], options["repeat"])
        columns = {"id": kept.columns["id"], "step": kept.columns["step"]}
        features = kept.columns["features"]
    else:
        if name == "japanese_vowels":
            mean, spread = series.vowel_scaling()
        else:
            mean, divided = np.zeros(dataset.features), {"digits": _GREY_VALUES, "pendigits": LARGEST_VALUE}
            spread = np.full(dataset.features, divided.get(name, math.nan))
        features = [f"x{number}" for number in range(1, dataset.features + 1)]
    if not np.isfinite(spread).all():
        raise UserError(f"How rows of {name} are scaled is not known, so no network of it can be saved.")
    steps = min(dataset.train.inputs.shape[1], most("steps"))
    return SeriesReading(features=features, mean=mean.tolist(), spread=spread.tolist(), steps=steps, **columns)
