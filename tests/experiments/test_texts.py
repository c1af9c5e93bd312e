"""Counts of the test texts: they are those of the data sets that the published runs were trained on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from bilstm_dropout import results
from bilstm_dropout.cli import app, checks
from bilstm_dropout.datasets.dataset import UNKNOWN
from bilstm_dropout.experiments import texts
from bilstm_dropout.experiments.confirmatory import folds, plan
from bilstm_dropout.results.rows import fold_of


@pytest.fixture(scope="module")
def published() -> texts.Texts:
    return texts.Texts.published()


def test_there_are_counts_of_every_fold_and_of_the_texts_that_were_predicted(published):
    rows = results.read("a2")
    wanted = {(row.dataset, fold_of(row.dataset_options)): row.fingerprint for row in rows.itertuples()}
    tuned = [(dataset, fold) for dataset in plan.TUNED for fold in plan.FOLDS]
    assert [(each.dataset, each.fold) for each in published.folds] == tuned
    for each in published.folds:
        assert each.fingerprint == wanted[(each.dataset, each.fold)]
    with pytest.raises(KeyError):
        published.of("mr", 0)


def test_lengths_are_those_that_the_cards_state(published):
    """Eight tenths of a set are counted, so their mean length is nearly that of all, which data/README.md has."""
    assert published.of("mr", 2).tokens != published.of("mr", 3).tokens
    for name, mean in (("mr", 21.2), ("trec", 10.6), ("phrasebank", 23.8)):
        found = [count for each in published.folds if each.dataset == name for count in each.tokens]
        assert sum(found) / len(found) == pytest.approx(mean, rel=0.02)


def test_counting_gives_tokens_and_unknown_words(monkeypatch):
    test = SimpleNamespace(inputs=[[2, UNKNOWN, 5, 0], [UNKNOWN, UNKNOWN, 0, 0]], lengths=[3, 2])
    monkeypatch.setattr(
        folds.datasets, "load", lambda name, **options: SimpleNamespace(name=name, fingerprint="f", test=test)
    )
    found = texts.measure().of("trec", 4)
    assert (found.tokens, found.unknown, found.fingerprint) == ((3, 2), (1, 2), "f")


@pytest.mark.parametrize("counts", [{"tokens": [1, 2], "unknown": [0]}, {"tokens": [1], "unknown": [2]}])
def test_counts_that_do_not_fit_are_refused(counts):
    with pytest.raises(ValueError, match="among these"):
        texts.Counted(dataset="mr", fold=2, fingerprint="f", **counts)


def test_the_command_prints_the_file_or_writes_it(published, tmp_path, monkeypatch):
    monkeypatch.setattr(texts, "measure", lambda: published)
    monkeypatch.setattr(checks, "ENVIRONMENT", {})
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    printed = CliRunner().invoke(app, ["measure", "texts"])
    assert printed.exit_code == 0 and texts.Texts.model_validate_json(printed.stdout) == published
    assert CliRunner().invoke(app, ["measure", "texts", "--publish"]).exit_code == 0
    assert texts.Texts.file().read_text("utf-8") == printed.stdout
