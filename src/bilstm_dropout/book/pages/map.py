"""The mask explorer of the map page: the table of placements as data for its script, and a picture without scripts.

placements.TABLE ─┐
size_parts ───────┼─► table ─► JSON in the page ─► book/assets/explorer.js
terms.SITES ──────┘

Nothing here imports Keras, which takes seconds: sizes are stated anew, and a test holds them against masks.Sizes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from markdown_it import MarkdownIt

from ...dropout import placements
from ...dropout.terms import SITES, Placement, Term
from ...figures.masks import mask_alt, mask_picture, sharing
from ...figures.svg import figure_html
from ..bibliography import citation

# Where the explorer starts; names of form fields in book/assets/explorer.html. The sizes differ, so that no axis of
# the picture is taken for another.
START = {
    "placement": "recurrent", "rate": 0.25, "seed": 1,
    "batch": 2, "steps": 5, "features": 4, "units": 3, "vocabulary": 7,
}  # fmt: skip
# The size of every axis, by what it is made of; the axis of features, and the gates, depend on the site.
_PARTS = {
    "direction": {"one": 2}, "sample": {"batch": 1}, "step": {"steps": 1}, "gate": {"one": 4}, "row": {"units": 1},
    "type": {"vocabulary": 1}, "feature": {"units": 1},
}  # fmt: skip
_PARTS_AT = {
    ("gates", "gate"): {"one": 3}, ("input", "feature"): {"features": 1}, ("between", "feature"): {"units": 2},
    ("output", "feature"): {"units": 2},
}  # fmt: skip


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
    """How the size of a site's axis comes about: {'units': 2} is 2U, {'one': 4} is 4."""
    return _PARTS_AT.get((site, axis), _PARTS[axis])


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
    """A mask of the placement that the explorer starts with, drawn once when the book is made."""
    entry, rate = placements.TABLE[START["placement"]], START["rate"]
    [term] = entry.terms
    known = {**START, "one": 1}
    sizes = {
        axis: sum(count * known[part] for part, count in size_parts(term.site, axis).items())
        for axis in SITES[term.site].axes
    }
    # Every number of this mask is drawn on its own; only the site `gates` draws otherwise.
    kept = np.random.default_rng(START["seed"]).random(term.shape(sizes)) >= rate * term.factor
    caption = f"A mask of {entry.name}. With scripts on, the explorer draws that of any placement here."
    return figure_html(mask_picture(term, kept, sizes, rate), mask_alt(term, rate), caption)
