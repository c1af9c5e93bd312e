"""The pace of a study of one's own data: what the first trials cost gives the plan, and the plan fits the minutes."""

from types import SimpleNamespace

import numpy as np
import pytest

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.study.own import design, pace, training


def record(config, seconds, sure=0.6):
    labels = datasets.load(config.dataset, **config.dataset_options).test.labels
    p = np.where(np.arange(2) == labels[:, None], sure, 1 - sure)
    return SimpleNamespace(config=config, seconds=seconds, diverged=False, probabilities={"test_best": p})


def measured(study, a_lot=9.0, a_run=2.0, workers=2, trained=None):
    """The pace of first trials whose runs take a_run seconds, the first of each placement a_lot more."""
    first, seen, records, rng = study.with_trials(design.PILOT), set(), [], np.random.default_rng(0)
    for config in first.configs():
        compiles = config.placement not in seen
        seen.add(config.placement)
        records.append(record(config, a_run + a_lot * compiles, rng.uniform(0.55, 0.65)))
    lots = len(list(design.batches(first.configs(), workers)))
    wall = (lots * a_lot + len(records) * a_run) / workers
    return pace.measure(study, records, len(records) if trained is None else trained, wall, workers)


@pytest.fixture
def study(own_texts):
    return design.make(own_texts)


def test_what_a_process_and_a_run_cost_is_found_again(study):
    found = measured(study)
    assert found.a_lot == pytest.approx(9) and found.a_run == pytest.approx(2)
    assert 0 < found.loss < 0.2 and found.points == 0  # every network names every class
    assert measured(study, trained=3).a_lot == pace.USUAL_LOT  # the clock says nothing of runs from before


def test_a_plan_takes_the_minutes_that_were_given(study):
    found = measured(study)
    for minutes in (5, 15, 60):
        first, plan = found.seconds(study, 0, design.PILOT, 2), pace.plan(study, found, minutes, design.PILOT, 2)
        assert plan.trials % 10 == 0 and first + plan.seconds <= 60 * minutes
        assert first + found.seconds(study, design.PILOT, plan.trials + 10, 2) > 60 * minutes
        assert plan.loss == pytest.approx(pace.shows(plan.trials, found.loss)) and plan.points == 0


def test_more_minutes_go_on_and_the_same_train_nothing(study):
    found = measured(study)
    first = pace.plan(study, found, 15, design.PILOT, 2)
    assert pace.plan(study, found, 15, first.trials, 2).new == 0
    more = pace.plan(study, found, 30, first.trials, 2)
    assert more.new == more.trials - first.trials > 0
    assert pace.plan(study, found, 5, first.trials, 2).trials == first.trials  # nothing that is trained is dropped


def test_the_first_trials_are_trained_whatever_the_minutes(study):
    assert pace.plan(study, measured(study, a_run=500.0), 1, design.PILOT, 2).new == 0


def test_a_pace_is_of_these_data_cases_and_workers_alone(study, tmp_path):
    found = measured(study)
    pace.keep(tmp_path, found)
    assert pace.kept(tmp_path, study, 2) == found == pace.kept(tmp_path, study.with_trials(30), 2)
    assert pace.kept(tmp_path, study, 3) is None
    assert pace.kept(tmp_path, design.make(study.dataset, ["input"]), 2) is None
    (tmp_path / pace.FILE).write_text('{"of": "x", "a_lot": -1}')
    assert pace.kept(tmp_path, study, 2) is None


def test_what_shows_is_what_the_corrected_t_test_finds():
    rng, trials, true = np.random.default_rng(0), 20, pace.shows(20, 1.0)
    # The differences of trials that share rows: a part in common whose variance is that of the correction.
    values = true + rng.normal(size=(4000, trials)) + rng.normal(0, np.sqrt(pace.OVERLAP), (4000, 1))
    error = values.std(axis=1, ddof=1) * np.sqrt(1 / trials + pace.OVERLAP)
    found = np.mean(np.abs(values.mean(axis=1)) / error > 2.093)
    assert found == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("minutes", [0, 0.5, -3, float("nan"), float("inf")])
def test_minutes_that_cannot_be_are_refused(minutes, study, tmp_path):
    with pytest.raises(UserError, match="a number from 1 to"):
        training.train(study, tmp_path, minutes)


def test_the_plan_is_said_in_words(study):
    plan = pace.Plan(trials=20, new=10, seconds=300.0, loss=0.05, points=3.0)
    said = training.sentence(study, plan, 2)
    assert "tested 2 times" in said and "110 runs" in said and "5 min on 2 processes" in said and "3.0 points" in said
    assert "all of them are trained" in training.sentence(study, pace.Plan(20, 0, 0.0, 0.05, 3.0), 2)
