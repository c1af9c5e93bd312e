"""Definitions that show on a link: of a term, of a citation, of a placement.

Each stands on the page once, hidden, and its links name it as what describes them. Without scripts such a link is a
link; `_static/reading.js` shows the text on hover, focus and touch.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from docutils import nodes

from ...dropout.placements import TABLE
from ...dropout.terms import SITES, Placement
from ...figures.masks import sharing
from ...figures.sketch import mask_sketch
from ...wording import escape
from ..notebooks import document_name
from .formula import mathml

GLOSSARY, REFERENCES = "glossary", "references"  # the documents that terms and citations link to
_LINK = re.compile(r'<a\b(?P<before>[^>]*?) href="(?P<target>[^"#]*)(?:#(?P<anchor>[^"]*))?"(?P<after>[^>]*)>')
_TITLE = re.compile(r' title="([^"]*)"')
_NAME = re.compile(r'<code class="[^"]*literal[^"]*"><span class="pre">([a-z-]+)</span></code>')
_LINKS_AND_HEADINGS = re.compile(r"<(a|h[1-6]|summary)\b.*?</\1>", re.DOTALL)
_NO_PROSE = (nodes.reference, nodes.title, nodes.literal, nodes.math, nodes.caption, nodes.table, nodes.term,
             nodes.rubric, nodes.pending, nodes.raw)  # fmt: skip
_SHORTEST = 3  # letters of a term that is looked for in prose: a letter alone is a symbol


# ---- terms in prose ----
@dataclass(frozen=True)
class Terms:
    """The glossary's terms. anchors: by term in small letters, where it stands. texts: by anchor, its tip as HTML."""

    anchors: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def pattern(self) -> re.Pattern | None:
        """What finds a term in prose as a whole word, the longest first; None where there are no terms."""
        words = sorted((word for word in self.anchors if len(word) >= _SHORTEST), key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))})(?![\w-])", re.I) if words else None


def terms_of(glossary: nodes.document) -> Terms:
    """The terms of a glossary page. A tip is a term's name and the first paragraph of its definition."""
    anchors, texts = {}, {}
    for item in glossary.findall(nodes.definition_list_item):
        names = list(item.findall(nodes.term))
        paragraph = next(item.findall(nodes.paragraph), None)
        if paragraph is None:
            continue
        for name in names:
            for anchor in name["ids"]:
                anchors[name.astext().lower()] = anchor
                texts[anchor] = f"<strong>{escape(names[0].astext())}</strong> {escape(paragraph.astext())}"
    return Terms(anchors, texts)


def link_terms(doctree: nodes.document, terms: Terms, glossary: str) -> None:
    """Link each term where the page's prose first uses it; not in headings, tables, captions, code, or other links.

    glossary: the address of the glossary from this page. A term that the page links itself is left alone.
    """
    pattern = terms.pattern
    if pattern is None:
        return
    linked = {uri.partition("#")[2] for uri in (each.get("refuri", "") for each in doctree.findall(nodes.reference))}
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if _within(paragraph, _NO_PROSE):
            continue
        for text in list(paragraph.findall(nodes.Text)):
            if not _within(text, _NO_PROSE):
                _link_in(text, pattern, terms, glossary, linked)


def _within(node: nodes.Node, kinds: tuple[type, ...]) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def _link_in(text: nodes.Text, pattern: re.Pattern, terms: Terms, glossary: str, linked: set[str]) -> None:
    pieces, done, said = [], 0, text.astext()
    for found in pattern.finditer(said):
        anchor = terms.anchors[found[0].lower()]
        alike = {other for other in terms.texts if terms.texts[other] == terms.texts[anchor]}
        if alike & linked:
            continue
        linked |= alike
        pieces += [nodes.Text(said[done : found.start()])]
        pieces += [nodes.reference("", found[0], internal=True, refuri=f"{glossary}#{anchor}", classes=["term"])]
        done = found.end()
    if pieces:
        text.parent.replace(text, [*pieces, nodes.Text(said[done:])])


# ---- tips ----
def chapters() -> dict[str, Placement]:
    """The placements of the table by the document of their chapter."""
    return {document_name(number, entry.name): entry for number, entry in enumerate(TABLE.values())}


def placement_tip(entry: Placement) -> str:
    """A placement's name, sentence and equation, and for each of its masks a sketch and what shares a draw, as HTML."""
    masks = {(sharing(term), mask_sketch(term)): term for term in entry.terms}
    said = "".join(f"<span>{sketch} {escape(f'{term.site}: {text}')}</span>" for (text, sketch), term in masks.items())
    name, sentence = escape(entry.name), escape(entry.sentence)
    formula = f'<div class="formula">{mathml(entry.equation, display=True)}</div>'
    return f"<strong>{name}</strong> {sentence}{formula}{said}"


def with_tips(body: str, page: str, terms: Terms, placements: Mapping[str, Placement]) -> str:
    """A page's HTML in which links that can be explained are, with their tips at its end.

    page: its document. placements: by the document of their chapter. A name in code that can only be a placement's (no
    site is called so) becomes a link to its chapter the first time that it stands on the page.
    """
    tips: dict[str, str] = {}

    def described(link: re.Match) -> str:
        key, tip, whole = _tip(link, page, terms, placements)
        if not key:
            return whole
        tips[key] = tip
        return f'{whole[:-1]} aria-describedby="{escape(key)}">'

    body = _LINK.sub(described, _link_names(body, page, placements))
    if not tips:
        return body
    texts = "".join(f'<div class="tip" role="tooltip" id="{escape(key)}" hidden>{tips[key]}</div>' for key in tips)
    return f'{body}<div class="tips">{texts}</div>'


def _tip(link: re.Match, page: str, terms: Terms, placements: Mapping[str, Placement]) -> tuple[str, str, str]:
    """The id of a link's tip, the tip, and the link as it then stands; no id where there is nothing to say."""
    whole, anchor = link[0], link["anchor"] or ""
    if "aria-describedby" in whole:
        return "", "", whole
    to = posixpath.normpath(posixpath.join(posixpath.dirname(page), link["target"])) if link["target"] else page
    document = to.removesuffix(".html")
    title = _TITLE.search(whole)
    if document == GLOSSARY and page != GLOSSARY and anchor in terms.texts:
        return f"tip-{anchor}", terms.texts[anchor], whole
    if document == REFERENCES and page != REFERENCES and anchor and title:
        return f"tip-source-{anchor}", escape(html.unescape(title[1])), whole.replace(title[0], "")
    if document in placements and document != page and not anchor:
        entry = placements[document]
        return f"tip-placement-{entry.name}", placement_tip(entry), whole
    return "", "", whole


def _link_names(body: str, page: str, placements: Mapping[str, Placement]) -> str:
    """The page with the first `name` of each placement, outside links and headings, as a link to its chapter."""
    documents = {entry.name: document for document, entry in placements.items()}
    open_ = {name for name in documents if name not in SITES and name != "none" and documents[name] != page}

    def linked(code: re.Match) -> str:
        if code[1] not in open_:
            return code[0]
        open_.discard(code[1])
        address = posixpath.relpath(documents[code[1]], posixpath.dirname(page) or ".")
        return f'<a class="reference internal" href="{address}.html">{code[0]}</a>'

    pieces, done = [], 0
    for found in _LINKS_AND_HEADINGS.finditer(body):
        for name in re.findall(r"<span class=\"pre\">([a-z-]+)</span>", found[0] if found[1] == "a" else ""):
            open_.discard(name)
        pieces += [_NAME.sub(linked, body[done : found.start()]), found[0]]
        done = found.end()
    return "".join([*pieces, _NAME.sub(linked, body[done:])])
