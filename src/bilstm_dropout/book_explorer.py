"""The mask explorer of the map page: the table of placements as data for its script, and a picture without scripts.

placements.TABLE ─┐
masks.Sizes ──────┼─► table ─► JSON in the page ─► book/assets/explorer.js
terms.SITES ──────┘
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from . import placements
from .figures_masks import mask_alt, mask_picture, sharing
from .sources import citation
from .terms import SITES, Placement, Term

# Where the explorer starts; names of form fields in book/assets/explorer.html. The sizes differ, so that no axis of
# the picture is taken for another.
START = {
    "placement": "recurrent", "rate": 0.25, "seed": 1,
    "batch": 2, "steps": 5, "features": 4, "units": 3, "vocabulary": 7,
}  # fmt: skip
_SIZES = ("batch", "steps", "features", "units", "vocabulary")


def table(chapters: Mapping[str, str]) -> dict:
    """Everything the explorer's script knows, ready for JSON.

    chapters: placement to its page in the book, without ending; a placement that is not in it gets no link. Returns
    start (the form's first values), sites (by name: meaning, and each axis with its size as size_parts gives it) and
    placements, in table order.
    """
    sites = {
        name: {
            "meaning": site.meaning,
            "axes": [{"name": axis, "size": size_parts(name, axis)} for axis in site.axes],
        }
        for name, site in SITES.items()
    }
    entries = [_placement(entry, chapters) for entry in placements.TABLE.values()]
    return {"start": START, "sites": sites, "placements": entries}


def size_parts(site: str, axis: str) -> dict[str, int]:
    """How the size of a site's axis comes about: {'units': 2} is 2U, {'one': 4} is 4.

    The sizes of masks.Sizes are sums, so each one's share shows when it goes from 0 to 1.
    """
    from .masks import Sizes  # imports Keras, which takes seconds

    nothing = Sizes(**dict.fromkeys(_SIZES, 0))
    constant = nothing.axes(site)[axis]
    parts = {name: replace(nothing, **{name: 1}).axes(site)[axis] - constant for name in _SIZES}
    return {name: count for name, count in {"one": constant, **parts}.items() if count}


def _placement(entry: Placement, chapters: Mapping[str, str]) -> dict:
    return {
        "name": entry.name,
        "sentence": entry.sentence,
        "keras": entry.keras,
        "why_not_keras": entry.why_not_keras,
        "source": _plain(citation(entry.source)),
        "maximum_rate": entry.maximum_rate,
        "fixed_rate": entry.fixed_rate,
        "needs": sorted(entry.needs),
        "chapter": f"{chapters[entry.name]}.html" if entry.name in chapters else "",
        "terms": [_term(term) for term in entry.terms],
    }


def _term(term: Term) -> dict:
    axes = [axis for axis in SITES[term.site].axes if axis in term.axes]
    return {**asdict(term), "axes": axes, "key": term.key, "text": term.text, "sharing": sharing(term)}


def _plain(markdown: str) -> str:
    """Markdown on one line as plain text."""
    from markdown_it import MarkdownIt  # comes with MyST, which the book needs

    return "".join(token.content for token in MarkdownIt().parseInline(markdown)[0].children)


def as_script(data: dict) -> str:
    """Data as JSON in a script element that no browser runs; no text in it can end the element."""
    text = json.dumps(data).replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")
    return f'<script type="application/json" id="mask-explorer-table">{text}</script>'


def page_part(chapters: Mapping[str, str]) -> str:
    """What book/map.md takes in below the form: the picture that stands where scripts are off, the table, the scripts.

    chapters: as for `table`. Returns HTML.
    """
    scripts = "\n".join(f'<script defer src="{name}"></script>' for name in ("explorer-masks.js", "explorer.js"))
    return f'<div id="mask-explorer-static">{_picture()}</div>\n{as_script(table(chapters))}\n{scripts}'


def _picture() -> str:
    """The mask of the placement that the explorer starts with, drawn once when the book is made."""
    from .display import figure_html
    from .masks import Sizes, draw_masks

    entry, rate = placements.TABLE[START["placement"]], START["rate"]
    sizes = Sizes(**{name: START[name] for name in _SIZES})
    [term] = entry.terms
    mask = draw_masks([term], rate, sizes, (START["seed"], 0))[term.key]
    caption = f"The mask of {entry.name}. With scripts on, the explorer draws that of any placement here."
    return figure_html(mask_picture(term, mask, sizes.axes(term.site), rate), mask_alt(term, rate), caption)
