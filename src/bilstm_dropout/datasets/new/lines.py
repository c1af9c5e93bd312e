"""The lines of a file of new rows: what is no text in UTF-8 spoils its own row, and no other."""

from __future__ import annotations

import codecs
import csv
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ...errors import UserError
from ..own.limits import most
from ..own.lines import Lines
from ..own.table import OwnFile

# A byte that is no UTF-8 is read as a lone surrogate (PEP 383), which no text in UTF-8 can hold.
_NO_UTF8 = re.compile("[\udc80-\udcff]")
_TOO_LONG = "\udc00"  # stands for a line that is too long to be read
_MOST_BROKEN = 100  # rows after which reading starts anew; each costs another look at the lines below it


class NewLines(Lines):
    """As Lines, but of the rows below the header whatever bytes: `spoilt` says of a row what is wrong with them."""

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        number = 0
        while raw := stream.readline(most("line") + 1):
            number += 1
            if number == 1:
                self._refuse_other_formats(raw)
                raw = raw.removeprefix(codecs.BOM_UTF8)
            if len(raw) > most("line"):
                while raw and not raw.endswith(b"\n"):
                    raw = stream.readline(most("line"))
                yield f"{_TOO_LONG}\n"
            elif number > self.above:
                yield raw.decode("utf-8", errors="surrogateescape")


def spoilt(cells: list[str]) -> str:
    """What is wrong with a row's characters, in words; '' where nothing is."""
    for cell in cells:
        if cell.isascii():
            if "\0" in cell:
                return "it holds a NUL byte, so it is no text"
        elif _TOO_LONG in cell:
            return f"a line has more than {most('line'):,} bytes"
        elif found := _NO_UTF8.search(cell):
            return f"it is not UTF-8 (byte 0x{ord(found[0]) - 0xDC00:02x}); save the file in UTF-8"
        elif "\0" in cell:
            return "it holds a NUL byte, so it is no text"
        if len(cell) > most("characters"):
            return f"a cell has more than {most('characters'):,} characters"
    return ""


class NewFile(OwnFile):
    """As OwnFile, for rows that are to be answered: a row that is not sound is said, and the next one is read.

    UserError where the file or its header is not sound, or has more rows than this program takes.
    """

    lines_of = NewLines

    def __init__(self, path: str | os.PathLike, most_rows: str):
        super().__init__(path, most_rows)
        if wrong := spoilt(list(self.columns)):
            raise UserError(f"The header of {self.name} cannot be read: {wrong}.")

    def new_rows(self) -> Iterator[tuple[int, list[str], str]]:
        """Every row under the header: the line it begins on, its cells, and what is wrong with it, '' for nothing.

        Where csv can read no further, as at a double quote that is never closed, that row is said to be broken and
        reading starts anew on the line below it.
        """
        with self._reader() as reader:
            next(reader)
            first = self.lines.above + reader.line_num + 1
        found = broken = 0
        while first:
            start, first = first, 0
            with self.lines.open() as lines:
                for _ in range(start - 1 - self.lines.above):
                    next(lines, None)
                reader = csv.reader(lines, delimiter=self.delimiter, quoting=self.quoting, strict=True)
                while True:
                    line = start + reader.line_num
                    try:
                        with _field_sizes():
                            cells = next(reader, None)
                    except csv.Error as error:
                        several = start + reader.line_num > line + 1
                        found, broken, first = found + 1, broken + 1, line + 1
                        yield line, [], self._reason(str(error), several)
                        if broken >= _MOST_BROKEN:
                            yield line + 1, [], f"after {_MOST_BROKEN} rows with broken quotes the rest was not read"
                            return
                        break
                    if cells is None:
                        break
                    if not cells:
                        continue
                    found += 1
                    if found > self.most_rows:
                        raise self._too_many(None)
                    wrong = spoilt(cells)
                    if not wrong and len(cells) != len(self.columns):
                        wrong = f"it has {len(cells)} cells, the header {len(self.columns)}"
                    yield line, cells, wrong


@contextmanager
def _field_sizes() -> Iterator[None]:
    before = csv.field_size_limit(most("characters"))
    try:
        yield
    finally:
        csv.field_size_limit(before)
