"""The last section of notebooks/comparison.ipynb: for each data set what its runs carry and what they do not.

Sentences by rule, from stats.verdict and the spread of the paired differences; never a recommendation.
"""

import math

import numpy as np
import pandas as pd

from ...results import tidy
from ...stats.paired import ALPHA, LEAST_PAIRS, VERDICTS
from ...stats.power import MOST_PAIRS, pairs_needed
from ...stats.tests import holm
from ...wording import count, markdown_safe, rate_text, signed
from .. import show
from .runs import Results

# How many comparisons of one verdict a sentence names, from the largest difference on.
_NAMED = 4


def show_advice(runs: Results):
    """For each data set: what a test finds, how far seeds alone spread, and how many seeds it would take."""
    table = tidy.summary(runs.frame)
    lines = []
    for name in runs.names:
        rows = runs.frame[runs.frame["dataset"] == name]
        said = " ".join(sentences(table[table["dataset"] == name], rows))
        lines.append(f"- **{markdown_safe(name)}.** {said}")
    show.text("\n".join(lines))


def sentences(table: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """What the runs on one data set carry, as sentences in Markdown.

    table: the data set's rows of results.summary. rows: its rows of results.tidy.
    """
    table = table[table["n"] > 0]
    if table.empty:
        return ["No run has a run of `none` beside it, so nothing can be said."]
    table = table.join(_spreads(rows), on=["placement", "rate"])
    return [*_found(table), *_seeds_alone(rows, table), *_seeds_needed(table)]


def _found(table):
    seeds, number = int(table["n"].max()), count(len(table), "comparison")
    nothing = "these runs give no reason to choose a placement, and none to avoid one"
    if seeds < LEAST_PAIRS:
        return [f"{count(seeds, 'seed').capitalize()} {'decides' if seeds == 1 else 'decide'} nothing: {nothing}."]
    apart = table[table["verdict"] != "unclear"]
    if apart.empty:
        return [
            f"Of {number} with `none`, over up to {count(seeds, 'seed')}, all are unclear: {nothing}. That does not "
            "make them equal."
        ]
    found = [_named(verdict, apart[apart["verdict"] == verdict]) for verdict in VERDICTS[:2]]
    return [
        *filter(None, found),
        f"That is {len(apart)} of {number}, over up to {count(seeds, 'seed')}; if no placement did anything, no more "
        f"than about {ALPHA * len(table):.1f} would be expected. {_corrected(table, seeds)} Which of them is best is "
        "another question, that these comparisons do not answer.",
    ]


def _corrected(table, seeds):
    """What Holm's correction for the number of comparisons leaves, or how many pairs it would take to leave any."""
    # The least p of n pairs is 2 / 2**n, and Holm multiplies the least of m by m.
    least = math.floor(math.log2(2 * len(table) / ALPHA)) + 1
    if seeds < least:
        return f"Holm's correction for their number leaves none with fewer than {least} seeds, however large they are."
    kept = int(np.sum(holm(table["p"]) < ALPHA))
    return (
        f"With Holm's correction for their number {kept} of the p values {'stays' if kept == 1 else 'stay'} below "
        f"{ALPHA:g}."
    )


def _named(verdict, rows):
    if rows.empty:
        return ""
    rows = rows.reindex(rows["mean"].abs().sort_values(ascending=False, kind="stable").index)
    named = [
        f"{markdown_safe(row.placement)} at p = {rate_text(row.rate)} ({signed(row.mean)})"
        for row in rows.head(_NAMED).itertuples()
    ]
    more = f", and {count(len(rows) - _NAMED, 'other')}" if len(rows) > _NAMED else ""
    return f"A {verdict} test NLL than `none` has: {', '.join(named)}{more}."


def _spreads(rows):
    """The standard deviation of the paired differences by placement and rate; NaN with fewer than two pairs."""
    rows = rows[rows["placement"] != tidy.NONE]
    return rows.groupby(["placement", "rate"])["nll_difference"].std().rename("spread")


def _seeds_alone(rows, table):
    none = rows[rows["placement"] == tidy.NONE].groupby("layers")["nll"].std().dropna()
    if none.empty:
        return ["How far seeds alone spread cannot be told from one."]
    return [
        f"Seeds alone spread the test NLL of `none` by {none.iloc[0]:.2g} nats (standard deviation), and the paired "
        f"differences by {table['spread'].median():.2g} (median over the comparisons)."
    ]


def _seeds_needed(table):
    """How many pairs a difference of the size seen takes, over the quartiles of the spread of those unclear."""
    undecided = table[(table["verdict"] == "unclear") & (table["spread"] > 0)]
    size = undecided["mean"].abs().median()
    if not size > 0:
        return []
    needed = [pairs_needed(size, each) for each in undecided["spread"].quantile([0.25, 0.75])]
    low, high = (f"more than {MOST_PAIRS:,}" if each is None else str(max(each, LEAST_PAIRS)) for each in needed)
    return [
        f"A true difference of {size:.2g} nats, the median size of those unclear, would be found in four of five "
        f"studies with {low if low == high else f'{low} to {high}'} seeds (paired t test without correction, "
        "the middle half of their spreads)."
    ]
