"""New rows as JSON: a list of objects (.json), or an object on each line (.jsonl). Columns are their keys."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ...errors import UserError
from ...files.reading import read_json
from ..own.alike import shown
from ..own.limits import most
from .lines import NewLines, spoilt

SUFFIXES = (".json", ".jsonl")
# Of a pair of surrogates, as JSON may spell them: no character. Others stand for bytes that are no UTF-8, see lines.
_HALF = re.compile("[\ud800-\udc7f]")


class _ObjectLines(NewLines):
    """The lines of a JSON file, whose beginning is that of no other format."""

    delimiters = dict.fromkeys(SUFFIXES, "")

    def _refuse_other_formats(self, first: bytes) -> None:
        if not first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            super()._refuse_other_formats(first)


class NewObjects:
    """Rows as NewFile has them. Numbers are read as they are written. UserError for a file that is no such JSON.

    A row's number is its line in JSON lines, and in a list its place, counted from 1.
    """

    def __init__(self, path: str | os.PathLike, most_rows: str):
        self.lines, self.most_rows, self._wanted = _ObjectLines(path), most(most_rows), []
        self.path, self.name = self.lines.path, self.lines.name

    def positions(self, **named: str | None) -> dict[str, int]:
        """Where columns stand in the rows, by their part; those that are None are left out. Rows have no others."""
        named = {part: name for part, name in named.items() if name is not None}
        self._wanted = list(named.values())
        return {part: place for place, part in enumerate(named)}

    def new_rows(self) -> Iterator[tuple[int, list[str], str]]:
        """Every object: its number, the values of the wanted keys, and what is wrong with it, '' for nothing."""
        read = self._of_lines if self.path.suffix.lower() == ".jsonl" else self._of_list
        for found, (number, value, wrong) in enumerate(read(), 1):
            if found > self.most_rows:
                raise UserError(
                    f"{self.name} has more than {self.most_rows:,} rows, the most that this program takes. Cut it into "
                    "several files."
                )
            yield number, *(([], wrong) if wrong else self._cells(value))

    def _cells(self, value: object) -> tuple[list[str], str]:
        if not isinstance(value, dict):
            return [], "it is no object with a value for each column"
        found = [value.get(name) for name in self._wanted]
        cells = [each if isinstance(each, str) else "" for each in found]
        for name, each in zip(self._wanted, found, strict=True):
            if name not in value:
                return cells, f"it has no {shown(name)}"
            if not isinstance(each, str):
                return cells, f"{shown(name)} holds neither a text nor a number"
        if any(map(_HALF.search, cells)):
            return cells, "it holds half of a surrogate pair, so it is no text"
        return cells, spoilt(cells)

    def _of_lines(self) -> Iterator[tuple[int, object, str]]:
        with self.lines.open() as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    wrong = spoilt([line]) if len(line) <= most("characters") else ""
                    value, wrong = (None, wrong) if wrong else _parsed(line)
                    yield number, value, wrong

    def _of_list(self) -> Iterator[tuple[int, object, str]]:
        if self.path.stat().st_size > most("line"):
            raise UserError(
                f"{self.name} is a list of more than {most('line'):,} bytes, the most that is read at once. Write an "
                "object on each line of a .jsonl file."
            )
        with self.lines.open() as lines:
            value, wrong = _parsed("".join(lines))
        if wrong or not isinstance(value, list):
            raise UserError(
                f"{self.name} is no list of objects: {wrong or 'it is another JSON value'}. Write [{{…}}, {{…}}], or "
                "an object on each line of a .jsonl file."
            )
        for number, each in enumerate(value, 1):
            yield number, each, ""


def _parsed(text: str) -> tuple[object, str]:
    """A JSON value with its numbers as they are written, and what is wrong with it."""
    try:
        return read_json(text, **dict.fromkeys(("parse_float", "parse_int", "parse_constant"), str)), ""
    except ValueError as error:
        return None, f"it is no JSON ({error})"
