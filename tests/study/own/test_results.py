"""Results from planted records: pairs, intervals and what is said of them, against numbers by hand or by SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support.own_study import plant

from bilstm_dropout.errors import UserError
from bilstm_dropout.study.own import design, predictions, results, words


@pytest.fixture
def study(own_texts, monkeypatch, tmp_path):
    """Twenty trials: input at .25 is ahead of none by a planted difference, output at .25 is as none is."""
    monkeypatch.setenv("BILSTM_DROPOUT_RUNS", str(tmp_path / "runs"))
    return plant(design.make(own_texts, ["input", "output"], [0.25]).with_trials(20), {"input": 0.7})


def test_the_planted_difference_is_told_and_nothing_else(study):
    effects = results.effects(results.differences(results.runs(study)))
    assert len(effects) == 2 * 2 * 3 and set(effects["n"]) == {20}
    told = results.told(effects, "best", "loss")
    assert list(told["placement"]) == ["input"]
    expected = (39 * np.log(0.6 / 0.7) + np.log(0.4 / 0.3)) / 40  # one text is named wrongly by all
    assert told["mean"].iloc[0] == pytest.approx(expected, abs=0.006) and told["high"].iloc[0] < 0
    assert results.largest(effects, "best", "loss")["placement"] == "input"
    assert results.told(effects, "best", "points").empty  # all name the right class


def test_pairs_share_trial_layers_and_checkpoint(study):
    frame = results.runs(study)
    pairs = results.differences(frame)
    one = pairs[(pairs["trial"] == 7) & (pairs["placement"] == "input") & (pairs["stop"] == "last")].iloc[0]
    alone = frame[(frame["trial"] == 7) & (frame["stop"] == "last")].set_index("placement")
    for measure in results.MEASURES:
        assert one[measure] == pytest.approx(alone.loc["input", measure] - alone.loc["none", measure])


def test_two_trials_that_are_equal_by_chance_say_nothing():
    pairs = pd.DataFrame([
        {"placement": "input", "rate": 0.25, "stop": "best", "repeat": 0, "loss": loss, "points": -5.6, "gap": loss}
        for loss in (0.1, 0.3)
    ])  # fmt: skip
    effects = results.effects(pairs).set_index("measure")
    assert effects.loc["points", "mean"] == -5.6 and effects.loc["points", "p_holm"] == 1
    assert results.told(results.effects(pairs), "best", "points").empty


def test_what_is_excluded_is_the_farthest_simultaneous_end():
    rng = np.random.default_rng(2)
    rows = [{"placement": name, "rate": 0.25, "stop": "best", "repeat": 0, "points": value}
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
    wrong = predictions.always_wrong(predicted)
    assert list(wrong["row"]) == [2] and wrong["networks"].iloc[0] == 6
    assert predictions.flips(predicted, "input", 0.25).empty


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
    assert list(turned["row"]) == [3]
    assert turned[["none", "input", "changed", "trials"]].iloc[0].tolist() == ["a, a, a, a", "b, b, b, b", 4, 4]


def test_masks_drawn_in_inference_give_other_answers_than_masks_off(own_texts, monkeypatch):
    from bilstm_dropout.study.own import monte_carlo as mc

    study = design.make(own_texts, ["output"], [0.5]).with_trials(1)
    small = [run.model_copy(update={"epochs": 1, "units": 4}) for run in study.trial(0)]
    monkeypatch.setattr(design.Design, "trial", lambda self, number: small)
    found = mc.monte_carlo(study, "output", 0.5, 20)
    off, drawn = found.set_index("masks").loc["off"], found.set_index("masks").loc["drawn"]
    assert off["loss"] != drawn["loss"] and abs(off["loss"] - drawn["loss"]) < 0.2
    assert mc.monte_carlo(study, "output", 0.5, 20).equals(found)
    with pytest.raises(UserError, match="2 to 1,000"):
        mc.monte_carlo(study, "output", 0.5, 1)


def test_rows_of_series_have_no_column_of_texts():
    rows = pd.DataFrame({"row": [2], "text": [""], "class": ["a"]})
    assert list(words.spelt(rows)) == ["line", "class"]
    assert list(words.spelt(rows.assign(text="good"))) == ["line", "text", "class"]
