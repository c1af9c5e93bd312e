"""Masks in a form are the masks: only ones and repetitions are added, so a network gives the same."""

import numpy as np
import pytest

from bilstm_dropout.dropout.classifier import Classifier, initial_weights
from bilstm_dropout.dropout.forms import FORMS, fill, form_of, forms_of
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.shapes import layer_terms, mask_shapes
from bilstm_dropout.dropout.sizes import Sizes

SIZES = Sizes(batch=3, steps=5, features=4, units=6, directions=2)
ALONE = ("recurrent-stepwise", "candidate", "gates", "cell", "cell-stepwise", "zoneout")
# Which placements share a program, written out by hand: by the keys and axes of the form.
SHARED = {
    "outside": ("input", "input-spatial", "input-steps", "input-features", "input-samples", "input-words",
                "lstm-dropout", "output"),
    "tied": ("recurrent-tied", "variational", "weights"),
    "gates": ("lstm-dropout-gates", "recurrent", "combined"),
}  # fmt: skip


def test_placements_share_forms_as_written_out():
    (outside,), (tied,), (gates,) = (forms_of(resolve(group[0]), 1, SIZES) for group in SHARED.values())
    once = {"input": (2, 3, 5, 1, 4), "output": (3, 12)}
    assert outside == once and tied == once | {"recurrent": (2, 3, 1, 1, 6), "weights": (2, 6, 4, 6)}
    assert gates == {"input": (2, 3, 1, 4, 4), "recurrent": (2, 3, 1, 4, 6), "output": (3, 12)}
    for form, names in zip((outside, tied, gates), SHARED.values(), strict=True):
        assert all(forms_of(resolve(name), 1, SIZES) == (form,) for name in names)
    for name in ALONE:
        assert forms_of(resolve(name), 1, SIZES) == (mask_shapes(TABLE[name], SIZES),), name
    assert forms_of(resolve("none"), 2, SIZES) == ({}, {})
    between = forms_of(resolve("between"), 2, SIZES)
    assert between == forms_of(resolve("between-spatial"), 2, SIZES) == ({}, outside | {"input": (2, 3, 5, 1, 12)})


def test_a_mask_that_has_no_room_keeps_its_shape():
    both = resolve("embedding-and-arguments")  # an own mask a gate and step
    shapes = mask_shapes(layer_terms(both, 0, 1), SIZES)
    assert form_of(shapes, SIZES) == shapes and shapes["input"] == (2, 3, 5, 4, 4)


@pytest.mark.parametrize("name", [*SHARED["outside"], *SHARED["tied"], *SHARED["gates"]])
def test_a_network_gives_the_same_under_masks_in_their_form(name):
    placement = resolve(name)
    if "embedding" in {term.site for term in placement.terms}:
        placement = resolve("input:direction,sample,feature+recurrent:direction,sample,feature")
    model = Classifier(placement, classes=3, units=6)
    x = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
    lengths = np.array([5, 2, 4], np.int32)
    model(x, lengths)
    for variable, value in zip(model.trainable_variables, initial_weights(model, 1), strict=True):
        variable.assign(value)
    masks = model.draw(0.5, [7, 8], batch=3, steps=5, features=4)
    (form,) = forms_of(placement, 1, SIZES)
    filled = fill(masks["layer 0"], form)
    assert {key: tuple(mask.shape) for key, mask in filled.items()} == form
    for key, mask in filled.items():
        own = np.asarray(masks["layer 0"].get(key, 1.0))
        assert np.array_equal(np.asarray(mask), np.broadcast_to(own, form[key])), key
    plain, shared = (np.asarray(model(x, lengths, masks=each)) for each in (masks, masks | {"layer 0": filled}))
    assert shared == pytest.approx(plain, abs=1e-6)
    assert np.abs(plain - np.asarray(model(x, lengths))).max() > 1e-4  # the masks do something


def test_every_form_stands_at_sites_with_the_axes_that_it_shares():
    assert len({str(form) for form in FORMS}) == len(FORMS)
    for form in FORMS:
        assert form_of({}, SIZES) == {} and set(form) <= {"input", "recurrent", "weights", "output"}
