"""What passes tell of published runs: each row is what its own averages give."""

import numpy as np
import pytest
from support.passes import record
from support.text_sets import stand_in

from bilstm_dropout.errors import UserError
from bilstm_dropout.results import predictions, published
from bilstm_dropout.results.passes import of_seeds, passes, tempered_mean
from bilstm_dropout.stats import metrics, monte_carlo
from bilstm_dropout.stats.calibration import scaled
from bilstm_dropout.stats.folds import deciding

CELLS = [(dataset, placement, seed, fold) for dataset in ("mr", "trec") for placement in ("input", "none")
         for seed in (1, 2) for fold in (2, 3, 4)]  # fmt: skip
UNFINISHED = [("mr", "input", 3, 2), ("mr", "none", 3, 2)]  # a seed that is trained on one fold of one set alone


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch)
        records, made = [record(*cell) for cell in CELLS + UNFINISHED], tmp_path_factory.mktemp("published")
        published.publish("m", records, made)
        predictions.publish("m", records, made)
    return made


@pytest.fixture(autouse=True)
def _published(folder, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(folder))


@pytest.mark.parametrize(("at", "output_rate"), [("best", None), ("last", None), ("best", 0.25)])
def test_a_row_is_what_a_run_s_own_averages_give(at, output_rate):
    found, of = passes(at, output_rate), predictions.read("m")
    name = at if output_rate is None else f"{at}_output_{output_rate}"
    assert len(found) == len(CELLS) and set(found["fold"]) == {2, 3, 4} and set(found["seed"]) == {1, 2}
    for run in found.itertuples():
        y, p, mean = of.labels[run.fingerprint], of.of(at)[run.key], of.passes[f"{name}_mean"][run.key]
        information = of.passes[f"{name}_information"][run.key][:, 0]
        assert run.nll_mean == pytest.approx(metrics.nll(mean, y)) and run.nll == pytest.approx(metrics.nll(p, y))
        assert run.information == pytest.approx(information.mean())
        expected = monte_carlo.points_at_errors(information, mean, y)
        assert run.auroc_information == pytest.approx(expected, nan_ok=True)
        doubt = monte_carlo.entropy(p)
        assert run.aurc_plain == pytest.approx(monte_carlo.aurc(doubt, p, y))
    none = found[found["placement"] == "none"]
    assert (none["information"].max() > 0.01) == (output_rate is not None)
    assert (none["gain"].abs().max() > 0.01) == (output_rate is not None)


def test_a_temperature_is_fitted_on_the_mean_over_validation_and_taken_to_the_test():
    found, of = passes("best"), predictions.read("m")
    some = found[::7]
    losses = tempered_mean(some)
    assert list(losses.index) == list(some.index)
    grid = np.geomspace(0.1, 10, 4001)
    for run in some.itertuples():
        watched, mean = of.passes["validation_best_mean"][run.key], of.passes["best_mean"][run.key]
        tried = [metrics.nll(scaled(watched, each), of.validation_labels[run.fingerprint]) for each in grid]
        best = grid[np.argmin(tried)]
        assert losses[run.Index] == pytest.approx(metrics.nll(scaled(mean, best), of.labels[run.fingerprint]), abs=1e-3)
    assert (losses - some["nll_mean"]).abs().max() > 0.01


def test_the_mean_of_seeds_stands_beside():
    found, of, rows = of_seeds(), predictions.read("m"), published.read("m")
    assert len(found) == 12 and set(found["seeds"]) == {2}
    one = found.query("dataset == 'trec' and fold == 3 and placement == 'input'").iloc[0]
    mine = rows[(rows["dataset"] == "trec") & (rows["placement"] == "input")]
    mine = mine[mine["dataset_options"].str.contains('"fold": 3')]
    mean, y = np.mean([of.probabilities[key] for key in mine["key"]], axis=0), of.labels[mine["fingerprint"].iloc[0]]
    assert one["nll_mean"] == pytest.approx(metrics.nll(mean, y))
    assert one["nll"] == pytest.approx(np.mean([metrics.nll(of.probabilities[key], y) for key in mine["key"]]))
    assert one["auroc_entropy"] == pytest.approx(monte_carlo.points_at_errors(monte_carlo.entropy(mean), mean, y))


def test_folds_and_seeds_give_the_interval():
    less = deciding(passes(), ["placement"], ["gain", "auroc_entropy"], np.random.default_rng(0)).set_index("placement")
    own = passes(placement=["input"])
    assert own.equals(passes().query("placement == 'input'").reset_index(drop=True)) and len(own)
    means = own.groupby("dataset")["gain"].mean()
    assert less.at["input", "gain"] == pytest.approx(means.mean())
    assert less.at["input", "gain_low"] < means.mean() < less.at["input", "gain_high"]
    assert less.at["none", "gain"] == pytest.approx(0, abs=2e-3)


def test_what_there_is_not_is_refused(monkeypatch, tmp_path):
    for given in (("first", None), ("best", 0.3), ("last", 0.25)):
        with pytest.raises(UserError, match="is not allowed"):
            passes(*given)
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    assert passes().empty and of_seeds().empty
