"""The data card of an own file, made from the file: whatever comes from it is quoted, so that it stays text."""

from __future__ import annotations

from collections.abc import Callable

from ...wording import markdown_safe
from ..dataset import Card
from ..folds import FOLDS

_MOST_CLASSES_SHOWN = 20


Quote = Callable[[str], str]


def plain(text: str) -> str:
    """A text of the file for a terminal: without control characters."""
    return "".join(character if character.isprintable() else " " for character in text)


def card(
    name: str, kind: str, columns: dict, classes: tuple[str, ...], facts: dict, quote: Quote = markdown_safe
) -> Card:
    """The card. columns, classes, facts: as own_content.Content has them. quote: makes a text of the file safe for
    where the card is shown, Markdown by default.
    """
    return Card(
        name=name,
        title=f"Own data: {name.removeprefix('own-')}",
        what=_what(kind, columns, classes, facts, quote),
        source=(
            f"The reader's own file, imported and kept with a checksum. {_columns(columns, quote)} Split into {FOLDS} "
            "folds with nearly the same share of each class, equal examples in one fold: the fold of the option `fold` "
            "is the test part, the next is for validation, the other eight are for training."
        ),
        licence="The reader's own to know; the file stays on this computer",
        citation="",
        flaws=_flaws(kind, facts, quote),
        kind=kind,
    )


def _what(kind: str, columns: dict, classes: tuple[str, ...], facts: dict, quote: Quote) -> str:
    total = facts["examples"]
    ranked = sorted(zip(facts["class_counts"], classes, strict=True), key=lambda pair: -pair[0])
    counted = [
        f"“{quote(label)}” {count:,} ({count / total:.0%})" for count, label in ranked[:_MOST_CLASSES_SHOWN]
    ]
    rest = len(classes) - len(counted)
    shares = ", ".join(counted) + (f", and {rest} smaller ones" if rest else "")
    if kind == "tokens":
        shortest, middle, usual, longest = facts["lengths"]
        sizes = (
            f"{total:,} texts of {shortest:,} to {longest:,} tokens (median {middle:,}; 95 % have at most {usual:,}, "
            f"and {facts['max_tokens']:,} are read unless `max_tokens` says otherwise)"
        )
    else:
        shortest, middle, longest = facts["lengths"]
        sizes = (
            f"{total:,} series of {shortest:,} to {longest:,} steps (median {middle:,}) with "
            f"{len(columns['features']):,} features, each standardised by the training part's mean and spread"
        )
    return f"{sizes}. {len(classes)} classes: {shares}."


def _columns(columns: dict, quote: Quote) -> str:
    parts = []
    for part, names in columns.items():
        names = [names] if isinstance(names, str) else names
        shown = [f"“{quote(name)}”" for name in names[:_MOST_CLASSES_SHOWN]]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        parts.append(f"{part} {', '.join(shown)}{more}")
    return f"Its columns: {'; '.join(parts)}."


def _flaws(kind: str, facts: dict, quote: Quote) -> str:
    what = "texts" if kind == "tokens" else "series"
    counts = facts["class_counts"]
    said = [f"A test part has about {facts['examples'] / FOLDS:,.0f} {what}, so one of them is a step in accuracy."]
    if max(counts) >= 2 * min(counts):
        share = max(counts) / sum(counts)
        said.append(f"Classes are unequal: always naming the largest is right for {share:.0%} of the {what}.")
    if facts["repeated"]:
        said.append(f"{facts['repeated']:,} {what} repeat another.")
    if facts.get("contradicting"):
        said.append(f"{facts['contradicting']:,} texts stand there under different classes.")
    if facts["classes_are_numbers"]:
        said.append(
            "The classes look like numbers; they are treated as names, not as amounts, so being off by one is as wrong "
            "as being far off."
        )
    if facts.get("left_out"):
        names = [f"“{quote(name)}”" for name in facts["left_out"][:_MOST_CLASSES_SHOWN]]
        more = " and more" if len(facts["left_out"]) > len(names) else ""
        said.append(f"Columns that are not read: {', '.join(names)}{more}.")
    said.append(
        "Whether examples depend on each other (one author, one device, one day) is not known here; if they do, the "
        "test flatters every placement."
    )
    return " ".join(said)
