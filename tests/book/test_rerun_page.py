"""The worked examples of the page on re-running show published runs, by the commands' own keys and numbers."""

import re
import shlex
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from bilstm_dropout import cli, results
from bilstm_dropout.book.pages import rerun
from bilstm_dropout.book.reading.foot import foot
from bilstm_dropout.cli import run as command
from bilstm_dropout.paths import book_folder, project_root
from bilstm_dropout.runs import store, train
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import run_key
from bilstm_dropout.runs.train import key_of

PAGE = (book_folder() / "rerun.md").read_text(encoding="utf-8")
MEASURES = ["accuracy", "nll", "brier", "macro_f1"]


def example(number=0):
    """The lines of an example's table, each a list of cells."""
    block = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[number]
    head, *lines = [re.split(r"\s{2,}", line.strip()) for line in block.splitlines()]
    assert head == ["name", *MEASURES, "key"]
    return lines


def test_its_numbers_are_those_of_published_rows():
    rows = results.read("b").set_index("key")
    lines = example()
    assert len(lines) == 4
    for name, *numbers, key in lines:
        row = rows.loc[key]
        assert name == f"{row['placement']} {row['rate']:g} {row['dataset']} seed {row['seed']} (last)"
        assert [float(number) for number in numbers] == [round(row[f"{each}_last"], 4) for each in MEASURES]


def test_its_keys_are_those_of_the_command():
    wanted = [(placement, rate, seed) for placement, rate in (("none", 0.0), ("recurrent", 0.25)) for seed in (1, 2)]
    asked = re.search(r"bilstm-dropout (run recurrent --rate 0.25.*?)\n```", PAGE, re.DOTALL)[1]
    words = asked.replace("\\\n", " ").split()
    assert words == ["run", "recurrent", "--rate", "0.25", "--seed", "1", "--seed", "2", "--dataset", "japanese_vowels"]
    keys = [
        key_of(RunConfig(dataset="japanese_vowels", placement=placement, rate=rate, seed=seed))
        for placement, rate, seed in wanted
    ]
    assert keys == [line[-1] for line in example()]


def python_blocks():
    return [each for each in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "results.read" in each]


def test_the_python_lines_run(capsys):
    exec(python_blocks()[0], {})
    assert "nll_last" in capsys.readouterr().out


# ---- a run on text ----
@pytest.fixture
def trec():
    """The published run of the second example, as a dictionary of its row."""
    rows = results.rows_of(results.read("tuned recipes"))
    return next(row for row in rows if row["key"] == example(1)[-1][-1])


def test_the_command_for_text_trains_the_published_run(trec, monkeypatch):
    (text,) = re.findall(r"\$ \.venv/bin/bilstm-dropout (run recurrent --rate 0.643 .*?)\n```", PAGE, re.DOTALL)
    asked = []

    def stop(sweep, *_, **__):
        asked.append(sweep)
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "wanted", lambda sweep: [])
    monkeypatch.setattr(command, "run_sweep", stop)
    CliRunner().invoke(cli.app, shlex.split(text.replace("\\\n", " ")))
    (sweep,) = asked
    ((run,), (none,)) = sweep.runs(), sweep.baselines()
    assert run == results.config_of(trec)
    keys = [run_key(each, trec["fingerprint"]) for each in (none, none, run, run)]
    assert keys == [line[-1] for line in example(1)] and keys[-1] == trec["key"]


def test_what_it_prints_is_near_what_is_published_and_the_page_says_how_near(trec):
    best, last = example(1)[2:]
    assert best[0] == "recurrent 0.643 trec seed 1 (best)" and last[0] == best[0].replace("best", "last")
    assert [float(number) for number in best[1:-1]] == [round(trec[f"{each}_best"], 4) for each in MEASURES]
    assert trec["epoch_best"] == 2 and trec["epoch_last"] == 20
    said = f"the published loss is {trec['nll_last']:.4f} and the accuracy {trec['accuracy_last']:.4f}, one of 545"
    assert said in " ".join(PAGE.split())
    assert float(last[1]) - trec["accuracy_last"] == pytest.approx(1 / 545, abs=1e-4)
    assert 0 < abs(float(last[2]) - trec["nll_last"]) < 1e-3


def test_a_key_is_enough_to_train_a_run(trec, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(train, "train", lambda configs, store: asked.extend(configs))
    monkeypatch.setattr(store.Store, "load", lambda _, key: SimpleNamespace(metrics=f"of {key}"))
    exec(python_blocks()[1], {})
    assert asked == [results.config_of(trec)] and trec["key"] in capsys.readouterr().out


# ---- where the project is ----
def test_the_page_says_how_to_get_the_project_from_the_one_place_that_knows(tmp_path):
    citation = (project_root() / "CITATION.cff").read_text("utf-8")
    lines = [line for line in citation.splitlines(keepends=True) if not line.startswith("repository-code:")]
    found = []
    for number, more in enumerate(("", "repository-code: https://example.org/somebody/dropout.git\n")):
        root = tmp_path / str(number)
        root.mkdir()
        (root / "CITATION.cff").write_text("".join(lines) + more, "utf-8")
        found.append(rerun.get_part(root))
    assert "git clone" not in found[0] and "a copy of the repository" in found[0]
    assert found[1].splitlines()[1:3] == ["$ git clone https://example.org/somebody/dropout.git", "$ cd dropout"]
    assert ("git clone" in rerun.get_part()) == bool(foot()["address"]) and "generated/get.md" in PAGE
