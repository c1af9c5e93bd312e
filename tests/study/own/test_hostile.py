"""What a file of the reader's own holds is text on every page: never HTML, Markdown, mathematics, or a template."""

import csv
from html.parser import HTMLParser

import pandas as pd
import pytest
from docutils.core import publish_string
from markdown_it import MarkdownIt
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.docutils_ import Parser

from bilstm_dropout import datasets
from bilstm_dropout.book import show
from bilstm_dropout.book.pages import data as data_page
from bilstm_dropout.study.own import prepare as own_study
from bilstm_dropout.wording import markdown_safe

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(2)">',
    "{{ 1/0 }} {% raw %}",
    "$x^2$ $$y$$ $\\frac{",
    "[click](javascript:alert(3)) ![i](x)",
    "**bold** `code` _under_ ~~gone~~ [^1]",
    "# heading | cell {math}`x` {class}",
    "</td></table><svg onload=alert(4)>",
]
EXTENSIONS = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "substitution"]


class Page(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes

    def handle_data(self, data):
        self.text += data

    def require_harmless(self):
        assert not self.tags & {"script", "img", "svg", "iframe", "math", "del", "sup"}
        assert not [name for name, _ in self.attributes if name.startswith("on")]
        assert not [value for name, value in self.attributes if name in ("href", "src") and "script:" in (value or "")]
        assert "math" not in {word for name, value in self.attributes if name == "class" for word in value.split()}


def as_page(markdown: str) -> Page:
    """Markdown as the book's parser renders it, with more of its extensions on than the book has."""
    settings = {
        "myst_enable_extensions": EXTENSIONS,
        "report_level": 2,
        "halt_level": 2,
        "embed_stylesheet": False,
        "stylesheet_path": "",
        "math_output": "MathJax /none",
    }
    html = publish_string(markdown, parser=Parser(), writer_name="html5", settings_overrides=settings).decode()
    return Page(html.partition("<body>")[2])


@pytest.fixture
def name(tmp_path, monkeypatch):
    """The data set of a hostile file: its name, columns, classes and texts."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    file = tmp_path / "<script> {{ 1-0 }} $x$.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = [[f"{text} {number}", text] for number in range(10) for text in HOSTILE]
        csv.writer(stream).writerows([["<b>text</b>", "$class$ {{ x }}"], *rows])
    return own_study.prepare(file, own_study.Columns("<b>text</b>", "$class$ {{ x }}"))[0].name


def test_the_parser_of_this_test_would_show_what_is_not_escaped():
    page = as_page("# t\n\nWords <script>alert(1)</script> $x^2$ [c](javascript:x) **bold**")
    assert "script" in page.tags and "strong" in page.tags
    with pytest.raises(AssertionError):
        page.require_harmless()


def test_the_configuration_of_this_test_covers_the_books():
    import yaml

    from bilstm_dropout.paths import project_root

    own = yaml.safe_load((project_root() / "book" / "_config.yml").read_text("utf-8"))
    assert set(own["sphinx"]["config"]["myst_enable_extensions"]) <= set(EXTENSIONS)
    MdParserConfig(enable_extensions=set(EXTENSIONS))  # each of them is known to the installed parser


def test_a_hostile_files_card_is_text(name):
    assert name == "own-script-1-0-x"
    cards = data_page.data_cards([name])
    card = "# Data\n\n" + cards[: cards.index("\n## ", 5)]  # the first card: those of the package have citations
    # Folds are no directive of the plain parser.
    page = as_page("\n".join(line for line in card.replace("{cite}", "").splitlines() if not line.startswith(":::::")))
    page.require_harmless()
    flat = " ".join(page.text.split())
    for text in [*HOSTILE, "<b>text</b>", "$class$ {{ x }}"]:
        assert f"“{text}”" in flat, text
    assert page.tags & {"strong", "b", "em"} == set()


def test_notebook_outputs_keep_it_text(name):
    classes = datasets.load(name).classes
    page = Page(show.table_html(pd.DataFrame({classes[0]: classes, "n": 1}), caption=classes[1]))
    page.require_harmless()
    assert all(text in page.text for text in HOSTILE)
    for text in HOSTILE:
        rendered = Page(MarkdownIt("commonmark").render(f"The class {markdown_safe(text)} here."))
        rendered.require_harmless()
        assert rendered.tags == {"p"} and rendered.text.strip() == f"The class {text} here."


def test_a_sweep_over_own_data_misses_no_data_set_of_the_quick_profile(name):
    from bilstm_dropout.book.chapters.runs import left_out
    from bilstm_dropout.runs.sweep import Sweep

    assert left_out(Sweep(placement="embedding-types", datasets=[name])) == {}
    assert "japanese_vowels" in left_out(Sweep(placement="embedding-types", datasets=["recall"]))
