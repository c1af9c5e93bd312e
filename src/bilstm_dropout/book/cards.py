"""A placement's card in the gallery: drawing, mask, the line of code, and the numbers, side by side."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..dropout.placements import TABLE, resolve
from ..dropout.terms import OUTSIDE, Placement
from ..experiments.confirmatory.plan import FIXED_RATE
from ..experiments.exploratory import cards
from ..figures.masks import sharing
from ..figures.small import small_map
from ..wording import escape, rate_text
from .notebooks import document_name
from .show import display_html, table_html


def code_of(place: Placement) -> str:
    """The line of Keras that draws a placement's masks; else the layer of this package, or its whole classifier."""
    if place.keras:
        return place.keras
    if any(term.site in OUTSIDE and not term.optional for term in place.terms):
        return f'model = build_classifier(resolve("{place.name}"), data, units)'
    return f'h = DropoutLSTM(units, "{place.name}", rate)(x)'


def chapter_address(placement: str) -> str:
    """The address of a placement's chapter, from a page in a folder of generated/. placement: an entry of the table."""
    return f"../{Path(document_name(TABLE.number(placement), placement)).name}.html"


def chapter_link(placement: str) -> str:
    """The same as a link that names the placement."""
    return f'<a href="{chapter_address(placement)}">Chapter: {escape(placement)}</a>'


def drawing(place: Placement) -> str:
    """A placement's small drawing, and below it what the draws of its masks share, as HTML."""
    shares = dict.fromkeys(f"{term.site}: {sharing(term)}" for term in place.terms) or ["No mask."]
    return f"<div>{small_map(place)}{''.join(f'<p>{escape(each)}</p>' for each in shares)}</div>"


def code_html(place: Placement) -> str:
    """`code_of` as HTML."""
    return f"<pre><code>{escape(code_of(place))}</code></pre>"


def card(placement: str, every_card: pd.DataFrame) -> None:
    """Display a placement's card. placement: its name. every_card: as experiments.exploratory.cards.cards gives it."""
    place = resolve(placement)
    mine = cards.text(every_card[every_card["placement"] == place.name])
    less = f"less none, p = {rate_text(FIXED_RATE)}" if place.terms else "levels"
    numbers = table_html(mine, f"{place.name}: film reviews (MR), {less}")
    below = f'<div class="line">{code_html(place)}{chapter_link(place.name)}</div>'
    parts = f"{drawing(place)}<div>{numbers}</div>{below}"
    page = f'<div class="placement-card">{parts}</div>'
    display_html(page, f"{place.name}\n{code_of(place)}\n{mine.to_string(index=False)}")
