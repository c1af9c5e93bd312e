"""What a saved network answers is what direct calls of the classifier give, with and without masks."""

import keras
import numpy as np
import pytest
from scipy.special import entr
from support.saved import SERIES, TEXTS, saved

from bilstm_dropout.dropout.masks import seed_of
from bilstm_dropout.errors import UserError
from bilstm_dropout.runs.blocks import EVALUATION_ROWS
from bilstm_dropout.runs.saved.answering import answer, check_passes
from bilstm_dropout.runs.saved.network import read_saved

PLACEMENTS = [
    "none", "input", "recurrent", "embedding-types", "zoneout", "gates", "variational", "weights", "between",
]  # fmt: skip
SOME_TEXTS = ["word1 word3 unseen", "word0", "nothing known", "word6 word6 word2 word5 word4 word1 word0 word3", "…"]
RNG = np.random.default_rng(0)
SOME_SERIES = [RNG.normal(size=(steps, 4)).astype("float32") for steps in (6, 2, 5)]


def directly(model, reading, contents, rate, masks=None, steps=None):
    """Probabilities, row by row, of calls that nothing compiled."""
    found = []
    for each in contents:
        inputs, lengths = reading.read([each])
        if steps:
            inputs = np.pad(inputs, [(0, 0), (0, steps - inputs.shape[1])] + [(0, 0)] * (inputs.ndim - 2))
        logits = model(inputs, lengths, masks=masks, rate=rate)
        found.append(keras.ops.softmax(logits).numpy()[0].astype(float))
    return np.array(found)


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_answers_and_passes_are_those_of_calls_one_by_one(tmp_path, placement):
    model = saved(tmp_path / "a.keras", placement, rate=0.4 if placement != "none" else 0.0)
    found = answer(read_saved(tmp_path / "a.keras"), SOME_TEXTS, passes=8, seed=5)
    plain = directly(model, TEXTS, SOME_TEXTS, 0.4)
    np.testing.assert_allclose(found.probabilities, plain, atol=1e-5)
    shape = dict(batch=1, steps=6, features=4)
    draws = np.array(
        [directly(model, TEXTS, SOME_TEXTS, 0.4, model.draw(0.4, [seed_of(5, k), 0], **shape)) for k in range(1, 9)]
    )
    of_label = draws[:, range(5), plain.argmax(1)]
    np.testing.assert_allclose(found.mean, of_label.mean(0), atol=1e-5)
    np.testing.assert_allclose([found.lower, found.upper], np.quantile(of_label, [0.025, 0.975], axis=0), atol=1e-5)
    information = entr(draws.mean(0)).sum(-1) - entr(draws).sum(-1).mean(0)
    np.testing.assert_allclose(found.information, information, atol=1e-5)
    assert placement == "none" or found.information.max() > 1e-3


def test_series_longer_than_those_of_training_are_answered_whole(tmp_path):
    model = saved(tmp_path / "a.keras", "input", kind="series")
    contents = [*SOME_SERIES, RNG.normal(size=(13, 4)).astype("float32")]
    found = answer(read_saved(tmp_path / "a.keras"), contents, passes=4)
    np.testing.assert_allclose(found.probabilities, directly(model, SERIES, contents, 0.4), atol=1e-5)
    masks = [model.draw(0.4, [seed_of(1, k), 0], batch=1, steps=24, features=4) for k in range(1, 5)]
    long = np.array([directly(model, SERIES, contents[3:], 0.4, each, steps=24)[0] for each in masks])
    np.testing.assert_allclose(found.mean[3], long.mean(0)[found.label[3]], atol=1e-5)


def test_a_row_is_answered_alike_whatever_stands_beside_it(tmp_path):
    saved(tmp_path / "a.keras", "input", kind="series")
    network = read_saved(tmp_path / "a.keras")
    many = [*SOME_SERIES] * EVALUATION_ROWS + [np.ones((40, 4), "float32")]
    advanced = []
    all_of_them = answer(network, many, passes=5, advance=advanced.append)
    alone = answer(network, SOME_SERIES[1:2], passes=5)
    assert sum(advanced) == len(many) and max(advanced) <= EVALUATION_ROWS
    for name in ("probabilities", "mean", "lower", "upper", "information"):
        rows = getattr(all_of_them, name)[1 : 3 * EVALUATION_ROWS : 3]
        np.testing.assert_allclose(rows, np.repeat(getattr(alone, name), len(rows), axis=0), atol=1e-6)
    other = answer(network, SOME_SERIES[1:2], passes=5, seed=2)
    assert abs(other.mean - alone.mean) > 1e-4


@pytest.mark.parametrize("passes, seed", [(-1, 1), (1, 1), (10_001, 1), (5, -1), (5, 2**63)])
def test_numbers_that_cannot_be_are_refused(passes, seed):
    with pytest.raises(UserError, match="is not allowed: give"):
        check_passes(passes, seed)
