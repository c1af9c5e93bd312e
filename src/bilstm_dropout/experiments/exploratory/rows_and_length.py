"""Part o, rows and length: does a placement's difference change with the training rows, the length and the rate?

Fixed before any of its runs. On MR part d had one learning rate, and a validation part that was larger than its small
training parts, so a network of few rows had its checkpoint chosen with far more rows than it had to learn from. Here
validation has an eighth of the training rows, and each size has three learning rates, in place of one that fits one
size. Updates are about equal at each size, as in part d, so all the rows have half of a3's epochs. On IMDB the last
25, 100 or 200 tokens are read, at 4,000 rows and at all, which make about twice as many updates: parts c and d have
some of these runs, which are not trained again.

What is concluded are paired differences to `none` by unit, with intervals, and their slope over rows and over tokens,
at each learning rate and at the best of each placement and size; it tests nothing.
"""

from __future__ import annotations

import json

import pandas as pd

from ...runs.config import RunConfig
from ..confirmatory import plan
from .plan import IMDB_OPTIONS, MANY, at, equal_updates, runs_of

PART, OF, LIKE = "o", "a3", "d"
# MR: the fixed rate's learning rate is first, and of the sizes the ends are, so that a part of the runs says something.
LEARNING_RATES = (plan.FIXED_LEARNING_RATE, 5e-4, 2e-3)
ALL_OF_MR = 8_530  # training rows of a fold, give or take one
ALL_OF_IMDB = 22_393
ROWS = (1_000, ALL_OF_MR, 2_000, 4_000)
FEWER_FOR_VALIDATION = 8  # times fewer rows for validation than for training; of all rows that is the whole fold
PLACEMENTS = ("none", "input", "recurrent-tied", "variational")
# IMDB.
TOKENS, FEW_REVIEWS, REVIEW_SEEDS = (100, 25, 200), 4_000, 6
REVIEW_PLACEMENTS = ("none", "input", "recurrent", "recurrent-tied", "variational")


def runs() -> list[RunConfig]:
    """Every run: MR at one learning rate, IMDB, and the rest of MR, so that the first half has all rows and lengths."""
    found = sentences()
    first = [run for run in found if run.learning_rate == LEARNING_RATES[0]]
    return [*first, *reviews(), *found[len(first) :]]


def lot(run: RunConfig) -> tuple:
    """What runs share that are trained together, before the next ones."""
    tokens = run.dataset_options.get("max_tokens")
    return run.dataset, run.placement, run.learning_rate, run.train_rows, tokens


def sentences() -> list[RunConfig]:
    """MR: rows by learning rate by placement on 20 units."""
    return [
        _with_options(run, validation=0 if rows == ALL_OF_MR else rows // FEWER_FOR_VALIDATION)
        for learning_rate in LEARNING_RATES
        for rows in ROWS
        for run in runs_of("mr", MANY, at(PLACEMENTS), learning_rate=learning_rate,
                           train_rows=None if rows == ALL_OF_MR else rows, **equal_updates("mr", rows))
    ]  # fmt: skip


def reviews() -> list[RunConfig]:
    """IMDB: tokens by rows by placement with six seeds."""
    return [
        run
        for tokens in TOKENS
        for rows in (None, FEW_REVIEWS)
        for run in runs_of("imdb", REVIEW_SEEDS, at(REVIEW_PLACEMENTS), train_rows=rows,
                           dataset_options=IMDB_OPTIONS | {"max_tokens": tokens},
                           **(equal_updates("imdb", rows) if rows else {}))
    ]  # fmt: skip


def whole_reviews(published: pd.DataFrame) -> pd.DataFrame:
    """The part's published rows on IMDB with `rows` and `words`, of those lengths that are trained whole."""
    found = published[published["dataset"] == "imdb"]
    words = found["dataset_options"].map(lambda text: json.loads(text)["max_tokens"])
    found = found.assign(rows=found["train_rows"].fillna(ALL_OF_IMDB).astype(int), words=words)
    planned = len(REVIEW_PLACEMENTS) * REVIEW_SEEDS * 2  # few rows, and all
    return found[found.groupby("words")["key"].transform("nunique") == planned]


def _with_options(run: RunConfig, **options) -> RunConfig:
    return plan.changed(run, dataset_options={**run.dataset_options, **options})
