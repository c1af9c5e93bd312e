"""How the spread of the tuned runs goes with placement, fold and seed: shares against least squares."""

import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from support.exploring import published_rows
from support.text_sets import CLASSES, stand_in

from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import decomposition
from bilstm_dropout.results.rows import fold_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(CLASSES, "imdb", 2)
    stand_in(monkeypatch)


def test_fold_and_seed_of_a2_against_least_squares():
    rows = published_rows(plan.confirmation(lambda config: config.rate))
    rows["nll_best"] += 0.1 * (rows["placement"] == "input") * rows["dataset_options"].str.contains('"fold": 3')
    found = decomposition.of_folds(decomposition.runs(rows, "mr"))
    mine = rows[rows["dataset"] == "mr"].assign(fold=rows["dataset_options"].map(fold_of))
    table = anova_lm(ols("nll_best ~ C(placement) * C(fold) + C(seed)", mine).fit())
    wanted = table["sum_sq"] / table["sum_sq"].sum()
    names = {"C(placement)": "placement", "C(fold)": "fold", "C(seed)": "seed", "C(placement):C(fold)": "together"}
    for factor, name in {**names, "Residual": "rest"}.items():
        assert found[name] == pytest.approx(wanted[factor], abs=1e-9)
    with pytest.raises(ValueError, match="1 of 320 numbers are missing"):
        decomposition.of_folds(decomposition.runs(mine.iloc[1:], "mr"))
    with pytest.raises(ValueError, match="1 runs on mr are there twice"):
        decomposition.runs(pd.concat([mine, mine.iloc[:1]]), "mr")
