"""Every finding of the book holds on the published results, and on results in which placements changed places it fails.

A finding that holds whatever the results are says nothing of them.
"""

from __future__ import annotations

import ast

import nbformat
import pytest
from support import perturbed
from support.executed import executed_pages

from bilstm_dropout.book.findings import check_findings, findings_of
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import published_folder
from bilstm_dropout.study.notebooks import pages

PAGES = [page.name for page in pages()]
MOVED = {"permuted": perturbed.permuted, "reversed": perturbed.reversed_order}
# Findings that hold in both, by page and name, each with the reason; at most one in ten.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("study/gallery", "between-spatial"): "no effect is seen, and two layers have three cells to change places",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What the findings of every page say, by page, on the published results and on those in disorder."""
    executed = {"published": executed_pages(tmp_path_factory)}
    for name, moved in MOVED.items():
        executed[name] = executed_pages(
            tmp_path_factory, name, lambda folder, moved=moved: perturbed.write(published_folder(), folder, moved)
        )
    return {
        page: {name: list(findings_of(nbformat.read(of[page], as_version=4))) for name, of in executed.items()}
        for page in PAGES
    }


@pytest.mark.parametrize("page", PAGES)
def test_every_finding_holds_on_what_is_published(page, said):
    findings = said[page]["published"]
    check_findings(findings, page)
    assert findings and {each["rests_on"] for each in findings} == {"published"}
    names = [each["name"] for each in findings]
    assert len(set(names)) == len(names) >= calls(page)


def calls(page: str) -> int:
    """How many cells of a page call `finding`, by its source."""
    (notebook,) = (each.notebook for each in pages() if each.name == page)
    cells = nbformat.read(notebook, as_version=4).cells
    trees = [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]
    return sum(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "finding"
        for tree in trees for node in ast.walk(tree)
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_finding_fails_where_placements_changed_places(page, said):
    fails = {each["name"] for name in MOVED for each in said[page][name] if not each["holds"]}
    names = {each["name"] for each in said[page]["published"]}
    assert names - fails == {name for of, name in EXCEPTIONS if of == page}


def test_exceptions_are_few():
    assert len(EXCEPTIONS) <= sum(calls(page) for page in PAGES) / 10 and all(EXCEPTIONS.values())


def test_a_book_with_a_finding_that_does_not_hold_is_refused_with_its_sentence_and_values(said):
    findings = said["study/early_stopping"]["permuted"]
    with pytest.raises(UserError) as raised:
        check_findings(findings, "notebooks/study/early_stopping.ipynb")
    first = next(each for each in findings if not each["holds"])
    message = str(raised.value)
    assert "notebooks/study/early_stopping.ipynb" in message and first["sentence"] in message and "\n" not in message
    assert all(f"{field} {value}" in message for field, value in first["values"].items())
    # In the notebook it stands in the sentence's place, and stops nothing.
    check_findings([{**each, "rests_on": "here"} for each in findings], "a reader's own")
