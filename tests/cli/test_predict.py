"""The worked example of the page on own data, executed, and what a user of `predict` can do wrong."""

import csv
import io
import json
import re
import shlex
import sys
from types import SimpleNamespace

import pytest
from support.saved import saved

from bilstm_dropout.cli import entry
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.paths import project_root

PAGE = project_root() / "book" / "own-data.md"
SMALL = [each for name in ("epochs=1", "units=2", "embedding_dim=2") for each in ("--set", name)]


@pytest.fixture
def command(monkeypatch, capsys):
    """Call the command's entry point in a folder, in this process: exit status, stdout and stderr."""

    def call(*arguments, folder):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["bilstm-dropout", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            entry.main()
        said = capsys.readouterr()
        return SimpleNamespace(returncode=ended.value.code or 0, stdout=said.out, stderr=said.err)

    return call


def example():
    """The commands of the page's section, the rows of its file, and what it says of those that were left out."""
    section = PAGE.read_text("utf-8").split("\n## Answer new rows\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\$ \.venv/bin/bilstm-dropout (.*)$", section, flags=re.M)
    rows, _ = re.findall(r"```text\n(.*?)```", section, flags=re.S)
    return [shlex.split(line) for line in lines], rows, re.findall(r"^line \d+: .*$", section, flags=re.M)


def test_the_example_of_the_page_works_as_it_stands(command, tmp_path, monkeypatch):
    (train, answer, *_), rows, left_out = example()
    assert train[0] == "run" and answer[0] == "predict"
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    with (tmp_path / "reviews.csv").open("w", newline="") as stream:
        words = [("dull", "1"), ("good", "5")]
        rows_of_training = [[f"a {word} film {n}", stars] for n in range(20) for word, stars in words]
        csv.writer(stream).writerows([["review", "stars"], *rows_of_training])
    import_file(tmp_path / "reviews.csv", text="review", label="stars")
    (tmp_path / "new.csv").write_text(rows, "utf-8")
    trained = command(*train, *SMALL, folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    refused = command(*train, *SMALL, folder=tmp_path)
    assert refused.returncode == 2 and "add --force" in refused.stderr
    done = command(*answer, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("line ")] == left_out and left_out
    name = answer[answer.index("--output") + 1]
    answers = list(csv.DictReader(io.StringIO((tmp_path / name).read_text("utf-8"))))
    assert [each["row"] for each in answers] == ["2", "4"]
    for each in answers:
        assert each["label"] in ("1", "5") and float(each["probability"]) == max(float(each["p_1"]), float(each["p_5"]))
        assert float(each["lower"]) <= float(each["mean"]) <= float(each["upper"])
    assert command(*answer, folder=tmp_path).returncode == 2  # the answers are there


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("networks")
    saved(folder / "texts.keras")
    saved(folder / "series.keras", kind="series")
    (folder / "texts.csv").write_text("text,name\nword1 word2,=1+1\n")
    (folder / "series.csv").write_text("id,step,a,b,c,d\nx,1,1,2,3,4\nx,2,1,2,3,4\ny,1,1e99,1,1,1\ny,2,1,1,1,1\n")
    (folder / "empty.csv").write_text('text\n""\n" "\n')
    return folder


def test_all_answered_exits_zero_and_prints_json(command, folder):
    done = command("predict", "texts.keras", "texts.csv", "--format", "json", "--id-column", "name", folder=folder)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["id"] == "=1+1" and set(row["probabilities"]) == {"a", "b", "c"} and "mean" not in row


def test_a_series_too_far_away_is_left_out(command, folder):
    done = command("predict", "series.keras", "series.csv", folder=folder)
    assert done.returncode == 1 and done.stdout.splitlines()[1].startswith("2,x,")
    assert "line 4: a value is too far from those of training, so the series 'y' is left out" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["texts.keras", "empty.csv"], "none of its rows can be answered"),
        (["texts.keras", "none.csv"], "There is no file"),
        (["texts.csv", "texts.csv"], "is no network that this program saved"),
        (["texts.keras", "texts.csv", "--passes", "1"], "give 0 for none"),
        (["texts.keras", "texts.csv", "--format", "xml"], "csv or json"),
        (["texts.keras", "texts.csv", "--force"], "--force goes with --output"),
        (["texts.keras", "texts.csv", "--output", "texts.csv", "--force"], "is a file that is read"),
        (["texts.keras", "texts.csv", "--output", "series.csv"], "is there already"),
        (["texts.keras", "texts.csv", "--step-column", "t"], "--step-column is for series"),
        (["series.keras", "series.csv", "--text-column", "t"], "--text-column is for texts"),
        (["series.keras", "series.csv", "--feature-column", "a"], "the network reads 4: 'a', 'b', 'c', 'd'"),
        (["texts.keras", "texts.csv", "--text-column", "words"], "no text column 'words'"),
    ],
)
def test_what_a_user_caused_is_said_and_nothing_is_written(command, folder, arguments, says):
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    done = command("predict", *arguments, folder=folder)
    assert done.returncode == 2 and not done.stdout and "Traceback" not in done.stderr
    assert says in done.stderr.splitlines()[-1]
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "input", "--dataset", "mr", "--save", "a.keras"], "this asks for 9"),
        (["run", "input", "output", "--rate", "0.1", "--seed", "1", "--dataset", "mr", "--save", "a.keras"], "for 2"),
        (["run", "input", "--rate", "0.1", "--seed", "1", "--dataset", "digits", "--save", "a.h5"], "ends in .keras"),
        (["run", "input", "--rate", "0.1", "--seed", "1", "--dataset", "recall", "--save", "a.keras"], "is made by"),
        (["run", "input", "--force"], "--force goes with --save"),
        (["run", "--recipe", "s0-combined", "--save", "a.keras"], "goes with one placement"),
        (["run", "--published", "0" * 20, "--save", "a.keras"], "give nothing else with it"),
    ],
)
def test_what_cannot_be_saved_is_said_before_anything_is_trained(command, tmp_path, arguments, says):
    done = command(*arguments, folder=tmp_path)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "a.keras").exists()
