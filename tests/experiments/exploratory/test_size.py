"""Part p: widths at three learning rates, and two layers that are tuned."""

from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import size
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    text_sets.stand_in(monkeypatch)


def score(config):
    """The third setting is best; only tuning's runs are scored."""
    assert (config.layers, config.seed, config.dataset_options["fold"]) == (2, 101, 1)
    return abs([each.learning_rate for each in plan.settings("none")].index(config.learning_rate) - 2)


def test_counts():
    assert parts.PARTS["p"].planned() == {"mr": 360, "trec": 504}
    found = size.runs(score)
    assert Counter(config.dataset for config in found) == {"mr": 360, "trec": 504}
    assert len({config.model_dump_json() for config in found}) == 864
    assert len(parts.runs("p", Store())) == 864 - 80  # the winners with two layers are not known yet


def test_every_size_has_four_placements_at_three_learning_rates():
    cells = Counter((c.dataset, c.placement, c.rate, c.units, c.learning_rate) for c in size.widths())
    sites = [("none", 0.0), ("input", 0.25), ("recurrent-tied", 0.25), ("variational", 0.25)]
    expected = {
        (dataset, *site, units, rate): 10
        for dataset in ("mr", "trec") for site in sites for units in (16, 64, 256) for rate in (5e-4, 1e-3, 2e-3)
    }  # fmt: skip
    assert cells == expected and {config.layers for config in size.widths()} == {1}


def test_a3_has_those_of_its_own_size_and_learning_rate():
    shared = {key_of(config) for config in size.widths()} & {key_of(config) for config in plan.fixed_rate()}
    assert len(shared) == 80


def test_two_layers_have_the_settings_of_the_first_tuning_and_the_best_is_trained():
    found = size.depths(score)
    scored = [config for config in found if config.seed == 101]
    first = {
        plan.changed(config, layers=2).model_dump_json()
        for config in plan.tuning(lambda config: None)
        if config.dataset == "trec" and config.placement in size.PLACEMENTS
    }
    assert {config.model_dump_json() for config in scored} == first and len(first) == 64
    confirmed = [config for config in found if config.seed != 101]
    assert Counter(config.placement for config in confirmed) == dict.fromkeys(size.PLACEMENTS, 20)
    for config in confirmed:
        assert (config.learning_rate, config.rate) == plan.settings(config.placement)[2] and config.layers == 2
