"""Every number of a part: what is a setting and its baseline, the one rule of intervals, and which verdicts stay."""

import json

import numpy as np
import pandas as pd
import pytest

from bilstm_dropout import datasets, results, stats
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import published_folder
from bilstm_dropout.results import every_number as module
from bilstm_dropout.results import published
from bilstm_dropout.results.every_number import numbers, paired_mean, shown

LOSS = "loss, chosen"


@pytest.fixture(scope="module")
def a2():
    rows = published.read("a2")
    return rows[rows["dataset"] == "trec"]


def of(found, placement, **more):
    for column, value in {"placement": placement, **more}.items():
        found = found[found[column] == value]
    (row,) = found.to_dict("records")
    return row


# ---- the one rule ----
def test_three_folds_are_crossed_two_are_averaged_and_one_is_taken_over_seeds():
    values = np.random.default_rng(0).standard_normal((5, 4)) + np.arange(4)
    assert paired_mean(values) == stats.crossed(values)
    for folds in (1, 2):
        found, plain = paired_mean(values[:, :folds]), stats.estimate(values[:, :folds].mean(axis=1))
        assert (found.mean, found.low, found.high) == pytest.approx((plain.mean, plain.low, plain.high))
        assert found.n == 5 * folds


def test_seeds_that_lack_a_run_are_left_out_and_one_seed_has_no_interval():
    values = np.ones((4, 2)) * np.arange(4)[:, None]
    values[0, 1] = np.nan
    assert paired_mean(values).mean == pytest.approx(2) and paired_mean(values).df == 2
    assert paired_mean(values[:2]) is None


# ---- a part ----
def test_differences_are_those_of_pairs_that_share_fold_and_seed(a2):
    found = of(numbers(a2), "input")
    fold = a2["dataset_options"].map(results.fold_of)
    two = [a2.assign(fold=fold)[a2["placement"] == name].set_index(["seed", "fold"]) for name in ("input", "none")]
    for column, name, factor in (("nll_best", LOSS, 1), ("accuracy_last", "accuracy, last", 100)):
        less = (factor * (two[0][column] - two[1][column])).rename("less").reset_index()
        by_hand = stats.crossed_of(less, "less")
        given = [found[f"{name}{end}"] for end in module.ENDS[:3]]
        assert given == pytest.approx([by_hand.mean, by_hand.low, by_hand.high])
        assert found[name] == pytest.approx(factor * two[0][column].mean()) and found["runs"] == 40
    assert found[f"{LOSS} verdict"] == "lower*"


def test_a_verdict_follows_its_interval_and_a_star_is_for_what_stays(a2):
    found = numbers(a2)
    for name in module.MEASURES.values():
        less = found[found[f"{name} low"].notna()]
        for row in less.to_dict("records"):
            high, low, said = row[f"{name} high"], row[f"{name} low"], row[f"{name} verdict"]
            assert said.rstrip("*") == ("lower" if high < 0 else "higher" if low > 0 else "unclear")
    # Of one setting nothing is corrected; among many that are chance, it no longer stays.
    alone = a2[a2["placement"].isin(["none", "combined"])]
    assert "*" not in of(numbers(alone), "combined")[f"{LOSS} verdict"]
    once, thirty = _shifted(0), _shifted(30)
    assert of(numbers(once), "input")[f"{LOSS} verdict"] == "higher*"
    assert of(numbers(thirty), "input", rate=0.25)[f"{LOSS} verdict"] == "higher"


def test_a_run_of_none_that_another_part_repeats_with_passes_is_no_second_baseline(a2):
    dropped, bare = a2[a2["placement"] != "none"], a2[a2["placement"] == "none"]
    again = bare.assign(part="m", passes=50, key=bare["key"] + "-again")
    others = pd.concat([a2, again], ignore_index=True)
    assert module.baselines(dropped, others) == module.baselines(dropped, a2) != {}
    pd.testing.assert_frame_equal(numbers(dropped, others), numbers(dropped, a2))
    twice = pd.concat([a2, again.assign(passes=0)], ignore_index=True)
    assert module.baselines(dropped, twice) == {}


def _shifted(others):
    """Ten seeds on one test part, `input` higher than none by a little, and others at rates of their own by nothing."""
    rows = published.read("a3")
    none = rows.query("dataset == 'japanese_vowels' and placement == 'none' and seed <= 10").assign(nll_best=0.5)
    seed = none["seed"].to_numpy()
    moved = [none.assign(placement="input", rate=0.25, nll_best=0.5 + 0.01 + 0.018 * np.sin(seed))]
    moved += [none.assign(placement="input", rate=0.3 + number / 100, nll_best=0.5 + 0.01 * (-1.0) ** seed)
              for number in range(others)]  # fmt: skip
    return pd.concat([none, *moved], ignore_index=True)


def test_settings_are_told_by_what_not_all_share_and_none_comes_first():
    rows = published.read("d")
    found = numbers(rows[rows["dataset"] == "mr"])
    assert found["placement"].iloc[0] == "none" and "rows 250, epochs 125" in set(found["setting"])
    assert len(found) == 25 and (found["runs"] == 20).all()
    made = numbers(published.read("t"))
    clue = of(made, "input", rate=0.5, setting="informative 4, spurious 0.9, train 1000, epochs 20")
    assert clue[f"{LOSS} high"] < -0.9 and clue["runs"] == 10  # a unit is a draw of the data


def test_other_regularisers_are_compared_with_none_and_shuffled_labels_with_shuffled_labels():
    rows = published.read("j")
    found = numbers(rows[rows["dataset"] == "mr"])
    assert of(found, "none", setting="units 64, weight decay 1")["loss, last less none"] < -0.6
    shuffled = of(found, "input", setting="units 64, shuffled labels")
    assert abs(shuffled["accuracy, last less none"]) < 2 and shuffled["accuracy, last"] == pytest.approx(50, abs=2)
    assert np.isnan(of(found, "none", setting="units 64")["loss, last less none"])


def test_a_part_without_none_takes_it_from_another_part():
    rows, memory = published.read("q"), published.read("memory")
    alone, both = numbers(rows), numbers(rows, pd.concat([rows, memory[memory["dataset"] == "recall"]]))
    lacks = [each["loss, last less none"].isna().sum() for each in (alone, both)]
    assert lacks[1] < 5 < lacks[0] and list(alone["loss, last"]) == list(both["loss, last"])


def test_a_search_is_not_compared():
    rows = published.read("a1")
    found = numbers(rows[rows["dataset"] == "mr"])
    assert len(found) == 8 and not found.filter(like="less none").size and (found["runs"] == 24).all()
    assert not len(shown(found, "differences")) and len(shown(found, "levels")) == 8


def test_tables_have_a_text_for_what_is_there(a2):
    found = numbers(a2)
    table = shown(found, "differences")
    assert "none" not in set(table["placement"]) and len(table) == 7
    assert of(table, "input")[LOSS] == "−0.030 (−0.044 to −0.016) lower*"
    assert of(shown(found, "levels"), "none")["accuracy, last"] == "80.7"
    series = published.read("a3").query("dataset == 'japanese_vowels'")
    assert LOSS not in shown(numbers(series), "levels")  # nothing could be held out


# ---- every run ----
def test_a_run_is_a_line_with_its_numbers(a2):
    found = module.runs(a2)
    row = a2[(a2["placement"] == "recurrent") & (a2["seed"] == 1)].iloc[0]
    line = of(found, "recurrent", key=row["key"])
    assert len(found) == len(a2) and (line["part"], line["rate"]) == ("tuned recipes", row["rate"])
    assert line["fold"] == results.fold_of(row["dataset_options"]) and line["chosen epoch"] == 2
    assert line["learning rate"] == row["learning_rate"] and pd.isna(line["rows"]) and line["layers"] == 1
    assert line[LOSS] == round(row["nll_best"], 5) and line["accuracy, last"] == round(100 * row["accuracy_last"], 3)
    assert not found.filter(like="scaled").size


def test_the_lines_of_a_part_differ_in_what_identifies_them():
    told = ["placement", "rate", "setting", "seed", "fold", "draw", "rows", "learning rate"]
    for part in ("d", "j", "t", "memory"):
        rows = published.read(part)
        for name, mine in rows.groupby("dataset"):
            assert not module.runs(mine).duplicated(told).any(), (part, name)


# ---- what there is ----
def test_every_set_has_its_parts():
    manifest = json.loads((published_folder() / "manifest.json").read_text("utf-8"))["parts"]
    assert {part for name in results.published_sets() for part in results.parts_of(name)} == set(manifest)
    assert results.published_sets()[0] == "japanese_vowels" and results.parts_of("subj") == ("a3",)
    assert set(results.published_sets()) <= set(datasets.NAMES) and results.parts_of("digits") == ()


def test_a_folder_without_a_manifest_has_no_sets_and_a_broken_one_is_refused(tmp_path):
    assert results.published_sets(tmp_path) == ()
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match=r"manifest\.json"):
        results.published_sets(tmp_path)
