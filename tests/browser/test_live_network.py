"""The script live-network.js computes what DropoutLSTM computes: twenty inputs, every site, every sharing."""

from __future__ import annotations

from itertools import combinations

import keras
import numpy as np
import pytest

from bilstm_dropout import DropoutLSTM
from bilstm_dropout.dropout.masks import draw_masks
from bilstm_dropout.dropout.sizes import Sizes
from bilstm_dropout.dropout.terms import OUTSIDE, SITES, Term
from bilstm_dropout.experiments import live
from bilstm_dropout.paths import project_root

INPUTS, STEPS, FEATURES, UNITS, RATE = 20, 5, 3, 4, 0.4
# Sites that a network of one layer has; only tokens are looked up.
MET = [(site, name) for site in SITES for name in live.DATASETS
       if SITES[site].needs == "" or (SITES[site].needs == "embedding" and name == "recall")]  # fmt: skip
ANSWER = """([units, weights, inputs, masks]) => {
  const network = liveNetwork.unpacked(units, weights);
  return inputs.map((steps, place) => liveNetwork.answer(network, steps, masks ? masks[place] : {}).probabilities);
}"""
RUN = """([network, cases]) => cases.map(({x, masks}) => window.liveNetwork.run(network, x, masks))"""


def _terms(site: str) -> list[Term]:
    """A term for every set of axes that the site allows, and those that keep where it can keep."""
    axes = SITES[site].axes
    sets = [frozenset(each) for size in range(1, len(axes) + 1) for each in combinations(axes, size)]
    if site == "gates":
        return [Term(site, each, scaling="expectation") for each in sets if "gate" in each]
    found = [Term(site, each, scaling=SITES[site].scaling) for each in sets]
    return found + [Term(site, each, "keep", "expectation") for each in sets if site in ("cell", "hidden")]


def _of_input(mask: np.ndarray, site: str, number: int) -> dict:
    """One input's part of a mask, as the script takes it."""
    if "sample" in SITES[site].axes:
        axis = SITES[site].axes.index("sample")
        mask = mask.take([0 if mask.shape[axis] == 1 else number], axis)
    return {"shape": list(mask.shape), "values": mask.ravel().tolist()}


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(path=str(project_root() / "book" / "assets" / "live-network.js"))
    yield page
    page.close()


@pytest.mark.parametrize("site", [site for site in SITES if site not in OUTSIDE])
def test_every_sharing_gives_what_keras_gives(page, site):
    random = np.random.default_rng(3)
    x = random.normal(size=(INPUTS, STEPS, FEATURES)).astype("float32")
    layer = DropoutLSTM(UNITS, return_sequences=site != "output", seed=1)
    layer.build(x.shape)
    layer.set_weights([random.normal(size=each.shape) for each in layer.get_weights()])
    names = ("kernel", "recurrent", "bias")
    sides = [
        {name: each.ravel().tolist() for name, each in zip(names, layer.get_weights()[start : start + 3], strict=True)}
        for start in (0, 3)
    ]
    for place, term in enumerate(_terms(site)):
        masks = draw_masks([term], RATE, Sizes(INPUTS, STEPS, FEATURES, UNITS, directions=2), (5, place))
        expected = np.asarray(layer(x, masks=masks))
        mask = np.asarray(masks[term.key])
        cases = [
            {"x": row.tolist(), "masks": {term.key: _of_input(mask, site, number)}} for number, row in enumerate(x)
        ]
        found = page.evaluate(RUN, [{"units": UNITS, "sides": sides}, cases])
        output = np.array([each["output"] for each in found])
        if site == "output":
            np.testing.assert_allclose(output, expected, atol=1e-5, rtol=0, err_msg=term.text)
            continue
        hidden = np.array([[[step["hidden"] for step in side] for side in each["records"]] for each in found])
        both = np.concatenate([hidden[:, 0], hidden[:, 1]], axis=-1)
        np.testing.assert_allclose(both, expected, atol=1e-5, rtol=0, err_msg=term.text)
        ends = np.concatenate([expected[:, -1, :UNITS], expected[:, 0, UNITS:]], axis=-1)
        np.testing.assert_allclose(output, ends, atol=1e-5, rtol=0, err_msg=term.text)


def test_published_networks_answer_as_they_do_in_keras(page):
    published = live.Networks.published()
    for data in published.data:
        inputs = [each.model_dump()["steps"] for each in data.inputs]
        for network in data.networks:
            weights = network.model_dump(mode="json")["weights"]
            found = page.evaluate(ANSWER, [published.units, weights, inputs, None])
            np.testing.assert_allclose(found, network.probabilities, atol=1e-5, rtol=0, err_msg=network.placement)


@pytest.mark.parametrize(("site", "name"), MET)
def test_published_networks_under_masks_answer_as_they_do_in_keras(page, site, name):
    published = live.Networks.published()
    data = next(each for each in published.data if each.dataset == name)
    model, test = live.built(data.networks[0], name)
    inputs = [each.model_dump()["steps"] for each in data.inputs]
    features = model.embedding.output_dim if data.tokens else test.inputs.shape[2]
    sizes = Sizes(INPUTS, test.inputs.shape[1], features, published.units, len(data.tokens), directions=2)
    for place, term in enumerate(_terms(site)[::4]):
        masks = draw_masks([term], RATE, sizes, (5, place))
        layers = {"embedding": {}, "layer 0": {}} | {"embedding" if site == "embedding" else "layer 0": masks}
        expected = np.asarray(keras.ops.softmax(model(test.inputs, test.lengths, masks=layers)))
        each = [{term.key: _of_input(np.asarray(masks[term.key]), site, number)} for number in range(INPUTS)]
        weights = data.networks[0].model_dump(mode="json")["weights"]
        found = page.evaluate(ANSWER, [published.units, weights, inputs, each])
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0, err_msg=term.text)
