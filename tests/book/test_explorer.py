"""The mask explorer's data: the whole table, sizes as Python has them, and nothing that could leave its element."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilstm_dropout.book import explorer
from bilstm_dropout.book.cards import chapter_address
from bilstm_dropout.dropout import placements
from bilstm_dropout.dropout.sizes import Sizes
from bilstm_dropout.dropout.table import Table
from bilstm_dropout.dropout.terms import SITES
from bilstm_dropout.paths import project_root

ASSETS = project_root() / "book" / "assets"
NAMES = ("batch", "steps", "features", "units", "vocabulary")


@pytest.fixture(scope="module")
def table() -> dict:
    """The data as the page has it, through JSON."""
    return json.loads(json.dumps(explorer.table()))


def part(monkeypatch) -> str:
    """The explorer's part of a page."""
    shown = []
    monkeypatch.setattr(explorer, "display_html", lambda page, plain: shown.append(page))
    explorer.explorer()
    return shown[0]


class _Elements(HTMLParser):
    """Every element of a page that has an id, a name or a source, and the text of the data element."""

    def __init__(self, page: str):
        super().__init__()
        self.ids, self.fields, self.labelled, self.sources, self.data = [], {}, [], [], ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.sources += [values["src"]] if "src" in values else []
        self.labelled += [values["for"]] if tag == "label" else []
        if tag in ("input", "select"):
            self.fields[values["name"]] = values
        self._inside = values.get("id") == "mask-explorer-table"

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        self.data += data if self._inside else ""


def test_every_placement_and_term_of_the_table_is_there(table):
    assert [entry["name"] for entry in table["placements"]] == list(placements.TABLE)
    for entry in table["placements"]:
        stated = placements.TABLE[entry["name"]]
        assert [term["text"] for term in entry["terms"]] == [term.text for term in stated.terms]
        assert [term["key"] for term in entry["terms"]] == [term.key for term in stated.terms]
        assert [(t["operation"], t["scaling"], t["factor"], t["optional"]) for t in entry["terms"]] == [
            (t.operation, t.scaling, t.factor, t.optional) for t in stated.terms
        ]
        assert [set(term["axes"]) for term in entry["terms"]] == [set(term.axes) for term in stated.terms]
        assert (entry["keras"], entry["why_not_keras"]) == (stated.keras, stated.why_not_keras)
        assert (entry["maximum_rate"], entry["sentence"]) == (stated.maximum_rate, stated.sentence)
        assert set(entry["needs"]) == stated.needs


def test_every_placement_is_linked_to_its_chapter(table):
    links = {entry["name"]: entry["chapter"] for entry in table["placements"]}
    assert links["gates"] == "../placement-14-gates.html" and len(set(links.values())) == len(placements.TABLE)
    assert links == {name: chapter_address(name) for name in placements.TABLE}


def test_sources_are_plain_text(table):
    sources = {entry["name"]: entry["source"] for entry in table["placements"]}
    assert sources["gates"] == "Cheng and others (2017), An Exploration of Dropout with LSTMs"
    assert all(text and not re.search(r"[*\\]|&\w+;", text) for text in sources.values())


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(0, 50)] * len(NAMES)))
def test_sizes_add_up_to_those_of_the_masks(table, numbers):
    sizes = dict(zip(NAMES, numbers, strict=True))
    for name, site in table["sites"].items():
        found = {
            axis["name"]: sum(count * {"one": 1, **sizes}[part] for part, count in axis["size"].items())
            for axis in site["axes"]
        }
        expected = Sizes(**sizes).axes(name)
        assert found == {axis: expected[axis] for axis in SITES[name].axes}


def test_no_text_ends_the_element_that_holds_the_data(monkeypatch):
    hostile = "</script><script>alert(1)</script><!-- &amp; \u2028"
    entry = replace(placements.TABLE["output"], sentence=hostile, keras=hostile, why_not_keras=hostile)
    monkeypatch.setattr(placements, "TABLE", Table([placements.TABLE["recurrent"], entry]))
    page = part(monkeypatch)
    assert "alert(1)</script>" not in page
    read = json.loads(_Elements(page).data)["placements"][1]
    assert read["sentence"] == read["keras"] == read["why_not_keras"] == hostile


def test_a_picture_stands_there_without_scripts(monkeypatch):
    static = part(monkeypatch).partition('<script type="application/json"')[0]
    assert static.startswith('<div id="mask-explorer-static"><figure') and "<script" not in static
    assert 'role="img"' in static and "The mask at the site recurrent" in static


def test_nothing_here_imports_keras():
    code = "import sys; from bilstm_dropout.book import explorer; explorer.explorer(); print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False" and "tensorflow" not in done.stderr


def test_the_picture_has_the_shape_and_the_share_of_what_is_drawn(monkeypatch):
    shown = {}

    def keep(term, mask, sizes, rate):
        shown.update(term=term, mask=mask, sizes=sizes)
        return mask_picture(term, mask, sizes, rate)

    mask_picture = explorer.mask_picture
    monkeypatch.setattr(explorer, "mask_picture", keep)
    monkeypatch.setitem(explorer.START, "units", 200)
    part(monkeypatch)
    sizes = Sizes(**{name: explorer.START[name] for name in NAMES}).axes("recurrent")
    assert shown["mask"].shape == shown["term"].shape(sizes)
    assert shown["mask"].mean() == pytest.approx(1 - explorer.START["rate"], abs=0.03)  # 3,200 numbers


def test_the_form_has_a_labelled_field_for_every_start_value(table):
    form = _Elements((ASSETS / "explorer.html").read_text("utf-8"))
    assert set(form.fields) == set(table["start"])
    assert sorted(form.labelled) == sorted(field["id"] for field in form.fields.values())
    for name in NAMES:
        assert int(form.fields[name]["min"]) <= table["start"][name] <= int(form.fields[name]["max"])
    assert len(set(form.ids)) == len(form.ids)


def test_the_scripts_are_the_books_own_and_insert_text_only(monkeypatch):
    sources = _Elements(part(monkeypatch)).sources
    configured = (project_root() / "book" / "_config.yml").read_text("utf-8")
    assert sources == [f"../../{name}" for name in explorer.SCRIPTS]
    for name in explorer.SCRIPTS:
        script = (ASSETS / name).read_text("utf-8")
        assert f"assets/{name}" in configured
        assert not re.search(
            r"(inner|outer)HTML|insertAdjacent|document\.write|eval\(|fetch\(|XMLHttp|import\b", script
        )
        assert "http" not in script.replace("http://www.w3.org/2000/svg", "")
