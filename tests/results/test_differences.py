"""Differences to none of published runs, against plain loops over the same rows."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from bilstm_dropout import results
from bilstm_dropout.results import differences


@pytest.fixture(scope="module")
def rows():
    return results.read("long texts").query("dataset == 'imdb' and rate in (0, 0.25)")


def test_a_run_is_set_beside_none_of_its_seed_and_accuracy_is_in_points(rows):
    pairs = differences.less_none(rows, setting="long")
    with_dropout = rows.query("placement != 'none'").drop_duplicates("key")
    assert len(pairs) == len(with_dropout) and set(pairs["setting"]) == {"long"} and set(pairs["fold"]) == {0}
    for row in with_dropout[with_dropout["placement"] == "recurrent"].itertuples():
        none = rows.query("placement == 'none' and seed == @row.seed").iloc[0]
        mine = pairs.query("placement == 'recurrent' and seed == @row.seed").iloc[0]
        assert mine["nll_best"] == pytest.approx(row.nll_best - none.nll_best)
        assert mine["accuracy_last"] == pytest.approx(100 * (row.accuracy_last - none.accuracy_last))


def test_means_have_the_interval_of_t_over_seeds_of_one_fold_and_their_panel(rows):
    pairs = differences.less_none(rows)
    found, of = differences.means(pairs, ["dataset", "placement"])
    values = pairs.query("placement == 'recurrent'")["accuracy_best"].to_numpy()
    half = reference.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    estimate = of["imdb", "recurrent", "accuracy_best"]
    assert (estimate.mean, estimate.low) == pytest.approx((values.mean(), values.mean() - half))
    line = found.query("placement == 'recurrent' and measure == 'accuracy_best'").iloc[0]
    assert (line["down"], line["across"], line["n"]) == ("accuracy (points)", "stopped early", len(values))


def test_the_csv_file_has_a_row_a_group_with_every_measure(rows):
    found, of = differences.means(differences.less_none(rows), ["dataset", "placement"])
    table = differences.wide(found, ["dataset", "placement"])
    assert len(table) == rows["placement"].nunique() - 1 and len(table.columns) == 2 + 3 * len(differences.MEASURES)
    line = table.query("placement == 'recurrent'").iloc[0]
    assert line["nll_last_high"] == round(of["imdb", "recurrent", "nll_last"].high, 4)
    assert line["accuracy_last_mean"] == round(of["imdb", "recurrent", "accuracy_last"].mean, 2)


def test_what_a_doubling_adds_is_the_slope_of_a_line_through_each_run_s_differences(rows):
    few = results.read("fewer training rows").query("dataset == 'imdb'")
    pairs = differences.less_none(few, keep=("train_rows",))
    found = differences.per_doubling(pairs, "train_rows", "nll_best")
    assert set(found) == set(few["placement"]) - {"none"}
    mine = pairs[pairs["placement"] == "recurrent"]
    mine = mine.assign(steps=np.log2(mine["train_rows"].astype(float)))
    slopes = [np.polyfit(each["steps"], each["nll_best"], 1)[0] for _, each in mine.groupby("seed")]
    assert found["recurrent"].mean == pytest.approx(np.mean(slopes))
    low, high = reference.t.interval(0.95, len(slopes) - 1, np.mean(slopes), reference.sem(slopes))
    assert (found["recurrent"].low, found["recurrent"].high) == pytest.approx((low, high))


def test_what_is_chosen_for_a_fold_was_best_on_the_others():
    draw = np.random.default_rng(0)
    runs = pd.DataFrame([
        {"placement": place, "fold": fold, "seed": seed, "learning_rate": rate, "nll_best": draw.normal()}
        for place in ("none", "input") for fold in range(4) for seed in range(3) for rate in (1, 2, 3)
    ])  # fmt: skip
    chosen = differences.chosen_elsewhere(runs, ["placement"])
    assert len(chosen) == 2 * 4 * 3 and not chosen.duplicated(["placement", "fold", "seed"]).any()
    for (place, fold), mine in chosen.groupby(["placement", "fold"]):
        others = runs[(runs["placement"] == place) & (runs["fold"] != fold)].groupby("learning_rate")["nll_best"].mean()
        assert set(mine["learning_rate"]) == {others.idxmin()}
    # A fold's own outcomes decide nothing there.
    spoilt = runs.assign(nll_best=runs["nll_best"].where(runs["fold"] != 2, 99 - 9 * runs["learning_rate"]))
    of = [each.query("fold == 2").sort_values(["placement", "seed"]) for each in
          (chosen, differences.chosen_elsewhere(spoilt, ["placement"]))]  # fmt: skip
    assert of[0]["learning_rate"].tolist() == of[1]["learning_rate"].tolist()
    for lacking in (runs.query("fold == 0"), runs.query("not (fold == 1 and learning_rate == 2)")):
        with pytest.raises(ValueError, match="two folds or more"):
            differences.chosen_elsewhere(lacking, ["placement"])
