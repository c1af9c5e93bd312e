"""Chapters: executed notebooks made into pages of the book, the same bytes for the same results.

A chapter is in one of three states: executed; failed (a short page says what failed and why); or not run.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from ..files.reading import read_json
from ..wording import escape, markdown_safe
from .findings import GLUE_PREFIX, in_short

GENERATED = "generated"
PLACEMENT, RUNS = "placement", "runs"  # what documents of chapters, and of runs made here, begin with
# Cells that set parameters say nothing to a reader of the book; a chapter says elsewhere how to change them.
_PARAMETERS = {"parameters", "injected-parameters"}
_SAME_IN_ALL = {"prelude", "check"}  # ids of cells that every notebook has
_IN_VIEW = "in-view"  # tag of code that a folded page shows
_IF_SHOWN = "if-shown"  # tag of a cell that a page leaves out where it has shown nothing
_HIDDEN = "hide-input"  # tag of code behind a button
_ERROR_NOTE = "papermill-error-cell-tag"
_HEADING = re.compile(r"^# .*$", re.MULTILINE)
# Object addresses and the like differ from run to run and tell nobody anything.
_ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Chapter:
    """One chapter of the book.

    name: its placement, or 'comparison'. document: without suffix, as Sphinx names it. state: 'executed',
    'failed' or 'not run'. reason: why it failed, one line.
    """

    name: str
    document: str
    state: str
    reason: str = ""


def document_name(number: int, placement: str, kind: str = PLACEMENT) -> str:
    """The document of a placement's chapter: 'generated/placement-03-input-spatial'. kind: PLACEMENT or RUNS.

    '+' is spelt 'plus'; whatever else cannot stand in an address becomes '-'.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", placement.lower().replace("+", "-plus-").replace("@", "-at-")).strip("-")
    return f"{GENERATED}/{kind}-{number:02d}-{slug}"


def failure(source: Path) -> str:
    """Why an execution failed, in one line, or '' where it did not or has not run.

    source: the executed notebook; the study's stamp lies beside it and says so where the kernel died.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        reason = read_json(source.with_suffix(".json").read_text("utf-8")).get("failed")
        if reason:
            return _line(reason)
    if not source.is_file():
        return ""
    try:
        notebook = nbformat.read(source, as_version=4)
    except Exception as error:  # whatever a damaged file causes
        return _line(f"The executed notebook cannot be read: {error}")
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                return _line(f"{output['ename']}: {output['evalue']}")
    return ""


def _line(text: object) -> str:
    return " ".join(str(text).split())[:500]


def clean(
    notebook: nbformat.NotebookNode, title: str, downloads: str, folded: bool = False
) -> nbformat.NotebookNode:
    """A copy of an executed notebook that is fit to be a page, its answer in short after its first paragraph.

    title: what its first heading becomes; '' keeps it. downloads: Markdown put at its end. folded: every code cell
    behind a button but those tagged `in-view`, for pages that are read for what they show; neighbours share a
    button where nothing is seen between them. Cells that every notebook begins with, parameters among them, and
    those tagged `if-shown` that showed nothing are tagged so that the page leaves them out; papermill's and the
    kernel's own metadata (times, paths), execution counts and messages on the error stream go, and cells are
    numbered, so that the same results give the same bytes.
    """
    page = new_notebook(
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    )
    cells = [cell for cell in notebook.cells if _ERROR_NOTE not in cell.metadata.get("tags", ())]
    for cell in cells:
        copy = json.loads(json.dumps(cell))
        tags = list(copy["metadata"].get("tags", ()))
        nothing = _IF_SHOWN in tags and not copy.get("outputs")
        if _PARAMETERS & set(tags) or copy.get("id") in _SAME_IN_ALL or nothing:
            tags.append("remove-cell")
        elif copy["cell_type"] == "code" and folded and _IN_VIEW not in tags:
            tags.append(_HIDDEN)
        kept = {key: copy["metadata"][key] for key in ("mystnb",) if key in copy["metadata"]}
        copy["metadata"] = kept | ({"tags": sorted(set(tags))} if tags else {})
        if copy["cell_type"] == "code":
            copy["execution_count"] = None
            copy["outputs"] = _in_one(
                [_clean_output(output) for output in copy["outputs"] if output.get("name") != "stderr"]
            )
        page.cells.append(nbformat.from_dict(copy))
    page.cells = _joined(page.cells)
    heading = f"# {title}"
    first = next(
        (cell for cell in page.cells if cell.cell_type == "markdown" and _HEADING.search(cell.source)), None
    )
    if first is None:
        page.cells.insert(0, new_markdown_cell(heading))
    elif title:
        # A function, since a title may hold what `sub` would read as a group.
        first.source = _HEADING.sub(lambda _: heading, first.source, count=1)
    if first is not None and (answer := in_short(notebook)):
        # A heading, a question, and what else the cell says.
        paragraphs = first.source.split("\n\n")
        first.source = "\n\n".join([*paragraphs[:2], answer, *paragraphs[2:]])
    if downloads:
        page.cells.append(new_markdown_cell(downloads))
    for number, cell in enumerate(page.cells):
        cell["id"] = f"cell-{number}"
    return page


def _joined(cells: list) -> list:
    """Code behind a button with the code behind the next one, where the first shows nothing between them."""
    found = []
    for cell in cells:
        last = found[-1] if found else None
        if last and all(each.metadata == {"tags": [_HIDDEN]} for each in (last, cell)) and not _seen(last):
            last.source = f"{last.source}\n\n{cell.source}"
            last.outputs = [*last.outputs, *cell.outputs]
        else:
            found.append(cell)
    return found


def _seen(cell) -> bool:
    """Whether a page shows an output of a cell: what is kept for other pages to quote is not shown."""
    return not all(kind.startswith(GLUE_PREFIX) for output in cell.outputs for kind in output.get("data", {"": ""}))


def _clean_output(output: dict) -> dict:
    output = dict(output)
    if "execution_count" in output:
        output["execution_count"] = None
    if "metadata" in output:
        # What other pages quote is found by it.
        output["metadata"] = {key: value for key, value in output["metadata"].items() if key == "scrapbook"}
    if isinstance(output.get("text"), str):
        output["text"] = _ADDRESS.sub("", output["text"])
    plain = output.get("data", {}).get("text/plain")
    if isinstance(plain, str):
        output["data"] = {**output["data"], "text/plain": _ADDRESS.sub("", plain)}
    return output


def _in_one(outputs: list[dict]) -> list[dict]:
    """Printed text that follows printed text in one output: a kernel divides it by when it was sent."""
    found = []
    for output in outputs:
        if found and "text" in output and found[-1].get("name") == output.get("name"):
            found[-1] = {**found[-1], "text": found[-1]["text"] + output["text"]}
        else:
            found.append(output)
    return found


def short_page(title: str, *paragraphs: str) -> nbformat.NotebookNode:
    """A chapter of a few Markdown paragraphs."""
    page = new_notebook(cells=[new_markdown_cell("\n\n".join((f"# {title}", *paragraphs)))])
    page.cells[0]["id"] = "cell-0"
    return page


def failed_page(title: str, reason: str, retry: str) -> nbformat.NotebookNode:
    """The chapter of an execution that failed. reason: text from outside, escaped here. retry: a command."""
    return short_page(
        title,
        ":::{warning}\nThis chapter's notebook failed, so it has no results.\n:::",
        f"What it said: {markdown_safe(reason)}",
        f"To run it again: `{retry}`.",
    )


def not_run_page(title: str, profile: str, retry: str) -> nbformat.NotebookNode:
    """The chapter of a placement that the profile has not run."""
    return short_page(
        title,
        f":::{{note}}\nThe {escape(profile)} profile has no finished execution of this chapter.\n:::",
        f"To run it: `{retry}`.",
    )


def write(page: nbformat.NotebookNode, path: Path) -> None:
    """Write a chapter, only where its bytes differ: an unchanged file keeps its time."""
    text = nbformat.writes(page, version=4) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
