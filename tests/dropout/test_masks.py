"""Drawn masks have the stated shape, sharing, scaling and rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilstm_dropout.dropout.masks import Sizes, draw_masks, expected_masks
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.shapes import mask_shapes
from bilstm_dropout.dropout.terms import SITES, Term, parse_term

SIZES = Sizes(batch=3, steps=5, features=4, units=6, vocabulary=9)
# The shapes that the literature and Keras give these placements, written out once more by hand.
SHAPES = {
    "input": {"input": (1, 3, 5, 1, 4)},
    "input-spatial": {"input": (1, 3, 1, 1, 4)},
    "input-steps": {"input": (1, 1, 5, 1, 1)},
    "input-features": {"input": (1, 1, 1, 1, 4)},
    "input-samples": {"input": (1, 3, 1, 1, 1)},
    "input-words": {"input": (1, 3, 5, 1, 1)},
    "embedding-types": {"embedding": (3, 9)},
    "lstm-dropout": {"input": (2, 3, 1, 1, 4)},
    "lstm-dropout-gates": {"input": (2, 3, 1, 4, 4)},
    "recurrent": {"recurrent": (2, 3, 1, 4, 6)},
    "recurrent-tied": {"recurrent": (2, 3, 1, 1, 6)},
    "recurrent-stepwise": {"recurrent": (2, 3, 5, 1, 6)},
    "candidate": {"candidate": (2, 3, 5, 6)},
    "gates": {"gates": (2, 3, 5, 3, 1)},
    "cell": {"cell": (2, 3, 1, 6)},
    "cell-stepwise": {"cell": (2, 3, 5, 6)},
    "zoneout": {"cell:keep": (2, 3, 5, 6), "hidden:keep": (2, 3, 5, 6)},
    "weights": {"weights": (2, 6, 4, 6)},
    "between": {"between": (3, 5, 12)},
    "between-spatial": {"between": (3, 1, 12)},
    "output": {"output": (3, 12)},
    "none": {},
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_those_of_the_literature(name):
    assert mask_shapes(TABLE[name], SIZES) == SHAPES[name]


@pytest.mark.parametrize("name", TABLE)
def test_draws_have_the_shape_that_is_announced(name):
    drawn = draw_masks(TABLE[name], 0.4, SIZES, [5, 6])
    assert {key: tuple(mask.shape) for key, mask in drawn.items()} == mask_shapes(TABLE[name], SIZES)


@st.composite
def terms(draw):
    site = draw(st.sampled_from(sorted(SITES)))
    axes = frozenset(draw(st.sets(st.sampled_from(SITES[site].axes), min_size=1)))
    axes |= {"gate"} if site == "gates" else frozenset()
    scaling = "expectation" if site == "gates" else draw(st.sampled_from(["inverted", "expectation"]))
    return Term(site, axes, scaling=scaling)


@settings(max_examples=60, deadline=None)
@given(term=terms(), rate=st.floats(0, 0.5), seed=st.integers(0, 2**30))
def test_values_are_dropped_or_scaled_and_repeat_with_the_seed(term, rate, seed):
    mask = np.asarray(draw_masks([term], rate, SIZES, [seed, 0])[term.key])
    kept = np.float32(1) / (1 - np.float32(rate)) if term.scaling == "inverted" else np.float32(1)
    values = mask[:, 1:] if "type" in term.axes else mask
    assert np.all((values == 0) | np.isclose(values, kept, rtol=1e-6))
    assert np.array_equal(mask, draw_masks([term], rate, SIZES, [seed, 0])[term.key])


# 4.5 standard errors: with about 30 looks a false alarm comes once in 5,000 suites; seeds are fixed in any case.
@pytest.mark.parametrize("name", [name for name in TABLE if name != "none"])
@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_share_that_is_dropped_is_the_rate(name, rate):
    for term in TABLE[name].terms:
        expected = rate * term.factor
        draws = np.stack([np.asarray(draw_masks([term], rate, SIZES, [17, n])[term.key]) for n in range(400)])
        draws = draws[:, :, 1:] if term.site == "embedding" else draws
        # Draws that share a gates decision are dependent, so independent ones are counted a gate at a time.
        for part in np.moveaxis(draws, 4, 0) if term.site == "gates" else [draws]:
            error = np.sqrt(expected * (1 - expected) / part.size)
            assert abs((part == 0).mean() - expected) < 4.5 * error


def test_gaussian_draws_have_the_mean_and_the_variance_of_dropped_and_scaled_ones():
    term = resolve("input:sample,step,feature:gaussian").terms[0]
    for rate in (0.0, 0.25, 0.5):
        draws = np.stack([np.asarray(draw_masks([term], rate, SIZES, [3, n])["input"]) for n in range(400)])
        variance = rate / (1 - rate)
        assert abs(draws.mean() - 1) <= 4.5 * np.sqrt(variance / draws.size)
        assert abs(draws.var() - variance) <= 4.5 * variance * np.sqrt(2 / draws.size)
        # Normal, not two values: about .68 lie within a standard deviation.
        within = np.mean(abs(draws - 1) < np.sqrt(variance))
        assert rate == 0 or abs(within - 0.6827) < 4.5 * np.sqrt(0.6827 * 0.3173 / draws.size)
    assert expected_masks([term], 0.5) == {}


def test_axes_with_a_draw_of_their_own_differ():
    mask = np.asarray(draw_masks(TABLE["recurrent"], 0.5, SIZES, [1, 2])["recurrent"])
    assert not np.array_equal(mask[0], mask[1])
    assert not np.array_equal(mask[:, 0], mask[:, 1])
    assert not np.array_equal(mask[:, :, :, 0], mask[:, :, :, 1])


def test_input_and_forget_gate_are_never_both_off():
    for rate in (0.1, 0.3, 0.5):
        mask = np.asarray(draw_masks(TABLE["gates"], rate, Sizes(50, 40, 4, 6), [3, 4])["gates"])
        assert np.all(mask[:, :, :, 0] + mask[:, :, :, 1] >= 1)
        assert (mask[:, :, :, 2] == 0).any()


def test_padding_is_never_dropped_from_the_embedding():
    mask = np.asarray(draw_masks(TABLE["embedding-types"], 0.9, Sizes(200, 2, 2, 2, 3), [3, 4])["embedding"])
    assert np.all(mask[:, 0] == 1) and (mask[:, 1] == 0).any()


def test_where_words_share_a_draw_whole_samples_are_dropped_at_the_rate():
    sizes = Sizes(4000, 2, 2, 2, 3)
    for text, kept in (("embedding:sample", 1 / 0.7), ("embedding:sample:expectation", 1)):
        mask = np.asarray(draw_masks([parse_term(text)], 0.3, sizes, [3, 4])["embedding"])
        assert mask.shape == (4000, 1) and set(np.unique(mask)) == {0, np.float32(kept)}
        assert abs((mask == 0).mean() - 0.3) < 4.5 * np.sqrt(0.21 / 4000)
    mask = np.asarray(draw_masks([parse_term("embedding:sample:gaussian")], 0.3, sizes, [3, 4])["embedding"])
    assert abs(mask.var() - 0.3 / 0.7) < 0.05


def test_streams_are_apart():
    one = draw_masks(TABLE["input"], 0.5, SIZES, [1, 1])["input"]
    assert not np.array_equal(one, draw_masks(TABLE["input"], 0.5, SIZES, [1, 2])["input"])
    assert not np.array_equal(one, draw_masks(TABLE["input"], 0.5, SIZES, [1, 1], label="1")["input"])
    both = draw_masks(resolve("input+output"), 0.5, SIZES, [1, 1])
    assert np.array_equal(one, both["input"]), "another term must leave this one's draws alone"
    twice = np.asarray(draw_masks([*TABLE["output"].terms] * 2, 0.5, SIZES, [1, 1])["output"])
    assert 4 in twice and (twice == 0).mean() > 0.6, "the same term twice is two draws"


def test_rate_zero_draws_ones():
    for name in TABLE:
        for mask in draw_masks(TABLE[name], 0.0, SIZES, [1, 1]).values():
            assert np.all(np.asarray(mask) == 1)


def test_inference_uses_the_stated_expectation():
    def values(name):
        return {key: float(np.squeeze(mask)) for key, mask in expected_masks(TABLE[name], 0.3).items()}

    assert values("input") == values("recurrent") == values("candidate") == {}
    assert values("gates") == pytest.approx({"gates": 0.7})
    assert values("cell") == pytest.approx({"hidden": 0.7})
    assert values("cell-stepwise") == pytest.approx({"cell": 0.7})
    assert values("zoneout") == pytest.approx({"cell:keep": 0.7, "hidden:keep": 0.97})
