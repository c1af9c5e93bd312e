"""The book as an EPUB 3: a file a page, figures as SVG, formulas as MathML, no script, nothing from elsewhere."""

from __future__ import annotations

import uuid
from html import escape
from pathlib import Path

from ...files import sha256
from ...paths import project_root
from ..reading.foot import foot
from .card import cover
from .contents import contents_of
from .pages import Page, as_xml, in_parts, link, read_pages
from .zipped import write_zip

NAME = "where-dropout-goes.epub"
_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<container version="1.0" '
    'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book/package.opf" '
    'media-type="application/oebps-package+xml"/></rootfiles></container>\n'
)
_COVER = (
    '<div class="cover"><img src="cover.png" alt="The cover: the title, and a map of the network with every place of a '
    'mask"/></div>'
)
# What HTML lets stand and XML's schema of a book does not.
_NOT_THERE = {"align", "valign", "autocomplete", "download"}


def write_epub(book: Path, address: str = "", target: Path | None = None) -> Path:
    """Make an EPUB of the built book, the same bytes each time; return the file.

    address: of the published book, '' without one. target: by default book/_build/where-dropout-goes.epub.
    Errors as read_pages raises them.
    """
    site, said = book / "_build" / "html", foot(project_root())
    pages = read_pages(contents_of(book), site, address)
    link(pages, lambda page, id: f"{page.name}.xhtml" + (f"#{id}" if id else ""), address)
    title, _, more = said["title"].partition(": ")
    style = (site / "_static/pygments.css").read_text("utf-8") + (book / "assets/epub.css").read_text("utf-8")
    texts = {"book/epub.css": style, "book/cover.xhtml": _page(title, _COVER), "book/nav.xhtml": _navigation(pages)}
    marks = {}
    for page in pages:
        body = _body(page)
        marks[page.name] = " ".join(name for name, mark in (("mathml", "<math"), ("svg", "<svg")) if mark in body)
        texts[f"book/{page.name}.xhtml"] = _page(page.title, body)
    texts["book/package.opf"] = _package(said, pages, marks)
    files = [("mimetype", b"application/epub+zip"), ("META-INF/container.xml", _CONTAINER.encode())]
    files += [(name, text.encode("utf-8")) for name, text in sorted(texts.items())]
    files.append(("book/cover.png", cover(book, title, more[:1].upper() + more[1:])))
    target = target or book / "_build" / NAME
    write_zip(target, files, plain=1)
    return target


def _page(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        'xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en"><head><meta charset="utf-8"/>'
        f'<title>{escape(title)}</title><link rel="stylesheet" type="text/css" href="epub.css"/></head>'
        f"<body>{body}</body></html>\n"
    )


def _body(page: Page) -> str:
    as_xml(page.body)
    for element in page.body.find_all(True):
        for name in _NOT_THERE & element.attrs.keys():
            del element[name]
        if element.name == "svg":
            element["xmlns"] = "http://www.w3.org/2000/svg"
        elif element.name == "math":
            element["xmlns"] = "http://www.w3.org/1998/Math/MathML"
    first = page.body.find("h1")
    if first is not None:
        first.insert(0, f"{page.number}. ")
    return page.body.decode(formatter="minimal")


def _navigation(pages: list[Page]) -> str:
    parts = []
    for part, members in in_parts(pages):
        entries = "".join(
            f'<li><a href="{page.name}.xhtml">{page.number}. {escape(page.title)}</a></li>' for page in members
        )
        parts.append(f"<li><span>{escape(part)}</span><ol>{entries}</ol></li>" if part else entries)
    whole = f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{"".join(parts)}</ol></nav>'
    marks = [("cover", "cover.xhtml", "Cover"), ("toc", "nav.xhtml", "Contents"),
             ("bodymatter", f"{pages[0].name}.xhtml", "Start")]  # fmt: skip
    landmarks = "".join(f'<li><a epub:type="{kind}" href="{file}">{name}</a></li>' for kind, file, name in marks)
    return _page("Contents", f'{whole}<nav epub:type="landmarks" hidden=""><h2>Places</h2><ol>{landmarks}</ol></nav>')


def _package(said: dict[str, str], pages: list[Page], marks: dict[str, str]) -> str:
    """Metadata, every file, and the order of reading. The identifier follows from title and version, no time is new."""
    identifier = uuid.UUID(sha256(f"{said['title']} {said['version']} {said['data']}".encode())[:32], version=4)
    authors = said["sentence"].partition(" (")[0]
    items = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>',
        '<item id="cover-image" href="cover.png" media-type="image/png" properties="cover-image"/>',
        '<item id="style" href="epub.css" media-type="text/css"/>',
    ]
    for page in pages:
        properties = f' properties="{marks[page.name]}"' if marks[page.name] else ""
        items.append(
            f'<item id="{page.name}" href="{page.name}.xhtml" media-type="application/xhtml+xml"{properties}/>'
        )
    spine = "".join(f'<itemref idref="{name}"/>' for name in ("cover", "nav", *(page.name for page in pages)))
    access = "".join(f'<meta property="schema:{name}">{value}</meta>' for name, value in (
        ("accessMode", "textual"), ("accessMode", "visual"), ("accessModeSufficient", "textual"),
        ("accessibilityFeature", "alternativeText"), ("accessibilityFeature", "MathML"),
        ("accessibilityFeature", "tableOfContents"), ("accessibilityHazard", "none"),
        ("accessibilitySummary", "Every figure has a description, every formula is MathML, tables have headings."),
    ))  # fmt: skip
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="en"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{identifier}</dc:identifier><dc:title>{escape(said["title"])}</dc:title>'
        f"<dc:creator>{escape(authors)}</dc:creator><dc:language>en</dc:language><dc:date>{said['date']}</dc:date>"
        f'<dc:rights>MIT licence</dc:rights><meta property="dcterms:modified">{said["date"]}T00:00:00Z</meta>'
        f"{access}</metadata><manifest>{''.join(items)}</manifest><spine>{spine}</spine></package>\n"
    )
