"""Exploring parts: paired differences against an independent count, whole cells only, and a page that follows them."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support.exploring import published_rows, value
from support.text_sets import CLASSES, stand_in

from bilstm_dropout import wording
from bilstm_dropout.book.pages import exploring as book_exploring
from bilstm_dropout.book.pages import which
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import doses
from bilstm_dropout.experiments.exploratory import effects as exploring
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.figures import study
from bilstm_dropout.results.rows import nll
from bilstm_dropout.runs.config import CONTROLS


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(CLASSES, "imdb", 2)
    stand_in(monkeypatch)


PARTS = {**grid_exploring.PARTS, "a3": plan.fixed_rate}


def test_every_part_has_a_view():
    assert exploring.VIEWS.keys() == PARTS.keys()


@pytest.mark.parametrize("part", exploring.VIEWS)
def test_every_cell_is_the_mean_paired_difference(part):
    configs = PARTS[part]()
    found = exploring.effects(part, published_rows(configs))
    baselines = {}
    for config in configs:
        if config.placement == "none" and config.units == 64 and not config.weight_decay and not config.label_smoothing:
            fixed = (config.dataset, config.layers, config.train_rows, config.permuted_labels, config.epochs)
            baselines[*fixed, config.seed, config.dataset_options.get("fold")] = value(config)
    cells = {}
    for config in configs:
        fixed = (config.dataset, config.layers, config.train_rows, config.permuted_labels, config.epochs)
        difference = value(config) - baselines[*fixed, config.seed, config.dataset_options.get("fold")]
        view = exploring.VIEWS[part]
        row = pd.Series({**CONTROLS, **config.model_dump()})
        cells.setdefault((config.dataset, config.layers, view.row(row), view.series(row)), []).append(difference)
    none = {cell for cell in cells if cell[2] in ("none", "64 units", "64 units, permuted labels")}
    assert {(row.dataset, row.layers, row.row, row.series) for row in found.itertuples()} == cells.keys() - none
    for row in found.itertuples():
        each = cells[row.dataset, row.layers, row.row, row.series]
        assert row.n == len(each) and row.mean == pytest.approx(np.mean(each)) and row.low <= row.mean <= row.high


def test_labels_tell_every_cell_apart():
    for part, view in exploring.VIEWS.items():
        seen = {}
        for config in PARTS[part]():
            row = pd.Series({**CONTROLS, **config.model_dump()})
            cell = (config.dataset, config.layers, view.panel(row), view.row(row), view.series(row))
            apart = exploring._cell(row)
            assert seen.setdefault(cell, apart) == apart, (part, cell)


def test_cells_stand_in_the_order_of_the_plan_whatever_the_order_of_the_rows():
    rows = published_rows(grid_exploring.PARTS["b"]())
    found = exploring.effects("b", rows.sample(frac=1, random_state=1))
    one = found[(found["dataset"] == "mr") & (found["layers"] == 1)]
    names = [name for name in TABLE if name in set(one["row"])]
    assert list(dict.fromkeys(one["row"])) == names and len(names) > 20
    assert list(dict.fromkeys(one[one["row"] == "input"]["series"])) == ["p = 0.1", "p = 0.25", "p = 0.5"]
    # The highest rate, and permuted labels, have a figure of their own.
    assert set(found[found["panel"] == "p = 0.75"]["series"]) == {"p = 0.75"}
    assert not (found[found["panel"] == ""]["series"] == "p = 0.75").any()
    controls = exploring.effects("j", published_rows(grid_exploring.PARTS["j"]()))
    permuted = controls[controls["panel"] == "permuted labels"]
    assert set(permuted["row"]) == {"input", "recurrent", "output"} and len(permuted) == 6


def test_a_cell_without_all_its_units_is_left_out_and_divergence_counts():
    configs = grid_exploring.PARTS["i"]()
    rows = published_rows(configs)
    chosen = (rows["dataset"] == "trec") & (rows["placement"] == "output")
    rows.loc[rows.index[chosen][:2], "diverged"] = True
    rows.loc[rows.index[chosen][1], "nll_best"] = math.nan  # the first had a checkpoint before, and keeps it
    whole = exploring.effects("i", rows)
    mean = whole[(whole["dataset"] == "trec") & (whole["row"] == "output")]["mean"].item()
    values = rows["nll_best"].fillna(math.log(6)).to_numpy()
    base = rows[(rows["dataset"] == "trec") & (rows["placement"] == "none")].index
    assert mean == pytest.approx(values[rows.index[chosen]].mean() - values[base].mean())
    fewer = exploring.effects("i", rows.drop(rows.index[chosen][3]))
    assert len(fewer) == len(whole) - 1 and not ((fewer["dataset"] == "trec") & (fewer["row"] == "output")).any()
    no_baseline = exploring.effects("i", rows.drop(base[0]))
    assert not (no_baseline["dataset"] == "trec").any() and (no_baseline["dataset"] == "japanese_vowels").any()


def test_without_validation_a_run_that_diverged_counts_as_uniform():
    rows = published_rows(runs := grid_exploring.PARTS["i"]())
    last = next(number for number, config in enumerate(runs) if config.dataset == "japanese_vowels")
    rows.loc[last, "diverged"] = True
    assert nll(rows)[last] == pytest.approx(math.log(9)) != rows.loc[last, "nll_last"]


def test_intervals_of_few_units_are_wide_enough():
    """95 % of intervals over ten units hold the truth; BCa's would be about 90 %."""
    configs, rng, held = grid_exploring.PARTS["i"](), np.random.default_rng(0), []
    for _ in range(40):
        rows = published_rows(configs)
        for name in ("nll_best", "nll_last"):
            rows[name] = rng.normal(0, 0.1, len(rows)) + 1
        again = exploring.effects("i", rows)
        assert set(again["n"]) == {10}
        held += ((again["low"] < 0) & (again["high"] > 0)).to_list()
    assert np.mean(held) > 0.92


def test_the_page_follows_the_runs(monkeypatch):
    monkeypatch.setattr(book_exploring, "figure_html", lambda *_, alt, caption: f"{alt} {caption}")
    empty = published_rows([])
    rows = dict.fromkeys(parts.PARTS, empty) | {"e": published_rows(grid_exploring.PARTS["e"]())}
    found = book_exploring.pages(rows)
    others = {"exploring-decides.md", "exploring-doses.md", "exploring-schedules.md", "exploring-controls.md"}
    others |= {f"exploring-decides-{part}.md" for part in ("a2", "b", "d")}
    assert set(found) == {f"exploring-{part}.md" for part in grid_exploring.PARTS} | others
    assert found["exploring-b.md"].startswith("0 of the 1,630 runs of part b are published. No cell")
    page = found["exploring-e.md"]
    effects = exploring.effects("e", rows["e"])
    assert page.count(":::{dropdown}") == 3 and "260 of the 260 runs" in page
    for row in effects.itertuples():
        assert f"| `{row.row}` | {row.n} | {row.mean:+.4f}".replace("-", "−") in page.replace("-", "−")
    changed = rows["e"].assign(nll_best=rows["e"]["nll_best"] + 0.01 * (rows["e"]["placement"] != "none"))
    again = book_exploring.pages(rows | {"e": changed})["exploring-e.md"]
    assert again != page and again.split("JapaneseVowels")[0] != page.split("JapaneseVowels")[0]


def test_the_figure_has_a_mark_for_every_cell():
    found = exploring.effects("g", published_rows(grid_exploring.PARTS["g"]()))
    found = found[found["dataset"] == "trec"]
    axis = study.differences(found, "schedule").axes[0]
    drawn = {(round(x, 9), round(-y)) for line in axis.lines for x, y in zip(*line.get_data(), strict=True)}
    rows = list(dict.fromkeys(found["row"]))
    assert {(round(row.mean, 9), rows.index(row.row)) for row in found.itertuples()} <= drawn
    assert [each.get_text() for each in axis.get_yticklabels()] == rows and "nats" in axis.get_xlabel()


def test_the_table_of_what_to_use_follows_the_runs():
    empty = published_rows([])
    documents = {"input": "generated/placement-02-input"}
    whole = dict.fromkeys(parts.PARTS, empty) | {
        "a2": published_rows(plan.confirmation(lambda config: config.rate)).assign(nll_scaled_best=0.5),
        "a3": published_rows(plan.fixed_rate()).assign(nll_scaled_best=0.5),
        "d": published_rows([config for config in grid_exploring.PARTS["d"]() if config.dataset == "mr"]),
    }
    assert "no table yet" in which.page(whole | {"a3": whole["a3"].iloc[1:]}, documents)
    page = which.page(whole, documents)
    tables = {part.split("\n")[0]: part.split("\n:::")[0] for part in page.split(":::{table} ")[1:]}
    shown = [[line for line in text.splitlines() if line.startswith("| ")] for text in tables.values()]
    _, _, tuned, fixed, sizes = shown
    assert [line.split(" | ")[0][2:] for line in tuned[1:]] == ["MR", "TREC", "PhraseBank"]
    assert [line.split(" | ")[0][2:] for line in fixed[1:]] == ["MR", "TREC", "PhraseBank", "SUBJ", "JapaneseVowels"]
    every = list(grid_exploring.SIZES["mr"])
    assert [line.split(" | ")[0][2:] for line in sizes[1:]] == [f"MR, {rows:,} rows" for rows in every]
    assert sizes[0].split(" | ")[1] == "[`input`](/generated/placement-02-input.ipynb)"
    names = [cell.split("`")[1] for cell in sizes[0].split(" | ")[1:]]
    found = exploring.effects("d", whole["d"])
    for row in found.itertuples():
        line = sizes[1 + every.index(int(row.series.split()[0].replace(",", "")))]
        shown = line.rstrip(" |").split(" | ")[1 + names.index(row.row)]
        assert f"{abs(row.mean):.3f}" in shown
        assert ("lower" in shown, "higher" in shown) == (row.high < 0, row.low > 0)
    # Three tuned sets, five at the fixed rate and five sizes are counted for a placement.
    (line,) = [line for line in page.splitlines() if line.startswith("| `output` | ") and "of 3 | " in line]
    assert [int(cell.split(", of ")[1]) for cell in line.strip("| ").split(" | ")[1:]] == [3, 5, 5]


def test_intervals_below_and_above_are_counted_by_budget():
    below, across, above = (SimpleNamespace(mean=low, low=low, high=high) for low, high in
                            ((-0.2, -0.1), (-0.1, 0.1), (0.1, 0.2)))  # fmt: skip
    line = which.Line("a3", "mr", "", {"input": below, "recurrent": across, "output": above})
    page = which._counts([line, line, replace(line, part="a2")], {})
    assert "somewhere and above 0 nowhere: `input` (3 of 3 lines)." in page
    assert page.splitlines()[5:] == [
        "| placement | part a2 | part a3 |", "|:--|--:|--:|",
        "| `input` | 1 below, 0 above, of 1 | 2 below, 0 above, of 2 |",
        "| `recurrent` | 0 below, 0 above, of 1 | 0 below, 0 above, of 2 |",
        "| `output` | 0 below, 1 above, of 1 | 0 below, 2 above, of 2 |", ":::",
    ]  # fmt: skip
    worse = which._counts([line, replace(line, part="a2", cells={"input": above})], {})
    assert "above 0 nowhere: no placement." in worse


def test_decisions_stand_by_data_size_and_budget_with_their_evidence():
    def cell(low, high):
        return SimpleNamespace(mean=(low + high) / 2, low=low, high=high, n=20)

    some = {"input": cell(-0.3, -0.1), "recurrent": cell(-0.5, -0.2), "combined": cell(-0.1, 0.1), "output": cell(0, 1)}
    lines = [
        which.Line("a3", "trec", "", {"input": cell(-0.1, 0.1)}), which.Line("a2", "mr", "", some),
        which.Line("a3", "mr", "", {"output": cell(0.1, 0.3)}), which.Line("d", "mr", "1,000 rows", some),
    ]  # fmt: skip
    table, said = which._decisions(lines).split("\n:::")
    found = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[5:]]
    assert [line[1:4] for line in found] == [
        ["1,000", "21", "1"], ["8,530", "21", "1"], ["8,530", "21", "16"], ["4,362", "10", "1"],
    ]  # fmt: skip
    assert found[0][4] == "`recurrent` −0.350 [−0.500, −0.200]<br>`input` −0.200 [−0.300, −0.100]"
    assert [line[4:] for line in found[1::2]] == [["nothing", "`output` +0.200 [+0.100, +0.300]"], ["nothing"] * 2]
    assert found[0][5] == found[2][5] == "nothing", "an interval that begins at 0 does not lie above it"
    assert "In 2 of these 4 lines nothing lies below" in said


def test_the_page_shows_every_dose_that_was_measured(monkeypatch):
    found = doses.Doses.published()
    page = book_exploring.pages(dict.fromkeys(parts.PARTS, published_rows([])))["exploring-doses.md"]
    table, same = page.split(":::{dropdown}")[1:]
    for each in found.doses:
        (line,) = [line for line in table.splitlines() if line.startswith(f"| `{each.placement}` |")]
        assert f" {each.spread:.3f} " in line
    for each in found.matched:
        assert f"| `{each.placement}` | {each.rate:g} | {each.spread:.3f} |" in same
    spreads = {(each.placement, each.rate): each.spread for each in found.doses}
    assert f" {spreads['input-words', 0.25] / spreads['input', 0.25]:.2f} times as far as `input`" in page
    first = found.doses[0].model_copy(update={"spread": 0.777})
    monkeypatch.setattr(doses.Doses, "published", lambda: found.model_copy(update={"doses": (first, *found.doses[1:])}))
    assert "0.777" in book_exploring.pages(dict.fromkeys(parts.PARTS, published_rows([])))["exploring-doses.md"]


def test_the_curves_of_the_doses_are_the_numbers():
    found = doses.Doses.published().doses
    curves = {name: [each for each in found if each.placement == name] for name in doses.MATCHED}
    (axes,) = study.doses(curves).axes
    assert [line.get_label() for line in axes.lines] == [*doses.MATCHED]
    for line, curve in zip(axes.lines, curves.values(), strict=True):
        assert [*zip(*line.get_data(), strict=True)] == [(each.rate, each.spread) for each in curve]


def test_a_schedule_is_compared_with_the_constant_rate_on_its_own_site():
    rows = published_rows(grid_exploring.PARTS["g"]())
    # By .3 below on recurrent, ramp; .2 above on output, decay; all others as they came.
    moved = {("recurrent", "ramp"): -0.3, ("output", "decay"): 0.2}
    rows["shift"] = [moved.get(each, 0.0) for each in zip(rows["placement"], rows["schedule"], strict=True)]
    rows["shift"] += np.random.default_rng(0).normal(0, 0.01, len(rows))
    for column in ("nll_best", "nll_last"):
        rows[column] += rows["shift"]
    found = exploring.against_constant(rows)
    assert len(found) == 2 * 4 * 3  # data sets, sites and schedules beside the constant one
    for name in ("trec", "japanese_vowels"):
        assert found[name, "recurrent", "ramp"].mean == pytest.approx(-0.3, abs=0.02)
        assert found[name, "output", "decay"].low > 0 > found[name, "recurrent", "ramp"].high
        assert abs(found[name, "input", "ramp"].mean) < 0.02 and found[name, "input", "ramp"].n == 10
    page = book_exploring._schedules(rows.assign(epoch_best=math.nan))
    assert "lies below 0 (" in page and "TREC, recurrent, ramp" in page.split("above it")[0]
    assert "JapaneseVowels, output, decay" in page.split("above it")[1]
    # All checkpoints after a fifth of training, when nothing of a triangle and .2 of a ramp has acted.
    early = rows.assign(epoch_best=0.2 * rows["epochs"])
    acted = exploring.until_checkpoint(early, "trec")
    assert acted["triangle"] == pytest.approx((0.2, 0)) and acted["ramp"] == pytest.approx((0.2, 0.2))
    assert exploring.until_checkpoint(early, "japanese_vowels") == {}
    page = book_exploring._schedules(early)
    assert "after a share of 0.20 to 0.20" in page and "ramp 0.20, triangle 0.00" in page
    # By the last epoch TREC's NLL is what it was made there: 9 and the shift.
    below, above = page.partition("interval lies below 0 for ")[2].partition("\n")[0].split(", and above it for ")
    assert "recurrent, ramp" in below and "output, decay" in above
    assert "recurrent, ramp" not in above and "output, decay" not in below
    # A schedule that lacks one unit is left out, and a constant rate that lacks it takes all of its site along.
    ramp = rows[(rows["dataset"] == "trec") & (rows["placement"] == "input") & (rows["schedule"] == "ramp")]
    assert len(exploring.against_constant(rows.drop(ramp.index[0]))) == 23
    constant = rows[(rows["dataset"] == "trec") & (rows["placement"] == "input") & (rows["schedule"] == "constant")]
    assert len(exploring.against_constant(rows.drop(constant.index[0]))) == 21
    assert "No schedule" in book_exploring._schedules(rows.iloc[:0])


def test_the_controls_are_told_in_words():
    rows, first = (published_rows(grid_exploring.PARTS[part]()) for part in ("j", "b"))
    rows.loc[rows["rate"] == 0, ["nll_best", "nll_last"]] += 0.0
    page = book_exploring._controls(rows, first)
    series, texts = page.split("\n")
    assert series.startswith("- JapaneseVowels: a rate of 0 changes the NLL by ") and texts.startswith("- MR: ")
    of = exploring.effects("j", rows).set_index(["dataset", "row", "panel"])
    other = of.loc[("mr", "input, other masks", "")]
    assert f"other masks on `input` give {wording.nats(other['mean'])}" in texts
    assert f"half the units give {wording.nats(of.loc[('mr', '32 units', ''), 'mean'])}" in texts
    permuted = of.xs("permuted labels", level="panel")["high"]
    for name, line in (("japanese_vowels", series), ("mr", texts)):
        assert f"with permuted labels {int((permuted[name] < 0).sum())} of 3 sites lie below none" in line
    zero = rows[(rows["rate"] == 0) & (rows["placement"] == "input") & (rows["dataset"] == "mr")]
    moved = rows.copy()
    moved.loc[zero.index, "nll_best"] += 0.5
    assert book_exploring._controls(moved, first).split("\n")[1] != texts
    assert book_exploring._controls(rows.iloc[:0], first) == "No control has all of its units yet."
