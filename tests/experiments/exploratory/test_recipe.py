"""Part l: what tuning chose, taken apart; its runs follow from the published tuning."""

import itertools
import math
from collections import Counter

import pytest

from bilstm_dropout.datasets import REGISTRY
from bilstm_dropout.experiments import parts, training
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import recipe
from bilstm_dropout.results import published
from bilstm_dropout.results.rows import config_of, rows_of


@pytest.fixture(scope="module")
def runs(score):
    return recipe.runs(score)


@pytest.fixture(scope="module")
def others():
    """The configurations that the parts before it have published."""
    return {part: [config_of(row) for row in rows_of(published.read(part))] for part in ("a1", "a2", "a3")}


def test_counts(runs):
    counts = Counter(config.dataset for config in runs)
    assert counts == recipe.planned() == parts.PARTS["l"].planned() == {"mr": 240, "trec": 232, "phrasebank": 280}
    assert len({config.model_dump_json() for config in runs}) == len(runs) == 752


def test_no_run_is_published_in_another_part(runs, others):
    spelt = {config.model_dump_json() for config in runs}
    assert not spelt & {config.model_dump_json() for found in others.values() for config in found}


def test_the_most_telling_are_first(runs):
    where = [(config.epochs == 36, config.placement, config.epochs == 60) for config in runs]
    blocks = [key for number, key in enumerate(where) if number == 0 or where[number - 1] != key]
    assert blocks == [
        (True, "variational", False), (True, "none", False), (False, "variational", False), (False, "none", False),
        (False, "variational", True), (False, "none", True),
    ]  # fmt: skip


def test_they_are_trained_in_that_order_a_setting_at_a_time(runs):
    """Lots follow the list, so that what is most telling is there first; the confirmed ones have a setting's 40 units,
    the longer ones its 20.
    """
    lot = parts.PARTS["l"].lot
    assert lot is recipe.lot
    lots = [[*each] for _, each in itertools.groupby(runs, lot)]
    assert [len(each) for each in lots] == 4 * [20] + 16 * [40] + 32 * [1]
    assert all(len({(run.dataset, run.placement, run.epochs) for run in each}) == 1 for each in lots)


def test_none_has_the_learning_rates_of_the_others_and_variational_that_of_none(score, others):
    tuned = {}
    for config in others["a2"]:
        tuned.setdefault((config.dataset, config.placement), set()).add((config.learning_rate, config.rate))
    for dataset, count in {"mr": 5, "trec": 4, "phrasebank": 4}.items():
        ((own, _),) = tuned[dataset, "none"]
        ((theirs, rate),) = tuned[dataset, "variational"]
        chosen = {learning_rate for (name, _), ((learning_rate, _),) in tuned.items() if name == dataset} - {own}
        none = [config for config in recipe.none_at(score) if config.dataset == dataset]
        assert Counter(config.learning_rate for config in none) == dict.fromkeys(chosen, 40) and len(chosen) == count
        swapped = [config for config in recipe.at_none_s(score) if config.dataset == dataset]
        assert own != theirs and {(each.learning_rate, each.rate) for each in swapped} == {(own, rate)}
        units = {(config.dataset_options["fold"], config.seed) for config in swapped}
        assert units == {(fold, seed) for fold in range(2, 10) for seed in range(1, 6)} and len(swapped) == 40
        assert {each.epochs for each in (*none, *swapped)} == {plan.EPOCHS[dataset]}


def test_phrasebank_is_trained_longer_at_the_two_best_settings(score, others):
    found = recipe.longer(score)
    assert {(config.dataset, config.epochs) for config in found} == {("phrasebank", 36)}
    assert {config.dataset_options["fold"] for config in found} == {2, 3, 4, 5}
    for placement in ("variational", "none"):
        cells = Counter((each.learning_rate, each.rate) for each in found if each.placement == placement)
        first, second = plan.ranked("phrasebank", placement, score)[:2]
        assert cells == {first: 20, second: 20} and first == plan.chosen("phrasebank", placement, score)
        (tuned,) = {
            (each.learning_rate, each.rate) for each in others["a2"]
            if (each.dataset, each.placement) == ("phrasebank", placement)
        }  # fmt: skip
        assert first == tuned
        of_three = {
            setting: sum(score(plan.run_of("phrasebank", placement, setting, seed, 1)) for seed in (101, 102, 103))
            for setting in plan.finalists("phrasebank", placement, score)
        }
        assert sorted(of_three, key=of_three.get)[:2] == [first, second]


def test_trec_s_tuning_is_repeated_with_three_times_the_epochs(others):
    found = recipe.long_tuning()
    shorter = {config.model_copy(update={"epochs": 20}).model_dump_json() for config in found}
    first = {
        config.model_dump_json() for config in others["a1"]
        if config.dataset == "trec" and config.placement in ("none", "variational") and config.seed == 101
    }  # fmt: skip
    assert {config.epochs for config in found} == {60} and shorter == first and len(first) == 32


def test_before_tuning_is_done_only_its_settings_are_known():
    assert recipe.runs(lambda config: None) == recipe.long_tuning()
    none_ended = recipe.runs(lambda config: math.inf)  # ranks are by number then, and are known
    assert Counter(config.dataset for config in none_ended)["phrasebank"] >= 80


def test_it_waits_for_the_confirmation():
    assert parts.PARTS["l"].after == "a2" and not parts.PARTS["l"].again
    assert set(recipe.planned()) <= set(REGISTRY) and training.PARTS is parts.PARTS
