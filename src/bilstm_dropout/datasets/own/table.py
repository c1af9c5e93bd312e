"""Read a CSV or TSV file of the reader's own, row by row, and refuse with line numbers what is not sound."""

from __future__ import annotations

import codecs
import csv
import os
import re
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from ...errors import UserError
from .quotes import BrokenCell, are_quoting, broken_cells
from .report import Finding, first_few

DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
DELIMITER_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
MOST_BYTES = 1_000_000_000
MOST_CHARACTERS = 200_000
MOST_COLUMNS = 1_000
# A line of bytes is never longer than this in memory, whatever the file holds.
MOST_LINE_BYTES = 16_000_000
# A decimal number as files have it. Python's own float() also takes 1_000, which is no number in a file.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SHOWN_COLUMNS = 20


def shown(text: str) -> str:
    """A text of the file for a message: quoted, control characters spelt out, at most 60 characters of it."""
    return ascii(text[:60]) if not text[:60].isprintable() else repr(text[:60])


class OwnFile:
    """A CSV (.csv, commas) or TSV (.tsv or .tab, tabs) file with a header, in UTF-8.

    columns: the header's names without outer spaces, each once (unnamed columns may be several). broken: of a CSV file,
    once its rows were read, the cells that hold commas and line breaks. UserError, one line each, for a file that
    cannot be such a file; `rows` raises those that only reading shows.
    """

    def __init__(self, path: str | os.PathLike, most_rows: int):
        self.path, self.most_rows = Path(path), most_rows
        self.name = shown(self.path.name)
        self.delimiter = self._check()
        self.quoting = csv.QUOTE_MINIMAL
        self.broken: list[BrokenCell] = []
        if self.delimiter == "\t" and not are_quoting(self._open, self._reader, self.delimiter):
            self.quoting = csv.QUOTE_NONE
        with self._reader() as reader:
            self.columns = self._header(reader)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Every row under the header with the line it begins on, counted from 1; blank lines are passed over."""
        found = 0
        self.broken.clear()
        with self._reader() as reader:
            self._next(reader)
            while True:
                line = reader.line_num + 1
                cells = self._next(reader)
                if cells is None:
                    break
                if not cells:
                    continue
                if len(cells) != len(self.columns):
                    raise UserError(
                        f"{self.name}, line {line}: the row has {len(cells)} cells, the header {len(self.columns)}. "
                        f"Every row needs as many; a cell that holds {DELIMITER_NAMES[self.delimiter]} needs double "
                        "quotes around it."
                    )
                found += 1
                if found > self.most_rows:
                    raise UserError(
                        f"{self.name} has more than {self.most_rows:,} rows, the most that are allowed. Cut it."
                    )
                if reader.line_num > line:
                    self.broken += self._broken(cells, line)
                yield line, cells
        if not found:
            raise UserError(f"{self.name} has a header but no rows. Put one row for each example under it.")

    def require_whole_rows(self, place: int, known: Container[str]) -> None:
        """UserError for a cell of a CSV file that holds rows. place: of a column; known: what stands there.

        Called once all rows were read. Texts of several lines are sound, and only those are refused whose lines end, or
        begin, as rows of this file do.
        """
        for cell in self.broken:
            held = cell.swallowed(self.delimiter, len(self.columns), place)
            if held and all(value in known for value in held):
                column, last = shown(self.columns[cell.place]), cell.line + len(cell.pieces) - 1
                raise UserError(
                    f"{self.name}, line {cell.line}: the cell in {column} that begins here goes on to line {last}, and "
                    "its lines end as rows do. A double quote that is text opened it: put such cells in double quotes, "
                    "and write each one inside them twice."
                )

    def multiline(self) -> tuple[Finding, ...]:
        """What to say of cells that hold commas and line breaks, once all rows were read."""
        lines = first_few(cell.line for cell in self.broken)
        return (Finding("broken", count=len(self.broken), lines=lines),) if lines else ()

    def position(self, column: str, what: str) -> int:
        """Where a column stands. what: its part, for the message ('text column'). UserError naming what there is."""
        wanted = column.strip()
        if wanted and wanted in self.columns:
            return self.columns.index(wanted)
        there = [name for name in self.columns if name]
        near = get_close_matches(wanted, there, n=3, cutoff=0.5)
        hint = f" Did you mean {' or '.join(map(shown, near))}?" if near else ""
        if len(self.columns) == 1:
            hint = self._other_delimiter()
        elif any(NUMBER.fullmatch(name) or len(name) > 60 for name in there):
            hint += " The first line seems to hold data; it has to name the columns."
        names = ", ".join(map(shown, there[:_SHOWN_COLUMNS]))
        more = f" and {len(there) - _SHOWN_COLUMNS} more" if len(there) > _SHOWN_COLUMNS else ""
        raise UserError(f"{self.name} has no {what} {shown(column)}.{hint} Columns there: {names}{more}.")

    # ---- the file ----
    def _check(self) -> str:
        delimiter = DELIMITERS.get(self.path.suffix.lower())
        try:
            if self.path.is_dir():
                raise UserError(f"{self.name} is a folder. Name a .csv or .tsv file in it.")
            if not self.path.exists():
                near = get_close_matches(self.path.name, [file.name for file in _beside(self.path)], n=3, cutoff=0.5)
                hint = f" Did you mean {' or '.join(map(shown, near))}?" if near else " Check the path."
                raise UserError(f"There is no file {shown(str(self.path)[-60:])}.{hint}")
            if not self.path.is_file():
                raise UserError(f"{self.name} is no ordinary file. Name a .csv or .tsv file.")
            size = self.path.stat().st_size
        except OSError as error:
            raise self._unreadable(error) from None
        if delimiter is None:
            raise UserError(
                f"{self.name} is neither .csv (with commas) nor .tsv or .tab (with tabs). Save it as one of these, in "
                "UTF-8."
            )
        if not size:
            raise UserError(f"{self.name} is empty. It needs a header and a row for each example.")
        if size > MOST_BYTES:
            raise UserError(
                f"{self.name} has {size / 1e9:.2f} GB; allowed is {MOST_BYTES / 1e9:g} GB at most. Take a sample of it."
            )
        return delimiter

    def _unreadable(self, error: OSError) -> UserError:
        return UserError(f"{self.name} cannot be read ({error.strerror}). Check the path and your rights on it.")

    def _header(self, reader) -> tuple[str, ...]:
        names = tuple(cell.strip() for cell in self._next(reader) or ())
        if not any(names):
            raise UserError(f"{self.name} has no header: its first line has to name the columns.")
        if len(names) > MOST_COLUMNS:
            raise UserError(f"{self.name} has {len(names):,} columns; allowed are {MOST_COLUMNS:,} at most.")
        twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
        if twice:
            raise UserError(f"{self.name} has several columns named {shown(twice[0])}. Give each column its own name.")
        return names

    def _other_delimiter(self) -> str:
        header = self.columns[0]
        for delimiter, name in DELIMITER_NAMES.items():
            if delimiter != self.delimiter and delimiter in header:
                right = ".tsv" if delimiter == "\t" else ".csv" if delimiter == "," else ""
                mend = f"name it {right}" if right else "save it with commas"
                return f" Its name says {DELIMITER_NAMES[self.delimiter]} between cells, its header has {name}: {mend}."
        return f" It has one column only; with its name it needs {DELIMITER_NAMES[self.delimiter]} between cells."

    # ---- rows ----
    @contextmanager
    def _open(self) -> Iterator[Iterator[str]]:
        try:
            with self.path.open("rb") as stream:
                yield self._lines(stream)
        except OSError as error:
            raise self._unreadable(error) from None

    @contextmanager
    def _reader(self) -> Iterator:
        before = csv.field_size_limit(MOST_CHARACTERS)
        try:
            with self._open() as lines:
                yield csv.reader(lines, delimiter=self.delimiter, quoting=self.quoting, strict=True)
        finally:
            csv.field_size_limit(before)

    def _broken(self, cells: list[str], line: int) -> list[BrokenCell]:
        """The cells of a row that hold the delimiter and a line break; UserError where that is a tab."""
        broken = list(broken_cells(cells, line, self.delimiter))
        if broken and self.delimiter == "\t":
            column = shown(self.columns[broken[0].place])
            raise UserError(
                f"{self.name}, line {broken[0].line}: the cell in {column} that begins here holds a tab and a line "
                "break, so a double quote may have swallowed rows. Write blanks for tabs or line breaks inside cells."
            )
        return broken

    def _next(self, reader) -> list[str] | None:
        """The reader's next row, or None at the end."""
        line = reader.line_num + 1
        try:
            return next(reader, None)
        except csv.Error as error:
            raise UserError(f"{self.name}, line {line}: {self._reason(str(error))}") from None

    @staticmethod
    def _reason(said: str) -> str:
        if "field larger" in said:
            return (
                f"a cell has more than {MOST_CHARACTERS:,} characters, the most that are allowed. A double quote that "
                "is never closed is the usual cause."
            )
        if "unexpected end" in said:
            return "a double quote opens here and is never closed. Close it, or write it twice."
        if "new-line" in said:
            return "lines end with a carriage return alone. Save the file with the line ends of Unix or Windows."
        return "a double quote stands inside a quoted cell. Write it twice there, or close the cell first."

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        number = 0
        while raw := stream.readline(MOST_LINE_BYTES + 1):
            number += 1
            where = f"{self.name}, line {number}"
            if number == 1:
                if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise UserError(f"{self.name} is in UTF-16. Save it in UTF-8 ('CSV UTF-8' in a spreadsheet).")
                raw = raw.removeprefix(codecs.BOM_UTF8)
            if len(raw) > MOST_LINE_BYTES:
                raise UserError(f"{where} is longer than {MOST_LINE_BYTES:,} bytes, the most that are allowed.")
            if b"\0" in raw:
                raise UserError(f"{where} holds a NUL byte, so it is no text in UTF-8. Save the file in UTF-8.")
            try:
                yield raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise UserError(
                    f"{where} is not UTF-8: byte 0x{raw[error.start]:02x}. The file was probably exported as Latin-1 "
                    "or Windows-1252; save it in UTF-8."
                ) from None


def _beside(path: Path) -> list[Path]:
    try:
        return [file for file in path.parent.iterdir() if file.suffix.lower() in DELIMITERS]
    except OSError:
        return []


def number(cell: str) -> float | None:
    """The number that a cell holds, or None; infinity, NaN and an empty cell are none."""
    text = cell.strip()
    value = float(text) if NUMBER.fullmatch(text) else None
    return value if value is not None and abs(value) != float("inf") else None
