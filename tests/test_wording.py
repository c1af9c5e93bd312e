"""Words from outside are shown as they are in the file: no sign of theirs is turned, dropped or moved."""

import html
import math

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.html import Page

from bilstm_dropout import figures
from bilstm_dropout.book import show
from bilstm_dropout.figures.style import new_figure, plain
from bilstm_dropout.paths import project_root
from bilstm_dropout.wording import bdi, escape, isolated, markdown_safe, printable, with_both

RIGHT_TO_LEFT = ["منفي جدا!", "לא טוב (2)", "abc עברית", "٣", "𞤀𞤣 !", "ܐܠܦ"]
LEFT_TO_RIGHT = ["positive", "très bon", "это «не» то", "很好！", "यह अच्छी है", "ดีมาก", "12", "!", ""]
# What a spelling needs: joiners of Persian, Sinhala and emoji, a space that does not break, one as wide as a sign, a
# flag of letters, emoji that are younger than this Python, characters of one's own.
KEPT = ["بی\u200cطرف", "ශ්\u200dරී", "👩\u200d💻", "très\u00a0bon", "你好\u3000世界", "\U0001fae8", "\ue000", "co\xadop",
        "🏴\U000e0067\U000e0062\U000e007f", "a\u200bb"]  # fmt: skip


@pytest.mark.parametrize("text", RIGHT_TO_LEFT)
def test_text_from_right_to_left_is_set_apart(text):
    assert isolated(text) == f"\u2068{text}\u2069"
    assert bdi(text) == markdown_safe(text).replace("\\", "") == f"<bdi>{text}</bdi>"
    assert escape(text) == text  # for attributes, where there are no tags
    assert MarkdownIt("commonmark").renderInline(markdown_safe(text)) == f"<bdi>{text}</bdi>"


@pytest.mark.parametrize("text", [*LEFT_TO_RIGHT, f"one \u2068{RIGHT_TO_LEFT[0]}\u2069, two"])
def test_other_text_and_what_is_set_apart_already_stays(text):
    assert isolated(text) == bdi(text) == escape(text) == text


@pytest.mark.parametrize("text", KEPT)
def test_what_a_spelling_needs_is_kept(text):
    assert printable(text) == escape(text) == markdown_safe(text).removeprefix("<bdi>").removesuffix("</bdi>") == text
    assert plain(text) == " ".join(text.split())


def test_what_turns_all_words_behind_it_is_dropped():
    assert printable("a\u202eb\u202d\u206a\ufeff") == "ab"
    assert printable("a\u2067b") == printable("a\u2069b") == "ab"  # it would end, or open, more than itself
    assert printable("a\u2067b\u2069c") == "a\u2067b\u2069c"


def test_line_breaks_of_every_kind_are_one():
    assert printable("a\r\nb\rc\x85d\u2028e\x0bf\tg") == "a\nb\nc\nd\ne\nf\tg"
    assert isolated("a\r\nb\u2028c\x1b[2J\td") == "a  b c [2J d"  # in a terminal


@given(st.text(max_size=30))
def test_any_text_is_the_same_by_each_way_of_showing_it(text):
    shown = printable(text)
    page = bdi(text).removeprefix("<bdi>").removesuffix("</bdi>")
    assert html.unescape(page) == shown and printable(shown) == shown
    line = isolated(text)
    assert len(line.splitlines()) <= 1 and len(line) <= len(text) + 2


def test_labels_are_as_long_as_they_are_wide():
    assert plain("很" * 20) == "很" * 20 and plain("很" * 21) == "很" * 19 + "…"
    assert plain("a" * 40) == "a" * 40 and plain("a" * 41) == "a" * 39 + "…"
    assert plain("é\u0301" * 40) == "é\u0301" * 40  # a mark takes no room of its own
    assert plain("👩\u200d💻" * 30) == "👩\u200d💻" * 19 + "…"  # nor is an emoji cut


def test_pictures_and_tables_set_names_apart():
    name = RIGHT_TO_LEFT[0]
    with figures.style():
        figure, axes = new_figure(2)
        axes[0, 0].set_title(plain(name))
    assert f"\u2068{name}\u2069" in Page(figures.svg(figure, "alt")).text
    table = show.table_html(pd.DataFrame({name: [name], "n": [name]}), "caption", blocks=True)
    assert table.count(f"<bdi>{name}</bdi>") == 3 and f'data-label="\u2068{name}\u2069"' not in table
    assert 'data-label="n"' in table
    assert f'data-label="\u2068{name}\u2069"' in show.table_html(pd.DataFrame({"n": [1], name: [2]}), "c", blocks=True)


def test_the_book_turns_no_quotes(tmp_path):
    from sphinx.application import Sphinx

    config = yaml.safe_load((project_root() / "book" / "_config.yml").read_text("utf-8"))["sphinx"]["config"]
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    text = 'it\'s "q" \\\\ -- ... <'
    (source / "index.md").write_text(f"# Data\n\nThe class “{markdown_safe(text)}” is here.\n")
    settings = {"extensions": ["myst_parser"], "smartquotes": config["smartquotes"], "language": config["language"]}
    Sphinx(str(source), None, str(out), str(tmp_path / "trees"), "html", settings, status=None, warning=None).build()
    assert f"“{text}”" in Page((out / "index.html").read_text("utf-8")).text


def spaced(texts):
    """With plain spaces: lines of a table break between two intervals, not in one."""
    assert all(text.count(" ") == (text.count("(") and text.count("to")) for text in texts), texts
    return [text.replace("\xa0", " ") for text in texts]


def test_a_table_says_both_intervals_and_marks_what_stays():
    frame = pd.DataFrame({
        "loss": [0.012, -2.0], "loss_low": [-0.004, -3.0], "loss_high": [0.03, -1.0],
        "loss_other_low": [0.001, float("nan")], "loss_other_high": [0.02, float("nan")],
    })  # fmt: skip
    assert spaced(with_both(frame, "loss", 3)) == ["+0.012 (−0.004 to +0.030; +0.001 to +0.020)",
                                                   "−2.000 (−3.000 to −1.000)"]  # fmt: skip
    frame.loc[0] = 0.0
    assert spaced(with_both(frame, "loss", 1, level=True)) == ["–", "−2.0 (−3.0 to −1.0)"]
    assert spaced(with_both(-frame, "loss", 1, level=True))[1] == "2.0 (3.0 to 1.0)"


def test_stars_follow_what_is_marked_and_values_are_scaled():
    frame = pd.DataFrame([[0.012, -0.004, 0.03, 0.001, 0.02], [-2.0, -3.0, -1.0, math.nan, math.nan]],
                         columns=["loss", "loss_low", "loss_high", "loss_other_low", "loss_other_high"])  # fmt: skip
    marked = spaced(with_both(frame, "loss", 1, 100, [False, True]))
    assert marked == ["+1.2 (−0.4 to +3.0; +0.1 to +2.0)", "−200.0 (−300.0 to −100.0)*"]
