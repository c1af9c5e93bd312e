"""The data sets' cards on the data page: Markdown, made at compile time, folded."""

from __future__ import annotations

from collections.abc import Iterable

from ...datasets import NAMES, describe
from ..markdown import citation, table


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
            ":::::{dropdown} Where it is from, licence, known flaws, options",
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
        lines += [":::::", ""]
        blocks.append("\n".join(lines))
    return "\n".join(blocks)
