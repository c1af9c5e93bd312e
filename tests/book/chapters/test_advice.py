"""The last section of the comparison: every sentence follows a rule, and few seeds recommend nothing."""

import numpy as np
import pytest
from support.invented import chapter, tokens

from bilstm_dropout.book import show
from bilstm_dropout.book.chapters import advice
from bilstm_dropout.results import tidy
from bilstm_dropout.stats.power import t_test_power


def effects(shifts, spread=0.0):
    """True-class probabilities for runs: a placement moves them by its shift, each run by noise of its own."""

    def true(config):
        draw = np.random.default_rng([config.seed, sum(map(ord, config.placement)), int(100 * config.rate)])
        return np.full(80, 0.6 + shifts.get(config.placement, 0.0) + spread * draw.normal())

    return true


def said(shifts, seeds, spread=0.01, placements=("input", "output"), rates=(0.5,)):
    runs = chapter(tokens(), effects(shifts, spread), placements, rates, range(1, seeds + 1))
    return " ".join(advice.sentences(tidy.summary(runs.frame), runs.frame))


def test_three_seeds_decide_nothing_however_large_the_difference():
    text = said({"input": 0.3}, seeds=3)
    assert text.startswith("Three seeds decide nothing") and "no reason to choose" in text
    assert "lower" not in text and "higher" not in text
    assert said({"input": 0.3}, seeds=1).startswith("One seed decides nothing")


def test_nothing_told_apart_is_no_equality():
    text = said({}, seeds=8)
    assert "all are unclear" in text and "does not make them equal" in text and "seeds" in text


def test_what_is_told_apart_is_named_with_its_direction_and_its_family():
    text = said({"input": 0.1, "output": -0.1}, seeds=10)
    assert "A lower test NLL than `none` has: input at p = 0.5 (−0.1" in text
    assert "A higher test NLL than `none` has: output at p = 0.5 (+0.1" in text
    assert "That is 2 of two comparisons" in text and "no more than about 0.1 would be expected" in text
    assert "2 of the p values stay below 0.05" in text and "best is another question" in text


def test_the_correction_s_own_limit_is_said():
    # Six pairs have a least p of 2/64; two comparisons double it, to above .05.
    assert "leaves none with fewer than 7 seeds" in said({"input": 0.1, "output": -0.1}, seeds=6)


def test_a_long_list_is_cut_and_its_rest_counted():
    text = said({"input": 0.1}, 8, placements=("input",), rates=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    assert text.count("input at p = ") == 4 and "and two others" in text


def test_the_number_of_seeds_has_the_power_that_is_said():
    runs = chapter(tokens(), effects({"input": 0.01, "output": 0.01}, 0.01), ("input", "output"), (0.5,), (1, 2, 3))
    table = tidy.summary(runs.frame)
    text = " ".join(advice.sentences(table, runs.frame))
    low, high = (int(each) for each in text.partition("studies with ")[2].partition(" seeds")[0].split(" to "))
    size = table["mean"].abs().median()
    dropped = runs.frame[runs.frame["rate"] > 0]
    spreads = dropped.groupby("placement")["nll_difference"].std().quantile([0.25, 0.75])
    for number, spread in zip((low, high), spreads, strict=True):
        assert t_test_power(number, size, spread) >= 0.8
        assert number == 6 or t_test_power(number - 1, size, spread) < 0.8
    assert high > low >= 6


def test_no_spread_and_no_pair_still_make_sentences():
    assert "seeds (paired t test" not in said({"input": 0.1}, seeds=3, spread=0.0)
    runs = chapter(tokens(), effects({}), ("input",))
    for record in runs.records:
        record.diverged = True
    frame = tidy.tidy(runs.records, lambda config: tokens().test.labels)
    assert "nothing can be said" in advice.sentences(tidy.summary(frame), frame)[0]
    single = said({"input": 0.1}, seeds=1)
    assert "cannot be told from one" in single and "nan" not in single


def test_every_data_set_has_a_line_and_its_name_is_text(monkeypatch):
    shown = []
    monkeypatch.setattr(show, "text", shown.append)
    runs = chapter(tokens(), effects({}, 0.01))
    runs.frame["dataset"] = "<b>*x*</b>"
    from dataclasses import replace

    advice.show_advice(replace(runs, names=("<b>*x*</b>",)))
    assert shown[0].startswith(r"- **&lt;b&gt;\*x\*&lt;/b&gt;.** Three seeds decide nothing")


@pytest.mark.parametrize("seeds", [2, 5, 6, 12])
def test_sentences_have_no_missing_number(seeds):
    text = said({"input": 0.02}, seeds)
    assert "nan" not in text and "inf" not in text.replace("information", "")
