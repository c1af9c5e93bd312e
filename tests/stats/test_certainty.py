"""The table of measures on confidence: each keeps axes, says what is better, and sees what was planted."""

import numpy as np
import pytest

from bilstm_dropout.stats import certainty, metrics
from bilstm_dropout.stats.calibration import scaled


def drawn(n=3_000, seed=0):
    """Probabilities (n, 3), and labels drawn from them: a network that is right about itself."""
    generator = np.random.default_rng(seed)
    logits = 1.5 * generator.normal(size=(n, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return p, (p.cumsum(axis=1) < generator.random((n, 1))).sum(axis=1)


def as_good(name, value):
    """A value so that more is better."""
    return {"lower": -value, "higher": value, "zero": -abs(value)}[certainty.CERTAINTY[name].better]


def test_it_stands_beside_the_measures_of_every_run_and_shares_no_name_with_them():
    assert not certainty.CERTAINTY.keys() & metrics.MEASURES.keys()
    assert list(metrics.MEASURES) == ["accuracy", "nll", "brier", "macro_f1"]  # the columns of published rows
    words = [each.words for each in certainty.CERTAINTY.values()]
    assert len(set(words)) == len(words) and all(each.better for each in certainty.CERTAINTY.values())


@pytest.mark.parametrize("name", certainty.CERTAINTY)
def test_leading_axes_are_kept_and_one_run_gives_a_number(name):
    p, y = drawn(n=120)
    runs = np.stack([[p, scaled(p, 2.0)], [scaled(p, 0.5), p[:, ::-1]]])
    found = certainty.measured(runs, y, [name])[name]
    each = [certainty.measured(one, y, [name])[name] for one in runs.reshape(4, 120, 3)]
    assert {np.shape(one) for one in each} == {()} and found.shape == (2, 2)
    assert found.ravel() == pytest.approx(np.array(each, dtype=float))


@pytest.mark.parametrize("name", ["gap", "calibration_squared", "ece", "sure_and_wrong", "brier_reliability"])
def test_a_network_that_is_too_sure_is_worse_and_a_temperature_mends_it(name):
    p, y = drawn()
    sure = scaled(p, 0.3)
    of = {key: as_good(name, certainty.measured(each, y, [name])[name]) for key, each in
          {"right": p, "sure": sure, "mended": scaled(sure, 1 / 0.3)}.items()}  # fmt: skip
    assert of["sure"] < of["right"] - 1e-3 and of["mended"] == pytest.approx(of["right"], abs=1e-3)


@pytest.mark.parametrize("name", ["auroc", "aurc", "excess_aurc", "risk"])
def test_confidence_that_says_nothing_is_worse_at_the_same_answers(name):
    """The same classes with another example's confidence: as many errors, and no way to tell which."""
    p, y = drawn()
    confidence = np.random.default_rng(1).permutation(metrics.confidence(p))
    random = np.repeat(((1 - confidence) / 2)[:, None], 3, axis=1)
    random[np.arange(len(y)), p.argmax(axis=1)] = confidence
    assert metrics.accuracy(random, y) == metrics.accuracy(p, y)
    known, nothing = (as_good(name, certainty.measured(each, y, [name])[name]) for each in (p, random))
    assert nothing < known - 0.01
    if name == "auroc":
        assert nothing == pytest.approx(0.5, abs=0.03)


def test_probabilities_that_know_more_resolve_more():
    p, y = drawn()
    blurred = 0.5 * p + 0.5 * p[np.random.default_rng(2).permutation(len(p))]
    name = "brier_resolution"
    known, less = (as_good(name, certainty.measured(each, y, [name])[name]) for each in (p, blurred))
    assert known > less + 0.02


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError, match="surprise"):
        certainty.measured(*drawn(n=60), ["surprise"])
