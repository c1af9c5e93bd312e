"""Which dropout should I use? A table of what runs on each kind of data say, with the evidence of every entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from . import contrasts, experiments, exploring, grid, tuning
from .book_tables import TITLES, link, signed

_KINDS = {
    "mr": "sentences", "trec": "questions", "phrasebank": "sentences", "subj": "sentences",
    "imdb": "last 100 tokens of reviews", "japanese_vowels": "series",
}  # fmt: skip


def page(rows: Mapping[str, pd.DataFrame], documents: Mapping[str, str]) -> str:
    """The generated file. rows: published rows by part. documents: placement to its chapter, for links."""
    if not experiments.complete(rows, ("a2", "a3")):
        return "**There is no table yet**, because some runs of a2 or a3 are missing ({doc}`answer`)."
    lines = [
        "| data | training rows | settings tried | lower NLL than without dropout | higher | not told apart |",
        "|:--|:--|:--|:--|:--|:--|",
        *_tuned(rows, documents),
    ]
    for part in ("a3", "d", "c"):
        found = exploring.effects(part, rows[part])
        # One rate for all, so that a placement stands in a line once.
        found = found[found["series"].isin(["", f"p = {grid.FIXED_RATE:g}"]) | (part == "d")]
        for (dataset, series), each in found.groupby(["dataset", "series"], sort=False):
            given = series if part == "d" else "all"
            lines.append(_line(dataset, given, f"one, p = {grid.FIXED_RATE:g} ({part})", each.itertuples(), documents))
    spread = tuning.spreads(rows["a1"]) if len(rows["a1"]) else ()
    return "\n".join(lines) + (
        "\n\nDifferences in raw test NLL to no dropout, in nats, with 95 % intervals, the lowest first; a placement is "
        "told apart where its interval does not contain 0. That is no test, and among so many intervals some miss."
        + (
            f" What tuning is worth, as far as one fold can say: the median of sixteen random settings lies "
            f"{spread['within'].min():.3f} to {spread['within'].max():.3f} nats above the best of them."
            if len(spread)
            else ""
        )
    )


def _tuned(rows: Mapping[str, pd.DataFrame], documents: Mapping[str, str]) -> list[str]:
    found = []
    for dataset in grid.TUNED:
        shown = contrasts.shares({part: rows[part] for part in ("a2", "a3")}, [dataset])
        chosen = shown[(shown["measure"] == "raw") & shown["contrast"].str.endswith(" - none")]
        each = chosen.assign(row=chosen["contrast"].str.removesuffix(" - none")).itertuples()
        found.append(_line(dataset, "all", f"{grid.CONFIGURATIONS}, tuned (a2)", each, documents))
    return found


def _line(dataset: str, given: str, tried: str, found: Iterable, documents: Mapping[str, str]) -> str:
    found = sorted(found, key=lambda row: row.mean)
    lower, higher = ([row for row in found if row.high < 0], [row for row in found if row.low > 0])
    rest = [row for row in found if not row.high < 0 and not row.low > 0]

    def said(each):
        return ", ".join(
            f"{link(row.row, documents)} {signed(row.mean)} ({signed(row.low)} to {signed(row.high)})" for row in each
        )

    without = ", ".join(link(row.row, documents) for row in rest)
    cells = [f"{TITLES[dataset]}: {_KINDS[dataset]}", given, tried, said(lower), said(higher), without]
    return f"| {' | '.join(cell or '–' for cell in cells)} |"
