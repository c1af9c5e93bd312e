"""What decides a run's NLL: made-up runs with known effects, and shares and slopes that follow them."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from support.exploring import published_rows
from support.text_sets import CLASSES, stand_in

from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import decomposition
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.results.rows import fold_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(CLASSES, "imdb", 2)
    stand_in(monkeypatch)


def rows_of(part, *datasets):
    return published_rows([config for config in grid_exploring.PARTS[part]() if config.dataset in datasets])


def test_fold_and_seed_of_a2_against_least_squares():
    rows = published_rows(plan.confirmation(lambda config: config.rate))
    rows["nll_best"] += 0.1 * (rows["placement"] == "input") * rows["dataset_options"].str.contains('"fold": 3')
    found = decomposition.of_folds(decomposition.runs("a2", rows, "mr"))
    mine = rows[rows["dataset"] == "mr"].assign(fold=rows["dataset_options"].map(fold_of))
    table = anova_lm(ols("nll_best ~ C(placement) * C(fold) + C(seed)", mine).fit())
    wanted = table["sum_sq"] / table["sum_sq"].sum()
    names = {"C(placement)": "placement", "C(fold)": "fold", "C(seed)": "seed", "C(placement):C(fold)": "together"}
    for factor, name in {**names, "Residual": "rest"}.items():
        assert found[name] == pytest.approx(wanted[factor], abs=1e-9)
    with pytest.raises(ValueError, match="1 of 320 numbers are missing"):
        decomposition.of_folds(decomposition.runs("a2", rows[rows["dataset"] == "mr"].iloc[1:], "mr"))


def test_slopes_of_the_difference_are_found_with_their_sign():
    rows = rows_of("d", "mr")
    doublings = np.log2(rows["train_rows"].astype(float) / 250)
    rows["nll_best"] += 0.03 * doublings * (rows["placement"] == "input")
    rows["nll_best"] -= 0.02 * doublings * (rows["placement"] == "output") + 0.5 * doublings
    (table,) = decomposition.grids("mr", decomposition.runs("d", rows, "mr"))
    found = decomposition.slopes(table)
    assert set(found) == {"input", "recurrent", "output", "variational"}
    wide = rows.assign(fold=rows["dataset_options"].map(fold_of)).pivot(
        index=["fold", "seed"], columns=["placement", "train_rows"], values="nll_best"
    )
    for name, (mean, low, high) in found.items():
        fitted = [np.polyfit(np.log2(table.levels), unit, 1)[0] for unit in (wide[name] - wide["none"]).to_numpy()]
        assert mean == pytest.approx(np.mean(fitted)) and low <= mean <= high
    assert found["input"][1] > 0.02 and found["output"][2] < -0.01


def test_two_runs_in_one_place_are_refused():
    rows = rows_of("d", "mr")
    with pytest.raises(ValueError, match="1 runs of d on mr are there twice"):
        decomposition.runs("d", pd.concat([rows, rows.iloc[:1]]), "mr")


def test_a_balanced_grid_holds_the_placements_with_every_level():
    rows = rows_of("d", "mr")
    (table,) = decomposition.grids("mr", decomposition.runs("d", rows, "mr"))
    assert table.levels == grid_exploring.SIZES["mr"] and table.placements == grid_exploring.SIZED["mr"]
    assert table.values.shape == (5, 5, 20)
    for place, name in enumerate(table.placements):
        for level, size in enumerate(table.levels):
            cell = rows[(rows["placement"] == name) & (rows["train_rows"] == size)]
            cell = cell.assign(fold=cell["dataset_options"].map(fold_of)).sort_values(["fold", "seed"])
            assert table.values[place, level] == pytest.approx(cell["nll_best"].to_numpy())
    with pytest.raises(ValueError, match="1 of 500 runs on mr are missing"):
        decomposition.grids("mr", decomposition.runs("d", rows.iloc[1:], "mr"))
