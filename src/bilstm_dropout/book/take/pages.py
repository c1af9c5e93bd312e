"""Pages of the built site as they stand on paper and in a reading device: in one order, without what needs a screen.

What a fold holds is opened, but for two kinds that are left out: code that a page hides, which its notebook has, and
the machines below a figure. What moves or answers (an explorer) is replaced by a line that says so; its static part
stays. Downloads, which are links to files beside the site, are left out.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import BeautifulSoup, SoupStrainer, Tag

from ...errors import UserError
from ..notebooks import GENERATED, PLACEMENT

CHAPTERS = "The placements, one by one"  # the last part: chapters that stand in no table of contents
HOME = "index"
_NEEDLESS = (
    "script", "style", "noscript", "iframe", "object", "embed", "link", "meta", "base", "button", "a.headerlink",
    ".tips", ".toctree-wrapper", "details.hide",
    ".strip details", ".strip a", "section#download", ".sd-summary-state-marker", "svg.sd-octicon",
)  # fmt: skip
_ARTICLE = SoupStrainer("article")
_OF_A_SCREEN = ("tabindex", "aria-describedby", "aria-live", "contenteditable")
_PICTURES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".svg": "svg+xml"}
_LIVE = "form, .explorer"
_IN_STYLE = re.compile(r"url\(#([^)\"']+)\)")
_NUMBER = re.compile(r"^((?:Figure|Table) )(\d+)")
_STYLES_OF_MATH = ("displaystyle", "scriptlevel")
_WHERE = re.compile(r"^[\s·]+|[\s·]+$")
# The parser of HTML writes every name small, and these are written with capitals where SVG stands in XML.
_CAPITALS = {name.lower(): name for name in (
    "clipPath", "linearGradient", "radialGradient", "textPath", "foreignObject", "viewBox", "preserveAspectRatio",
    "gradientUnits", "gradientTransform", "clipPathUnits", "patternUnits", "patternTransform", "refX", "refY",
    "markerWidth", "markerHeight", "markerUnits", "textLength", "lengthAdjust", "startOffset", "pathLength",
)}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page to take along.

    document: as Sphinx names it, 'generated/keras/traps'. number: its place, from 1. part: the heading that it stands
    under, '' for the home page. title: its first heading, plain. body: its article, cleaned; a tree of BeautifulSoup.
    """

    document: str
    number: int
    part: str
    title: str
    body: Tag

    @property
    def name(self) -> str:
        """Short and the same in every build: 'p07'. Its ids begin with it."""
        return f"p{self.number:02d}"


def order(contents: Path, site: Path) -> list[tuple[str, str]]:
    """Part and document of every page, in the order of reading: those of the contents, then the placements' chapters.

    contents: _toc.yml. site: the folder of the built pages. UserError where the contents name a page that is not built.
    """
    whole = yaml.safe_load(contents.read_text("utf-8"))
    found = [("", whole["root"])]
    found += [(part["caption"], each["file"]) for part in whole["parts"] for each in part["chapters"]]
    absent = [document for _, document in found if not (site / f"{document}.html").is_file()]
    if absent:
        raise UserError(
            f"{len(absent)} pages of the contents are not built, the first is {absent[0]}. Build the book: make read."
        )
    made = sorted((site / GENERATED).glob(f"{PLACEMENT}-*.html"))
    return found + [(CHAPTERS, f"{GENERATED}/{file.stem}") for file in made]


def read_pages(contents: Path, site: Path, address: str = "") -> list[Page]:
    """Every page, cleaned; its links still as they stand on the site. address: of the published book, '' without one.

    UserError as `order` raises it.
    """
    pages = []
    for number, (part, document) in enumerate(order(contents, site), start=1):
        whole = BeautifulSoup((site / f"{document}.html").read_text("utf-8"), "html.parser", parse_only=_ARTICLE)
        article = whole.find("article")
        if article is None:
            raise UserError(f"The page {document}.html has no article. Build the book anew: make clean read.")
        _clean(article, whole, f"{address.rstrip('/')}/{document}.html" if address else "")
        heading = article.find("h1")
        title = " ".join(heading.get_text().split()) if heading else document
        _hold_pictures(article, (site / document).parent, site)
        page = Page(document, number, part, title, article)
        _own_ids(page)
        pages.append(page)
    return pages


def _clean(article: Tag, whole: BeautifulSoup, here: str) -> None:
    for live in article.select(_LIVE):
        if live.decomposed or live.find_parent("form"):
            continue
        note = whole.new_tag("p", attrs={"class": "left-out"})
        note.append("Here the page in the browser has something that answers. ")
        if here:
            link = whole.new_tag("a", href=here)
            link.string = "Open that page"
            note.extend([link, "."])
        live.replace_with(note)
    for element in article.select(", ".join(_NEEDLESS)):
        if not element.decomposed:
            element.decompose()
    for element in article.select("[hidden]"):
        if not element.decomposed:
            element.decompose()
    for fold in article.find_all("details"):
        _open(fold)
    for strip in article.select(".strip"):
        text = _WHERE.sub("", " ".join(strip.get_text().split()))
        strip.string = re.sub(r"(?: ·)+ ", " · ", text)
        caption = strip.find_previous_sibling("figcaption")
        if caption is not None:  # which has to stand last in a figure
            caption.append(strip.extract())
    for element in article.find_all(True):
        for name in [name for name in element.attrs if name in _OF_A_SCREEN or name.startswith("on")]:
            del element[name]
        if element.get("role") in ("region", "doc-biblioentry", "doc-biblioref", "list", "listitem"):
            del element["role"]
            if element.name not in ("svg", "figure", "table"):
                element.attrs.pop("aria-label", None)


def _hold_pictures(article: Tag, folder: Path, site: Path) -> None:
    """Put pictures that are files of the site into the page itself; any other is what its description says."""
    for picture in article.find_all("img"):
        file = (folder / unquote(picture.get("src", ""))).resolve()
        kind = _PICTURES.get(file.suffix.lower())
        if kind and file.is_file() and file.is_relative_to(site.resolve()):
            picture["src"] = f"data:image/{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
            picture["alt"] = picture.get("alt", "")
        else:
            picture.replace_with(picture.get("alt", ""))


def _open(fold: Tag) -> None:
    """Put what a fold holds in its place, below its summary. A table that repeats the summary says it once."""
    summary = fold.find("summary", recursive=False)
    if summary is not None:
        said, caption = (" ".join(each.get_text().split()) if each else "" for each in (summary, fold.find("caption")))
        if said == caption:
            summary.decompose()
        else:
            summary.name, summary.attrs = "div", {"class": "fold-title"}
    fold.name, fold.attrs = "div", {"class": ["fold", *(name for name in fold.get("class", []) if name[:3] != "sd-")]}


def _own_ids(page: Page) -> None:
    """Give every id its page's name, since all pages may come to stand in one; number figures by their page."""
    for element in page.body.find_all(True):
        if element.get("id"):
            element["id"] = f"{page.name}-{element['id']}"
        for name, value in list(element.attrs.items()):
            if isinstance(value, str) and "url(#" in value:
                element[name] = _IN_STYLE.sub(rf"url(#{page.name}-\1)", value)
        for name in ("aria-labelledby", "headers", "for"):
            if element.get(name):
                words = element[name] if isinstance(element[name], list) else element[name].split()
                element[name] = " ".join(f"{page.name}-{word}" for word in words)
    page.body["id"] = page.name
    for number in page.body.select(".figure-number, .caption-number"):
        number.string = _NUMBER.sub(rf"\g<1>{page.number}.\g<2>", number.get_text())


def link(pages: list[Page], target: Callable[[Page, str], str], address: str = "") -> None:
    """Make links lead to where pages stand now. A link to a page or file that is not taken along leads to the published
    book where that has an address, and else is plain text.

    target: what a link to an id of a page is ('' for the page itself). address: of the published book, or ''.
    """
    known = {page.document: page for page in pages}
    ids = {page.name: {element["id"] for element in page.body.find_all(id=True)} for page in pages}
    for page in pages:
        for element in page.body.find_all(href=True):
            if element.name == "use":
                element["href"] = f"#{page.name}-{element['href'].removeprefix('#')}"
                continue
            led = _leads(page, element["href"], known, ids, target, address)
            if led:
                element["href"] = led
            elif element.name == "a":
                element.name, element.attrs = "span", {"class": "no-link"}


def _leads(
    page: Page, href: str, known: Mapping[str, Page], ids: Mapping[str, set[str]],
    target: Callable[[Page, str], str], address: str,
) -> str:  # fmt: skip
    parts = urlsplit(href)
    if parts.scheme in ("http", "https", "mailto"):
        return href
    if parts.scheme or parts.netloc:
        return ""
    place = page.document
    if parts.path:
        place = normpath((PurePosixPath(page.document).parent / unquote(parts.path)).as_posix())
    other = known.get(place.removesuffix(".html"))
    if other is None:
        tail = f"#{parts.fragment}" if parts.fragment else ""
        return f"{address.rstrip('/')}/{place}{tail}" if address and not place.startswith("..") else ""
    fragment = f"{other.name}-{unquote(parts.fragment)}" if parts.fragment else ""
    return target(other, fragment if fragment in ids[other.name] else "")


def in_parts(pages: list[Page]) -> Iterator[tuple[str, list[Page]]]:
    """Pages by the part that they stand under, in order."""
    parts: dict[str, list[Page]] = {}
    for page in pages:
        parts.setdefault(page.part, []).append(page)
    yield from parts.items()


def as_xml(body: Tag) -> None:
    """Make a page fit for XML, where SVG's names have their capitals, and for the MathML 3 of an EPUB, which has
    `displaystyle` and `scriptlevel` on an element of their own.
    """
    for element in body.find_all(True):
        element.name = _CAPITALS.get(element.name, element.name)
        element.attrs = {_CAPITALS.get(name, name): value for name, value in element.attrs.items()}
        if element.name == "path" and not element.get("d"):
            element.decompose()
    for element in body.select("math [displaystyle], math [scriptlevel]"):
        if element.name != "mstyle":
            moved = {name: element.attrs.pop(name) for name in _STYLES_OF_MATH if name in element.attrs}
            style = Tag(name="mstyle", attrs=moved)
            if element.name == "mtd":  # which only stands in a row
                style.extend(list(element.contents))
                element.append(style)
            else:
                element.wrap(style)
