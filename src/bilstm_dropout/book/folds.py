"""The placements of the table, each behind its name: drawing, what shares a draw, equation, code and source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..dropout.placements import resolve
from ..dropout.terms import Placement
from ..wording import escape
from .bibliography import plain_citation
from .cards import chapter_link, code_html, code_of, drawing
from .reading.formula import mathml
from .show import display_html


def folds(families: Mapping[str, Iterable[str]]) -> None:
    """Display one fold a placement; closed, it says what that does. families: names of the table, by heading."""
    chosen = {heading: [resolve(name) for name in names] for heading, names in families.items()}
    page = [f"<h3>{escape(heading)}</h3>{''.join(map(_fold, places))}" for heading, places in chosen.items()]
    plain = [
        f"{place.name}: {place.sentence}\n{place.equation}\n{code_of(place)}"
        for places in chosen.values() for place in places
    ]  # fmt: skip
    display_html("".join(page), "\n\n".join(plain))


def _fold(place: Placement) -> str:
    # It scrolls where it is wider than the screen, by keys as well.
    named = f'tabindex="0" role="group" aria-label="Equation of {escape(place.name)}"'
    equation = f'<div class="math notranslate nohighlight" {named}>{mathml(place.equation, display=True)}</div>'
    reason = f"<p>{escape(place.why_not_keras)}</p>" if not place.keras else ""
    source = f"<p>Source: {escape(plain_citation(place.source))}. {chapter_link(place.name)}</p>"
    return (
        f'<details class="placement-fold"><summary><code>{escape(place.name)}</code> {escape(place.sentence)}</summary>'
        f'<div class="placement-card">{drawing(place)}'
        f"<div>{equation}{code_html(place)}{reason}{source}</div></div></details>"
    )
