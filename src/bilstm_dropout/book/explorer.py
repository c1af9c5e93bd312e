"""The mask explorer: the table of placements as data for its script, and a picture that stands where scripts are off.

placements.TABLE ─┐
Sizes ────────────┼─► table ─► JSON in the page ─► book/assets/explorer.js
terms.SITES ──────┘

Nothing here imports Keras, which takes seconds.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace

import numpy as np

from ..dropout import placements
from ..dropout.sizes import Sizes
from ..dropout.terms import SITES, Placement, Term
from ..figures.masks import mask_alt, mask_picture, sharing
from ..figures.svg import figure_html
from .bibliography import plain_citation
from .cards import chapter_address
from .show import display_html

# Where the explorer starts; names of form fields in book/assets/explorer.html. The sizes differ, so that no axis of
# the picture is taken for another.
START = {
    "placement": "recurrent", "rate": 0.25, "seed": 1,
    "batch": 2, "steps": 5, "features": 4, "units": 3, "vocabulary": 7,
}  # fmt: skip
SCRIPTS = ("elements.js", "explorer-masks.js", "explorer.js")  # at the top of the built book
_NOTHING = Sizes(0, 0, 0, 0)
_NUMBERS = [field.name for field in fields(Sizes) if field.name != "directions"]  # what the form asks for


def explorer() -> None:
    """Display the explorer's part of a page in a folder of generated/: a picture, the table, the scripts.

    The form that the scripts fill is book/assets/explorer.html, which the page takes in.
    """
    scripts = "\n".join(f'<script defer src="../../{name}"></script>' for name in SCRIPTS)
    page = f'<div id="mask-explorer-static">{_picture()}</div>\n{as_script(table())}\n{scripts}'
    display_html(page, mask_alt(_first_term(), START["rate"]))


def table() -> dict:
    """Everything the explorer's script knows, ready for JSON.

    Returns start (the form's first values), sites (by name: meaning, and each axis with its size as size_parts gives
    it) and placements, in table order.
    """
    sites = {
        name: {
            "meaning": site.meaning,
            "axes": [{"name": axis, "size": size_parts(name, axis)} for axis in site.axes],
        }
        for name, site in SITES.items()
    }
    entries = [_placement(entry) for entry in placements.TABLE.values()]
    return {"start": START, "sites": sites, "placements": entries}


def size_parts(site: str, axis: str) -> dict[str, int]:
    """How the size of a site's axis comes about: {'units': 2} is 2U, {'one': 4} is 4. Sizes add up, so each is asked
    for alone.
    """
    constant = _NOTHING.axes(site)[axis]
    parts = {name: replace(_NOTHING, **{name: 1}).axes(site)[axis] - constant for name in _NUMBERS}
    return {name: times for name, times in {"one": constant, **parts}.items() if times}


def _placement(entry: Placement) -> dict:
    as_it_is = ("name", "sentence", "keras", "why_not_keras", "maximum_rate", "fixed_rate")
    return {name: getattr(entry, name) for name in as_it_is} | {
        "source": plain_citation(entry.source),
        "needs": sorted(entry.needs),
        "chapter": chapter_address(entry.name),
        "terms": [_term(term) for term in entry.terms],
    }


def _term(term: Term) -> dict:
    axes = [axis for axis in SITES[term.site].axes if axis in term.axes]
    return {**asdict(term), "axes": axes, "key": term.key, "text": term.text, "sharing": sharing(term)}


def as_script(data: dict) -> str:
    """Data as JSON in a script element that no browser runs; no text in it can end the element."""
    return f'<script type="application/json" id="mask-explorer-table">{as_json(data)}</script>'


def as_json(data: dict) -> str:
    """Data as JSON without a letter that HTML reads."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _first_term() -> Term:
    (term,) = placements.TABLE[START["placement"]].terms
    return term


def _picture() -> str:
    """A mask of the placement that the explorer starts with, drawn once when the page is made."""
    term, rate = _first_term(), START["rate"]
    sizes = Sizes(**{name: START[name] for name in _NUMBERS}).axes(term.site)
    # Every number of this mask is drawn on its own; only the site `gates` draws otherwise.
    kept = np.random.default_rng(START["seed"]).random(term.shape(sizes)) >= rate * term.factor
    caption = f"A mask of {START['placement']}. With scripts on, the explorer draws that of any placement here."
    return figure_html(mask_picture(term, kept, sizes, rate), mask_alt(term, rate), caption)
