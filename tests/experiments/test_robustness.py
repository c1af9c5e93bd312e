"""Spoilt inputs: what is taken away, how slopes are compared, and a claim that follows the measurement."""

import json

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from bilstm_dropout import datasets
from bilstm_dropout.claims import evidence_study
from bilstm_dropout.claims.claim import Evidence
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import robustness
from bilstm_dropout.runs import networks as trained

WORDS = np.array([[5, 6, 7, 8, 9, 0], [4, 0, 0, 0, 0, 0], [3, 2, 2, 5, 6, 7]] * 400, dtype=np.int32)
LENGTHS = np.array([5, 1, 6] * 400, dtype=np.int32)
SERIES = np.random.default_rng(0).standard_normal((600, 6, 8)).astype(np.float32) + 3
SERIES[::2, 4:] = 0
STEPS = np.array([4, 6] * 300, dtype=np.int32)


@pytest.mark.parametrize("way", ["missing words", "unknown words"])
def test_words_go_by_their_share_and_nothing_else_changes(way):
    same, length = robustness.spoil(WORDS, LENGTHS, way, 0.0)
    assert np.array_equal(same, WORDS) and np.array_equal(length, LENGTHS)
    low, high = (robustness.spoil(WORDS, LENGTHS, way, level) for level in (0.25, 0.5))
    for level, (inputs, lengths) in ((0.25, low), (0.5, high)):
        real = np.arange(6) < lengths[:, None]
        assert inputs.dtype == WORDS.dtype and not inputs[~real].any() and inputs[real].all() and lengths.min() >= 1
        long = LENGTHS > 1
        gone = 1 - lengths[long].sum() / LENGTHS[long].sum() if way == "missing words" else (inputs == 1)[real].mean()
        assert gone == pytest.approx(level, abs=0.03)
        for row in range(30):  # what is left is there in its order
            left = [word for word in inputs[row, : lengths[row]] if word != 1]
            remaining = iter(WORDS[row])
            assert all(word in remaining for word in left)
    assert (high[1] <= low[1]).all() and ((high[0] == 1) >= (low[0] == 1)).all()


def test_series_lose_steps_features_and_clearness():
    inputs, lengths = robustness.spoil(SERIES, STEPS, "missing features", 0.25)
    assert ((inputs[:, :4] == 0).all(axis=1).sum(axis=1) == 2).all() and np.array_equal(lengths, STEPS)
    kept = inputs != 0
    assert np.array_equal(inputs[kept], SERIES[kept])
    inputs, lengths = robustness.spoil(SERIES, STEPS, "missing steps", 0.5)
    assert lengths.min() >= 1 and lengths.sum() / STEPS.sum() == pytest.approx(0.5, abs=0.05)
    assert not inputs[np.arange(6) >= lengths[:, None]].any()
    inputs, lengths = robustness.spoil(SERIES, STEPS, "noise", 0.5)
    real = np.arange(6) < STEPS[:, None]
    assert not inputs[~real].any() and (inputs - SERIES)[real].std() == pytest.approx(0.5, rel=0.03)
    with pytest.raises(ValueError, match="unknown way"):
        robustness.spoil(SERIES, STEPS, "missing", 0.5)


def test_what_is_cut_short_loses_its_end_and_nothing_else():
    for inputs, lengths in ((WORDS, LENGTHS), (SERIES, STEPS)):
        same, whole = robustness.spoil(inputs, lengths, "cut short", 0.0)
        assert np.array_equal(same, inputs) and np.array_equal(whole, lengths)
        cut, left = robustness.spoil(inputs, lengths, "cut short", 0.5)
        assert left.dtype == lengths.dtype and left.min() >= 1
        assert (np.abs(left - lengths / 2) < 1).all() and left[lengths > 1].mean() == pytest.approx(
            lengths[lengths > 1].mean() / 2, abs=0.05)
        for row in range(30):
            assert np.array_equal(cut[row, : left[row]], inputs[row, : left[row]]) and not cut[row, left[row] :].any()
        less = robustness.spoil(inputs, lengths, "cut short", 0.1)[1]
        assert (left <= less).all() and (less <= lengths).all()
        assert less[lengths > 1].mean() == pytest.approx(0.9 * lengths[lengths > 1].mean(), abs=0.05)


def test_means_are_of_runs_and_two_intervals_stand_where_there_are_folds():
    found = robustness.Shift.model_validate(made_up(RISES.get))
    frames = [found.slopes(name, "cut short").stack().rename("rise").rename_axis(["fold", "seed", "placement"])
              .reset_index().assign(dataset=name) for name in robustness.SETS]
    table = robustness.means(pd.concat(frames), ["placement"], ["rise"]).set_index(["dataset", "placement"])
    for name, runs in (("japanese_vowels", 10), ("trec", 20)):
        mine = table.loc[name]
        assert mine.at["input", "rise"] == pytest.approx(0.4, abs=1e-3) and (mine["runs"] == runs).all()
        assert mine["rise_other_low"].notna().all() == (name == "trec")


def made_up(rise):
    """A measurement in which rise(placement) is the slope, and each seed has a level of its own."""
    networks = [
        {"dataset": dataset, "way": way, "placement": placement, "fold": fold, "seed": seed,
         "nll": [0.5 + 0.01 * seed + (rise(placement) + 1e-4 * (seed % 3)) * level for level in levels],
         "accuracy": [0.8 - 0.1 * level for level in levels], "gap": [0.1 * level for level in levels],
         "calibration": [-0.001] * len(levels), "auroc": [0.75] * len(levels)}
        for dataset, ways in robustness.WAYS.items()
        for way, levels in ways.items()
        for placement in robustness.PLACEMENTS
        for fold, seed in robustness.runs_of(dataset)
    ]  # fmt: skip
    return {"networks": networks, "provenance": {}}


RISES = {"none": 1.0, "input": 0.4, "recurrent": 0.9, "output": 1.2, "combined": 0.5, "variational": 1.0}


def test_slopes_are_those_of_the_losses_and_compared_by_seed():
    found = robustness.Shift.model_validate(made_up(RISES.get))
    slopes = found.slopes("japanese_vowels", "noise")
    assert slopes["input"].to_numpy() == pytest.approx([0.4 + 1e-4 * (seed % 3) for seed in range(1, 11)])
    slopes = found.slopes("trec", "missing words")
    assert len(slopes) == 20 and (slopes["output"] - slopes["none"]).to_numpy() == pytest.approx([0.2] * 20)


def test_a_measurement_that_is_not_whole_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    for damaged in ("", "{}", json.dumps({**made_up(RISES.get), "networks": made_up(RISES.get)["networks"][1:]})):
        (tmp_path / "shift.json").write_text(damaged)
        with pytest.raises(UserError, match=r"cannot be used.*Restore it from a release"):
            robustness.Shift.published()
    short = made_up(RISES.get)
    short["networks"][0]["gap"] = [0.1]
    (tmp_path / "shift.json").write_text(json.dumps(short))
    with pytest.raises(UserError, match=r"cannot be used.*Restore it from a release"):
        robustness.Shift.published()
    (tmp_path / "shift.json").write_text(json.dumps(made_up(RISES.get)))
    assert len(robustness.Shift.published().networks) == 4 * 6 * 10 + 3 * 6 * 20


def test_a_network_is_tested_on_what_is_spoilt_of_its_test_part(monkeypatch):
    """A network that only adds up what it reads stands in."""

    def network(config):
        assert (config.placement, config.rate, config.seed) == ("input", 0.25, 3)
        weights = np.random.default_rng(0).standard_normal((12, 9)).astype(np.float32)
        return lambda inputs, lengths, rate: tf.reduce_mean(inputs, axis=1) @ weights * rate

    monkeypatch.setattr(trained, "network", network)
    found = robustness.measured("japanese_vowels", "input", robustness.OWN_SPLIT, 3)
    assert [each.way for each in found] == list(robustness.WAYS["japanese_vowels"])
    test = datasets.load("japanese_vowels").test
    logits = test.inputs.mean(axis=1) @ np.random.default_rng(0).standard_normal((12, 9)).astype(np.float32) * 0.25
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for each in found:
        for name, function in robustness.ALONG.items():
            assert getattr(each, name)[0] == pytest.approx(function(p, test.labels), rel=1e-4), name
        assert len({*each.nll}) == 4


@pytest.mark.parametrize(("dataset", "fold", "asked"), [("trec", 4, 4), ("japanese_vowels", 0, None)])
def test_a_network_is_trained_beside_its_test_fold(monkeypatch, dataset, fold, asked):
    def run_of(*given):
        raise LookupError(given)

    monkeypatch.setattr(robustness.plan, "run_of", run_of)
    with pytest.raises(LookupError) as stopped:
        robustness.measured(dataset, "none", fold, 2)
    name, placement, setting, *rest = stopped.value.args[0]
    assert (name, placement, setting.rate, *rest) == (dataset, "none", 0.0, 2, asked)


def test_the_claim_on_robustness_fails_when_networks_bear_faults_otherwise():
    evidence = Evidence({})
    assert evidence_study.spoilt_inputs(evidence).holds
    evidence.__dict__["shift"] = robustness.Shift.model_validate(made_up(lambda placement: 2 - RISES[placement]))
    assert not evidence_study.spoilt_inputs(evidence).holds


def test_the_published_measurement_is_whole():
    assert {each.placement for each in robustness.Shift.published().networks} == set(robustness.PLACEMENTS)
