"""A site that is built again keeps what did not change, and shows no number that did."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from bilstm_dropout.book import notebooks
from bilstm_dropout.book.build import build_site
from bilstm_dropout.book.findings import quote
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import project_root

PAGES = ("generated/study/page", "other", "apart", "still")
TOC = "format: jb-book\nroot: index\nchapters:\n" + "".join(f"- file: {name}\n" for name in PAGES)


def page(number: str):
    """An executed page with a finding, as `finding` leaves it."""
    text = f"Loss fell by {number} nats."
    output = new_output(
        "display_data", {"text/markdown": f"> **{text}**", "text/plain": text},
        metadata={"scrapbook": {"name": "fall", "mime_prefix": ""}},
    )  # fmt: skip
    return new_notebook(cells=[new_markdown_cell("# A page"), new_code_cell("show()", outputs=[output])])


def write(book: Path, number: str) -> None:
    """What compiling leaves: the page with this number."""
    notebooks.write(notebooks.clean(page(number), "", ""), book / "generated" / "study" / "page.ipynb")


@pytest.fixture
def book(tmp_path) -> Path:
    """A book of five pages: one is executed, two quote it, two do not."""
    book = tmp_path / "book"
    book.mkdir()
    for name in ("_config.yml", "references.bib"):
        shutil.copy(project_root() / "book" / name, book / name)
    for name in ("_static", "_templates", "assets"):
        shutil.copytree(project_root() / "book" / name, book / name)
    write(book, "0.123")
    for name in ("runs-data.js", "live-data.js"):  # _config.yml lists them; compiling makes them
        (book / "generated" / name).write_text("", "utf-8")
    (book / "_toc.yml").write_text(TOC, "utf-8")
    (book / "index.md").write_text(f"# Home\n\n{quote('generated/study/page', 'fall')}\n", "utf-8")
    directive = "```{glue} fall\n:doc: /generated/study/page.ipynb\n```"
    (book / "apart.md").write_text(f"# Apart\n\n{directive}\n", "utf-8")
    (book / "other.md").write_text("# Other\n\nIt is {{ text }}.\n", "utf-8")
    (book / "still.md").write_text("# Still\n\nNothing changes here.\n", "utf-8")
    return book


def texts(book: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in (book / "_build" / "html").rglob("*.html")}


def pages_read(book: Path) -> set[str]:
    """The documents that the last build has read."""
    log = (book / "_build" / "build.log").read_text("utf-8")
    return set(re.findall(r"reading sources\.\.\. \[ *\d+%\] (\S+)", log))


def test_a_second_build_shows_the_new_number_wherever_it_stands_and_reads_nothing_else(book):
    build_site(book)
    first = texts(book)
    assert all("0.123 nats" in first[name] for name in ("index.html", "page.html"))
    assert "It is {{ text }}." in first["other.html"]
    assert pages_read(book) == {"index", *PAGES}

    write(book, "0.456")
    build_site(book)
    second = texts(book)
    assert all("0.456" in second[name] for name in ("index.html", "apart.html", "page.html"))
    assert pages_read(book) == {"index", "generated/study/page", "apart"}
    built = [file for file in (book / "_build" / "html").rglob("*") if file.suffix in (".html", ".js", ".ipynb", ".md")]
    assert len(built) > 8 and not [file for file in built if "0.123" in file.read_text("utf-8", "replace")]


def test_a_failed_build_keeps_the_last_site_and_hides_no_warning_from_the_next(book):
    first = build_site(book)
    other = book / "other.md"
    other.write_text(other.read_text("utf-8") + "\n{doc}`nowhere`\n", "utf-8")
    for _ in range(2):  # a page that is not read again would not repeat its warning
        with pytest.raises(UserError, match=r"other\.md.*nowhere"):
            build_site(book)
    assert first.is_file() and "It is {{ text }}." in texts(book)["other.html"]


def test_a_formula_that_cannot_be_shown_fails_the_build_with_its_page(book):
    (book / "still.md").write_text("# Still\n\nIt is $\\nosuchthing x$.\n", "utf-8")
    with pytest.raises(UserError, match=r"still\.md.*nosuchthing"):
        build_site(book)


def test_pages_have_formulas_links_to_terms_and_a_foot_without_a_script_for_formulas(book):
    toc = book / "_toc.yml"
    toc.write_text(toc.read_text("utf-8") + "- file: glossary\n", "utf-8")
    glossary = book / "glossary.md"
    glossary.write_text("# Words\n\n:::{glossary}\nnat\n  A <unit>.\n:::\n", "utf-8")
    (book / "still.md").write_text("# Still\n\nA nat is $x^2$.\n", "utf-8")
    build_site(book)
    page = texts(book)["still.html"]
    assert "<msup>" in page and "MathJax" not in page and "fontawesome" not in page
    assert 'href="glossary.html#term-nat"' in page and "<strong>nat</strong> A &lt;unit&gt;.</div>" in page
    assert "published data" in page and "@software{" in page

    glossary.write_text(glossary.read_text("utf-8").replace("A <unit>", "Another unit"), "utf-8")
    build_site(book)
    assert "Another unit.</div>" in texts(book)["still.html"]


def test_a_finding_that_is_not_there_fails_the_build(book):
    (book / "index.md").write_text(f"# Home\n\n{quote('generated/study/page', 'rise')}\n", "utf-8")
    with pytest.raises(UserError, match="rise"):
        build_site(book)
