"""How much of a reader's file is taken: every limit, once. Messages, --help and the book say these numbers."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limit:
    """A limit of this program. most: the largest number allowed. of: what is counted, as a heading says it."""

    most: int
    of: str


LIMITS = {
    "bytes": Limit(1_000_000_000, "bytes of a file"),
    "texts": Limit(200_000, "rows of a file of texts"),
    "rows": Limit(2_000_000, "rows of a file of series"),
    "steps": Limit(2_000, "steps of a series"),
    "values": Limit(100_000_000, "series × longest series × features"),
    "classes": Limit(100, "classes"),
    "columns": Limit(1_000, "columns"),
    "characters": Limit(200_000, "characters of a cell"),
    "line": Limit(16_000_000, "bytes of a line"),
    "class": Limit(80, "characters of a class"),
    "id": Limit(200, "characters of an id"),
}
LEAST_STEPS = 2


def most(name: str) -> int:
    """The largest number allowed."""
    return LIMITS[name].most


def in_words() -> str:
    """All limits in a sentence."""
    numbers = ", ".join(f"{limit.most:,} {limit.of}" for limit in LIMITS.values())
    return f"The most that this program takes of a file of your own: {numbers}."


def table() -> str:
    """All limits as a Markdown table."""
    rows = [f"| {limit.of} | {limit.most:,} |" for limit in LIMITS.values()]
    return "\n".join(["| Of what | At most |", "|:--|--:|", *rows])


def sample_of(path: Path, delimiter: str, rows: int, column: str | None = None) -> str:
    """A command line that writes a sample of a file beside it.

    rows: how many rows; with the name of the id column, how many series, whole ones.
    """
    target = path.with_name(f"{path.stem}-sample{path.suffix}")
    source, written, sep = (json.dumps(str(each), ensure_ascii=False) for each in (path, target, delimiter))
    read = f"d = pd.read_csv({source}, sep={sep}, dtype=str, keep_default_na=False)"
    if column is None:
        taken = f"d.sample(min({rows}, len(d)), random_state=1)"
    else:
        ids = f"d[{json.dumps(column, ensure_ascii=False)}]"
        read += f"; u = {ids}.drop_duplicates()"
        taken = f"d[{ids}.isin(u.sample(min({rows}, len(u)), random_state=1))]"
    program = f"import pandas as pd; {read}; {taken}.to_csv({written}, sep={sep}, index=False)"
    return f"python -c {shlex.quote(program)}"
