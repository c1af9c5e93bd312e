"""The hash of source by which a notebook is executed again, entries of the table of placements left out.

Which entries a notebook rests on it says itself (`dropout/uses.py`): who adds one waits for no page that lacks it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ..files import sha256
from ..isolated import PACKAGE, hash_of

TABLE = PACKAGE / "dropout/placements.py"
_ENTRIES = "_ENTRIES"  # the list in that file that the table is made of


def hash_without_table(files: Iterable[Path]) -> str:
    """SHA-256, 16 hexadecimal digits, over places and contents of the package's files; of the table's, its code."""
    files = list(files)
    code = _code(TABLE, TABLE.stat().st_mtime_ns) if TABLE in files else ""
    return sha256((hash_of(file for file in files if file != TABLE) + code).encode())[:16]


@cache
def _code(file: Path, _changed: int) -> str:
    """A file's code without the table's entries, comments and layout."""
    tree = ast.parse(file.read_text("utf-8"))
    kept = [each for each in tree.body if not (isinstance(each, ast.Assign) and each.targets[0].id == _ENTRIES)]
    if len(kept) != len(tree.body) - 1:
        raise ValueError(f"{file.name} has no list {_ENTRIES}: what is made of it would not be seen to change")
    return ast.unparse(ast.Module(kept, []))
