"""What decides a run's NLL: made-up runs with known effects, tables that follow them, missing runs that are said."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from support.exploring import published_rows
from support.text_sets import CLASSES, stand_in

from bilstm_dropout.book.pages import decides
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import decomposition
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.figures import study
from bilstm_dropout.results.rows import fold_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    monkeypatch.setitem(CLASSES, "imdb", 2)
    stand_in(monkeypatch)


def parts(**rows):
    return {part: published_rows([]) for part in decomposition.LEVELS} | rows


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


def test_a_balanced_grid_holds_the_placements_with_every_rate():
    rows = rows_of("b", "japanese_vowels")
    one, two = decomposition.grids("japanese_vowels", decomposition.runs("b", rows, "japanese_vowels"))
    assert one.levels == two.levels == (0.1, 0.25, 0.5, 0.75) and set(one.left_out) == {"none", "gates"}
    assert two.placements == ("between", "between-spatial") and two.left_out == ("none",)
    for table in (one, one.without_last_level(), one.without_last_level().without_control(), two):
        assert table.values.shape == (len(table.placements), len(table.levels), 10)
        for place, name in enumerate(table.placements):
            for level, rate in enumerate(table.levels):
                cell = rows[(rows["layers"] == table.layers) & (rows["placement"] == name) & (rows["rate"] == rate)]
                assert table.values[place, level] == pytest.approx(cell.sort_values("seed")["nll_last"].to_numpy())
    assert "input-samples" in one.placements and "input-samples" not in one.without_control().placements


def test_the_runs_that_dominate_are_named():
    rows = rows_of("b", "japanese_vowels")
    rows.loc[(rows["placement"] == "input-samples") & (rows["rate"] == 0.75), "nll_last"] += 30
    table, _ = decomposition.grids("japanese_vowels", decomposition.runs("b", rows, "japanese_vowels"))
    found = decomposition.decomposed(table)
    values = table.values - table.values.mean()
    of_cell = np.sum(values[table.placements.index("input-samples"), 3] ** 2) / np.sum(values**2)
    assert found.cells == ("input-samples", 0.75, pytest.approx(of_cell))
    assert found.levels == (0.75, pytest.approx(np.sum(values[:, 3] ** 2) / np.sum(values**2)))
    assert f"{100 * of_cell:.1f} % is that of `input-samples` at p = 0.75 alone" in (
        decides.pages(parts(b=rows))["exploring-decides-b.md"]
    )


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
    page = decides.pages(parts(d=rows))["exploring-decides-d.md"]
    assert "| MR | `input` | +0.03" in page and "| MR | `output` | −0.0" in page
    above, below = (sum(each) for each in zip(*((low > 0, high < 0) for _, low, high in found.values()), strict=True))
    assert f"{above} have a slope whose interval lies above 0 and {below} one" in page


def test_a_data_set_is_shown_once_whole_and_what_is_missing_is_said():
    sizes, rates = rows_of("d", "mr", "imdb"), rows_of("b", "japanese_vowels")
    imdb = sizes.index[sizes["dataset"] == "imdb"]
    pages = decides.pages(parts(d=sizes.drop(imdb[:3]), b=rates.iloc[1:]))
    assert "Not shown: IMDB, of which 3 of the 120 runs of part d are missing." in pages["exploring-decides-d.md"]
    assert "| MR |" in pages["exploring-decides-d.md"] and "| IMDB |" not in pages["exploring-decides-d.md"]
    page = pages["exploring-decides-b.md"]
    assert "1 of the 890 runs of part b" in page and "740 of the 740" in page and "|" not in page
    assert "320 of the 320 runs of part a2" in pages["exploring-decides-a2.md"]
    assert "d: MR: placement" in pages["exploring-decides.md"] and "b: " not in pages["exploring-decides.md"]
    assert "nothing to show" in decides.pages(parts())["exploring-decides.md"]
    whole = decides.pages(parts(b=rates))
    assert "| JapaneseVowels, p ≤ 0.5, no control |" in whole["exploring-decides-b.md"]
    assert "without what does not allow every rate (`gates`)" in whole["exploring-decides-b.md"]
    rates.loc[rates["placement"] == "output", "nll_last"] += 0.2
    again = decides.pages(parts(b=rates))
    assert again["exploring-decides-b.md"] != whole["exploring-decides-b.md"]
    assert again["exploring-decides.md"] != whole["exploring-decides.md"]


def test_two_runs_in_one_place_are_refused():
    rows = rows_of("d", "mr")
    with pytest.raises(ValueError, match="1 runs of d on mr are there twice"):
        decomposition.runs("d", pd.concat([rows, rows.iloc[:1]]), "mr")


def test_the_bars_are_the_shares():
    rows = rows_of("d", "mr")
    (table,) = decomposition.grids("mr", decomposition.runs("d", rows, "mr"))
    found = decomposition.decomposed(table)
    (axis,) = study.decomposed([("d: MR", found), ("again", found)]).axes
    for share, bars in zip(study.SHARES, axis.containers, strict=True):
        assert [bar.get_width() for bar in bars] == pytest.approx([getattr(found, share)] * 2)
    assert axis.containers[-1][0].get_x() + axis.containers[-1][0].get_width() == pytest.approx(1)
