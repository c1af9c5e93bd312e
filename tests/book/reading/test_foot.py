"""The foot of a page says what to cite, from CITATION.cff, and which data the page rests on."""

import hashlib
import json
import shutil

import pytest
import yaml
from pybtex.database import parse_string

from bilstm_dropout.book.reading.foot import KEY, cited, foot, how_to_cite
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import project_root
from bilstm_dropout.wording import markdown_safe

FILE = """
message: "Cite *it*."
title: "A title"
version: 1.2.3
date-released: 2027-02-03
license: MIT
authors:
  - name: "The A and B group"
  - given-names: Ada
    family-names: Byron
"""


@pytest.fixture
def of(tmp_path):
    """Write a text as CITATION.cff of a project without published data, and give its folder."""

    def write(text):
        (tmp_path / "CITATION.cff").write_text(text, "utf-8")
        foot.cache_clear()
        return tmp_path

    yield write
    foot.cache_clear()


def test_the_foot_names_version_and_data():
    said = foot(project_root())
    citation, manifest = cited(project_root())
    assert f"version: {said['version']}\n" in citation.read_text("utf-8")
    assert hashlib.sha256(manifest.read_bytes()).hexdigest().startswith(said["data"]) and len(said["data"]) == 12
    assert said["title"] in said["sentence"] and said["data"] in said["sentence"]
    (entry,) = parse_string(said["bibtex"], "bibtex").entries.values()
    assert said["data"] in entry.fields["note"] and entry.fields["year"] == said["date"][:4]


def test_other_data_have_another_hash_and_none_have_none(tmp_path):
    shutil.copy(project_root() / "CITATION.cff", tmp_path)
    without = foot(tmp_path / ".")
    assert without["data"] == without["data_date"] == "" and "data" not in without["sentence"].split("Version")[1]
    manifest = cited(tmp_path)[1]
    manifest.parent.mkdir(parents=True)
    files = {"a": {"method": {"date": "2026-11-21"}}, "b": {"method": {"date": "2026-11-24"}}, "c": {}}
    manifest.write_text(json.dumps({"files": files}), "utf-8")
    foot.cache_clear()
    assert foot(tmp_path)["data_date"] == "2026-11-24" and foot(tmp_path)["data"] != foot(project_root())["data"]


def test_a_citation_is_what_the_file_says(of):
    said = foot(of(FILE))
    assert said["sentence"] == "The A and B group, Ada Byron (2027). A title. Version 1.2.3 of 2027-02-03."
    ((key, entry),) = parse_string(said["bibtex"], "bibtex").entries.items()
    assert key == f"{KEY}2027"
    assert [str(each) for each in entry.persons["author"]] == ["{The A and B group}", "{Ada Byron}"]
    assert entry.fields["title"] == "{A title}" and "url" not in entry.fields
    assert foot(of(f"{FILE}repository-code: https://example.org/it\n"))["bibtex"].count("https://example.org/it") == 1


def test_there_is_one_citation_whether_at_the_foot_or_among_the_references(of):
    for root in (project_root(), of(FILE)):
        assert how_to_cite(root).split("```")[1] == f"bibtex\n{foot(root)['bibtex']}\n"
    assert r"Cite \*it\*." in how_to_cite(root) and markdown_safe(foot(root)["sentence"]) in how_to_cite(root)


@pytest.mark.parametrize("lacking", ["title", "version", "date-released", "authors", "message"])
def test_a_file_that_lacks_something_is_an_error(of, lacking):
    with pytest.raises(KeyError, match=lacking):
        foot(of(yaml.safe_dump({name: each for name, each in yaml.safe_load(FILE).items() if name != lacking})))


@pytest.mark.parametrize(
    ("text", "says"), [("- a", "no mapping"), (f"{FILE}repository-code: 'https://a.b; rm'", "not allowed")]
)
def test_a_file_that_is_not_sound_is_an_error(of, text, says):
    with pytest.raises(UserError, match=says):
        foot(of(text))
