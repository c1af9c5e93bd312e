"""How much is taken: one table, said in messages, in --help and in the book, with a way out that works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.own_files import as_series, as_texts, refusal, series, texts, write
from typer.testing import CliRunner

from bilstm_dropout import cli
from bilstm_dropout.datasets.own import limits
from bilstm_dropout.datasets.own.limits import LIMITS, Limit, most, sample_of
from bilstm_dropout.datasets.own.series import read_series
from bilstm_dropout.datasets.own.texts import read_texts
from bilstm_dropout.paths import project_root

OVER = "the most that this program takes"


def test_a_long_text_is_told_of_the_limit_and_of_quotes_only_where_lines_break(tmp_path):
    said = refusal(as_texts, tmp_path, [*texts("good", "bad"), ["word " * 42_000, "good"]])
    assert f"line 26: a cell has more than 200,000 characters, {OVER}" in said and "quote" not in said
    said = refusal(as_texts, tmp_path, [*texts("good", "bad"), ["word\n" * 42_000, "good"]])
    assert said.index(OVER) < said.index("double quote that is never closed may be the cause")


def test_many_classes_are_told_of_the_limit_and_of_amounts_only_where_nearly_every_row_is_one(tmp_path):
    said = refusal(as_texts, tmp_path, texts(*(f"c{n}" for n in range(120))))
    assert "120 different classes in 1,440 rows; this program takes 100 at most" in said
    assert "amounts" not in said and "Join rare ones" in said
    rows = [["text", "label"], *([f"text {n}", n / 7] for n in range(150))]
    assert "seems to hold amounts or texts" in refusal(as_texts, tmp_path, rows)


def test_too_many_rows_end_the_reading_with_the_limit_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "texts", Limit(20, "rows"))
    rows = texts("good", "bad")
    rows[3][0] = ""
    said = refusal(as_texts, tmp_path, rows)
    assert f"has more than 20 rows, {OVER}. Take a sample: python -c " in said and "empty" not in said


def run(line, folder):
    """The command line of an advice, in a shell, with this Python."""
    bare = line.split("Take a sample: ")[-1]
    assert bare.startswith("python -c ")
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} {bare.removeprefix('python ')}"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["a.csv", "it's $(b) \"c\".tsv", "评论.csv"])
def test_the_advice_takes_a_sample_that_can_be_imported(name, tmp_path, monkeypatch):
    file = write(tmp_path / name, [*texts("good", "nan", count=40), ["007", "good"], ["a\nb", "nan"]],
                 "\t" if name.endswith("tsv") else ",")  # fmt: skip
    monkeypatch.setitem(LIMITS, "texts", Limit(60, "rows"))
    if name.endswith("tsv"):
        return run(sample_of(file, "\t", 60), tmp_path)
    run(refusal(read_texts, file, "text", "label"), tmp_path)
    content = read_texts(tmp_path / f"{file.stem}-sample{file.suffix}", "text", "label")
    assert content.facts["examples"] == 60 and content.classes == ("good", "nan")


def test_the_advice_for_series_takes_whole_ones(tmp_path, monkeypatch):
    file = write(tmp_path / "a.csv", series())
    monkeypatch.setitem(LIMITS, "rows", Limit(100, "rows"))
    said = refusal(read_series, file, "id", "step", "label")
    assert f"has more than 100 rows, {OVER}" in said
    run(said.replace(".sample(min(1000", ".sample(min(22"), tmp_path)
    monkeypatch.setitem(LIMITS, "rows", Limit(1000, "rows"))
    lines = (tmp_path / "a-sample.csv").read_text().splitlines()
    assert len(lines) == 1 + 22 * 6 and lines[0] == "id,step,label,x"


def test_values_after_padding_are_a_limit_with_its_number(tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "values", Limit(100, "values"))
    assert "24 series of up to 6 steps with 1 features are 144 values" in refusal(as_series, tmp_path, series())


# ---- said once, shown everywhere ----
def test_help_says_every_limit():
    said = " ".join(CliRunner().invoke(cli.app, ["study", "--help"], env={"COLUMNS": "200"}).output.split())
    for limit in LIMITS.values():
        assert f"{limit.most:,}" in said, limit
    assert limits.in_words().split(":")[0] in said


def test_the_book_has_the_table():
    page = (project_root() / "book" / "own-data.md").read_text("utf-8")
    assert limits.table() in page


def test_the_advice_of_the_book_is_a_line_that_works(tmp_path):
    page = (Path(__file__).parents[3] / "book" / "own-data.md").read_text("utf-8")
    lines = re.findall(r"^\$ .venv/bin/(python -c .*)$", page, re.MULTILINE)
    assert len(lines) == 2
    write(tmp_path / "reviews.csv", texts("good", "bad", count=60))
    run(lines[0].replace("100000", "100"), tmp_path)
    assert len((tmp_path / "sample.csv").read_text().splitlines()) == 101
    rows = series()
    rows[0][0] = "run"
    write(tmp_path / "runs.csv", rows)
    run(lines[1].replace("1000", "20"), tmp_path)
    assert len((tmp_path / "sample.csv").read_text().splitlines()) == 1 + 20 * 6


def test_every_limit_is_a_number_above_nothing():
    assert all(limit.most > 0 and limit.of for limit in LIMITS.values()) and most("classes") == LIMITS["classes"].most
