"""The rivals: what they reach on data whose answer is known, what they may see, and what is read back."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from support.invented import split, tokens

from bilstm_dropout import datasets
from bilstm_dropout.datasets.dataset import Dataset, Split
from bilstm_dropout.experiments import rivals
from bilstm_dropout.stats import metrics


def series(rows=60, constant=False):
    """Series of one to five steps; the class is whether the second feature ends above 0."""
    draw = np.random.default_rng(0)
    lengths = draw.integers(1, 6, size=rows).astype(np.int32)
    inputs = draw.normal(size=(rows, 5, 2)).astype(np.float32)
    inputs[np.arange(5) >= lengths[:, None]] = 0
    labels = (inputs[np.arange(rows), lengths - 1, 1] > 0).astype(np.int32)
    labels = np.zeros_like(labels) if constant else labels
    parts = [
        Split(inputs[part], lengths[part], labels[part], tuple(f"{name}{row}" for row in range(rows // 2)))
        for name, part in (("a", slice(rows // 2)), ("b", slice(rows // 2, rows)))
    ]
    return Dataset("digits", "series", parts[0], None, parts[1], ("below", "above"), features=2)


def test_the_majority_class_is_what_the_training_shares_give():
    dataset = datasets.load("order")
    majority, _ = rivals.rivals(dataset)
    shares = np.bincount(dataset.train.labels, minlength=2) / len(dataset.train)
    labels = dataset.test.labels
    assert majority.accuracy == pytest.approx(np.mean(labels == shares.argmax()))
    assert majority.nll == pytest.approx(-np.mean(np.log(shares[labels])))
    assert majority.strength is None


def test_words_that_tell_the_class_are_found_and_order_alone_is_not():
    majority, linear = rivals.rivals(tokens())
    assert linear.accuracy > 0.9 > majority.accuracy and linear.chosen_on == "validation"
    assert rivals.rivals(datasets.load("order"))[1].accuracy < 0.65


def test_series_are_summed_up_over_their_own_steps():
    dataset = series()
    part = dataset.train
    found = rivals.summaries(part)
    for row in range(len(part)):
        own = part.inputs[row, : part.lengths[row]].astype(float)
        expected = [*own.mean(axis=0), *own.std(axis=0), *own[0], *own[-1], part.lengths[row]]
        np.testing.assert_allclose(found[row], expected, rtol=1e-6, atol=1e-9)
    majority, linear = rivals.rivals(dataset)
    assert linear.accuracy > majority.accuracy and linear.name == rivals.SUMMARIES
    assert (linear.strength, linear.chosen_on) == (rivals.DEFAULT_STRENGTH, "nothing")


def test_strength_is_chosen_on_validation_and_test_is_never_looked_at():
    dataset = tokens()
    flipped = replace(dataset.test, labels=1 - dataset.test.labels)
    one, other = rivals.rivals(dataset)[1], rivals.rivals(replace(dataset, test=flipped))[1]
    assert one.strength == other.strength and other.accuracy == pytest.approx(1 - one.accuracy)
    noise = replace(dataset.validation, labels=1 - dataset.validation.labels)
    # Where validation contradicts training, the least sure model is the best one there.
    assert rivals.rivals(replace(dataset, validation=noise))[1].strength == min(rivals.STRENGTHS)


def test_a_class_that_training_lacks_has_probability_0():
    part = split("train", 60, 1)
    one_class = replace(part, labels=np.zeros_like(part.labels))
    majority, linear = rivals.rivals(replace(tokens(), train=one_class))
    assert majority.accuracy == linear.accuracy == 0.5
    assert majority.nll == pytest.approx(-0.5 * np.log(metrics.EPSILON))
    three = replace(tokens(), classes=("a", "b", "never seen"))
    assert rivals.rivals(three)[1].accuracy > 0.9


def test_what_took_long_is_kept_and_a_file_that_does_not_fit_is_none(monkeypatch):
    dataset = tokens()
    found = rivals.rivals(dataset)
    assert not rivals._file(dataset).exists()
    monkeypatch.setattr(rivals, "SECONDS_WORTH_KEEPING", 0)
    assert rivals.rivals(dataset) == found
    file = rivals._file(dataset)
    kept = json.loads(file.read_text())
    monkeypatch.setattr(rivals, "_linear", lambda dataset: pytest.fail("computed again"))
    assert rivals.rivals(dataset) == found
    for bad in (
        "no json",
        json.dumps({**kept, "version": 0}),
        json.dumps({**kept, "fingerprint": "0" * 16}),
        json.dumps({**kept, "scikit_learn": "0"}),
        json.dumps({**kept, "rivals": [{**kept["rivals"][0], "accuracy": 7}]}),
        json.dumps({**kept, "extra": 1}),
    ):
        file.write_text(bad)
        assert rivals._read(dataset) is None


def test_the_command_prints_objects_and_refuses_in_one_line():
    def command(*arguments):
        call = [sys.executable, "-c", "from bilstm_dropout.cli import main; main()", "baselines", *arguments]
        return subprocess.run(call, capture_output=True, text=True)

    rows = json.loads(command("--dataset", "recall", "--json").stdout)
    assert [row["name"] for row in rows] == ["recall", "recall"]
    assert rows[0]["rival"] == rivals.MAJORITY and 0.8 < rows[1]["accuracy"] < 0.95
    wrong = command("--dataset", "recal")
    assert wrong.returncode == 2 and "Did you mean recall" in wrong.stderr and wrong.stderr.count("\n") == 1


