"""Part m: a2's own configurations on half of its folds, with passes, a fold and a seed at a time."""

from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts, training
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import monte_carlo
from bilstm_dropout.results import curves, published, selected
from bilstm_dropout.results.rows import config_of, rows_of
from bilstm_dropout.runs.store import Store


@pytest.fixture(scope="module")
def runs(score):
    return monte_carlo.runs(score)


def test_they_are_a2_s_with_fifty_passes(runs):
    assert Counter(config.dataset for config in runs) == parts.PARTS["m"].planned() == dict.fromkeys(plan.TUNED, 160)
    assert len({config.model_dump_json() for config in runs}) == 480 and {config.passes for config in runs} == {50}
    confirmed = {config_of(row).model_dump_json() for row in rows_of(published.read("a2"))}
    assert {plan.changed(config, passes=0).model_dump_json() for config in runs} <= confirmed
    assert not {config.model_dump_json() for config in runs} & confirmed


def test_whatever_is_finished_is_comparable(runs):
    for first in range(0, 480, 24):
        units = {(config.seed, config.dataset_options["fold"]) for config in runs[first : first + 24]}
        assert units == {(1 + first // 96, 2 + first // 24 % 4)}
        cells = {(config.dataset, config.placement) for config in runs[first : first + 24]}
        assert cells == {(dataset, placement) for dataset in plan.TUNED for placement in plan.PLACEMENTS}


def test_nothing_is_known_before_tuning():
    assert monte_carlo.runs(lambda config: None) == []


def test_they_are_trained_in_that_order_a_data_set_at_a_time(runs, monkeypatch, tmp_path):
    """The processes get lots as the list has them; what is done falls out of them."""
    text_sets.stand_in(monkeypatch)
    asked = []
    monkeypatch.setattr(training, "plan", lambda part, store: type("Done", (), {"left": 0}))
    monkeypatch.setattr(training, "runs", lambda part, store: {str(n): each for n, each in enumerate(runs)})
    left = [runs[1:], []]
    monkeypatch.setattr(training, "missing", lambda configs, store, say: left.pop(0))
    monkeypatch.setattr(
        training, "train_in_processes", lambda todo, *others, groups: asked.append((todo, others, groups))
    )
    training.train("m", Store(tmp_path), workers=1)
    ((todo, others, groups),) = asked
    assert "m" in others and todo == runs[1:] == [config for group in groups for config in group]
    assert [len(group) for group in groups] == [7] + 59 * [8]
    assert all(len({config.dataset for config in group}) == 1 for group in groups)


def test_a2_says_about_how_long_a_run_takes(runs):
    assert training._size(runs[0]) == training._size(plan.changed(runs[0], passes=0))


def test_averages_information_and_curves_are_published():
    kinds = selected.PARTS_WITH_PREDICTIONS["m"]
    assert len(kinds) == 13 and {"best", "last", "best_mean", "last_information", "validation_best_mean"} < set(kinds)
    assert {name for name in kinds if "output" in name} == {
        f"best_output_{rate}_{what}" for rate in (0.1, 0.25, 0.5) for what in ("mean", "information")
    }
    assert "m" in curves.PARTS_WITH_CURVES
    # Files that are published already stay what their parts promise.
    for part, earlier in {"a2": 1, "a3": 1, "q": 3, "u": 3, "r": 2}.items():
        assert len(selected.PARTS_WITH_PREDICTIONS[part]) == earlier
