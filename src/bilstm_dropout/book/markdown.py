"""Pieces of Markdown that pages are made of."""

from __future__ import annotations

from collections.abc import Mapping


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


def list_table(header: list[str], rows: list[list[str]], widths: str, label: str) -> str:
    """A MyST list-table; a cell may hold several lines of Markdown."""
    lines = ["::::{list-table} " + label, ":header-rows: 1", f":widths: {widths}", ":class: wide", ""]
    for row in [header, *rows]:
        for position, cell in enumerate(row):
            first, *rest = (cell or "–").split("\n")
            lines.append(("* - " if position == 0 else "  - ") + first)
            lines += [f"    {line}" if line else "" for line in rest]
    return "\n".join([*lines, "::::", ""])


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, [":--"] * len(header), *([cell or "–" for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
