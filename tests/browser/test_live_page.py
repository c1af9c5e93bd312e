"""The live network in Chromium: what the page shows is what Keras computes; forms, keys, a phone, and no scripts.

Needs a built book (`make book`) and Chromium, and fails without either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import keras
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from bilstm_dropout.dropout.terms import SITES
from bilstm_dropout.experiments import live

ADDRESS = "live.html"
SHOWN = """() => {
  const state = live.state();
  return {masks: state.masks, masked: state.masked.map(each => each.probabilities),
    plain: state.plain.map(each => each.probabilities), answers: state.answers,
    placements: liveData.placements.map(each => each.name)};
}"""
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
DATA = list(enumerate(live.DATASETS))


def field(page: Page, name: str) -> Locator:
    """A field of the forms by the end of its id."""
    return page.locator(f"#live-{name}")


@pytest.fixture(scope="module")
def page(opened) -> Iterator[Page]:
    """The page, on a phone; whatever goes wrong in its scripts fails the test that asks last."""
    with opened(ADDRESS, viewport={"width": 390, "height": 844}) as page:
        yield page


@pytest.fixture
def fresh(page: Page) -> Page:
    """The page as it starts."""
    page.reload(wait_until="networkidle")
    return page


@pytest.fixture(scope="module")
def models():
    """By data set: the network without dropout in Keras, and its twenty inputs."""
    published = live.Networks.published()
    return {data.dataset: live.built(data.networks[0], data.dataset) for data in published.data}


def in_keras(model, test, row: int, masks: dict, steps: int) -> np.ndarray:
    """Probabilities of one input's first steps, under masks as the page holds them."""
    layers: dict[str, dict] = {"embedding": {}, "layer 0": {}}
    for key, mask in masks.items():
        values = np.reshape(mask["values"], mask["shape"]).astype("float32")
        axes = SITES[mask["site"]].axes
        if "step" in axes and values.shape[axes.index("step")] > 1:
            values = values.take(range(steps), axes.index("step"))
        layers["embedding" if mask["site"] == "embedding" else "layer 0"][key] = values
    inputs, lengths = test.inputs[row : row + 1, :steps], np.array([steps], "int32")
    return np.asarray(keras.ops.softmax(model(inputs, lengths, masks=layers)))[0]


@pytest.mark.parametrize(("place", "name"), DATA)
def test_every_placement_is_shown_as_keras_computes_it(page, models, place, name):
    field(page, "dataset").select_option(str(place))
    field(page, "trained").select_option("0")
    model, test = models[name]
    names = page.locator("#live-placement option").evaluate_all("all => all.map(each => each.value)")
    assert len(names) >= 20 and names[-1] == "own"
    for turn, placement in enumerate(names[:-1]):
        row = turn % live.INPUTS
        field(page, "input").select_option(str(row))
        field(page, "placement").select_option(placement)
        found = page.evaluate(SHOWN)
        steps = len(found["masked"])
        assert steps == test.lengths[row] and bool(found["masks"]) == (placement != "none")
        for shown in (steps, steps // 2):
            expected = in_keras(model, test, row, found["masks"], shown)
            np.testing.assert_allclose(found["masked"][shown - 1], expected, atol=1e-5, rtol=0, err_msg=placement)
            plain = in_keras(model, test, row, {}, shown)
            np.testing.assert_allclose(found["plain"][shown - 1], plain, atol=1e-5, rtol=0)
        np.testing.assert_allclose(found["answers"][0], found["masked"][-1], atol=1e-12, rtol=0)
        assert page.evaluate(OVERFLOW) <= 0, placement


@pytest.mark.parametrize("site", [name for name in SITES if SITES[name].needs != "second layer"])
def test_a_mask_of_your_own_at_any_site(page, models, site):
    field(page, "dataset").select_option("1")
    field(page, "input").select_option("3")
    field(page, "placement").select_option("own")
    field(page, "site").select_option(site)
    for box in page.locator("#live-axes input:not(:disabled)").all():
        box.set_checked(not box.is_checked())
    keeps = not field(page, "operation").is_disabled()
    assert keeps == (site in ("cell", "hidden"))
    for operation in ("multiply", "keep")[: 1 + keeps]:
        field(page, "operation").select_option(operation, force=True) if keeps else None
        found = page.evaluate(SHOWN)
        if not found["masks"]:  # every axis of this site was on, and is off now
            expect(field(page, "status")).to_contain_text("Choose an axis: without one there is no mask.")
            page.locator("#live-axes input").first.check()
            found = page.evaluate(SHOWN)
        (key,) = found["masks"]
        assert key == (site if operation == "multiply" else f"{site}:keep")
        model, test = models["recall"]
        expected = in_keras(model, test, 3, found["masks"], len(found["masked"]))
        np.testing.assert_allclose(found["masked"][-1], expected, atol=1e-5, rtol=0)


def test_fifty_draws_are_summed_up_as_numpy_does(fresh):
    answers = np.array(fresh.evaluate(SHOWN)["answers"])
    assert answers.shape[0] == 50 and len(np.unique(answers.round(9), axis=0)) == 50
    label = fresh.evaluate("live.state().label")
    said = fresh.locator("#live-spread").inner_text()
    mean, low, high = (float(each) for each in re.findall(r"\d\.\d\d", said))
    expected = [answers[:, label].mean(), *np.quantile(answers[:, label], [0.025, 0.975])]
    np.testing.assert_allclose([mean, low, high], expected, atol=0.005001)
    assert f"{(answers.argmax(1) == label).sum()} of 50" in said
    drawn = fresh.locator("#live-draws svg").get_attribute("aria-label")
    assert sum(int(count) for count in re.findall(r"(\d+) from", drawn)) == 50


def test_a_rate_of_zero_changes_nothing_and_gates_stop_at_a_half(fresh):
    field(fresh, "rate").fill("0")
    found = fresh.evaluate(SHOWN)
    assert found["masked"] == found["plain"]
    field(fresh, "rate").fill("0.9")
    field(fresh, "placement").select_option("gates")
    assert field(fresh, "rate").input_value() == "0.5"
    expect(fresh.locator("#live-network .explorer-value").first).to_have_text("= 0.5")
    expect(field(fresh, "status")).to_contain_text("The largest rate here is 0.5.")
    field(fresh, "placement").select_option("input")
    assert field(fresh, "rate").input_value() == "0.9"
    field(fresh, "placement").select_option("none")
    assert field(fresh, "rate").is_disabled()
    expect(field(fresh, "status")).to_contain_text("No mask: ")


def test_a_seed_that_is_not_allowed_is_said(fresh):
    before = fresh.evaluate(SHOWN)["answers"]
    for given in ("", "0", "1.4"):
        field(fresh, "seed").fill(given)
        expect(field(fresh, "status")).to_contain_text("Seed: give a whole number from 1 to 999999; 1 is used.")
        assert fresh.evaluate(SHOWN)["answers"] == before


def test_the_mean_over_all_inputs_is_that_of_keras(fresh, models):
    model, test = models["japanese_vowels"]
    p = np.asarray(keras.ops.softmax(model(test.inputs, test.lengths)))
    mean = p[range(live.INPUTS), test.labels].mean()
    expect(field(fresh, "status")).to_contain_text(f"without a mask {mean:.2f}.")
    assert fresh.evaluate("live.state().all.plain") == pytest.approx(mean, abs=1e-5)
    assert fresh.evaluate("live.state().all.masked") < mean


def test_it_works_by_keyboard_and_plays(fresh):
    before = fresh.evaluate(SHOWN)["answers"]
    field(fresh, "seed").focus()
    fresh.keyboard.press("Tab")
    fresh.keyboard.press("Enter")
    assert fresh.evaluate(SHOWN)["answers"] != before
    expect(field(fresh, "seed")).to_have_value("2")
    field(fresh, "seed").fill("1")
    assert fresh.evaluate(SHOWN)["answers"] == before
    steps = field(fresh, "step")
    steps.focus()
    last = int(steps.input_value())
    fresh.keyboard.press("ArrowLeft")
    assert int(steps.input_value()) == last - 1
    label = fresh.locator("#live-inside svg").first.get_attribute("aria-label")
    assert f"{last - 1} read" in label
    steps.fill(str(last - 2))
    play = field(fresh, "play")
    play.press("Enter")
    expect(play).to_have_text("Pause")
    expect(steps).to_have_value(str(last))
    expect(play).to_have_text("Play")


def test_every_field_has_a_label(fresh):
    field(fresh, "placement").select_option("own")
    labels = fresh.locator("#live-network :is(select, input)").evaluate_all(
        "fields => fields.map(field => [...field.labels].map(label => label.textContent.trim()).join())"
    )
    assert len(labels) >= 15 and all(labels)


def test_the_numbers_are_those_of_the_step_and_direction(fresh):
    field(fresh, "direction").select_option("1")
    field(fresh, "step").fill("4")
    record = fresh.evaluate("live.state().masked[3].records[1][3]")
    fresh.get_by_text("The step that is shown, as numbers").click()
    cells = fresh.locator("#live-numbers tbody tr").first.locator("td").all_inner_texts()
    expected = [*(gate[0] for gate in record["gates"]), record["cell"][0], record["hidden"][0]]
    np.testing.assert_allclose([float(cell) for cell in cells], expected, atol=0.000501)
    assert fresh.locator("#live-numbers tbody tr").count() == live.UNITS


def test_without_scripts_a_table_stands_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{address}{ADDRESS}")
    assert opened.locator(".live-static table").is_visible()
    assert opened.locator(".live-static tbody tr").count() == len(live.DATASETS) * len(live.PLACEMENTS)
    assert not opened.locator("#live-network").is_visible()
    context.close()


def test_no_other_page_loads_it(browser, address):
    context = browser.new_context()
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(f"{address}index.html", wait_until="networkidle")
    assert asked and not [url for url in asked if "live" in url]
    context.close()
