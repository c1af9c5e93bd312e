"""The confirmatory study's grid: fixed counts, fair tuning, and choices that rest on finished runs alone."""

import math
from collections import Counter

import pytest
from support.text_sets import stand_in

from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.runs.train import key_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    stand_in(monkeypatch)


def undone(_):
    return None


def scored(config):
    """A made-up score, lowest at the learning rate and rate nearest to (1e-3, .3), better for later seeds."""
    near = abs(math.log(config.learning_rate / 1e-3)) + abs(config.rate - (config.rate and 0.3))
    return near + 0.01 * (config.seed == plan.FIRST_SEED)


def test_the_random_configurations_stay_those_that_were_stated():
    found = plan.settings("input")
    assert found[:2] == [(0.000271, 0.546), (0.000828, 0.673)] and found[-1] == (0.000212, 0.686)
    assert len(set(found)) == 16
    assert all(1e-4 <= each.learning_rate <= 3e-3 and 0.05 <= each.rate <= 0.7 for each in found)


def test_every_placement_has_the_same_configurations_and_none_their_learning_rates():
    expected = plan.settings("input")
    for placement in plan.PLACEMENTS[1:]:
        assert plan.settings(placement) == expected
    assert plan.settings("none") == [(each.learning_rate, 0.0) for each in expected]


def test_before_any_run_is_done_only_the_first_stage_is_known():
    first = plan.tuning(undone)
    assert len(first) == 8 * 16 * 3 and plan.confirmation(undone) == []
    assert {config.seed for config in first} == {101}
    assert {config.dataset_options["fold"] for config in first} == {1}


def test_counts_once_all_is_known():
    """As many runs as planned, no run twice, and as many for every placement."""
    for part, runs in (("a1", plan.tuning(scored)), ("a2", plan.confirmation(scored)), ("a3", plan.fixed_rate())):
        assert part == "a3" or Counter(config.dataset for config in runs) == plan.planned(part), part
        assert len({key_of(config) for config in runs}) == len(runs)
        counts = Counter((config.dataset, config.placement) for config in runs)
        assert len(set(counts.values())) == 1, part
    assert {part: sum(plan.planned(part).values()) for part in ("a1", "a2")} == {"a1": 576, "a2": 960}
    assert len(plan.fixed_rate()) == 800 + 60


def test_the_best_four_get_two_more_seeds():
    more = [config for config in plan.tuning(scored) if config.seed != 101]
    chosen = Counter((config.learning_rate, config.rate) for config in more if config.placement == "output")
    by_hand = sorted(
        plan.settings("output"), key=lambda each: abs(math.log(each.learning_rate / 1e-3)) + abs(each.rate - 0.3)
    )[:4]
    assert set(chosen) == set(by_hand) and set(chosen.values()) == {2 * 3}
    assert plan.chosen("mr", "output", scored) == by_hand[0]


def test_the_mean_over_three_seeds_decides():
    """The first seed's winner loses where the others say so."""
    finalists = plan.finalists("mr", "input", scored)

    def other(config):
        lucky = (config.learning_rate, config.rate) == finalists[0]
        return scored(config) + (5.0 if lucky and config.seed == 103 else 0.0)

    assert plan.finalists("mr", "input", other) == finalists
    assert plan.chosen("mr", "input", other) == finalists[1]


def test_one_missing_run_leaves_the_choice_open():
    lacking = plan.run_of("trec", "input", plan.settings("input")[3], 101, 1)

    def score(config):
        return None if config == lacking else scored(config)

    assert plan.finalists("trec", "input", score) == [] and plan.chosen("trec", "input", score) is None
    known = Counter((config.dataset, config.placement) for config in plan.confirmation(score))
    assert ("trec", "input") not in known and known["mr", "input"] == 40 and len(known) == 8 * 3 - 1
    late = plan.run_of("trec", "input", plan.finalists("trec", "input", scored)[2], 102, 1)
    assert plan.chosen("trec", "input", lambda config: None if config == late else scored(config)) is None


def test_runs_without_a_score_come_last_and_ties_go_to_the_earlier():
    first = plan.settings("input")
    good = set(first[5:8])

    def score(config):
        return 0.5 if (config.learning_rate, config.rate) in good else math.inf

    assert plan.finalists("mr", "input", score) == [*first[5:8], first[0]]
    assert plan.chosen("mr", "input", score) == first[5]


def test_confirmation_pairs_every_placement_on_folds_and_seeds_that_tuning_never_scored():
    units = {}
    for config in plan.confirmation(scored):
        unit = (config.dataset_options["fold"], config.seed)
        units.setdefault((config.dataset, config.placement), []).append(unit)
    expected = [(fold, seed) for fold in range(2, 10) for seed in range(1, 6)]
    assert len(units) == 24 and all(each == expected for each in units.values())
    assert plan.TUNING_FOLD not in plan.FOLDS and not {101, 102, 103} & set(plan.SEEDS)


def test_what_a_run_is():
    trec = plan.run_of("trec", "input", plan.Setting(2e-3, 0.4), 3, 5)
    assert (trec.dataset_options["fold"], trec.dataset_options["test"]) == (5, "fold")
    assert (trec.epochs, trec.evaluations_per_epoch, trec.units, trec.embedding_dim) == (20, 4, 64, 100)
    fixed = plan.fixed_rate()
    assert {config.rate for config in fixed if config.placement != "none"} == {0.25}
    assert {config.learning_rate for config in fixed} == {1e-3}
    series = [config for config in fixed if config.dataset == "japanese_vowels"]
    assert {(config.epochs, config.evaluations_per_epoch) for config in series} == {(40, 1)}
    assert sorted({config.seed for config in series}) == list(range(1, 21)) and len(series) == 160
    epochs = {config.dataset: config.epochs for config in fixed}
    assert epochs == {"mr": 8, "trec": 20, "phrasebank": 12, "subj": 8, "japanese_vowels": 40}
    cells = Counter(config.dataset for config in fixed if config.placement == plan.CELL)
    assert cells == {"mr": 20, "trec": 20, "phrasebank": 20}
