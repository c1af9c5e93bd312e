"""Answers as CSV or JSON, the same numbers in both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from ...datasets.new.rows import Example
from .answering import Answers

FORMATS = ("csv", "json")
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def rows_of(examples: Sequence[Example], answers: Answers, classes: Sequence[str]) -> list[dict]:
    """A dictionary a row: row, id where one was named, label, probability, all probabilities by class, and of passes
    mean, lower, upper and information.
    """
    rows, with_ids = [], any(each.id for each in examples)
    for place, (example, p) in enumerate(zip(examples, answers.probabilities, strict=True)):
        label = int(p.argmax())
        row = {"row": example.row} | ({"id": example.id} if with_ids else {})
        row |= {"label": classes[label], "probability": _number(p[label])}
        row["probabilities"] = {name: _number(value) for name, value in zip(classes, p, strict=True)}
        if answers.mean is not None:
            for name in ("mean", "lower", "upper", "information"):
                row[name] = _number(getattr(answers, name)[place])
        rows.append(row)
    return rows


def written(rows: Sequence[dict], format: str) -> str:
    """The rows as text. format: 'csv', with a column p_CLASS for each class, or 'json', a list of objects.

    In CSV a text that a spreadsheet would take for a formula has an apostrophe before it; JSON has it as it is.
    """
    if format == "json":
        return json.dumps(list(rows), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    flat = [
        {part: value for part, value in row.items() if part != "probabilities"}
        | {f"p_{name}": value for name, value in row["probabilities"].items()}
        for row in rows
    ]
    writer.writerow(_harmless(name) for name in flat[0])
    writer.writerows([_harmless(value) for value in row.values()] for row in flat)
    return text.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value


def _number(value: float) -> float:
    """Six decimals, more than two machines would agree in."""
    return round(float(value), 6)
