"""Codes of published probabilities: what rounding may cost, and what is refused."""

import math

import numpy as np
import pytest
from scipy.special import softmax as softmax_along

from bilstm_dropout.results import encoding, predictions
from bilstm_dropout.stats import metrics


def softmax(logits):
    return softmax_along(logits, axis=-1)


def test_no_log_probability_is_rounded_by_more_than_the_stated_bound():
    rng = np.random.default_rng(0)
    assert encoding.LOWEST == metrics.EPSILON
    assert encoding.STEP / 2 - math.log(1 - encoding.SUM_ERROR) <= encoding.NLL_ERROR < 1e-3
    for classes in (2, 3, 6, predictions.MOST_CLASSES):
        p = softmax(rng.normal(size=(3_000, classes)) * rng.uniform(0.01, 25, size=(3_000, 1)))
        p[:classes], p[classes] = np.eye(classes), 1 / classes
        p = p.astype(np.float32)
        found = encoding.decode(encoding.encode(p), *p.shape)
        assert found.sum(axis=1) == pytest.approx(1)
        labels = rng.integers(classes, size=len(p))
        labels[:classes] = (np.arange(classes) + 1) % classes  # sure and wrong: the label has a probability of 0
        off = np.abs(encoding.losses(found, labels) - encoding.losses(p.astype(np.float64), labels))
        assert off.max() <= encoding.NLL_ERROR
        assert off.max() > encoding.STEP / 4  # it is rounded
        assert metrics.nll(found, labels) == pytest.approx(float(metrics.nll(p, labels)), abs=encoding.NLL_ERROR)


def test_ratios_of_every_class_to_the_first_are_as_good():
    rng = np.random.default_rng(0)
    for classes in (2, 3, 6, predictions.MOST_CLASSES):
        p = softmax(rng.normal(size=(3_000, classes)) * rng.uniform(0.01, 25, size=(3_000, 1)))
        p[:classes], p[classes] = np.eye(classes), 1 / classes
        p = p.astype(np.float32)
        kept = encoding.encode_ratios(p)
        assert len(kept) == 2 * len(p) * (classes - 1)
        found = encoding.decode_ratios(kept, *p.shape)
        assert found.sum(axis=1) == pytest.approx(1)
        labels = rng.integers(classes, size=len(p))
        labels[:classes] = (np.arange(classes) + 1) % classes
        off = np.abs(encoding.losses(found, labels) - encoding.losses(p.astype(np.float64), labels))
        assert encoding.RATIO_STEP / 4 < off.max() <= encoding.RATIO_ERROR


def test_information_is_kept_as_a_share_of_the_most_there_can_be():
    nats = np.linspace(0, math.log(3), 1_001)[:, None]
    found = encoding.decode_shares(encoding.encode_shares(nats, 3), len(nats), 3)
    assert found == pytest.approx(nats, abs=math.log(3) / 131_069) and found[0] == 0
    assert encoding.decode_shares(encoding.encode_shares(np.array([[1.1], [-1e-9]]), 3), 2, 3) == pytest.approx(
        np.array([[math.log(3)], [0]])
    )


def test_the_loss_of_every_example_is_that_of_the_measures():
    rng = np.random.default_rng(1)
    p, labels = softmax(rng.normal(size=(4, 50, 3)) * 9), rng.integers(3, size=50)
    assert encoding.losses(p, labels).mean(axis=-1) == pytest.approx(metrics.nll(p, labels))


def test_what_are_no_probabilities_is_refused():
    codes = np.frombuffer(encoding.encode(np.array([[0.5, 0.5], [0.2, 0.8]])), "<u2").copy()
    codes[0] += 10
    with pytest.raises(ValueError, match="sum to 1"):
        encoding.decode(codes.tobytes(), 2, 2)
