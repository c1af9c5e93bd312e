"""What other sites read of a published book: a picture and a sentence for each link to a page, and a list of the pages.

All of it needs the book's address, and without one nothing is written. The list is made from what was built, not from
what was built anew: a build keeps pages that did not change.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from pathlib import Path

from ...paths import project_root
from ..reading.foot import foot
from ..take.card import CARD, card
from .addresses import public

PICTURE = "card.png"  # below _static/
SITEMAP = "sitemap.xml"
_LONGEST = 200  # characters of a description
_NO_PAGES = ("_static", "_downloads", "_sources")
_NOT_LISTED = ("search.html", "genindex.html")


class _First(HTMLParser):
    """The text of the first paragraph of an article that has some words."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self._inside = "", False

    def handle_starttag(self, tag, attrs):
        self._inside |= tag == "p"

    def handle_endtag(self, tag):
        if tag == "p":
            self._inside = False
            if len(self.text.split()) < 5:
                self.text = ""

    def handle_data(self, data):
        if self._inside and len(self.text) < 2 * _LONGEST and not self.text.endswith("\n"):
            self.text += data


def first_words(body: str) -> str:
    """The beginning of a page, plain, at most 200 characters and whole words. body: its HTML."""
    parser = _First()
    for piece in body.split("</p>"):
        parser.feed(f"{piece}</p>")
        if parser.text:
            break
    words = " ".join(parser.text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rsplit(' ', 1)[0]}…"


def tags(document: str, title: str, body: str, root: Path | None = None) -> str:
    """The HTML that stands in a page's head: `og:` properties, its address and a description; '' without an address.

    document: as Sphinx names it. title: plain text. body: the page's HTML. UserError as `public` raises it.
    """
    root = root if root is not None else project_root()
    address = public(root).book
    if not address:
        return ""
    here, said = f"{address}/{document}.html", first_words(body)
    whole = foot(root)["title"].partition(":")[0]
    found = {"og:type": "article", "og:site_name": whole, "og:title": title, "og:url": here, "og:description": said,
             "og:image": f"{address}/_static/{PICTURE}", "og:image:width": str(CARD[0]),
             "og:image:height": str(CARD[1]),
             "og:image:alt": f"{whole}: a map of a bidirectional LSTM with every place of a mask"}  # fmt: skip
    lines = [f'<link rel="canonical" href="{escape(here)}">', f'<meta name="description" content="{escape(said)}">']
    lines += [f'<meta property="{name}" content="{escape(value)}">' for name, value in found.items()]
    return "\n".join([*lines, '<meta name="twitter:card" content="summary_large_image">'])


def write_shared(site: Path, book: Path, root: Path | None = None) -> None:
    """Write sitemap.xml and the picture into a built site, or take them out where the book has no address.

    site: the built pages. book: the book's sources.
    """
    root = root if root is not None else project_root()
    address = public(root).book
    sitemap, picture = site / SITEMAP, site / "_static" / PICTURE
    if not address:
        sitemap.unlink(missing_ok=True)
        picture.unlink(missing_ok=True)
        return
    pages = sorted(file.relative_to(site) for file in site.rglob("*.html"))
    listed = [page.as_posix() for page in pages if page.parts[0] not in _NO_PAGES and page.name not in _NOT_LISTED]
    entries = "".join(f"<url><loc>{escape(f'{address}/{page}')}</loc></url>\n" for page in listed)
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    sitemap.write_text(f"{start}{entries}</urlset>\n", "utf-8")
    title, _, more = foot(root)["title"].partition(": ")
    picture.write_bytes(card(book, title, more[:1].upper() + more[1:]))
