"""Part n: a second tuning, and what follows from its scores."""

import math
from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import tuned_again
from bilstm_dropout.runs.store import Store

COUNTS = {"mr": 352, "trec": 352, "phrasebank": 352, "subj": 352, "imdb": 100}


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(text_sets.CLASSES, "imdb", 2)
    text_sets.stand_in(monkeypatch)


def unknown(config):
    return None


def score(config):
    """Lowest near the learning rate 6e-4 and the rate .3, for tuning's runs alone; infinite for one of the settings."""
    if config.dataset_options["fold"] != 0 or config.seed < 100:
        raise AssertionError("only tuning's own runs are scored")
    if config.learning_rate == tuned_again.settings("none")[3].learning_rate:
        return math.inf
    return abs(math.log(config.learning_rate / 6e-4)) + abs(config.rate - 0.3) + config.seed / 1e6


def test_counts():
    assert parts.PARTS["n"].planned() == COUNTS and sum(COUNTS.values()) == 1508
    found = tuned_again.runs(score)
    assert Counter(config.dataset for config in found) == COUNTS
    assert len({config.model_dump_json() for config in found}) == 1508
    assert list(dict.fromkeys(config.dataset for config in found)) == list(COUNTS)


def test_before_anything_is_done_only_the_first_settings_of_the_first_set_are_known():
    found = tuned_again.runs(unknown)
    assert found == list(parts.runs("n", Store()).values())
    assert {(each.dataset, each.seed, each.dataset_options["fold"]) for each in found} == {("mr", 101, 0)}
    assert Counter(each.placement for each in found) == dict.fromkeys(plan.PLACEMENTS, 16)


def test_a_set_is_known_once_the_one_before_is():
    def of_mr(config):
        return score(config) if config.dataset == "mr" else None

    assert Counter(each.dataset for each in tuned_again.runs(of_mr)) == {"mr": 352, "trec": 128}
    finals = tuned_again.texts("mr", lambda each: score(each) if each.seed == 101 else None)
    assert Counter(each.seed for each in finals) == {101: 128, 102: 32, 103: 32}


def test_the_settings_are_others_than_a1_s_and_drawn_alike():
    first, second = plan.settings("input"), tuned_again.settings("input")
    assert len(second) == 16 and not {*first} & {*second}
    assert not {each.learning_rate for each in first} & {each.learning_rate for each in second}
    assert all(1e-4 <= each.learning_rate <= 3e-3 and 0.05 <= each.rate <= 0.7 for each in second)
    assert [each.learning_rate for each in tuned_again.settings("none")] == [each.learning_rate for each in second]


def test_the_winner_is_the_finalist_with_the_lowest_mean_of_three_seeds():
    """By hand: fourth by the first seed, first by all three."""
    tried = tuned_again.settings("input")
    four = sorted(tried, key=lambda each: score(tuned_again.tuning_run("mr", "input", each, 101)))
    assert tuned_again.finalists("mr", "input", score) == four[:4]

    def turned(config):
        last = config.learning_rate == four[3].learning_rate and config.seed > 101
        return score(config) - (5 if last else 0)

    assert tuned_again.chosen("mr", "input", score) == four[0]
    assert tuned_again.chosen("mr", "input", turned) == four[3]
    confirmed = [each for each in tuned_again.texts("mr", turned) if each.placement == "input" and each.seed < 100]
    assert {(each.learning_rate, each.rate) for each in confirmed} == {four[3]}
    units = {(each.dataset_options["fold"], each.seed) for each in confirmed}
    assert units == {(fold, seed) for fold in (2, 3, 4, 5) for seed in (1, 2, 3, 4, 5)} and len(confirmed) == 20


def test_no_run_of_the_texts_is_a1_s_and_none_that_is_scored_is_confirmed():
    others = {config.model_dump_json() for config in plan.tuning(lambda config: 1.0)}
    assert not others & {config.model_dump_json() for config in tuned_again.runs(score)}
    for config in tuned_again.runs(score):
        if config.dataset != "imdb":
            assert (config.seed > 100) == (config.dataset_options["fold"] == 0)


def test_imdb_is_scored_without_its_test_part():
    found = tuned_again.reviews(score)
    scored = [config for config in found if config.seed == 101]
    assert {config.dataset_options["test"] for config in scored} == {"fold"} and len(scored) == 50
    confirmed = [config for config in found if config.seed != 101]
    assert {config.dataset_options.get("test") for config in confirmed} == {None}
    assert Counter(config.placement for config in confirmed) == dict.fromkeys(tuned_again.REVIEW_PLACEMENTS, 10)
    assert {(config.epochs, config.dataset_options["max_tokens"]) for config in found} == {(4, 100)}
