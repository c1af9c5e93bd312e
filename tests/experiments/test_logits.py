"""Doses: the deviation of centred logits over draws of the masks."""

import numpy as np
import pytest

from bilstm_dropout.experiments.logits import centred, spread


def test_a_spread_is_the_deviation_over_draws_of_centred_logits():
    logits = np.array([[[1.0, -1.0], [3.0, 0.0]], [[2.0, -2.0], [3.0, 0.0]]])
    # Centred: ±1 and ±2 on the first row, the same twice on the second; a variance of 1/2 on two of four numbers.
    assert spread(centred(logits)) == pytest.approx(0.5)
    same = logits + np.arange(2.0)[:, None, None]  # the same for every class
    assert spread(centred(same)) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("kind", "expected", "size", "single", "rel"),
    [
        (np.float32, 0.6908993124961853, 68.8245849609375, 0.832241415977478, 1e-5),
        (np.float64, 0.6908993223126221, 68.82459205915333, 0.832241427899705, 1e-12),
    ],
)
def test_the_spread_of_fixed_logits_keeps_its_numbers(kind, expected, size, single, rel):
    logits = np.random.default_rng(7).normal(size=(8, 5, 3)).astype(kind)
    assert spread(centred(logits)) == pytest.approx(expected, rel=rel)
    assert np.abs(centred(logits)).sum() == pytest.approx(size, rel=rel)
    assert spread(logits[:, [2]]) == pytest.approx(single, rel=rel)
