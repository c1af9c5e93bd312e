"""A table too long for a page lies beside it as a file, which the page links to; the notebook holds it itself."""

import base64

import nbformat
import pandas as pd
import pytest

from bilstm_dropout.book import compile as module
from bilstm_dropout.book import show
from bilstm_dropout.book.attached import attach
from bilstm_dropout.book.strip import csv_text

RUNS = pd.DataFrame({"key": ["a", "b"], "text": ["ä,\n=1", "plain"], "loss": [0.5, None]})


@pytest.fixture
def notebook(monkeypatch):
    """An executed notebook whose one code cell shows RUNS as a file, and a table."""
    outputs = []
    shown = lambda data, raw, metadata: outputs.append(  # noqa: E731
        nbformat.v4.new_output("display_data", data, metadata=metadata)
    )
    monkeypatch.setattr(show, "display", shown)
    show.csv(RUNS, name="runs-mr")
    show.table(RUNS, caption="A table")
    cells = [nbformat.v4.new_markdown_cell("# T"), nbformat.v4.new_code_cell("csv(runs)", outputs=outputs)]
    return nbformat.v4.new_notebook(cells=cells)


def test_the_file_is_the_frame_and_the_page_has_a_link_in_its_place(notebook):
    assert "base64" in notebook.cells[1].outputs[0]["data"]["text/html"]
    assert attach(notebook) == {"runs-mr.csv": csv_text(RUNS)}
    assert [cell.source for cell in notebook.cells] == [
        "# T", "csv(runs)", "{download}`runs-mr.csv: 2 rows <runs-mr.csv>`",
    ]  # fmt: skip
    assert ["A table" in output["data"]["text/html"] for output in notebook.cells[1].outputs] == [True]


def test_a_notebook_without_files_stays(notebook):
    notebook.cells[1].outputs.pop(0)
    before = nbformat.writes(notebook)
    assert attach(notebook) == {} and nbformat.writes(notebook) == before


def test_a_page_is_written_with_its_files_beside_it_and_holds_none(notebook, tmp_path):
    source, book = tmp_path / "mr.ipynb", tmp_path / "book"
    nbformat.write(notebook, source)
    _, files = module._pages({"numbers/mr": source}, book)
    beside = book / "generated" / "numbers" / "runs-mr.csv"
    assert files == {beside} and beside.read_text("utf-8") == csv_text(RUNS)
    page = (book / "generated" / "numbers" / "mr.ipynb").read_text("utf-8")
    assert "runs-mr.csv" in page and base64.b64encode(b"key,text").decode()[:8] not in page
