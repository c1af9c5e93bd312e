"""Every finding of the book holds on the published results, and on results in which placements changed places it fails.

A finding that holds whatever the results are says nothing of them. What the pages on Keras find does not depend on
published results: tests/stock_keras/test_pages.py holds them, with a Keras that does something else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest
from support import perturbed
from support.book_results import results
from support.executed import MOVED, concluding, executed_pages, findings_called, moved_results, rests_on

from bilstm_dropout.book.compile import compile_chapters
from bilstm_dropout.book.findings import check_findings, findings_of
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import project_root
from bilstm_dropout.results import curves, predictions, published
from bilstm_dropout.study.notebooks import KERAS

PAGES = [page.name for page in concluding() if page.notebook.parent.name != KERAS]
# Findings that hold in both, by page and name, each with the reason; at most one in ten.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("study/performance", "ensemble"): "any five networks averaged gain more than any place, whatever stands for none",
    ("study/performance", "linear"): "the linear model is ahead of any of the networks, whatever stands for none",
    ("study/performance", "rivals-by-set"): "on each set by itself the same holds of both, whatever stands for none",
    ("study/use_it", "cost"): "seconds are measured apart, and theirs do not change places",
    ("study/gallery", "between-spatial"): "no effect is seen, and two layers have three cells to change places",
    ("study/papers", "keras-example"): "the accuracy of a task, which is nearly the same whatever stands for what",
    ("study/robustness", "alike"): "no dropout on either side, and fifty of its sixty seeds have no other runs",
}


@pytest.fixture(scope="module")
def copies(tmp_path_factory) -> dict[str, Path]:
    """Folders of published results in which placements changed places, by how."""
    return {name: moved_results(tmp_path_factory, name) for name in MOVED}


@pytest.fixture(scope="module")
def said(tmp_path_factory, copies) -> Callable[..., list[dict]]:
    """What the findings of a page say on the published results, or on a copy; a page is executed when asked for."""

    @cache
    def of(page: str, name: str = "published") -> list[dict]:
        executed = executed_pages(tmp_path_factory, name, copies.get(name), only=[page])
        return list(findings_of(nbformat.read(executed[page], as_version=4)))

    return of


# ---- the copies ----
@pytest.mark.parametrize("name", MOVED)
@pytest.mark.parametrize("part", ["a2", "b", "u"])
def test_a_copy_reads_without_error_and_has_the_same_runs_with_other_outcomes(copies, name, part):
    before, after = published.read(part), published.read(part, copies[name])
    settings = [column for column in before if column not in perturbed.OUTCOMES]
    assert before[settings].equals(after[settings])
    assert (before["nll_last"] != after["nll_last"]).mean() > 0.5
    if name == "permuted":  # reversed, a run keeps its own outcome where its mirror image has no such unit
        assert np.array_equal(*(np.sort(frame["nll_last"]) for frame in (before, after)), equal_nan=True)


@pytest.mark.parametrize("name", MOVED)
def test_predictions_and_curves_have_moved_along(copies, name):
    # Their readers check them against the rows, run by run.
    before, after = (predictions.read("u", folder) for folder in (None, copies[name]))
    assert before.last.keys() == after.last.keys()
    assert any(not np.array_equal(before.last[key], after.last[key]) for key in before.last)
    before, after = (curves.read("u", folder) for folder in (None, copies[name]))
    assert set(before["key"]) == set(after["key"]) and not before.equals(after)


@pytest.mark.parametrize(("part", "dataset"), [("a2", "mr"), ("a2", "trec"), ("b", "mr"), ("b", "japanese_vowels")])
def test_in_the_reversed_copy_whatever_ended_below_none_ends_above_it(copies, part, dataset):
    def differences(folder):
        rows = published.read(part, folder)
        rows = rows[(rows["dataset"] == dataset) & (rows["layers"] == 1)]
        means = rows.groupby(["placement", "rate"])["nll_last"].mean()
        (none,) = means["none"]
        return (means - none).drop("none")

    before, after = differences(None), differences(copies["reversed"])
    assert len(before) >= 7 and (np.sign(before) == -np.sign(after)).all()


# ---- the findings ----
@pytest.mark.parametrize("page", PAGES)
def test_every_finding_holds_on_what_is_published(page, said):
    findings = said(page)
    check_findings(findings, page)
    assert findings and {each["rests_on"] for each in findings} == {"published"}
    names = [each["name"] for each in findings]
    assert len(set(names)) == len(names) >= calls(page)


@pytest.mark.parametrize("page", PAGES)
def test_a_cell_shows_nothing_by_accident(page, tmp_path_factory):
    """The value of a cell's last line, such as `<seaborn.axisgrid.FacetGrid>`, tells a reader nothing."""
    executed = nbformat.read(executed_pages(tmp_path_factory, only=[page])[page], as_version=4)
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())]
    results = [output["data"]["text/plain"] for output in outputs if output["output_type"] == "execute_result"]
    assert not [text for text in results if text.startswith(("<", "[<", "Text("))]


def calls(page: str) -> int:
    """How often the cells of a page call `finding`, by its source."""
    (notebook,) = (each.notebook for each in concluding() if each.name == page)
    return len(findings_called(notebook))


def test_every_notebook_that_concludes_from_published_results_is_held_to_them():
    own = {page.notebook for page in concluding()}
    # What Keras does is held by tests/stock_keras/test_pages.py.
    every = {file for file in (project_root() / "notebooks").rglob("*.ipynb") if file.parent.name != "keras"}
    for notebook in every:
        found = {rests_on(call) for call in findings_called(notebook)}
        assert found <= {"published"} if notebook in own else found <= {"here"}, notebook


@pytest.mark.parametrize("page", PAGES)
def test_every_finding_fails_where_placements_changed_places(page, said):
    names = {each["name"] for each in said(page)}
    for name in MOVED:
        if names:  # in one copy is enough
            names -= {each["name"] for each in said(page, name) if not each["holds"]}
    assert names == {name for of, name in EXCEPTIONS if of == page}


def test_exceptions_are_few():
    assert len(EXCEPTIONS) <= sum(calls(page) for page in PAGES) / 10 and all(EXCEPTIONS.values())


def test_a_book_with_a_finding_that_does_not_hold_is_refused_with_its_sentence_and_values(said):
    findings = said("study/early_stopping", "permuted")
    with pytest.raises(UserError) as raised:
        check_findings(findings, "notebooks/study/early_stopping.ipynb")
    first = next(each for each in findings if not each["holds"])
    message = str(raised.value)
    assert "notebooks/study/early_stopping.ipynb" in message and first["sentence"] in message and "\n" not in message
    assert all(f"{field} {value}" in message for field, value in first["values"].items())
    # In the notebook it stands in the sentence's place, and stops nothing.
    check_findings([{**each, "rests_on": "here"} for each in findings], "a reader's own")


def test_the_book_is_not_compiled_on_results_that_do_not_carry_it(tmp_path, tmp_path_factory, copies):
    page = "study/early_stopping"
    executed = executed_pages(tmp_path_factory, "permuted", copies["permuted"], only=[page])
    with pytest.raises(UserError, match=rf"do not carry what notebooks/{page}\.ipynb concludes"):
        compile_chapters("quick", book=tmp_path, sources={}, results=results(), executed=executed)
