"""The study's pages say what published runs carry, no more, and change with every run that they rest on."""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from support.study import _text_sets, confirmed, score, tuned  # noqa: F401 (a fixture among them)

from bilstm_dropout import wording
from bilstm_dropout.book.pages import answer
from bilstm_dropout.experiments.confirmatory import contrasts, plan
from bilstm_dropout.figures import study


def text_of(page):
    """A page without its pictures, whose marks are drawn and not said."""
    return re.sub(r"<svg.*?</svg>", "", page, flags=re.S)


def test_progress_counts_planned_done_and_left(complete):
    half = complete | {"a2": complete["a2"].iloc[:480], "a3": complete["a3"].iloc[:0]}
    lines = answer.pages({}, half)["study-progress.md"].splitlines()
    assert lines[2:5] == [
        "| a1 | tuning | 576 | 576 | 0 | 576.0 |",
        "| a2 | confirmation | 960 | 480 | 480 | 240.0 |",
        "| a3 | one fixed rate | 860 | 0 | 860 | – |",
    ]
    assert lines[-1].startswith("In all 1,056 different runs of the study are published, and 0 of them diverged.")


def test_a_run_in_two_parts_counts_once(complete):
    both = complete | {"a3": complete["a3"].assign(key=complete["a2"]["key"].iloc[0])}
    # 576 and 960; the runs of a3 are one of these.
    assert "In all 1,536 different runs" in answer.pages({}, both)["study-progress.md"]


@pytest.mark.parametrize("part", ["a2", "a3"])
def test_nothing_is_said_before_every_run_is_there(complete, part):
    lacking = complete | {part: complete[part].iloc[1:]}
    page = answer.pages({}, lacking)["study-answer.md"]
    assert page.startswith("**There is no answer yet.**") and f"1 of {part}" in page.replace("runs ", "")
    assert "NLL" not in page and "nats" not in page


def test_runs_that_no_test_takes_are_not_waited_for_and_their_lack_is_said(complete):
    a3 = complete["a3"]
    without = complete | {"a3": a3[(a3["dataset"] != "subj") & (a3["placement"] != "variational")]}
    page = answer.pages({}, without)["study-answer.md"]
    assert f"Of a3, {860 - len(without['a3'])} runs that none takes are still missing." in page
    whole = answer.pages({}, complete)["study-answer.md"]
    assert "missing" not in whole and text_of(page).endswith(text_of(whole))


def test_the_answer_has_a_sentence_for_each_of_the_sixteen_tests(complete):
    page = text_of(answer.pages({}, complete)["study-answer.md"])
    sentences = [line for line in page.splitlines() if line.startswith("- **")]
    assert len(sentences) == 16
    said = {line.split(" nats")[0] for line in sentences}
    family = contrasts.family({part: complete[part] for part in ("a2", "a3")})
    for row in family.itertuples():
        name = f"- **{row.contrast.replace(' - ', ' − ').replace(' x ', ' × ')}**, {row.measure}: "
        word = contrasts.verdict(row)
        start = name + (f"{word} by " if word != "not told apart" else "not told apart, estimate ")
        assert sum(line.startswith(start) for line in said) == 1, start
    # As it was put in: input lowers, recurrent raises, output does nothing and is within the margin.
    by_start = {line.split(":")[0]: line for line in sentences}
    assert ": lower by" in by_start["- **input − none**, raw"]
    assert ": higher by" in by_start["- **recurrent − none**, raw"]
    assert ": not told apart" in by_start["- **output − none**, raw"]
    assert "Equivalent within ±0.02 nats" in by_start["- **output − none**, raw"]
    assert "Equivalent" not in by_start["- **input − none**, raw"]


def test_the_short_table_has_a_verdict_and_an_estimate_for_each_test(complete):
    pages = answer.pages({}, complete)
    short = pages["study-short.md"]
    assert short in pages["study-answer.md"]
    family = contrasts.family({part: complete[part] for part in ("a2", "a3")})
    lines = {line.split(" | ")[0][2:]: line for line in short.splitlines() if line.startswith("| ")}
    for row in family.itertuples():
        name = study.label(row.contrast)
        line = lines[name + ", at a fixed rate" * (row.contrast == "input x recurrent")]
        cell = line.split(" | ")[1 + [*contrasts.MEASURES].index(row.measure)]
        assert cell.startswith(contrasts.verdict(row)) and wording.nats(row.mean) in cell
        assert ("within ±0.02" in cell) == (row.p_equivalent < 0.05)
        told_apart = row.p_holm < 0.05
        assert ("†" in cell) == (told_apart and row.corrected_low < 0 < row.corrected_high)
        assert (f"{name} ({contrasts.verdict(row)})" in short.splitlines()[0]) or not told_apart
    told = sum(contrasts.verdict(row) != "not told apart" for row in family.itertuples())
    assert 0 < told < 16 and f"Of the 16 tests {told} tell" in short
    lacking = complete | {"a2": complete["a2"].iloc[1:]}
    assert answer.pages({}, lacking)["study-short.md"].startswith("**There is no answer yet.**")


def test_the_interval_over_seeds_and_examples_is_shown_where_there_is_one(complete):
    crossed = {"input - none": {"raw": (-0.05, -0.0612, -0.0421), "after temperature": (0.0, -0.01, 0.01)}}
    page = answer.pages({}, complete, crossed)["study-answer.md"]
    page = page.partition("| effect size |")[2]
    lines = [line.split(" | ") for line in page.splitlines() if line.startswith("| input − none")]
    assert [line[5] for line in lines] == ["−0.0612 to −0.0421", "−0.0100 to +0.0100"]
    (other,) = [line for line in page.splitlines() if line.startswith("| output − none | raw")]
    assert other.split(" | ")[5] == "–"


def test_a_verdict_needs_the_adjusted_p():
    for mean, adjusted, word in ((-0.1, 0.06, "not told apart"), (-0.1, 0.04, "lower"), (0.1, 0.04, "higher")):
        assert contrasts.verdict(SimpleNamespace(mean=mean, p=0.01, p_holm=adjusted)) == word


def test_an_interval_for_overlapping_folds_that_contains_0_is_said(complete):
    family = contrasts.family({part: complete[part] for part in ("a2", "a3")}).iloc[:1]
    for low, adjusted, said in ((-0.1, 0.01, True), (-0.1, 0.5, False), (0.05, 0.01, False)):
        (row,) = family.assign(corrected_low=low, corrected_high=0.1, p_holm=adjusted).itertuples()
        assert ("contains 0" in answer._sentence(row)) == said


def test_every_run_of_the_confirmation_changes_the_answer(complete, monkeypatch):
    # A cheap interval: what is asked is whether a run arrives in the text.
    cheap = lambda each, _: (np.mean(each), np.min(each), np.max(each))  # noqa: E731
    monkeypatch.setattr(contrasts.intervals, "bootstrap_interval", cheap)
    monkeypatch.setattr(answer, "_forest", lambda found, where: found.round(3).to_string())
    before = answer._answer(complete, {}, {})[0]
    factorial = ("none", "input", "recurrent", plan.CELL)
    for part, placements in (("a2", plan.PLACEMENTS), ("a3", factorial)):
        frame = complete[part]
        named = frame["dataset"].isin(plan.TUNED) & frame["placement"].isin(placements)
        # A third of the groups, for time: every placement and every data set is among them.
        for name, group in list(frame[named].groupby(["dataset", "placement"]))[::3]:
            changed = frame.copy()
            changed.loc[group.index[7], ["nll_best", "nll_scaled_best"]] += 2.0
            assert answer._answer(complete | {part: changed}, {}, {})[0] != before, (part, name)


def test_raw_is_the_sum_of_what_is_left_and_of_calibration(complete):
    found = contrasts.shares({part: complete[part] for part in ("a2", "a3")})
    table = found.pivot(index="contrast", columns="measure", values="mean")
    assert np.allclose(table["raw"], table["after temperature"] + table["calibration"])
    assert len(table) == 8 and np.abs(table["calibration"]).max() > 0.01


def test_levels_count_a_run_without_a_checkpoint_as_uniform(complete):
    frame = complete["a2"].copy()
    (row, *_) = frame.index[(frame["dataset"] == "mr") & (frame["placement"] == "output")]
    frame.loc[row, ["nll_best", "nll_scaled_best", "accuracy_best", "epoch_best"]] = np.nan
    mine = frame[(frame["dataset"] == "mr") & (frame["placement"] == "output")]
    (line,) = [each for each in answer._levels(frame, "mr", {}).splitlines() if each.startswith("| `output` |")]
    assert line.split(" | ")[1] == f"{mine['nll_best'].fillna(math.log(2)).mean():.3f}"
