"""Part r: bootstrap samples crossed with seeds."""

from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import by_sample
from bilstm_dropout.results import curves, predictions
from bilstm_dropout.runs.store import Store


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    text_sets.stand_in(monkeypatch)


def test_three_placements_on_five_samples_have_the_same_twenty_seeds():
    found = parts.runs("r", Store()).values()
    assert len(found) == 300 and parts.PARTS["r"].planned() == {"mr": 300}
    cells = Counter((config.placement, config.rate, config.dataset_options["resample"]) for config in found)
    placements = [("none", 0.0), ("input", 0.25), ("recurrent-tied", 0.25)]
    assert cells == {(*each, sample): 20 for each in placements for sample in (1, 2, 3, 4, 5)}
    seeds = {}
    for config in found:
        seeds.setdefault((config.placement, config.dataset_options["resample"]), set()).add(config.seed)
    assert set(map(frozenset, seeds.values())) == {frozenset(range(1, 21))}


def test_all_else_is_a3_s():
    fixed = {config.model_dump_json() for config in plan.fixed_rate()}
    found = by_sample.runs()
    without = set()
    for config in found:
        options = {name: value for name, value in config.dataset_options.items() if name != "resample"}
        if config.seed <= 5:
            without.add(plan.changed(config, dataset_options=options).model_dump_json())
        assert config.model_dump_json() not in fixed and options["fold"] == 2
    assert without <= fixed and len(without) == 3 * 5


def test_a_quarter_of_it_is_crossed_too():
    first = by_sample.runs()[:75]
    cells = {(config.placement, config.dataset_options["resample"], config.seed) for config in first}
    assert len(cells) == 75 == len({each[:2] for each in cells}) * 5 and {each[2] for each in cells} == {1, 2, 3, 4, 5}


def test_its_predictions_are_published_at_the_chosen_and_the_last_checkpoint():
    assert predictions.PARTS_WITH_PREDICTIONS["r"] == ("best", "last") and "r" not in curves.PARTS_WITH_CURVES
