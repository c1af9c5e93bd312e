"""Results from planted records: pairs, intervals and what is said of them, against numbers computed by hand or by SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bilstm_dropout import datasets
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import record_of
from bilstm_dropout.study.own import design, predictions, results


class Outcome:
    """What a run would have left."""

    best_epoch, last_epoch, curves, diverged, seconds = 1.0, 2.0, (), False, 1.0

    def __init__(self, probabilities):
        self.probabilities, self.curves = probabilities, []


def save(config, sure, rng):
    """A record whose networks give the true class about the probability `sure`, and a little less at the last epoch."""
    data = datasets.load(config.dataset, **config.dataset_options)
    p = {}
    for part, split in (("test", data.test), ("validation", data.validation)):
        for stop, less in (("best", 0), ("last", 0.05)):
            true = np.clip(sure - less + rng.normal(0, 0.01, len(split)), 0.01, 0.99)
            p[f"{part}_{stop}"] = np.where(np.arange(2) == split.labels[:, None], true[:, None], 1 - true[:, None])
    p = {name: each.astype(np.float32) for name, each in p.items()}
    Store().save(record_of(config, data, Outcome(p)))


@pytest.fixture
def study(own_texts, monkeypatch, tmp_path):
    """Twenty trials: input at .25 is ahead of none by a planted difference, output at .25 is as none is."""
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(tmp_path / "runs"))
    made = design.make(own_texts, ["input", "output"], [0.25]).with_trials(20)
    rng = np.random.default_rng(0)
    for number in range(20):
        for config in made.trial(number):
            save(config, 0.7 if config.placement == "input" else 0.6, rng)
    return made


def test_the_planted_difference_is_told_and_nothing_else(study):
    effects = results.effects(results.differences(results.runs(study)))
    assert len(effects) == 2 * 2 * 3 and set(effects["n"]) == {20}
    told = results.told(effects, "best", "loss")
    assert list(told["placement"]) == ["input"]
    expected = np.log(0.6 / 0.7)
    assert told["mean"].iloc[0] == pytest.approx(expected, abs=0.01) and told["high"].iloc[0] < 0
    assert results.largest(effects, "best", "loss")["placement"] == "input"
    assert results.told(effects, "best", "points").empty  # all name the right class


def test_an_interval_is_that_of_nadeau_and_bengio():
    values = np.random.default_rng(1).normal(0.3, 1, 20)
    found = results.estimate(values)
    half = stats.t.ppf(0.975, 19) * values.std(ddof=1) * np.sqrt(1 / 20 + 1 / 8)
    assert (found.low, found.high) == pytest.approx((values.mean() - half, values.mean() + half))
    plain = stats.t.interval(0.95, 19, values.mean(), stats.sem(values))
    narrow = results.estimate(values, overlap=0)
    assert (narrow.low, narrow.high) == pytest.approx(plain)
    with pytest.raises(ValueError, match="two trials"):
        results.estimate(values[:1])


def test_pairs_share_trial_layers_and_checkpoint(study):
    frame = results.runs(study)
    pairs = results.differences(frame)
    one = pairs[(pairs["trial"] == 7) & (pairs["placement"] == "input") & (pairs["stop"] == "last")].iloc[0]
    alone = frame[(frame["trial"] == 7) & (frame["stop"] == "last")].set_index("placement")
    for measure in results.MEASURES:
        assert one[measure] == pytest.approx(alone.loc["input", measure] - alone.loc["none", measure])


def test_what_is_excluded_is_the_farthest_simultaneous_end():
    rng = np.random.default_rng(2)
    rows = [{"placement": name, "rate": 0.25, "stop": "best", "points": value}
            for name in ("a", "b") for value in rng.normal(0.5, 1, 10)]  # fmt: skip
    frame = pd.DataFrame(rows)
    ends = []
    for _, group in frame.groupby("placement"):
        half = stats.t.ppf(1 - 0.05 / 4, 9) * group["points"].std() * np.sqrt(1 / 10 + 1 / 8)
        ends.append(abs(group["points"].mean()) + half)
    assert results.excluded(frame, "best", "points") == pytest.approx(max(ends))


def test_more_trials_help_until_shared_rows_bind():
    assert results.trials_needed(0.5, 1.0) is None  # a limit of (1.96 + 0.84) times the root of 1/8
    needed = results.trials_needed(1.2, 1.0)
    assert results.shows(needed, 1.0) <= 1.2 < results.shows(needed - 10, 1.0)
    needed = results.rows_needed(0.5, 1.0, 400)
    assert needed == pytest.approx(400 * (results.shows(1000, 1.0) / 0.5) ** 2, abs=100) and needed % 100 == 0


def test_every_prediction_leads_back_to_its_line(study):
    predicted = predictions.predictions(study)
    assert len(predicted) == 40 * 2 * 3 * 2  # each row in two trials, three runs each, two checkpoints
    row = predicted[predicted["row"] == 7].iloc[0]
    assert row["text"].startswith("word5 and thing0") and row["class"] == "b" == row["predicted"]
    assert predictions.always_wrong(predicted).empty and predictions.flips(predicted, "input", 0.25).empty


def test_rows_that_every_network_gets_wrong_and_rows_that_dropout_turns():
    rows = []
    for trial in range(4):
        for place in ("none", "input"):
            for row, said in ((2, "b"), (3, "a" if place == "none" else "b")):
                rows.append({"row": row, "text": f"text {row}", "class": "a", "trial": trial, "placement": place,
                             "rate": 0.25 * (place == "input"), "stop": "best", "predicted": said,
                             "true_probability": 0.1})  # fmt: skip
    frame = pd.DataFrame(rows)
    wrong = predictions.always_wrong(frame)
    assert list(wrong["row"]) == [2] and wrong["networks"].iloc[0] == 8 and wrong["predicted"].iloc[0] == "b"
    turned = predictions.flips(frame, "input", 0.25)
    assert list(turned["row"]) == [3] and turned[["none", "input", "changed", "trials"]].iloc[0].tolist() == ["a", "b", 4, 4]
