"""What the README says of the results is what the book's pages conclude, to the last digit."""

import re

import nbformat
import pytest
from support.executed import executed_pages

from bilstm_dropout.book.findings import findings_of
from bilstm_dropout.datasets.own.limits import most
from bilstm_dropout.paths import project_root

SAID = {"study/early_stopping": ["how-long"], "study/performance": ["input-and-output", "ensemble"]}


@pytest.mark.parametrize("page", SAID)
def test_it_says_what_the_book_says(tmp_path_factory, page):
    (source,) = executed_pages(tmp_path_factory, only=[page]).values()
    found = {each["name"]: each["sentence"] for each in findings_of(nbformat.read(source, as_version=4))}
    readme = " ".join((project_root() / "README.md").read_text(encoding="utf-8").split())
    assert all(found[name] in readme for name in SAID[page])


def test_it_says_how_large_a_file_may_be():
    readme = " ".join((project_root() / "README.md").read_text(encoding="utf-8").split())
    assert f"{most('texts'):,} texts or {most('rows'):,} rows of series, and {most('classes')} classes" in readme


def test_it_shows_the_example_that_the_page_on_own_data_has():
    commands = [(project_root() / page).read_text(encoding="utf-8") for page in ("README.md", "book/own-data.md")]
    shown = [re.findall(r"^(?:\$ )?(\.venv/bin/bilstm-dropout .*\.keras\b.*)$", text, flags=re.M) for text in commands]
    assert shown[0] == shown[1] and len(shown[0]) == 2
