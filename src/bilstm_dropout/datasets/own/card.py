"""The data card of an own file, made from the file: whatever comes from it is quoted, so that it stays text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...wording import markdown_safe
from ..dataset import Card
from ..folds import FOLDS
from .pointless import warning
from .report import Finding

_MOST_CLASSES_SHOWN = 20


Quote = Callable[[str], str]


def card(
    name: str,
    kind: str,
    columns: dict,
    classes: tuple[str, ...],
    facts: dict,
    report: Sequence[Finding],
    quote: Quote = markdown_safe,
) -> Card:
    """The card; its flaws are the report, warnings first. columns, classes, facts, report: as content.Content has them.

    quote: makes a text of the file safe for where the card is shown, Markdown by default.
    """
    return Card(
        name=name,
        title=f"Own data: {name.removeprefix('own-')}",
        what=_what(kind, columns, classes, facts, quote),
        source=(
            f"The reader's own file, imported and kept with a checksum. {columns_said(columns, quote)} Split into "
            f"{FOLDS} folds with nearly the same share of each class, {_together(columns, quote)}: the fold of the "
            "option `fold` is the test part, the next is for validation, the other eight are for training. The option "
            "`repeat` deals the examples to the folds anew."
        ),
        licence="The reader's own to know; the file stays on this computer",
        citation="",
        flaws=" ".join(findings(kind, columns, report, quote)),
        kind=kind,
    )


def findings(kind: str, columns: dict, report: Sequence[Finding], quote: Quote = markdown_safe) -> list[str]:
    """All that was found in the file, a sentence or two each: whether a study is pointless, warnings, the rest.

    The terminal, the plan and the card say the same, in this order or from its end.
    """
    pointless = warning(report, len(columns.get("features", ())))
    ranked = sorted(report, key=lambda each: not each.warning)
    return [*([pointless] if pointless else []), *(each.said(kind, quote) for each in ranked)]


def columns_said(columns: dict, quote: Quote = markdown_safe) -> str:
    """Which column became what, in a sentence."""
    parts = []
    for part, names in columns.items():
        names = [names] if isinstance(names, str) else names
        shown = [f"“{quote(name)}”" for name in names[:_MOST_CLASSES_SHOWN]]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        parts.append(f"{part} {', '.join(shown)}{more}")
    return f"Its columns: {'; '.join(parts)}."


def _together(columns: dict, quote: Quote) -> str:
    if "group" not in columns:
        return "equal examples in one fold"
    return f"equal examples in one fold, and rows of one “{quote(columns['group'])}” lie in one fold, too"


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
