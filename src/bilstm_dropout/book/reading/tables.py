"""Tables of a built page: which cells are headings and of what, a name for each box that scrolls."""

from __future__ import annotations

import html
import re
from collections import Counter

from docutils import nodes

from ...wording import escape

_BOX = '<div class="pst-scrollable-table-container">'
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_PART = re.compile(r"<(?P<part>thead|tbody)\b.*?</(?P=part)>", re.DOTALL)
_HEADING = re.compile(r"<th\b(?![^>]*\bscope=)(?=[\s>])")
_CAPTION = re.compile(r"<caption\b[^>]*>(.*?)</caption>", re.DOTALL)
_NAMED = re.compile(r'(<div class="table-scroll"[^>]*aria-label=")([^"]*)(")')
_CORNER = re.compile(r"<th\b[^>]*>\s*</th>")  # above a column of headings: of nothing a heading itself
_LONGEST = 90  # characters of a name that is made of headings: it is read aloud


def name_rows(doctree: nodes.document) -> None:
    """Make the first column of every table that has a head the headings of its rows."""
    for group in doctree.findall(nodes.tgroup):
        columns = list(group.findall(nodes.colspec))
        if columns and any(isinstance(part, nodes.thead) for part in group.children):
            columns[0]["stub"] = 1


def readable(body: str) -> str:
    """A page's HTML with scopes on headings of tables, and with boxes around tables that a key and a name reach.

    A box is named by its table's caption, else by the headings of its columns. No two boxes have one name.
    """
    body = _TABLE.sub(lambda table: _PART.sub(_scoped, table[0]), body)
    seen: Counter = Counter()
    first, *rest = body.split(_BOX)
    for place, piece in enumerate(rest):
        found = _TABLE.search(piece)
        name = _distinct(_name(found[0] if found else ""), seen)
        rest[place] = f'{_BOX[:-1]} tabindex="0" role="region" aria-label="{escape(name)}">{piece}'
    body = first + "".join(rest)
    return _NAMED.sub(lambda box: box[1] + escape(_distinct(html.unescape(box[2]), seen)) + box[3], body)


def _scoped(part: re.Match) -> str:
    scope = "col" if part["part"] == "thead" else "row"
    return _HEADING.sub(f'<th scope="{scope}"', _CORNER.sub("<td></td>", part[0]))


def _name(table: str) -> str:
    caption = _CAPTION.search(table)
    if caption:
        return _text(caption[1])
    head = table.partition("</thead>")[0]
    headings = [_text(each) for each in re.findall(r"<th\b[^>]*>(.*?)</th>", head, re.DOTALL)]
    name = "Table: " + ", ".join(filter(None, headings))
    return name if len(name) <= _LONGEST else name[:_LONGEST].rpartition(",")[0] + " …"


def _text(markup: str) -> str:
    shown = re.sub(r'<a class="headerlink".*?</a>', "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


def _distinct(name: str, seen: Counter) -> str:
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"
