"""One colour a site, in every picture of the book: whoever has learnt it once reads it everywhere.

The colours of the light page; the dark page lightens each (`book/_static/style.css`), told apart by the colour-blind in
both. Better and worse are never a colour of these.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..dropout.placements import resolve
from .style import GREY
from .svg import SITE_COLOURS, TEXT_COLOUR

# What lies close together has one colour: the sites of terms.SITES by family.
FAMILIES = {
    "input": ("embedding", "input"),
    "recurrent": ("recurrent", "weights"),
    "output": ("between", "output"),
    "cell and gates": ("candidate", "gates", "cell", "hidden"),
}
SEVERAL, NOWHERE, CONTROL = "several sites", "no dropout", "negative control"
CONTROLS = ("input-samples",)  # whole examples are withheld: no word or unit of them is told apart
SECOND = "#a0568c"  # where a picture has more than one placement of several sites
COLOURS = {**SITE_COLOURS, SEVERAL: TEXT_COLOUR, NOWHERE: GREY, CONTROL: GREY}


def family_of(placement: str) -> str:
    """The family of sites that a placement masks: of FAMILIES, or SEVERAL, NOWHERE, CONTROL."""
    entry = resolve(placement)
    if entry.name in CONTROLS:
        return CONTROL
    families = {family_of_site(term.site) for term in entry.terms}
    return families.pop() if len(families) == 1 else SEVERAL if families else NOWHERE


def family_of_site(site: str) -> str:
    """The family that a site of terms.SITES belongs to."""
    return next(name for name, sites in FAMILIES.items() if site in sites)


def colour_of(placement: str) -> str:
    """A placement's colour, for matplotlib and seaborn."""
    return COLOURS[family_of(placement)]


def palette(placements: Iterable[str]) -> dict[str, str]:
    """The colour of each in one picture, for seaborn: of those of several sites all but the last have SECOND."""
    colours = {name: colour_of(name) for name in placements}
    *others, _ = [name for name in colours if family_of(name) == SEVERAL] or [None]
    return colours | dict.fromkeys(others, SECOND)
