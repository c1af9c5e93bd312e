"""The book to take along, on a small site: what stays of a page, where its links lead, and an EPUB of it."""

from __future__ import annotations

import os
import re
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.small_site import small_book

from bilstm_dropout.book.public.addresses import Public, public
from bilstm_dropout.book.take import paper
from bilstm_dropout.book.take.device import write_epub
from bilstm_dropout.book.take.pages import CHAPTERS, link, order, read_pages
from bilstm_dropout.book.take.zipped import write_zip
from bilstm_dropout.cli.take import take
from bilstm_dropout.errors import UserError

PUBLIC = "https://book.example.org/study"


@pytest.fixture
def book(tmp_path) -> Path:
    return small_book(tmp_path)


def pages_of(book, address=""):
    return read_pages(book / "_toc.yml", book / "_build/html", address)


def links(page) -> dict[str, str]:
    """Where the texts of a page's links lead."""
    return {" ".join(each.get_text().split()): each["href"] for each in page.body.find_all("a")}


def linked(book, address=""):
    pages = pages_of(book, address)
    link(pages, lambda page, id: f"[{page.name}|{id}]", address)
    return pages


def test_pages_stand_in_the_order_of_the_contents_and_chapters_behind_them(book):
    assert order(book / "_toc.yml", book / "_build/html") == [
        ("", "index"), ("Part A & B", "generated/study/one"), (CHAPTERS, "generated/placement-00-none"),
    ]  # fmt: skip
    named = [(page.name, page.title) for page in pages_of(book)]
    assert named == [("p01", "Home <b>"), ("p02", "One"), ("p03", "none")]


def test_a_page_that_is_not_built_is_named(book):
    (book / "_build/html/generated/study/one.html").unlink()
    with pytest.raises(UserError, match=r"1 pages of the contents are not built, the first is generated/study/one"):
        pages_of(book)


def test_folds_are_opened_and_what_needs_a_screen_is_left_out(book):
    page = pages_of(book)[1].body
    text = page.get_text()
    for there in ("STATIC PART", "OPENED", "A fold", "WORDS", "How to read it.", "has something that answers"):
        assert there in text
    for gone in ("HIDDEN CODE", "alert", "MACHINE", "Download", "data as CSV", "link to this figure", "A TIP"):
        assert gone not in text
    assert not page.find_all(["script", "form", "select", "details", "button"]) and text.count("Twice") == 1
    figure = page.find("figure")
    assert figure.find_all(recursive=False)[-1].name == "figcaption"  # where else it may not stand
    assert "drawn by n.ipynb" in figure.find("figcaption").get_text() and not page.find(attrs={"tabindex": True})


def test_pictures_lie_in_the_page_and_what_could_act_or_be_fetched_does_not(book):
    page = pages_of(book)[1].body
    (picture,) = page.find_all("img")
    assert picture["src"].startswith("data:image/png;base64,") and picture.attrs.keys() == {"src", "alt"}
    assert "ELSEWHERE" in page.get_text() and "A FILE" in page.get_text()
    assert not [name for each in page.find_all(True) for name in each.attrs if name.startswith("on")]


def test_figures_are_numbered_by_their_page_and_ids_are_of_one_page(book):
    pages = pages_of(book)
    assert pages[1].body.select_one(".figure-number").get_text() == "Figure 2.2."
    ids = [each["id"] for page in pages for each in page.body.find_all(id=True)]
    assert len(set(ids)) == len(ids) == 6 and all(id.startswith(("p01-", "p02-", "p03-")) for id in ids)


def test_links_lead_to_what_is_taken_along_and_else_nowhere(book):
    home, one, chapter = linked(book)
    assert links(home) == {
        "a figure": "[p02|p02-figure-x]", "what is gone": "[p02|]", "a page": "[p02|]",
        "out": "https://example.org/a?b=1&c=2",
    }  # fmt: skip
    assert "numbers" in home.body.get_text() and "bad" in home.body.get_text()
    assert links(one) == {"home": "[p01|]", "the figure": "[p02|p02-figure-x]"}
    assert links(chapter) == {"there": "[p02|p02-figure-x]"}
    assert one.body.find("use")["href"] == "#p02-d" and one.body.find("use")["clip-path"] == "url(#p02-c)"


def test_links_to_the_rest_lead_to_the_published_book_where_there_is_one(book):
    home, one, _ = linked(book, PUBLIC)
    assert links(home)["numbers"] == f"{PUBLIC}/generated/numbers/mr.html#t"
    assert links(one)["Open that page"] == f"{PUBLIC}/generated/study/one.html"
    assert not {"bad", "outside"} & links(home).keys()


def test_the_page_for_paper_loads_nothing_and_has_every_target_once(book):
    whole = paper.joined(book)
    assert "default-src 'none'" in whole and "<script" not in whole and "Part A &amp; B" in whole
    ids = re.findall(r' id="([^"]+)"', whole)
    assert len(ids) == len(set(ids)) and set(re.findall(r'<a [^>]*href="#([^"]+)"', whole)) <= set(ids)
    outline = re.findall(r"<h([1-6])[^>]*>(.*?)</h\1>", re.sub(r"<a class.*?</a>", "", whole))
    assert [(level, re.sub("<.*?>", "", text)) for level, text in outline] == [
        ("1", "Contents"), ("1", "1. Home &lt;b&gt;"), ("1", "Part A &amp; B"), ("2", "2. One"),
        ("1", CHAPTERS), ("2", "3. none"),
    ]  # fmt: skip


def test_without_chromium_it_says_how_to_get_one(book, monkeypatch):
    monkeypatch.setattr(paper, "BROWSERS", ("no-such-browser",))
    with pytest.raises(UserError, match=r"apt-get install chromium.*make epub"):
        paper.write_pdf(book)


def test_another_kind_is_refused_before_anything_is_read():
    with pytest.raises(UserError, match=r"'word' is not allowed\. Allowed: pdf, epub, archive"):
        take("word")


def test_an_epub_is_xml_throughout_and_all_it_names_is_there(book):
    with zipfile.ZipFile(write_epub(book)) as whole:
        names = whole.namelist()
        assert names[0] == "mimetype" and whole.infolist()[0].compress_type == zipfile.ZIP_STORED
        texts = {name: whole.read(name).decode() for name in names if name.endswith((".xhtml", ".opf", ".xml"))}
    trees = {name: ElementTree.fromstring(text) for name, text in texts.items()}
    for name, tree in trees.items():
        for element in tree.iter():
            href = element.get("href") or element.get("src") or ""
            if href and not href.startswith(("https://", "#", "data:image/")):
                file, _, id = href.partition("#")
                assert f"book/{file}" in names, (name, href)
                assert not id or f'id="{id}"' in texts[f"book/{file}"]
    one = texts["book/p02.xhtml"]
    assert 'viewBox="0 0 9 9"' in one and "<clipPath" in one and "<path/>" not in one
    assert '<mstyle displaystyle="false" scriptlevel="1"><msub>' in one and "<script" not in "".join(texts.values())
    package = trees["book/package.opf"]
    items = {each.get("href"): each.get("properties") for each in package.iter("{http://www.idpf.org/2007/opf}item")}
    assert items.keys() == {name.removeprefix("book/") for name in names[2:]} - {"package.opf"}
    assert (items["p01.xhtml"], items["p02.xhtml"], items["nav.xhtml"]) == (None, "mathml svg", "nav")
    assert items["cover.png"] == "cover-image" and "<dc:language>en<" in texts["book/package.opf"]


def test_an_epub_is_the_same_bytes_each_time(book, monkeypatch):
    first = write_epub(book).read_bytes()
    os.utime(book / "_build/html/index.html", (1, 1))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert write_epub(book).read_bytes() == first
    monkeypatch.delenv("TZ")
    time.tzset()


def test_a_zip_has_no_time_and_no_name_of_anybody(tmp_path):
    write_zip(tmp_path / "a.zip", [("b", b"1"), ("a.sh", b"2")], programs=["a.sh"])
    with zipfile.ZipFile(tmp_path / "a.zip") as whole:
        entries = whole.infolist()
    found = [(each.filename, each.date_time[0], oct(each.external_attr >> 16), each.extra) for each in entries]
    assert found == [("b", 1980, "0o100644", b""), ("a.sh", 1980, "0o100755", b"")]


@pytest.mark.parametrize(
    ("said", "found"),
    [("", ("", "")), ("url: https://a.org/b/\n", ("https://a.org/b", "")),
     ("repository-code: https://github.com/o/r\n", ("", "https://github.com/o/r"))],
)  # fmt: skip
def test_both_addresses_stand_in_the_citation(tmp_path, said, found):
    (tmp_path / "CITATION.cff").write_text(f"title: T\n{said}", "utf-8")
    assert public(tmp_path) == Public(*found)


@pytest.mark.parametrize("address", ["http://a.org", "https://a.org/?x=1", "javascript:alert(1)", 'https://a.org/"'])
def test_what_is_no_plain_address_is_refused(tmp_path, address):
    (tmp_path / "CITATION.cff").write_text(f"url: '{address}'\n", "utf-8")
    with pytest.raises(UserError, match="begins with https://"):
        public(tmp_path)
