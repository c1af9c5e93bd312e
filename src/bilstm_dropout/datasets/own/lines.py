"""A reader's file as lines of text: what it may be called, how large it may be, and that it is UTF-8."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from ...errors import UserError
from .alike import shown
from .faults import MOST_ITEMS, listed
from .limits import most, sample_of

DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
DELIMITER_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars"}
# How files begin that are no text, whatever they are called.
_NO_TEXT = {
    b"PK\x03\x04": "a ZIP archive, as Excel's .xlsx is",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh9": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard",
    b"PAR1\x15": "a Parquet file",
    b"SQLite format 3": "an SQLite data base",
    b"%PDF": "a PDF file",
    b"version https://git-lfs": "a pointer of Git LFS in place of the file itself",
    b"<!DOCTYPE": "a page of the web, as a failed download is",
    b"<html": "a page of the web, as a failed download is",
    b"<?xml": "an XML file",
    b'{"': "a JSON file",
    b"[{": "a JSON file",
}
_OTHER_UNICODE = {
    codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32", codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}  # fmt: skip
# What spreadsheets write above the header, and read there: the sign between cells.
_SEPARATOR = re.compile(rb"[\"']?sep=([,;\t|])[\"']?[,;\t]*\r?\n?", re.IGNORECASE)


def given(path: str | os.PathLike) -> Path:
    """The path that was given, with ~ for a home folder. UserError for what can be no path."""
    try:
        if b"\0" in os.fsencode(path):
            raise ValueError
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user
        return Path(path)
    except ValueError:  # UnicodeEncodeError, too
        raise UserError(f"{shown(str(path)[-60:])} is no path of a file. Check the path.") from None


class Lines:
    """The lines of a CSV (.csv, commas) or TSV (.tsv or .tab, tabs) file in UTF-8.

    name: for messages. delimiter: what its name says, or a line `sep=;` above the header. above: the lines that stand
    above the header. UserError, one line each, for a file that cannot be such a file.
    """

    delimiters = DELIMITERS

    def __init__(self, path: str | os.PathLike):
        self.path = given(path)
        self.name = shown(self.path.name or str(self.path))
        self.delimiter, self.above = self._check(), 0
        with self._bytes() as stream:
            first = stream.readline(100).removeprefix(codecs.BOM_UTF8)
        if found := _SEPARATOR.fullmatch(first):
            self.delimiter, self.above = found[1].decode(), 1

    @contextmanager
    def open(self) -> Iterator[Iterator[str]]:
        """The lines from the header on. UserError, in the block, for what is no text in UTF-8."""
        with self._bytes() as stream:
            yield self._lines(stream)

    def _check(self) -> str:
        delimiter = self.delimiters.get(self.path.suffix.lower())
        try:
            if self.path.is_dir():
                raise UserError(f"{self.name} is a folder. Name a .csv or .tsv file in it.")
            if self.path.is_symlink() and not self.path.exists():
                raise UserError(f"{self.name} is a link that leads to no file. Name the file itself.")
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
        if size > most("bytes"):
            raise UserError(
                f"{self.name} has {size / 1e9:.2f} GB; this program takes {most('bytes') / 1e9:g} GB at most. Take a "
                f"sample: {sample_of(self.path, delimiter, most('texts') // 2)}"
            )
        return delimiter

    def _unreadable(self, error: OSError) -> UserError:
        return UserError(f"{self.name} cannot be read ({error.strerror}). Check the path and your rights on it.")

    @contextmanager
    def _bytes(self) -> Iterator[BinaryIO]:
        try:
            with self.path.open("rb") as stream:
                yield stream
        except OSError as error:
            raise self._unreadable(error) from None

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        """The lines of an open file, from the header on."""
        number = 0
        while raw := stream.readline(most("line") + 1):
            number += 1
            where = f"{self.name}, line {number}"
            if number == 1:
                self._refuse_other_formats(raw)
                raw = raw.removeprefix(codecs.BOM_UTF8)
            if len(raw) > most("line"):
                raise UserError(f"{where} is longer than {most('line'):,} bytes, the most that this program takes.")
            if b"\0" in raw:
                raise UserError(f"{where} holds a NUL byte, so it is no text in UTF-8. Save the file in UTF-8.")
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise UserError(
                    f"{where} is not UTF-8: byte 0x{raw[error.start]:02x}{_others(stream, number)}. The file was "
                    "exported in another encoding, such as Latin-1, Windows-1251, Shift-JIS or GBK; save it in UTF-8."
                ) from None
            if number > self.above:
                yield text

    def _refuse_other_formats(self, first: bytes) -> None:
        for mark, name in _OTHER_UNICODE.items():
            if first.startswith(mark):
                raise UserError(f"{self.name} is in {name}. Save it in UTF-8 ('CSV UTF-8' in a spreadsheet).")
        for begins, what in _NO_TEXT.items():
            start = first.removeprefix(codecs.BOM_UTF8)[: len(begins)]
            if start == begins or (begins.startswith(b"<") and start.lower() == begins.lower()):
                raise UserError(
                    f"{self.name} is {what}, not a table of text. Export or unpack it as .csv or .tsv in UTF-8."
                )


def _others(stream: BinaryIO, number: int) -> str:
    """Which lines of the rest are not UTF-8 either, in words; number: of the line before."""
    found, count = [], 0
    while raw := stream.readline(most("line") + 1):
        number += 1
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            count += 1
            found += [f"{number}"] if len(found) < MOST_ITEMS else []
    return f"; nor {'is line' if count == 1 else 'are lines'} {listed(found, count)}" if count else ""


def _beside(path: Path) -> list[Path]:
    try:
        return [file for file in path.parent.iterdir() if file.suffix.lower() in DELIMITERS]
    except OSError:
        return []
