"""Seeds and folds as crossed random factors: what stays of the planned tests, recomputed from published rows."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from bilstm_dropout import results
from bilstm_dropout.experiments.confirmatory import contrasts, plan, sensitivity
from bilstm_dropout.stats import crossed


@pytest.fixture(scope="module")
def parts():
    return {part: results.read(part) for part in ("a2", "a3")}


@pytest.fixture(scope="module")
def found(parts):
    return sensitivity.tests(parts)


def by_hand(rows, dataset, a, b, column):
    """(seeds, folds) differences a - b."""
    mine = rows[rows["dataset"] == dataset].assign(fold=rows["dataset_options"].map(results.fold_of))
    sides = [mine[mine["placement"] == name].pivot(index="seed", columns="fold", values=column) for name in (a, b)]
    return (sides[0] - sides[1]).to_numpy()


def test_the_sixteen_planned_and_four_after(found):
    assert list(found["planned"]) == [True] * 16 + [False] * 4
    assert set(found.loc[~found["planned"], "contrast"]) == set(contrasts.POST_HOC)
    assert found["p_holm"].notna().sum() == 16 and found["p_holm_all"].notna().all()
    planned = found[found["planned"]]
    assert np.allclose(planned["p_holm"], multipletests(planned["p"], method="holm")[1])
    assert (found["p_holm_all"] >= found["p"]).all()


@pytest.mark.parametrize(("measure", "column"), [("raw", "nll_best"), ("after temperature", "nll_scaled_best")])
def test_means_and_variances_are_those_of_the_rows(parts, found, measure, column):
    sets = [crossed(by_hand(parts["a2"], dataset, "input", "none", column)) for dataset in plan.TUNED]
    row = found[(found["contrast"] == "input - none") & (found["measure"] == measure)].iloc[0]
    assert row["mean"] == pytest.approx(np.mean([each.mean for each in sets]))
    half = (row["high"] - row["low"]) / 2
    error = np.sqrt(sum(each.variance for each in sets)) / 3
    assert 1.96 * error < half < 2.6 * error


def test_accuracy_is_in_points(parts):
    sets = sensitivity.of_sets(sensitivity.measured(parts, sensitivity.ACCURACY), "input - none")
    for dataset, each in sets.items():
        assert each.mean == pytest.approx(100 * by_hand(parts["a2"], dataset, "input", "none", "accuracy_best").mean())


def test_a_missing_run_stops_it(parts):
    short = {**parts, "a2": parts["a2"].iloc[1:]}
    with pytest.raises(ValueError, match="missing"):
        sensitivity.tests(short)
