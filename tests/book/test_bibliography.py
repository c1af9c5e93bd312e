"""How the project is cited, from CITATION.cff, and what references.bib must have."""

import pytest
import yaml

from bilstm_dropout.book.bibliography import _entries, citation, how_to_cite
from bilstm_dropout.paths import project_root

FILE = """
message: "Cite *it*."
title: "A title"
version: 1.2.3
date-released: 2027-02-03
license: MIT
authors:
  - name: "The authors"
  - given-names: Ada
    family-names: Byron
"""


def test_how_to_cite_is_what_the_file_says(tmp_path):
    path = tmp_path / "CITATION.cff"
    path.write_text(FILE, "utf-8")
    text = how_to_cite(path)
    assert "> The authors, Ada Byron (2027). *A title*, version 1.2.3, released 2027-02-03." in text
    assert "author  = {{The authors} and {Ada Byron}}," in text and "title   = {{A title}}," in text
    assert r"Cite \*it\*." in text and text.endswith("}\n```")


@pytest.mark.parametrize("lacking", ["title", "version", "date-released", "authors"])
def test_a_file_that_lacks_something_is_an_error(tmp_path, lacking):
    path = tmp_path / "CITATION.cff"
    path.write_text(yaml.safe_dump({k: v for k, v in yaml.safe_load(FILE).items() if k != lacking}), "utf-8")
    with pytest.raises(KeyError, match=lacking):
        how_to_cite(path)


def test_a_file_that_is_no_mapping_is_an_error(tmp_path):
    path = tmp_path / "CITATION.cff"
    path.write_text("- a", "utf-8")
    with pytest.raises(ValueError, match="no mapping"):
        how_to_cite(path)


def test_the_projects_own_file_can_be_cited():
    given = yaml.safe_load((project_root() / "CITATION.cff").read_text("utf-8"))
    assert given["title"] in how_to_cite() and str(given["version"]) in how_to_cite()


def test_every_source_has_a_title_and_every_paper_a_year():
    for key, entry in _entries().items():
        assert entry.fields.get("title"), key
        assert "year" in entry.fields or "note" in entry.fields, key
        assert citation(key) != key, key
