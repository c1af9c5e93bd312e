"""Pieces of Markdown that pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

_RULES = {"l": ":--", "r": "--:"}  # of a column in a pipe table


def html(page: str) -> str:
    """A block of HTML for a page in Markdown."""
    return f"```{{raw}} html\n{page}\n```"


def link(name: str, chapters: Mapping[str, str]) -> str:
    """A placement's name, linked to its chapter."""
    return f"[`{name}`](/{chapters[name]}.ipynb)" if name in chapters else f"`{name}`"


def citation(source: str) -> str:
    """The bibliography keys of an entry as a citation, or ''."""
    keys = ",".join(key.strip() for key in source.split(",") if key.strip())
    return f"{{cite}}`{keys}`" if keys else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]], align: str = "", *, empty: str = "–") -> str:
    """A pipe table; cells are Markdown on one line.

    align: a letter a column, 'l' or 'r'; all left by default. empty: what stands in an empty cell. ValueError where a
    row or align is not as long as the header.
    """
    rules = [_RULES[letter] for letter in align or "l" * len(header)]
    cells = [[cell or empty for cell in row] for row in rows]
    if any(len(line) != len(header) for line in (rules, *cells)):
        raise ValueError(f"the table of {', '.join(header)} has a row or an alignment of another length")
    head, *body = (f"| {' | '.join(line)} |" for line in (header, *cells))
    return "\n".join([head, f"|{'|'.join(rules)}|", *body])
