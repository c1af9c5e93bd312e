"""Double quotes in an own file: whether those of a TSV file are quoting or text, and cells that swallowed rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

_BREAK = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True)
class BrokenCell:
    """A cell that holds the delimiter and a line break. line: on which it begins. place: of its column, from 0."""

    line: int
    place: int
    pieces: tuple[str, ...]

    def swallowed(self, delimiter: str, columns: int, place: int) -> list[str]:
        """What would stand in the column `place` of each row that the cell holds, if it holds rows; empty otherwise.

        A quote that was only text opens such a cell, and another one far below closes it: its first line is the end of
        a row, its last one the beginning of another, and every line between is a whole row.
        """
        first, *between, last = ([part.strip() for part in piece.split(delimiter)] for piece in self.pieces)
        if len(first) < columns - self.place or len(last) <= self.place or any(len(row) < columns for row in between):
            return []
        # Texts hold delimiters of their own, so cells are counted from the side where the text is not.
        at = place - columns if place > self.place else place
        rows = [*between, first if place > self.place else last]
        return [row[at] for row in rows] if place != self.place else []


def broken_cells(cells: list[str], line: int, delimiter: str) -> Iterator[BrokenCell]:
    """The cells of a row that hold the delimiter and a line break. line: on which the row begins."""
    for place, cell in enumerate(cells):
        pieces = _BREAK.split(cell)
        if len(pieces) > 1 and delimiter in cell:
            yield BrokenCell(line, place, tuple(pieces))
        line += cell.count("\n")


def are_quoting(
    lines: Callable[[], AbstractContextManager[Iterator[str]]],
    reader: Callable[[], AbstractContextManager],
    delimiter: str,
) -> bool:
    """Whether double quotes of a TSV file are plainly quoting: else they are text, which is what the format says.

    lines, reader: the file's lines, and the file by csv's rules, as often as asked for. Quotes are quoting where rows
    fit the header only that way, and where all of the header is in quotes. Where rows fit both ways, they are if a
    whole column is in quotes, or if quotes stand only around cells and are doubled within; where neither, whichever
    reads further.
    """
    with lines() as each:
        as_text = _as_text(each, delimiter)
    if as_text.header_quoted or not as_text.has_quotes:
        return as_text.header_quoted
    with reader() as rows:
        misfit = _first_misfit(rows, delimiter)
    if misfit is None:
        return as_text.misfit is not None or as_text.looks_quoted
    return as_text.misfit is not None and misfit > as_text.misfit


@dataclass
class _AsText:
    """A file whose quotes are taken for text. misfit: the first line with another number of cells than the header."""

    has_quotes: bool = False
    header_quoted: bool = False
    misfit: int | None = None
    looks_quoted: bool = False


def _as_text(lines: Iterator[str], delimiter: str) -> _AsText:
    found, whole, only_around, doubled, width = _AsText(), [], True, False, 0
    for number, line in enumerate(lines, 1):
        cells = line.rstrip("\r\n").split(delimiter)
        if cells == [""] and width:
            continue
        if not width:
            width, found.header_quoted = len(cells), all(_QUOTED.fullmatch(cell) for cell in cells)
        whole = whole or [True] * width
        if len(cells) != width:
            found.misfit = found.misfit or number
        if '"' not in line:
            whole = [False] * width
            continue
        found.has_quotes = True
        for place, cell in enumerate(cells[:width]):
            quoted = bool(_QUOTED.fullmatch(cell))
            whole[place] &= quoted
            only_around &= quoted or '"' not in cell
            doubled |= quoted and '""' in cell[1:-1]
    found.looks_quoted = any(whole) or (only_around and doubled)
    return found


def _first_misfit(rows, delimiter: str) -> int | None:
    """The line that the first row begins on that csv cannot read, has another width, or holds a swallowed one."""
    width = None
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error:
            return line
        if cells is None:
            return None
        width = len(cells) if width is None else width
        if cells and (len(cells) != width or any(broken_cells(cells, line, delimiter))):
            return line
