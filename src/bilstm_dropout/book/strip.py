"""The strip under a figure: what was drawn as a file, where it was drawn, and what runs it rests on."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pandas as pd

from ..paths import project_root
from ..results.about import about
from ..wording import count, escape, listed

# A cell of text that begins so would be run by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")


def strip_html(name: str, data: pd.DataFrame | None, runs: pd.DataFrame | None) -> str:
    """The strip as HTML. name: the figure's. data: what it draws. runs: published rows, or the frame of runs made here.

    Parts and machines are those that `part` and `provenance` of the runs name, as published rows have them.
    """
    pieces = [csv_link(name, data)] if data is not None else []
    notebook = notebook_path()
    if notebook:
        pieces.append(f"drawn by <code>{escape(notebook)}</code>")
    if runs is not None:
        pieces.append(_runs(runs))
        pieces += _machines(runs)
    pieces.append(f'<a href="#figure-{escape(name)}">link to this figure</a>')
    return f'<div class="strip">{" · ".join(pieces)}</div>'


def notebook_path() -> str:
    """The notebook that runs, as the project names it; its file's name outside the project, '' where nobody says it."""
    said = os.environ.get("BILSTM_DROPOUT_NOTEBOOK") or os.environ.get("JPY_SESSION_NAME", "")
    path = Path(said)
    if not said or path.suffix != ".ipynb":
        return ""
    inside = path.resolve().is_relative_to(project_root())
    return path.resolve().relative_to(project_root()).as_posix() if inside else path.name


def csv_text(data: pd.DataFrame) -> str:
    """A frame as CSV; a text or a name that a spreadsheet would run as a formula begins with an apostrophe.

    Lines within a text end with a line feed: a carriage return alone is not quoted, and would end the row.
    """
    safe = data.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [_no_formula(value) for value in safe[column]]
    return safe.rename(columns=_no_formula).to_csv(index=False, lineterminator="\n")


def _no_formula(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_link(name: str, data: pd.DataFrame, text: str = "data as CSV") -> str:
    """A link that holds a frame as the file `name`.csv, as HTML."""
    content = base64.b64encode(csv_text(data).encode()).decode()
    return f'<a download="{escape(name)}.csv" href="data:text/csv;charset=utf-8;base64,{content}">{escape(text)}</a>'


def _runs(runs: pd.DataFrame) -> str:
    number = count(len(runs), "run")
    if "part" not in runs:
        return f"{number} made here"
    parts = [about(part) for part in sorted(set(runs["part"]))]
    return f"{number}: {escape(listed(parts))}" if parts else number


def _machines(runs: pd.DataFrame) -> list[str]:
    if "provenance" not in runs:
        return []
    classes = {json.dumps(json.loads(each).get("device", {}), sort_keys=True) for each in set(runs["provenance"])}
    lines = [_machine(json.loads(each)) for each in sorted(classes)]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return [f"<details><summary>{count(len(classes), 'kind')} of machine</summary><ul>{items}</ul></details>"]


def _machine(device: dict[str, str]) -> str:
    """A device class (runs.provenance) in words: what it is called, then its value; versions go with their library."""
    said = [f"{name.replace('_', ' ')} {device[name]}" for name in device if name != "backend" and device[name]]
    return ", ".join([*filter(None, [device.get("backend")]), *said])
