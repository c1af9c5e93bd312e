"""Every number in the book's prose is bound to the results: change what an expression reads, and its line changes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support.book_results import results

from bilstm_dropout.book.expressions import functions
from bilstm_dropout.book.lookup import METRICS, Numbers
from bilstm_dropout.book.sphinx import render

BOOK = Path(__file__).parent.parent / "book"
GROUP = ["dataset", "placement", "rate", "layers"]


def made_up() -> pd.DataFrame:
    """Results that hold whatever a page of the book asks for by name, with the fewest seeds that can decide."""
    chosen = results().replace({"placement": {"between": "output"}})
    chosen.loc[chosen["placement"] == "output", "layers"] = 1
    others = [
        chosen[chosen["placement"] == "recurrent"].assign(placement=name) for name in ("combined", "variational")
    ]
    return pd.concat([chosen[chosen["layers"] == 1], *others], ignore_index=True)


class Reading(Numbers):
    """Numbers that remember which measures of which runs were looked up."""

    def rows(self, metric, *arguments, **options):
        """As Numbers.rows."""
        found = super().rows(metric, *arguments, **options)
        self.results.attrs["seen"] |= {(index, metric) for index in found.index}
        return found


def lines_with_expressions() -> list[tuple[str, str]]:
    """(page, line) of every expression outside code: without names to look up, each of them fails by its line."""
    found = []
    for page in sorted(BOOK.glob("*.md")):
        text = page.read_text("utf-8")
        numbers = dict.fromkeys(number for number, _ in render(text, {})[1])
        found += [(page.name, text.split("\n")[number - 1]) for number in numbers]
    return found


def said(text: str, frame: pd.DataFrame, kind=Numbers) -> str:
    rendered, failures = render(text, functions(kind(frame, "quick")))
    return rendered + "".join(f"\n{reason}" for _, reason in failures)


def looked_up(line: str) -> set[tuple[int, str]]:
    frame = made_up()
    frame.attrs["seen"] = set()
    said(line, frame, Reading)
    return frame.attrs["seen"]


EXPRESSIONS = lines_with_expressions()


def test_pages_have_expressions_and_none_of_them_fails():
    assert {page for page, _ in EXPRESSIONS} >= {"index.md", "how-to-read.md"}
    for _, line in EXPRESSIONS:
        assert "**missing**" not in said(line, made_up()), line


@pytest.mark.parametrize(("page", "line"), EXPRESSIONS)
def test_a_line_changes_with_every_group_of_runs_that_it_reads(page, line):
    frame, before, seen = made_up(), said(line, made_up()), looked_up(line)
    for metric in METRICS:
        rows = frame.loc[sorted(index for index, read in seen if read == metric)]
        for group, of_group in rows.groupby(GROUP):
            others = []
            baseline = frame[(frame["placement"] == "none") & (frame["layers"] == group[3])].set_index("seed")[metric]
            for change in (of_group[metric] + 10, of_group[metric] - 10, of_group["seed"].map(baseline)):
                changed = made_up()
                changed.loc[of_group.index, metric] = change
                others.append(said(line, changed))
            assert any(other != before for other in others), (page, group, metric)


@pytest.mark.parametrize(("page", "line"), EXPRESSIONS)
def test_a_line_that_reads_no_measure_changes_with_the_runs_there_are(page, line):
    if not looked_up(line):
        fewer = made_up().query("seed < 8")
        assert said(line, fewer) != said(line, made_up()), page
