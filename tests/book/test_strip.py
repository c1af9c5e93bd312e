"""Figures and the strip under them: numbers by name, words from outside kept as words, and nothing of the machine."""

from __future__ import annotations

import base64
import csv
import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from support.html import Page

from bilstm_dropout.book import show
from bilstm_dropout.book.findings import finding
from bilstm_dropout.book.strip import csv_text, notebook_path, strip_html
from bilstm_dropout.figures.style import new_figure, style
from bilstm_dropout.paths import project_root

HOSTILE = "<script>alert(1)</script> \"'& {{ 7*7 }} \x00"
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]


@pytest.fixture
def displayed(monkeypatch):
    """What was displayed: (HTML, metadata) of each."""
    found = []

    def display(bundle, metadata=None, raw=False):
        found.append((bundle.get("text/html"), metadata))

    monkeypatch.setattr("bilstm_dropout.book.show.display", display)
    monkeypatch.setattr("IPython.display.display", display)
    monkeypatch.setattr(show, "_numbers", {})
    return found


def picture():
    with style():
        drawn, axes = new_figure(1)
        axes[0, 0].plot([0, 1])
    return drawn


def machine(**device):
    return json.dumps({"device": device, "commit": "abc"})


# ---- numbers ----
def test_figures_are_numbered_by_name_from_one(displayed):
    for name in ("loss", "accuracy", "loss", ""):
        show.figure(picture(), "A line.", name=name)
    numbers = [re.findall(r"Figure \d+", page) for page, _ in displayed]
    assert numbers == [["Figure 1"], ["Figure 2"], ["Figure 1"], []]  # a cell that runs again keeps its number
    show.begin()
    show.figure(picture(), "A line.", name="accuracy", title="It falls")
    assert "Figure 1. It falls" in Page(displayed[-1][0]).text


def test_a_notebook_begins_with_the_same_chance_each_time():
    show.begin()
    first = np.random.random()
    show.begin()
    assert np.random.random() == first


def test_a_figure_is_glued_under_its_link(displayed):
    show.figure(picture(), "A line.", name="loss")
    page, metadata = displayed[0]
    assert metadata == {"scrapbook": {"name": "figure-loss", "mime_prefix": ""}}
    assert Page(page).of("figure")[0]["id"] == "figure-loss"
    assert {"href": "#figure-loss"} in Page(page).of("a")


def test_without_a_name_there_is_neither_number_nor_strip(displayed):
    show.figure(picture(), "A line.", "A caption.", data=pd.DataFrame({"a": [1]}))
    page, metadata = displayed[0]
    assert not metadata and "strip" not in page and "A caption." in page


@pytest.mark.parametrize("alt", ["", " \n"])
def test_a_figure_needs_a_description(displayed, alt):
    with pytest.raises(ValueError, match="alt is empty"):
        show.figure(picture(), alt, name="loss")
    assert not displayed


# ---- words from outside ----
def test_titles_captions_and_descriptions_stay_text(displayed):
    show.figure(picture(), HOSTILE, HOSTILE, title=HOSTILE, name="loss")
    page = Page(displayed[0][0])
    said = HOSTILE.replace("\x00", "")
    assert not page.of("script") and page.text.count(said) == 2  # the title and the caption
    assert page.of("svg")[0]["aria-label"].split() == said.split()
    assert {tag for tag, _ in page.tags} <= {"figure", "p", "div", "svg", "g", "path", "text", "defs", "clippath",
                                             "rect", "use", "figcaption", "a", "code", "span"}  # fmt: skip


def test_a_name_cannot_leave_its_attribute(displayed):
    show.figure(picture(), "A line.", name='x" onload="alert(1)', data=pd.DataFrame({"a": [1]}))
    page = Page(displayed[0][0])
    assert not any("onload" in attributes for _, attributes in page.tags)


def test_a_title_that_is_a_finding_has_its_words_as_they_are(displayed):
    claim = finding("Best is {best}.", name="best", data={"best": "a_b+c <d>"}, holds=lambda d: True, shown=False)
    show.figure(picture(), "A line.", title=claim, name="loss")
    page = Page(displayed[-1][0])
    assert "Figure 1. Best is a_b+c <d>." in page.text and not page.of("d")


@pytest.mark.parametrize(("title", "rest"), [
    ("Input leads by 0.71 nats on <b>all three</b> sets. " + 10 * "And more. ", 10 * "And more. "),
    ("Fewer answers are wrong with dropout here; but a better ranking " + "x" * 90, "but a better ranking " + "x" * 90),
    ("One long sentence without an end " + "x" * 200, None),
    ("A short one of a few words here. And one more.", None),
])  # fmt: skip
def test_what_follows_the_first_sentence_of_a_long_title_stands_out_less(displayed, title, rest):
    show.figure(picture(), "A line.", title=title, name="loss")
    page = Page(displayed[-1][0])
    assert f"Figure 1. {title}" in page.text and not page.of("b")
    assert displayed[-1][0].count('class="figure-more"') == (rest is not None)
    assert rest is None or f'<span class="figure-more"> {rest}</span>' in displayed[-1][0]


# ---- data as a file ----
def rows_of(page: str) -> list[list[str]]:
    """The CSV file that a page offers."""
    (link,) = [each for each in Page(page).of("a") if "download" in each]
    kind, _, content = link["href"].partition(",")
    assert kind == "data:text/csv;charset=utf-8;base64"
    return list(csv.reader(io.StringIO(base64.b64decode(content).decode("utf-8"), newline="")))


def test_what_is_drawn_is_a_file_named_like_the_figure():
    page = strip_html("loss", pd.DataFrame({"placement": ["input", "größe"], "nats": [-0.5, 1e-9]}), None)
    assert rows_of(page) == [["placement", "nats"], ["input", "-0.5"], ["größe", "1e-09"]]
    assert [each["download"] for each in Page(page).of("a") if "download" in each] == ["loss.csv"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_and_no_name_is_a_formula(formula):
    frame = pd.DataFrame({"name": [formula, "a=b"], formula: [-1.5, 2.0]})
    kinds = (frame, frame.astype({"name": object}), frame.astype({"name": "category"}))
    for each in kinds:
        (_, header), (cell, number), (plain, _) = csv.reader(io.StringIO(csv_text(each), newline=""))
        assert header == cell == f"'{formula}".replace("\r", "\n")
        assert (number, plain) == ("-1.5", "a=b")  # a number may be negative
    assert frame.columns[1] == formula  # the frame that was given is as it was


def test_a_carriage_return_ends_no_row():
    """Python's csv quotes it only where rows end with it: a spreadsheet would start a row, and a cell, after it."""
    text = csv_text(pd.DataFrame({"text": ["a\r=1+1", "b\r\n=2"]}))
    assert "\r" not in text and list(csv.reader(io.StringIO(text, newline=""))) == [["text"], ["a\n=1+1"], ["b\n=2"]]


def test_what_is_missing_stays_empty():
    frame = pd.DataFrame({"name": ["a", None], "value": [None, 1.0], "more": pd.array([1, None], "Int64")})
    assert csv_text(frame) == "name,value,more\na,,1\n,1.0,\n"


# ---- where it was drawn ----
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("{root}/notebooks/study/gallery.ipynb", "notebooks/study/gallery.ipynb"),
        ("{root}/notebooks/../notebooks/placement.ipynb", "notebooks/placement.ipynb"),
        ("/home/somebody/secret/mine.ipynb", "mine.ipynb"),
        ("{root}/../elsewhere.ipynb", "elsewhere.ipynb"),
        ("{root}-copy/notebooks/study/gallery.ipynb", "gallery.ipynb"),
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", ""),
        ("/home/somebody/page.py", ""),
        ("", ""),
    ],
)
def test_the_notebook_is_named_without_the_machine_s_folders(monkeypatch, said, shown):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setenv("BILSTM_DROPOUT_NOTEBOOK", said.format(root=project_root()))
    assert notebook_path() == shown
    page = strip_html("loss", None, None)
    assert "/home" not in page and str(project_root()) not in page
    assert ("drawn by" in page) == bool(shown)


def test_jupyter_says_the_notebook_where_the_project_does_not(monkeypatch):
    monkeypatch.delenv("BILSTM_DROPOUT_NOTEBOOK", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", f"{project_root()}/notebooks/memory.ipynb")
    assert notebook_path() == "notebooks/memory.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", "/tmp/<b>x</b>.ipynb")
    assert notebook_path() == "b>.ipynb" and not Page(strip_html("loss", None, None)).of("b")
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert notebook_path() == ""


# ---- what it rests on ----
def test_runs_parts_and_kinds_of_machine_are_counted():
    rows = pd.DataFrame(
        {
            "part": ["b", "a2", "b"],
            "provenance": [machine(cpu="x86", gpu=None), machine(gpu=None, cpu="x86"), machine(cpu="arm")],
        }
    )
    page = Page(strip_html("loss", None, rows))
    assert "three runs: tuned recipes and every placement at several rates" in page.text
    assert "two kinds of machine" in page.text
    assert len(page.of("li")) == 2 and "None" not in page.text and "abc" not in page.text
    assert "one run: every placement at several rates" in strip_html("loss", None, rows[:1])
    assert "one kind of machine" in strip_html("loss", None, rows[:2])


def test_runs_made_here_have_no_part():
    page = strip_html("loss", None, pd.DataFrame({"nll": [0.1] * 14}))
    assert "14 runs made here" in page and "machine" not in page


def test_no_run_is_no_error():
    none = pd.DataFrame({"part": [], "provenance": []})
    assert "no runs" in strip_html("loss", None, none)


def test_a_machine_s_words_stay_words():
    rows = pd.DataFrame({"part": ["<b>"], "provenance": [machine(cpu=HOSTILE)]})
    page = Page(strip_html("loss", None, rows))
    assert not page.of("script") and not page.of("b") and "alert(1)" in page.text


def test_a_frame_is_shown_as_a_link_that_holds_it(displayed):
    show.csv(pd.DataFrame({"a": [1, 2], "b": ["=1+1", HOSTILE]}), name="numbers-mr")
    ((page, _),) = displayed
    (content,) = re.findall(r'download="numbers-mr.csv" href="data:text/csv;charset=utf-8;base64,([^"]+)"', page)
    rows = list(csv.reader(io.StringIO(base64.b64decode(content).decode())))
    assert rows[0] == ["a", "b"] and rows[1] == ["1", "'=1+1"] and len(rows) == 3 and "<script" not in page
