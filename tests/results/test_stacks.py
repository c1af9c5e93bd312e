"""Stacks of published probabilities: the runs that they should be, in one order of seeds."""

import numpy as np
import pytest

from bilstm_dropout import results
from bilstm_dropout.results import predictions
from bilstm_dropout.results.stacks import stacks
from bilstm_dropout.stats import metrics


@pytest.mark.parametrize(("part", "at"), [("tuned recipes", "best"), ("u", "last")])
def test_each_run_stands_where_its_seed_and_placement_say(part, at):
    rows = results.read(part).drop_duplicates("key")
    for stack in stacks(part, ["mr"], at):
        mine = rows[(rows["dataset"] == "mr") & (rows["layers"] == 1)]
        mine = mine[mine["dataset_options"].str.contains(f'"fold": {stack.fold},')]
        assert set(stack.p) == set(mine["placement"]) and len(stack.seeds) == 5
        for row in mine.itertuples():
            here = stack.p[row.placement][stack.seeds.index(row.seed)]
            assert metrics.nll(here, stack.labels) == pytest.approx(getattr(row, f"nll_{at}"), abs=4e-4)


def test_validation_is_there_where_it_is_published():
    found = predictions.read("u")
    (stack, *_) = stacks("u", ["mr"])
    row = results.read("u").query("dataset == 'mr' and placement == 'input' and seed == 3")
    key = next(each.key for each in row.itertuples() if f'"fold": {stack.fold},' in each.dataset_options)
    assert np.array_equal(stack.validation["input"][stack.seeds.index(3)], found.validation[key])
    assert stack.validation["input"].shape[1] == len(stack.validation_labels)
    assert not stacks("u", ["mr"], "last")[0].validation and not stacks("tuned recipes", ["mr"])[0].validation


def test_folds_data_sets_and_depths():
    assert {(each.dataset, each.fold) for each in stacks("a2", ["mr", "trec"])} == {
        (dataset, fold) for dataset in ("mr", "trec") for fold in range(2, 10)
    }
    (series,) = stacks("u", ["japanese_vowels"], "last")
    assert series.fold == 0 and len(series.seeds) == 10 and len(series.p) == 21
    assert set(stacks("u", ["japanese_vowels"], "last", layers=2)[0].p) == {"none", "between", "between-spatial"}
    assert {each.dataset for each in stacks("a2")} == {"mr", "trec", "phrasebank"}
