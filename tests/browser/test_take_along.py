"""The whole book as a PDF, printed once, and as an EPUB: bookmarks, links, figures, words, and nothing cut off.

Needs a built book (`make book`) and Chromium, and fails without either.
"""

from __future__ import annotations

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from bilstm_dropout.book.take.contents import contents_of
from bilstm_dropout.book.take.device import write_epub
from bilstm_dropout.book.take.pages import in_parts, read_pages
from bilstm_dropout.book.take.paper import write_pdf
from bilstm_dropout.paths import book_folder

A4 = (595, 842)  # points


@pytest.fixture(scope="module")
def pages(built):
    return read_pages(contents_of(book_folder()), built)


@pytest.fixture(scope="module")
def printed(built, tmp_path_factory):
    """The PDF, and what Chromium found beyond its edges."""
    target = tmp_path_factory.mktemp("pdf") / "book.pdf"
    with ThreadPoolExecutor(1) as apart:  # other tests have a browser open in this thread, and there may be one alone
        file, beyond = apart.submit(write_pdf, book_folder(), target=target).result()
    return PdfReader(file), beyond


@pytest.fixture(scope="module")
def words(printed) -> str:
    """All its text: without blanks and hyphens, since a line may end anywhere. A ligature would hide a word."""
    return "".join(plain(page.extract_text()) for page in printed[0].pages)


def plain(text: str) -> str:
    return re.sub(r"[\s\u00ad-]+", "", text)


def test_nothing_stands_beyond_the_edge(printed):
    reader, beyond = printed
    assert beyond == []
    assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in reader.pages} <= {A4, (596, 843)}


def test_every_page_of_the_contents_has_a_bookmark_below_its_part(printed, pages):
    def titles(outline):
        """Titles of the two highest levels, and how many bookmarks there are in all."""
        found, last = {}, ""
        for entry in outline:
            if isinstance(entry, list):
                found[last] = [each.title for each in entry if not isinstance(each, list)]
            else:
                last = entry.title
                found.setdefault(last, [])
        return found

    found = titles(printed[0].outline)
    for part, members in in_parts(pages):
        if part:
            assert found[part] == [f"{page.number}. {page.title}" for page in members]
    assert "Contents" in found and f"1. {pages[0].title}" in found


def test_every_link_inside_leads_to_a_page(printed):
    reader, _ = printed
    names, inside, outside = reader.named_destinations, 0, 0
    for page in reader.pages:
        for reference in page.get("/Annots", ()):
            note = reference.get_object()
            if note.get("/Subtype") != "/Link":
                continue
            if "/Dest" in note:
                inside += 1
                to = note["/Dest"]
                assert to in names if isinstance(to, str) else to[0].get_object()["/Type"] == "/Page"
            else:
                outside += 1
                assert note["/A"]["/URI"].startswith(("https://", "http://", "mailto:"))
    assert inside > 500 and outside > 10


def test_every_figure_is_there_with_its_number_and_its_words(pages, words):
    numbers = [
        (each.get_text(), each.find_parent("figure").find("figcaption").get_text())
        for page in pages for each in page.body.select(".figure-number") if not each.find_parent(class_="unnumbered")
    ]  # fmt: skip
    assert len(numbers) > 100
    for number, caption in numbers:
        assert plain(number) in words, number
        assert plain(caption)[:40] in words, (number, caption)


def test_every_heading_can_be_searched(pages, words):
    for page in pages:
        for heading in page.body.find_all(["h1", "h2"]):
            assert plain(heading.get_text()) in words, heading


def test_the_epub_is_xml_whose_links_resolve(built, pages, tmp_path):
    with zipfile.ZipFile(write_epub(book_folder(), target=tmp_path / "book.epub")) as whole:
        trees = {name: ElementTree.fromstring(whole.read(name)) for name in whole.namelist() if name.endswith(".xhtml")}
    ids = {name.removeprefix("book/"): {each.get("id") for each in tree.iter()} for name, tree in trees.items()}
    assert len(ids) == len(pages) + 2
    for name, tree in trees.items():
        for element in tree.iter():
            assert not element.tag.endswith(("}script", "}iframe", "}form")), name
            href = element.get("href", "")
            if href and not href.startswith(("https://", "http://", "mailto:")) and not href.endswith(".css"):
                file, _, id = href.partition("#")
                assert not id or id in ids[file or name.removeprefix("book/")], (name, href)
