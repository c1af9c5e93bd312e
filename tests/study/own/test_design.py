"""The design: every row tested once in ten trials, all cases on the same rows and seed, what is not allowed refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.study.own import design


@pytest.fixture(autouse=True)
def texts(monkeypatch, own_texts):
    """A data set of the reader's own, own-texts."""


def test_a_trial_has_none_and_every_case_on_the_same_rows_and_seed():
    study = design.make("own-texts", ["input", "gates"], [0.25, 0.75])
    runs = study.trial(13)
    assert {(run.seed, run.dataset_options["fold"], run.dataset_options["repeat"]) for run in runs} == {(2, 3, 1)}
    cases = [("input", 0.25), ("input", 0.75), ("gates", 0.25)]
    assert [(run.placement, run.rate) for run in runs] == [("none", 0), *cases]
    assert study.arms == cases and study.runs_a_trial == 4


def test_a_placement_between_layers_has_a_none_of_two_layers():
    study = design.make("own-texts", ["between", "input"])
    assert [run.layers for run in study.trial(0) if run.placement == "none"] == [2, 1]
    assert study.runs_a_trial == len(study.trial(0)) == 6


def test_ten_trials_test_every_row_once_and_the_next_ten_deal_them_anew():
    from bilstm_dropout import datasets

    def tested(trials):
        runs = [design.make("own-texts", ["input"]).trial(number)[0] for number in trials]
        return [sorted(datasets.load(run.dataset, **run.dataset_options).test.ids) for run in runs]

    first, second = tested(range(10)), tested(range(10, 20))
    whole = sorted(name for each in first for name in each)
    assert whole == sorted(name for each in second for name in each) and len(set(whole)) == len(whole) == 40
    assert first != second


def test_some_trials_have_more_networks_of_none_to_average():
    study = design.make("own-texts").with_trials(7)
    assert [len(study.ensemble(number)) for number in (1, 2, 6, 7)] == [0, 4, 4, 0]
    seeds = {run.seed for run in study.ensemble(2)} | {study.trial(2)[0].seed}
    assert len(seeds) == 5 and min(seeds - {1}) > design.MOST_TRIALS
    assert len(study.configs()) == 7 * 11 + 5 * 4


def test_what_is_tried_depends_on_the_data(monkeypatch):
    kinds = ("tokens", 20, "short texts"), ("tokens", 200, "long texts"), ("series", 9, "series")
    for kind, length, expected in kinds:
        kept = SimpleNamespace(kind=kind, facts={"lengths": [1, length, 300]})
        monkeypatch.setattr(design.own, "kept", lambda name, kept=kept: kept)
        assert design.kind_of("own-x") == expected
    assert all("none" not in names and len(names) == 5 for names in design.PLACEMENTS.values())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "Name a data set of your own"), ({"dataset": "own-other"}, "no data set of your own"),
        ({"dataset": "own-texts", "trials": -1}, "trials"), ({"dataset": "own-texts", "trials": True}, "trials"),
        ({"dataset": "own-texts", "rates": [0]}, "above 0"), ({"dataset": "own-texts", "rates": "[0.5"}, "rates"),
        ({"dataset": "own-texts", "placements": ["none"]}, "Nothing is set beside none"),
        ({"dataset": "own-texts", "placements": ["gates"], "rates": [0.9]}, "allows none of the rates"),
        ({"dataset": "own-texts", "placements": 3}, "damaged"),
        ({"dataset": "own-texts", "minutes": 10**400}, "minutes"),
        ({"dataset": "own-texts", "trials": 16**5000}, "trials"),
        ({"dataset": "own-texts", "rates": [16**5000]}, "rates"),
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(given, says):
    with pytest.raises(UserError, match=says):
        design.check(**given)


def test_values_are_read_from_json_as_papermill_hands_them_over():
    study = design.check(dataset="own-texts", placements='["output"]', rates="[0.5]", trials="20")
    assert (study.placements, study.rates, study.trials) == (("output",), (0.5,), 20)
    assert design.read(study.plain()) == study


def test_lots_hold_one_placement_each_and_every_run_once():
    study = design.make("own-texts").with_trials(10)
    lots = list(design.batches(study.configs(), workers=4))
    assert len(lots) >= 8 and all(len({run.placement for run in lot}) == 1 for lot in lots)
    runs = [run.model_dump_json() for lot in lots for run in lot]
    assert sorted(runs) == sorted(run.model_dump_json() for run in study.configs())
    assert np.ptp([len(lot) for lot in lots if lot[0].placement == "input"]) <= 5
