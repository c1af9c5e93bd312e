"""Names of a file stand on pages, in tables and in the terminal as they stand in the file."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bilstm_dropout import datasets
from bilstm_dropout.book.chapters.examples import as_read, class_of
from bilstm_dropout.book.pages import data as data_page
from bilstm_dropout.cli import commands  # noqa: F401 (registers them)
from bilstm_dropout.cli.base import app
from bilstm_dropout.study.own import predictions, prepare

BAD, GOOD, QUOTED = "منفي جدا!", "جيد", 'it\'s "q" \\\\ -- ...'
TEXTS = {BAD: "الفيلم سيئ جدا !", GOOD: "الفيلم جميل", QUOTED: "a plain text"}
COLUMNS = prepare.Columns("النص", "الفئة")


@pytest.fixture
def found(tmp_path, monkeypatch):
    """What prepare gives of a file in Arabic, with its data set's name."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    rows = [{"النص": f"{text} {n}", "الفئة": label} for n in range(12) for label, text in TEXTS.items()]
    pd.DataFrame(rows).to_csv(tmp_path / "ar.csv", index=False)
    return prepare.prepare(tmp_path / "ar.csv", COLUMNS)


def test_the_terminal_sets_them_apart(found):
    lines = []
    prepare.say_what(found[1], lines.append)
    said = "\n".join(lines)
    assert f"“\u2068{BAD}\u2069” 12" in said and f"“\u2068{GOOD}\u2069” 12" in said and f"“{QUOTED}” 12" in said


def test_the_card_sets_them_apart(found):
    card = data_page.data_cards([found[1].name])
    for name in (BAD.replace("!", "\\!"), GOOD, COLUMNS.text, COLUMNS.label):
        assert f"“<bdi>{name}</bdi>”" in card


def test_a_listing_has_them_as_text_and_says_of_a_damaged_set_that_it_is(found, tmp_path):
    damaged = tmp_path / "data" / "own" / "own-bad"
    damaged.mkdir(parents=True)
    (damaged / "card.json").write_text("[" * 100_000)
    done = CliRunner().invoke(app, ["datasets", "--json"])
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert done.exit_code == 0 and list(rows) == list(datasets.names())
    assert f"“{QUOTED}” 12" in rows["own-ar"]["what"] and f"“\u2068{BAD}\u2069”" in rows["own-ar"]["what"]
    assert "deeply" in rows["own-bad"]["what"] and rows["own-bad"]["kind"] == "unreadable"
    assert CliRunner().invoke(app, ["datasets"]).exit_code == 0


def test_an_example_is_one_piece(found):
    data = datasets.load(found[1].name)
    of = {label: int(np.flatnonzero(data.test.labels == place)[0]) for place, label in enumerate(data.classes)}
    assert class_of(data, of[BAD]) == f"\u2068{BAD}\u2069" and class_of(data, of[QUOTED]) == QUOTED
    assert as_read(data, of[BAD]).startswith("\u2068الفيلم سيئ جدا !") and as_read(data, of[BAD]).endswith("\u2069")
    assert as_read(data, of[QUOTED]).startswith("a plain text")


def test_classes_in_a_row_keep_their_order():
    rows = [
        {"row": 2, "trial": trial, "text": "", "class": GOOD, "stop": "best", "placement": place, "rate": rate,
         "predicted": predicted}
        for trial in (0, 1) for place, rate, predicted in (("none", 0.0, GOOD), ("input", 0.25, BAD))
    ]  # fmt: skip
    flipped = predictions.flips(pd.DataFrame(rows), "input", 0.25)
    assert flipped.loc[0, "input"] == f"\u2068{BAD}\u2069, \u2068{BAD}\u2069"
    assert flipped.loc[0, "none"] == f"\u2068{GOOD}\u2069, \u2068{GOOD}\u2069"
