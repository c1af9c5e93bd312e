"""Answers as text: the same numbers as CSV and JSON, and nothing that a spreadsheet would compute."""

import csv
import io
import json

import numpy as np
import pytest

from bilstm_dropout.datasets.new.rows import Example
from bilstm_dropout.runs.saved.answering import Answers
from bilstm_dropout.runs.saved.answers import rows_of, written

P = np.array([[0.25, 0.75], [0.9, 0.1]], dtype=np.float32)
WITH_PASSES = Answers(P, *(np.array([each, each + 0.1]) for each in (0.5, 0.4, 0.6, 0.02)))


def made(answers=WITH_PASSES, ids=("a", "b"), classes=("no", "yes")):
    return rows_of([Example(row, id, "text") for row, id in zip((3, 7), ids, strict=True)], answers, classes)


def test_both_forms_say_the_same():
    rows = made()
    assert rows[0] == {
        "row": 3, "id": "a", "label": "yes", "probability": 0.75, "probabilities": {"no": 0.25, "yes": 0.75},
        "mean": 0.5, "lower": 0.4, "upper": 0.6, "information": 0.02,
    }  # fmt: skip
    assert json.loads(written(rows, "json")) == rows
    first, second = csv.DictReader(io.StringIO(written(rows, "csv")))
    assert first == {
        "row": "3", "id": "a", "label": "yes", "probability": "0.75", "mean": "0.5", "lower": "0.4", "upper": "0.6",
        "information": "0.02", "p_no": "0.25", "p_yes": "0.75",
    }  # fmt: skip
    assert second["label"] == "no" and second["probability"] == "0.9"


def test_without_passes_and_ids_there_are_no_columns_of_them():
    header = written(made(Answers(P), ids=("", "")), "csv").splitlines()[0]
    assert header == "row,label,probability,p_no,p_yes"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " ="])
def test_no_cell_is_a_formula(begins):
    text = f'{begins}HYPERLINK("x","y"),"'
    rows = made(ids=(text, "b"), classes=("no", text))
    cells = [cell for row in csv.reader(io.StringIO(written(rows, "csv"), newline="")) for cell in row]
    assert f"'{text}" in cells and f"p_{text}" in cells
    assert not any(cell.lstrip(" ").startswith(tuple("=+-@\t\r\n＝")) for cell in cells)
    assert json.loads(written(rows, "json"))[0]["id"] == text
