"""The study's pages say what published runs carry, no more, and change with every run that they rest on."""

import math
import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support.study import _text_sets, confirmed, score, tuned  # noqa: F401 (a fixture among them)

from bilstm_dropout import wording
from bilstm_dropout.book.pages import answer
from bilstm_dropout.book.pages import tuning as book_tuning
from bilstm_dropout.experiments.confirmatory import contrasts, plan, tuning
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


def test_what_tuning_chose_is_what_the_grid_confirms(complete):
    found = tuning.best(complete["a1"])
    assert len(found) == 24 and (found["seeds"] == 3).all()
    for row in found.itertuples():
        assert plan.chosen(row.dataset, row.placement, score) == (row.learning_rate, row.rate)


def test_a_finalist_that_is_half_done_does_not_change_what_is_shown(complete):
    frame = complete["a1"]
    first = frame[frame["seed"] == plan.FIRST_SEED]
    second = frame[frame["seed"] == plan.MORE_SEEDS[0]].assign(nll_best=-9.0)
    pd.testing.assert_frame_equal(tuning.best(pd.concat([first, second])), tuning.best(first))


def test_every_placement_and_data_set_of_tuning_changes_its_page(complete, monkeypatch):
    monkeypatch.setattr(book_tuning, "figure_html", lambda *_, alt, caption: alt)
    frame, before = complete["a1"], book_tuning.page(complete["a1"], {})
    for name, group in list(frame.groupby(["dataset", "placement"]))[::3]:
        changed = frame.copy()
        changed.loc[group.index, "nll_best"] += 0.25
        assert book_tuning.page(changed, {}) != before, name


def test_half_done_tuning_is_called_so_and_placements_with_too_few_runs_are_left_out(complete):
    first = complete["a1"][complete["a1"]["seed"] == plan.FIRST_SEED]
    lacking = first.drop(first[(first["dataset"] == "mr") & (first["placement"] == "output")].index[0])
    found = tuning.best(lacking)
    assert len(found) == 23 and (found["seeds"] == 1).all()
    page = text_of(answer.pages({}, complete | {"a1": lacking})["study-tuning.md"])
    assert page.count("not yet chosen") == 3 and "On MR, 7 placements have all sixteen" in page
    nothing = answer.pages({}, complete | {"a1": first.iloc[:0]})["study-tuning.md"]
    assert nothing == "No placement has all of its sixteen runs yet, so there is nothing to show."


def test_a_setting_from_elsewhere_costs_what_it_costs(complete):
    found = tuning.borrowed(complete["a1"]).set_index(["tuned_on", "used_on", "placement"])["cost"].sort_index()
    assert len(found) == 6 * 8 and (found >= 0).all()
    assert (found["trec", "phrasebank"] == 0).all() and (found["mr", "trec"] > 0).all()
    settings = plan.settings("input")
    runs = {
        dataset: [score(plan.run_of(dataset, "input", setting, plan.FIRST_SEED, 1)) for setting in settings]
        for dataset in ("mr", "trec")
    }
    expected = runs["trec"][int(np.argmin(runs["mr"]))] - min(runs["trec"])
    assert found["mr", "trec", "input"] == pytest.approx(expected)


def test_what_it_costs_not_to_tune_is_paired_by_fold_and_seed(complete):
    confirmed_rows, at_one_rate = complete["a2"], complete["a3"]
    found = tuning.fixed(confirmed_rows, at_one_rate)
    assert set(found) == {(name, each) for name in plan.TUNED for each in (*plan.PLACEMENTS, tuning.ALL)}
    units = {(fold, seed) for fold in plan.FIXED_FOLDS for seed in plan.SEEDS}
    names = ["dataset", "placement", "fold", "seed"]
    a2, a3 = (contrasts.values(rows).set_index(names)["value"] for rows in (confirmed_rows, at_one_rate))
    costs = {
        name: np.mean([a3["mr", name, *unit] - a2["mr", name, *unit] for unit in units]) for name in plan.PLACEMENTS
    }
    for name, cost in costs.items():
        assert found["mr", name].mean == pytest.approx(cost) and found["mr", name].n == 20
    assert found["mr", tuning.ALL].mean == pytest.approx(np.mean([*costs.values()]))


def test_the_table_of_not_tuning_follows_its_rows_and_leaves_out_what_lacks_a_run(complete):
    before = book_tuning.fixed(complete["a2"], complete["a3"], {})
    assert before.count("\n| ") == 1 + len(plan.PLACEMENTS) + 1 and "On average over placements: MR " in before
    worse = complete["a3"].copy()
    worse.loc[(worse["dataset"] == "trec") & (worse["placement"] == "output"), "nll_best"] += 0.5
    changed = [
        line for line, other in zip(*(text.splitlines() for text in (
            before, book_tuning.fixed(complete["a2"], worse, {}))), strict=True) if line != other
    ]  # fmt: skip
    assert [line.split(" ")[1] for line in changed] == ["average", "`output`", "mean"]
    first = complete["a3"][(complete["a3"]["dataset"] == "trec") & (complete["a3"]["placement"] == "output")].index[0]
    lacking = book_tuning.fixed(complete["a2"], complete["a3"].drop(first), {})
    line = next(line for line in lacking.splitlines() if line.startswith("| `output`"))
    assert line.split(" | ")[2] == "–" and "TREC" not in lacking.splitlines()[0]
    assert "none yet" in book_tuning.fixed(complete["a2"].iloc[:0], complete["a3"], {})
    assert "are missing" in book_tuning.fixed(complete["a2"].iloc[:1], complete["a3"], {})


def noisy(frame):
    """Tuning's rows with a difference between placements and noise between runs."""
    noise = np.random.default_rng(3).normal(0, 0.2, len(frame))
    return frame.assign(nll_best=frame["nll_best"] + frame["placement"].map(len) / 20 + noise)


def test_shares_of_the_score_s_variance_are_those_of_an_analysis_of_variance(complete):
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    frame = noisy(complete["a1"])
    found = tuning.decides(frame).set_index("dataset")
    assert list(found.index) == list(plan.TUNED)
    stage = tuning.first_stage(frame).query("placement != 'none'").assign(speed=lambda t: np.log(t["learning_rate"]))
    for dataset, runs in stage.groupby("dataset"):
        squares = anova_lm(ols("score ~ C(placement) + C(configuration)", runs).fit())["sum_sq"]
        shares = squares / squares.sum()
        assert found.loc[dataset, ["placement", "setting", "rest"]].to_list() == pytest.approx(shares.to_list())
        for axis, name in (("speed", "learning_rate"), ("rate", "rate")):  # orthogonal to place, so alone is enough
            assert found.loc[dataset, name] == pytest.approx(ols(f"score ~ {axis} + I({axis}**2)", runs).fit().rsquared)
        every = frame[(frame["dataset"] == dataset) & (frame["placement"] != "none")].copy()
        every["name"] = every["placement"] + every["learning_rate"].map(str) + every["rate"].map(str)
        finalists = every[every.groupby("name")["seed"].transform("size") == 3]
        left = ols("nll_best ~ C(name) + C(seed)", finalists).fit().mse_resid
        freedom = 6 * 15  # of place by setting, in a table of 7 x 16
        assert found.loc[dataset, "chance"] == pytest.approx(left * freedom / 112 / np.var(runs["score"]))


def test_shares_need_every_run_of_tuning_on_a_data_set_and_a_finite_score(complete):
    frame = noisy(complete["a1"])
    of_mr = frame.index[(frame["dataset"] == "mr") & (frame["placement"] == "output")]
    assert list(tuning.decides(frame.drop(of_mr[-1]))["dataset"]) == ["trec", "phrasebank"]
    frame.loc[of_mr[0], "nll_best"] = np.nan
    assert list(tuning.decides(frame)["dataset"]) == ["trec", "phrasebank"]
    assert book_tuning.decides(frame.iloc[:0]) == "This needs every run of a1, and some are missing."


def test_what_a_seed_adds_to_every_setting_alike_is_not_chance_between_settings(complete):
    frame = noisy(complete["a1"])
    alike = frame.assign(nll_best=frame["nll_best"] + 9.0 * frame["seed"].isin(plan.MORE_SEEDS))
    pd.testing.assert_frame_equal(tuning.decides(alike), tuning.decides(frame))


def test_one_setting_for_all_placements_is_the_best_on_average(complete):
    frame = noisy(complete["a1"])
    found, first = tuning.borrowed_by_all(frame), frame[frame["seed"] == plan.FIRST_SEED]
    assert len(found) == 6 * 7 and "none" not in set(found["placement"])
    scores = {
        dataset: np.array([
            [first[(first["dataset"] == dataset) & (first["placement"] == placement)
                   & (first["learning_rate"] == speed) & (first["rate"] == rate)]["nll_best"].item()
             for speed, rate in plan.settings(placement)]
            for placement in plan.PLACEMENTS if placement != "none"
        ])
        for dataset in ("mr", "trec")
    }  # fmt: skip
    best = {dataset: table.mean(axis=0).argmin() for dataset, table in scores.items()}
    assert best["mr"] != best["trec"]
    each = found[(found["tuned_on"] == "mr") & (found["used_on"] == "trec")].set_index("placement")
    for row, placement in enumerate(name for name in plan.PLACEMENTS if name != "none"):
        assert each.loc[placement, "borrowed"] == pytest.approx(scores["trec"][row, best["mr"]])
        assert each.loc[placement, "own"] == pytest.approx(scores["trec"][row, best["trec"]])
    cost = (scores["trec"][:, best["mr"]] - scores["trec"][:, best["trec"]]).mean()
    (line,) = [line for line in book_tuning.page(frame, {}).splitlines() if line.startswith("| MR | TREC |")]
    assert line.endswith(f" | {cost:.3f} |") and tuning.borrowed_by_all(frame.iloc[:0]).empty


def test_a_diverged_run_scores_infinity_and_the_pages_still_stand(complete):
    frame = complete["a1"].copy()
    frame.loc[frame["placement"] == "combined", "nll_best"] = np.nan
    found = tuning.scored(frame)
    assert np.isinf(found.loc[found["placement"] == "combined", "score"]).all()
    page = answer.pages({}, complete | {"a1": frame})["study-tuning.md"]
    assert "no checkpoint" in page and "nan" not in text_of(page) and "inf" not in text_of(page)


@pytest.mark.parametrize("names", [["input"], ["input", "output", "combined"]])
def test_the_picture_of_half_published_tuning_is_drawn(complete, names):
    stage = tuning.first_stage(complete["a1"])
    mine = stage[(stage["dataset"] == "mr") & stage["placement"].isin(["none", *names])]
    shown = [axes for axes in study.tuning(mine, names).axes if axes.get_visible()]
    assert len(shown) == len(names)
    study.tuning(mine.assign(score=np.inf), names)  # no run has a checkpoint


def test_levels_count_a_run_without_a_checkpoint_as_uniform(complete):
    frame = complete["a2"].copy()
    (row, *_) = frame.index[(frame["dataset"] == "mr") & (frame["placement"] == "output")]
    frame.loc[row, ["nll_best", "nll_scaled_best", "accuracy_best", "epoch_best"]] = np.nan
    mine = frame[(frame["dataset"] == "mr") & (frame["placement"] == "output")]
    (line,) = [each for each in answer._levels(frame, "mr", {}).splitlines() if each.startswith("| `output` |")]
    assert line.split(" | ")[1] == f"{mine['nll_best'].fillna(math.log(2)).mean():.3f}"


def test_the_picture_has_a_panel_a_placement_and_a_mark_a_setting(complete):
    stage = tuning.first_stage(complete["a1"])
    names = [name for name in plan.PLACEMENTS if name != "none"]
    figure = study.tuning(stage[stage["dataset"] == "mr"], names)
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in shown] == names
    for axes in shown:
        assert sum(len(line.get_xdata()) for line in axes.lines[:3]) == 16
