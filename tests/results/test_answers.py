"""Runs beside `none`, and which answers change: made-up answers, and what is published against plain loops."""

import numpy as np
import pandas as pd
import pytest

from bilstm_dropout import results
from bilstm_dropout.results import answers, predictions


@pytest.fixture(scope="module")
def rows():
    return results.read("u")


@pytest.fixture(scope="module")
def found():
    return predictions.read("u")


def test_changes_are_told_apart_and_add_up_to_the_churn():
    labels = np.array([0, 1, 2, 0, 1])
    before = np.eye(3)[[0, 0, 0, 1, 2]]  # right, wrong, wrong, wrong, wrong
    after = np.eye(3)[[1, 1, 1, 1, 2]]  # wrong, right, another mistake, the same mistake twice
    assert answers.changed(before, after, labels) == (1 / 5, 1 / 5, 1 / 5)
    assert answers.changed(before, before, labels) == (0, 0, 0)


@pytest.mark.parametrize(("placement", "dataset"), [("input", "mr"), ("between", "mr"), ("gates", "japanese_vowels")])
def test_gap_and_churn_are_those_of_the_published_probabilities(rows, found, placement, dataset):
    answered = answers.answered("u", [placement])
    answered = answered[(answered["dataset"] == dataset) & (answered["placement"] == placement)]
    assert len(answered) == 10
    for row in answered.itertuples():
        p, labels = found.last[row.key], found.labels[row.fingerprint]
        assert row.gap_last == pytest.approx(p.max(axis=1).mean() - (p.argmax(axis=1) == labels).mean(), abs=1e-12)
        beside = rows[
            (rows["placement"] == "none") & (rows["seed"] == row.seed) & (rows["layers"] == row.layers)
            & (rows["fingerprint"] == row.fingerprint)
        ]  # fmt: skip
        (key,) = beside["key"]
        assert row.churn_last == np.mean(p.argmax(axis=1) != found.last[key].argmax(axis=1))
        assert np.isnan(row.gap_best) == (dataset == "japanese_vowels")


def test_none_has_no_churn_and_all_placements_are_those_of_the_part(rows):
    answered = answers.answered("u")
    assert answered.loc[answered["placement"] == "none", "churn_last"].isna().all()
    assert set(answered["key"]) == set(rows["key"]) and answered["gap_last"].notna().all()


def test_differences_are_those_of_one_setting(rows):
    pairs = answers.beside_none(rows, ["nll_last"], ("key",))
    assert len(pairs) == (rows["placement"] != "none").sum()
    by_key = rows.set_index("key")
    for pair in pairs.sample(20, random_state=1).itertuples():
        row = by_key.loc[pair.key]
        same = (rows[list(answers.SETTING)] == row[list(answers.SETTING)]).all(axis=1) & (rows["placement"] == "none")
        (base,) = rows.loc[same, "nll_last"]
        assert pair.nll_last == row["nll_last"] - base


def test_tuned_recipes_may_differ_in_their_learning_rate():
    tuned = results.read("a2")
    others = (tuned["placement"] != "none").sum()
    assert len(answers.beside_none(tuned, ["nll_best"], apart=("learning_rate",))) == others
    assert len(answers.beside_none(tuned, ["nll_best"])) < others


def test_two_runs_of_none_with_one_setting_are_refused(rows):
    twice = pd.concat([rows, rows.assign(key=rows["key"] + "x")])
    with pytest.raises(pd.errors.MergeError):
        answers.beside_none(twice, ["nll_last"])


def test_changed_answers_are_set_beside_what_a_seed_changes(rows):
    changes = answers.changes("u", "input", "mr", "best")
    counts = changes["beside"].value_counts()
    assert counts["none, same seed"] == 10 and counts["none, other seed"] == 2 * 10  # two folds, pairs of five seeds
    churn = changes[["becomes_right", "becomes_wrong", "other_mistake"]].sum(axis=1)
    same = changes["beside"] == "none, same seed"
    answered = answers.answered("u", ["input"])
    expected = answered.loc[(answered["placement"] == "input") & (answered["dataset"] == "mr"), "churn_best"]
    assert sorted(churn[same]) == pytest.approx(sorted(expected))
    assert answers.changes("u", "embedding-types", "japanese_vowels", "last").empty
