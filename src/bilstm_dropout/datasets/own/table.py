"""Read a CSV or TSV file of the reader's own, row by row, and refuse with line numbers what is not sound."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from itertools import islice

from ...errors import UserError
from .alike import NUMBER, exact, says_nothing, seen, shown
from .faults import ITEMS, Faults
from .limits import most, sample_of
from .lines import DELIMITER_NAMES, Lines
from .quotes import BrokenCell, are_quoting, broken_cells
from .report import Finding, first_few

_SHOWN_COLUMNS = 20
_MOST_LOOKED_AT = 1000


class OwnFile:
    """A CSV (.csv, commas) or TSV (.tsv or .tab, tabs) file with a header, in UTF-8; see lines.Lines.

    most_rows: one of limits.LIMITS. columns: the header's names without outer spaces, each once (unnamed columns may be
    several). faults: what is wrong with its rows, collected. broken: of a CSV file, once its rows were read, the cells
    that hold commas and line breaks. UserError, one line each, for a file that cannot be such a file, and for what ends
    the reading.
    """

    lines_of = Lines

    def __init__(self, path: str | os.PathLike, most_rows: str):
        self.lines, self.most_rows = self.lines_of(path), most(most_rows)
        self.path, self.name, self.delimiter = self.lines.path, self.lines.name, self.lines.delimiter
        self.faults = Faults(self.name)
        self.quoting = csv.QUOTE_MINIMAL
        self.broken: list[BrokenCell] = []
        if self.delimiter == "\t" and not are_quoting(self.lines.open, self._reader, self.delimiter):
            self.quoting = csv.QUOTE_NONE
        with self._reader() as reader:
            self.columns = self._header(reader)

    def rows(self, id: str | None = None) -> Iterator[tuple[int, list[str]]]:
        """Every row under the header with the line it begins on, counted from 1; blank lines are passed over.

        Rows of another width are noted among the faults and passed over, too. id: the column that a sample goes by,
        for the advice where there are too many rows.
        """
        found = 0
        self.broken.clear()
        with self._reader() as reader:
            self._next(reader)
            while True:
                line = reader.line_num + self.lines.above + 1
                cells = self._next(reader)
                if cells is None:
                    break
                if not cells:
                    continue
                found += 1
                if found > self.most_rows:
                    raise self._too_many(id)
                if len(cells) != len(self.columns):
                    self.faults.unsound(
                        f"every row needs as many cells as the header, {len(self.columns)}; not so on {ITEMS}. A "
                        f"cell that holds {DELIMITER_NAMES[self.delimiter]} needs double quotes around it.",
                        f"line {line} ({len(cells)} cells)",
                    )
                    continue
                if reader.line_num + self.lines.above > line:
                    self.broken += self._broken(cells, line)
                yield line, cells
        if not found:
            raise UserError(f"{self.name} has a header but no rows. Put one row for each example under it.")

    def first_cells(self) -> list[tuple[str, int]]:
        """Of each column the first cell that says what it holds, with its row's line; '' where none of many does."""
        found: list[tuple[str, int] | None] = [None] * len(self.columns)
        with self._reader() as reader, suppress(csv.Error):  # what cannot be read is said where rows are read
            next(reader)
            for cells in islice(reader, _MOST_LOOKED_AT):
                for place, cell in enumerate(cells[: len(found)]):
                    if found[place] is None and not says_nothing(cell):
                        found[place] = cell, reader.line_num + self.lines.above
                if None not in found:
                    break
        return [each or ("", 0) for each in found]

    def note_swallowed_rows(self, place: int, known: Container[str]) -> None:
        """Note cells of a CSV file that hold rows. place: of a column; known: what stands there.

        Called once all rows were read. Texts of several lines are sound, and only those are refused whose lines end, or
        begin, as rows of this file do.
        """
        for cell in self.broken:
            held = cell.swallowed(self.delimiter, len(self.columns), place)
            if held and all(value in known for value in held):
                last = cell.line + len(cell.pieces) - 1
                self.faults.unsound(
                    f"cells go on over several lines that end as rows do: {ITEMS}. A double quote that is text opened "
                    "them: put such cells in double quotes, and write each one inside them twice.",
                    f"{shown(self.columns[cell.place])} from line {cell.line} to line {last}",
                )

    def multiline(self) -> tuple[Finding, ...]:
        """What to say of cells that hold commas and line breaks, once all rows were read."""
        lines = first_few(cell.line for cell in self.broken)
        return (Finding("broken", count=len(self.broken), lines=lines),) if lines else ()

    def positions(self, **named: str | None) -> dict[str, int]:
        """Where columns stand, by their part ('text', 'id'); those that are None are left out.

        UserError naming all that are not there, what there is, and columns that were named twice.
        """
        named = {part: name for part, name in named.items() if name is not None}
        found = {part: self._position(name) for part, name in named.items()}
        if lacking := [part for part, place in found.items() if place is None]:
            said = ", ".join(f"no {part.split('/')[0]} column {shown(named[part])}" for part in lacking)
            raise UserError(f"{self.name} has {said}.{self._hint([named[part] for part in lacking])} {self._there()}")
        for place, count in Counter(found.values()).items():
            if count > 1:
                parts = ", ".join(part.split("/")[0] for part in found if found[part] == place)
                raise UserError(
                    f"{self.name}: the column {shown(self.columns[place])} was named twice ({parts}). Each part needs "
                    "a column of its own."
                )
        return found

    # ---- columns ----
    def _position(self, column: str) -> int | None:
        wanted = column.strip()
        if wanted and wanted in self.columns:
            return self.columns.index(wanted)
        looks = seen(column)
        alike = [place for place, name in enumerate(self.columns) if looks and seen(name) == looks]
        return alike[0] if alike else None

    def _hint(self, lacking: list[str]) -> str:
        there = [name for name in self.columns if name]
        if other := self._other_delimiter([seen(name) for name in lacking]):
            return other
        if any(exact(name) is not None or len(name) > 60 for name in there):
            data = " The first line seems to hold data; it has to name the columns."
        else:
            data = ""
        lower = {name.casefold(): name for name in there}
        near = [lower[name] for each in lacking for name in get_close_matches(each.strip().casefold(), lower, 3, 0.5)]
        return (f" Did you mean {' or '.join(map(shown, dict.fromkeys(near)))}?" if near else "") + data

    def _there(self) -> str:
        there = [name for name in self.columns if name]
        more = f" and {len(there) - _SHOWN_COLUMNS} more" if len(there) > _SHOWN_COLUMNS else ""
        return f"Columns there: {', '.join(map(shown, there[:_SHOWN_COLUMNS]))}{more}."

    def _other_delimiter(self, lacking: list[str]) -> str:
        """What to do where the header is cut by another sign than the file's, and the lacking columns are there then.

        A header of one column is one that was not cut, whatever is lacking.
        """
        with self.lines.open() as lines:
            header = next(lines, "").rstrip("\r\n")
        for delimiter, name in DELIMITER_NAMES.items():
            cut = [seen(each.strip().strip('"')) for each in header.split(delimiter)]
            if delimiter == self.delimiter or len(cut) < 2 or (len(self.columns) > 1 and not {*lacking} <= {*cut}):
                continue
            ending = {"\t": "name it .tsv", ",": "name it .csv"}.get(delimiter)
            mend = ending or f"save it with commas, or write the line sep={delimiter} above the header"
            return f" It is read with {DELIMITER_NAMES[self.delimiter]} between cells, its header has {name}: {mend}."
        if len(self.columns) > 1:
            return ""
        return f" It has one column only; with its name it needs {DELIMITER_NAMES[self.delimiter]} between cells."

    def _header(self, reader) -> tuple[str, ...]:
        names = tuple(cell.strip() for cell in self._next(reader) or ())
        if not any(names):
            raise UserError(f"{self.name} has no header: its first line has to name the columns.")
        if len(names) > most("columns"):
            raise UserError(
                f"{self.name} has {len(names):,} columns; this program takes {most('columns'):,} at most. Write those "
                "that you need into another file."
            )
        twice = [name for name, count in Counter(map(seen, filter(seen, names))).items() if count > 1]
        if twice:
            raise UserError(
                f"{self.name} has several columns named {', '.join(map(shown, twice[:_SHOWN_COLUMNS]))}. Give each "
                "column its own name."
            )
        return names

    # ---- rows ----
    @contextmanager
    def _reader(self) -> Iterator:
        before = csv.field_size_limit(most("characters"))
        try:
            with self.lines.open() as lines:
                yield csv.reader(lines, delimiter=self.delimiter, quoting=self.quoting, strict=True)
        finally:
            csv.field_size_limit(before)

    def _too_many(self, id: str | None) -> UserError:
        rows = self.most_rows if id is None else 1_000
        return UserError(
            f"{self.name} has more than {self.most_rows:,} rows, the most that this program takes. Take a sample: "
            f"{sample_of(self.path, self.delimiter, rows, id)}"
        )

    def _broken(self, cells: list[str], line: int) -> list[BrokenCell]:
        """The cells of a row that hold the delimiter and a line break; where that is a tab, it is a fault."""
        broken = list(broken_cells(cells, line, self.delimiter))
        if self.delimiter != "\t":
            return broken
        for cell in broken:
            self.faults.unsound(
                f"cells hold a tab and a line break, so double quotes may have swallowed rows: {ITEMS}. Write blanks "
                "for tabs or line breaks inside cells.",
                f"{shown(self.columns[cell.place])} on line {cell.line}",
            )
        return []

    def _next(self, reader) -> list[str] | None:
        """The reader's next row, or None at the end. UserError, with all noted until then, for what csv cannot read."""
        line = reader.line_num + self.lines.above + 1
        try:
            return next(reader, None)
        except csv.Error as error:
            several = reader.line_num + self.lines.above > line
            self.faults.unsound(f"line {line}: {self._reason(str(error), several)}")
            raise self.faults.error() from None

    @staticmethod
    def _reason(said: str, several: bool) -> str:
        if "field larger" in said:
            quote = " It goes on over several lines, so a double quote that is never closed may be the cause."
            return (
                f"a cell has more than {most('characters'):,} characters, the most that this program takes. Cut the "
                f"text, or take the row out.{quote if several else ''}"
            )
        if "unexpected end" in said:
            return "a double quote opens here and is never closed. Close it, or write it twice."
        if "new-line" in said:
            return (
                "a carriage return stands outside of double quotes and ends no line. Save the file with the line ends "
                "of Unix or Windows, and put texts of several lines in double quotes."
            )
        return "a double quote stands inside a quoted cell. Write it twice there, or close the cell first."


def number(cell: str) -> float | None:
    """The number that a cell holds, or None; infinity, NaN and an empty cell are none."""
    text = cell.strip()
    value = float(text) if NUMBER.fullmatch(text) else None
    return value if value is not None and abs(value) != float("inf") else None
