"""The commands that make a published measurement print the file that the book reads, and measure what they say."""

import json

import pytest
from support.invented import tokens
from typer.testing import CliRunner

from bilstm_dropout import cli, datasets, results
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import rivals
from bilstm_dropout.experiments.confirmatory import crossed, plan
from bilstm_dropout.experiments.confirmatory.crossed import SeedsAndExamples
from bilstm_dropout.experiments.linear import Linear


def printed(name):
    """What `measure NAME` prints on its standard output, read as JSON."""
    done = CliRunner().invoke(cli.app, ["measure", name], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


# ---- linear models ----
@pytest.fixture
def folds(monkeypatch):
    """Two folds of one set, with made-up texts in their place; what was asked of `datasets.load`, in order."""
    asked, made = [], tokens()

    def load(name, **options):
        asked.append((name, options))
        return made

    monkeypatch.setattr(plan, "TUNED", ("trec",))
    monkeypatch.setattr(plan, "FOLDS", (4, 7))
    monkeypatch.setattr(datasets, "load", load)
    return asked, made


def test_a_linear_model_is_fitted_on_the_splits_of_the_tuned_runs(folds):
    asked, made = folds
    found, (_, model) = printed("linear"), rivals.rivals(made)
    assert found["model"] == rivals.WORDS and [each["fold"] for each in found["fitted"]] == [4, 7]
    rows = results.read("tuned recipes")
    for name, options in asked:
        of_set = rows.loc[rows["dataset"] == name, "dataset_options"].map(json.loads)
        assert options.items() <= next(each for each in of_set if each["fold"] == options["fold"]).items()
    expected = {"accuracy": model.accuracy, "nll": model.nll, "strength": model.strength}
    for each in found["fitted"]:
        assert each["dataset"] == "trec" and each["fingerprint"] == made.fingerprint
        assert {name: each[name] for name in expected} == pytest.approx(expected, abs=1e-6)


def test_what_it_prints_is_read_back_as_the_published_file_is(folds, tmp_path, monkeypatch):
    (tmp_path / Linear.FILE).write_text(json.dumps(printed("linear")), "utf-8")
    there = Linear.published()
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    mine = Linear.published()
    assert len(mine.frame()) == 2 and list(mine.frame()) == list(there.frame()) and mine.model == there.model


def test_the_published_linear_models_saw_the_very_data_of_the_tuned_runs():
    rows = results.read("tuned recipes")
    data = {(row.dataset, results.fold_of(row.dataset_options), row.fingerprint) for row in rows.itertuples()}
    found = Linear.published().frame()
    assert {(row.dataset, row.fold, row.fingerprint) for row in found.itertuples()} == data and len(found) == len(data)


def test_without_the_texts_it_says_which_are_missing(monkeypatch):
    def absent(name, **options):
        raise UserError(f"{name}: files are missing")

    monkeypatch.setattr(datasets, "load", absent)
    done = CliRunner().invoke(cli.app, ["measure", "linear"])
    assert isinstance(done.exception, UserError) and "mr" in str(done.exception) and not done.stdout


# ---- seeds and examples ----
def test_intervals_over_seeds_and_examples_are_those_published(monkeypatch):
    name = "input - none"
    monkeypatch.setattr(crossed, "CONTRASTS", {name: crossed.CONTRASTS[name]})
    monkeypatch.setattr(crossed, "FOLDS", {"a2": crossed.FOLDS["a2"]})
    monkeypatch.setattr(crossed, "MEASURES", {"raw": crossed.MEASURES["raw"]})
    (intervals,) = printed("seeds-and-examples").values()
    assert list(intervals) == [name] and list(intervals[name]) == ["raw"]
    there = SeedsAndExamples.published().intervals[name]["raw"]
    assert intervals[name]["raw"] == pytest.approx(there, abs=1e-9)
    rows = results.read("tuned recipes")  # folds and sets are of one weight each, and every run of a fold counts alike
    mean = rows.groupby("placement")["nll_best"].mean()
    assert intervals[name]["raw"][0] == pytest.approx(mean["input"] - mean["none"], abs=1e-4)
    assert intervals[name]["raw"][1] < intervals[name]["raw"][0] < intervals[name]["raw"][2]
