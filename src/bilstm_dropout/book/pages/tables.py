"""Parts of pages that are made from the placement table and the data sets: Markdown, made at compile time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...datasets import NAMES, describe
from ...dropout import placements
from ...dropout.terms import SITES, Term
from ...wording import rate_text
from ..markdown import citation, link, list_table, table

_SCALING = {
    "inverted": "inverted",
    "expectation": "mean in inference",
    "expectation-on-hidden": "h times 1 − p in inference",
    "gaussian": "normal draws of mean 1",
}


def _axes(term: Term) -> str:
    return ", ".join(axis for axis in SITES[term.site].axes if axis in term.axes)


def _scaling(term: Term) -> str:
    return ("keeps the last value; " if term.operation == "keep" else "") + _SCALING[term.scaling]


def _share(term: Term) -> str:
    return "$p$" if term.factor == 1 else f"${rate_text(term.factor)}\\,p$"


def _site(term: Term) -> str:
    optional = " (where there is one)" if term.optional else ""
    return f"{term.site} ${SITES[term.site].symbol}${optional}"


def masks_table(chapters: Mapping[str, str]) -> str:
    """Every placement, a row a mask: where it sits, what has its own draw, scaling, rate and source."""
    rows = []
    for entry in placements.TABLE.values():
        name, source = link(entry.name, chapters), citation(entry.source)
        if not entry.terms:
            rows.append([name, "none", "", "", "", source])
        rows += [
            [name, _site(term), _axes(term), _scaling(term), _share(term), source] for term in entry.terms
        ]
    header = ["placement", "mask at", "own draw along", "scaling", "rate", "source"]
    return list_table(header, rows, "22 18 22 16 7 15", "Every placement, with a row for each of its masks")


def sites_table() -> str:
    """The sites at which a mask can sit, with the axes a mask has there."""
    rows = [
        [f"`{name}`", f"${site.symbol}$", site.meaning, ", ".join(site.axes)] for name, site in SITES.items()
    ]
    return list_table(
        ["site", "symbol", "what is masked", "axes of its mask"], rows, "14 14 40 32", "The sites"
    )


def equations(chapters: Mapping[str, str]) -> str:
    """Every placement's equation and Keras code, or why there is none: a section each."""
    blocks = []
    for entry in placements.TABLE.values():
        keras = f"```python\n{entry.keras}\n```" if entry.keras else f"No Keras code: {entry.why_not_keras}"
        blocks.append(
            f"## {entry.name}\n\n{link(entry.name, chapters)}: {entry.sentence} {citation(entry.source)}\n\n"
            f"$$\n{entry.equation}\n$$\n\n{keras}\n"
        )
    return "\n".join(blocks)


def data_cards(own: Iterable[str] = ()) -> str:
    """A card for each data set: what it is, where it is from, its licence, its flaws and its options.

    own: names of the reader's own data sets, whose cards come first. A card's texts are Markdown, written in the
    package; what they quote of a file is escaped where they are made.
    """
    # Kept out of the module's imports: a page of the book must not need every data library to be imported.
    blocks = []
    for name in (*own, *NAMES):
        card = describe(name)
        lines = [
            f"## {card.title}",
            "",
            f"`{card.name}` · {card.kind} · {card.what}",
            "",
            f"Source\n: {card.source} {citation(card.citation)}",
            "",
            f"Licence\n: {card.licence}",
            "",
            f"Known flaws\n: {card.flaws}",
            "",
        ]
        if card.options:
            options = [
                [f"`{option}`", f"`{default!r}`", meaning] for option, (default, meaning) in card.options.items()
            ]
            lines += [table(["option", "default", "meaning"], options), ""]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)
