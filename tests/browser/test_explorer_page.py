"""The mask explorer in Chromium: its shapes are Python's, its draws keep their promises, its form can be used.

Needs a built book (`make book`) and Chromium, and fails without either.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.dropout.shapes import mask_shapes
from bilstm_dropout.dropout.sizes import Sizes
from bilstm_dropout.dropout.terms import SITES

ADDRESS = "generated/understand/bilstm.html"
NAMES = ("batch", "steps", "features", "units", "vocabulary")
SOME_SIZES = [(2, 5, 4, 3, 7), (1, 1, 1, 1, 2), (4, 3, 6, 5, 9), (3, 8, 2, 6, 12)]
# One term of the table, drawn by the page's own functions.
DRAW = """([name, index, sizes, rate, seeds]) => {
  const table = JSON.parse(document.getElementById('mask-explorer-table').textContent);
  const term = table.placements.find(each => each.name === name).terms[index];
  const site = table.sites[term.site];
  return {
    masks: seeds.map(seed => maskExplorer.draw(term, site, sizes, rate, `${seed}/${term.text}`)),
    draws: maskExplorer.draws(term, site, sizes), entries: maskExplorer.entries(site, sizes),
  };
}"""
SHAPES = """([name, sizes]) => {
  const table = JSON.parse(document.getElementById('mask-explorer-table').textContent);
  return maskExplorer.shapes(table.placements.find(each => each.name === name), table.sites, sizes);
}"""
# How often each path of a picture starts anew, by its class, and what the squares of each direction are.
PICTURE = """section => [...section.querySelectorAll('.explorer-picture svg')].map(drawing =>
  [...drawing.querySelectorAll('path')].map(path =>
    [path.getAttribute('class'), path.getAttribute('d').split(/(?=M)/)]))"""


def sizes_of(numbers) -> dict[str, int]:
    return dict(zip(NAMES, numbers, strict=True))


@pytest.fixture(scope="module")
def page(opened) -> Iterator[Page]:
    """The page, on a phone; whatever goes wrong in its scripts fails the test that asks last."""
    with opened(ADDRESS, viewport={"width": 360, "height": 780}) as page:
        yield page


@pytest.fixture
def fresh(page: Page) -> Page:
    """The page with the form as it starts."""
    page.reload(wait_until="networkidle")
    return page


def choose(page: Page, name: str) -> None:
    page.get_by_label("Placement", exact=True).select_option(name)


def drawn(page: Page, name: str, index: int, sizes: dict, rate: float, seeds=(1,)) -> dict:
    """The page's masks as arrays (seeds, *shape), and its counts."""
    found = page.evaluate(DRAW, [name, index, sizes, rate, list(seeds)])
    found["masks"] = np.array([np.reshape(each["values"], each["shape"]) for each in found["masks"]])
    return found


@pytest.mark.parametrize("numbers", SOME_SIZES)
def test_shapes_are_those_of_python(page, numbers):
    sizes = sizes_of(numbers)
    for name, entry in TABLE.items():
        found = {key: tuple(shape) for key, shape in page.evaluate(SHAPES, [name, sizes]).items()}
        assert found == mask_shapes(entry, Sizes(**sizes)), name


TERMS = [(name, index) for name, entry in TABLE.items() for index in range(len(entry.terms))]


@pytest.mark.parametrize(("name", "index"), TERMS)
def test_draws_have_the_rate_the_values_and_the_seed(page, name, index):
    """4.5 standard errors of a binomial; seeds are fixed."""
    term, rate = TABLE[name].terms[index], 0.4
    sizes = sizes_of((3, 4, 5, 6, 8))
    found = drawn(page, name, index, sizes, rate, seeds=range(300))
    masks, own = found["masks"], rate * term.factor
    if term.site == "embedding":
        assert np.all(masks[..., 0] == 1)
        masks = masks[..., 1:]
    kept = 1 / (1 - own) if term.scaling == "inverted" else 1
    assert np.all((masks == 0) | np.isclose(masks, kept, rtol=1e-12))
    # The gates i and f go together, so their numbers count once in the error.
    count = found["draws"] * len(masks)
    assert abs((masks == 0).mean() - own) < 4.5 * math.sqrt(own * (1 - own) / count)
    assert len({each.tobytes() for each in masks}) > 1
    again = drawn(page, name, index, sizes, rate, seeds=range(300))["masks"]
    assert np.array_equal(again, found["masks"])


def test_input_and_forget_gate_are_never_both_closed(page):
    masks = drawn(page, "gates", 0, sizes_of((4, 8, 6, 6, 7)), 0.5, seeds=range(50))["masks"]
    assert np.all(masks[..., 0, :] + masks[..., 1, :] >= 1) and np.any(masks[..., 0, :] != masks[..., 2, :])


@pytest.mark.parametrize(("name", "index"), TERMS)
def test_the_picture_has_an_outline_for_each_draw_and_a_sign_for_each_entry(page, name, index):
    """What shares a draw is seen to repeat: within an outline all signs are the same, and pale panels are full ones."""
    choose(page, name)
    term = TABLE[name].terms[index]
    axes = SITES[term.site].axes
    full = Sizes(*SOME_SIZES[0]).axes(term.site)
    section = page.locator(".explorer-term").nth(index)
    pictures = section.evaluate(PICTURE)
    full_panels, signs = [], 0
    for picture in pictures:
        outlines, inside = _outlines(picture)
        full_panels += [each[0] for (path, _), each in zip(outlines, inside, strict=True) if "again" not in path]
        signs += sum(len(each) for each in inside)
        assert all(len(set(each)) == 1 for each in inside)
    assert signs == math.prod(full[axis] for axis in axes)
    # The numbers below the picture, in the order in which its panels, their rows and their columns come.
    numbers = np.array(json.loads(section.locator("pre").text_content()))
    assert numbers.shape == term.shape(full)
    order = sorted(axes, key=("direction", "sample", "gate", "row", "type", "feature", "step").index)
    kinds = {0: "last" if term.operation == "keep" else "dropped", 1: "plain"}
    values = numbers.transpose([axes.index(axis) for axis in order]).ravel()
    assert full_panels == [f"explorer-{kinds.get(value, 'scaled')}" for value in values]
    if "direction" in axes and "direction" not in term.axes:
        forward, backward = (_signs(picture) for picture in pictures)
        assert forward == backward


def _signs(picture) -> list[tuple[float, float, str]]:
    """Every sign of a picture: where it starts, and its kind."""
    found = []
    for path, parts in picture:
        if not path.startswith("explorer-draw"):
            for part in parts:
                x, y = re.match(r"M([\d.]+) ([\d.]+)", part).groups()
                found.append((float(x), float(y), path.split()[0]))
    return sorted(found)


def _outlines(picture) -> tuple[list, list[list[str]]]:
    """The outlines of a picture, and the kinds of the signs inside each."""
    outlines = [
        (path, [float(each) for each in re.match(r"M(.+) (.+)h(.+)v(.+)h", part).groups()])
        for path, parts in picture
        if path.startswith("explorer-draw")
        for part in parts
    ]
    signs = _signs(picture)
    inside = [
        [kind for x, y, kind in signs if left < x < left + width and top < y < top + height]
        for _, (left, top, width, height) in outlines
    ]
    return outlines, inside


def test_every_placement_is_shown_with_its_keras_code_on_a_phone(page):
    for name, entry in TABLE.items():
        choose(page, name)
        text = page.locator("#explorer-result").inner_text()
        assert entry.sentence in text and "Source: " in text
        assert (entry.keras or entry.why_not_keras) in text
        assert page.locator(".explorer-term").count() == len(entry.terms)
        overflow = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        assert page.evaluate(overflow) <= 0, name
        link = page.locator("#explorer-result a")
        assert page.request.get(link.evaluate("link => link.href")).ok


def test_the_rate_of_gates_stops_at_a_half_and_says_so(fresh):
    choose(fresh, "input")
    fresh.get_by_label("Rate p").fill("0.7")
    choose(fresh, "gates")
    fresh.wait_for_function("document.getElementById('explorer-status').textContent.startsWith('The largest')")
    said = fresh.get_by_role("status").first.inner_text()
    assert "The largest rate of gates is 0.5." in said and "lowered from 0.7 to 0.5" in said
    assert "gates, rate 0.5, seed 1" in said
    choose(fresh, "none")
    assert fresh.get_by_label("Rate p").is_disabled()
    fresh.wait_for_function("document.getElementById('explorer-status').textContent.includes('none: no mask.')")
    choose(fresh, "input")
    assert float(fresh.get_by_label("Rate p").input_value()) == pytest.approx(0.7)


def test_a_size_that_is_not_allowed_is_said_and_not_used(fresh):
    choose(fresh, "input")
    steps = fresh.get_by_label("T, steps")
    for given, used in (("99", 8), ("0", 1), ("", 5), ("2.6", 3)):
        steps.fill(given)
        fresh.wait_for_function(
            "text => document.getElementById('explorer-status').textContent.includes(text)",
            arg=f"from 1 to 8; {used} is used",
        )
        assert steps.get_attribute("aria-invalid") == "true"
        assert f"= (1, 2, {used}, 1, 4)" in fresh.locator("#explorer-result").inner_text()
    steps.fill("5")
    assert steps.get_attribute("aria-invalid") is None


def test_the_explorer_works_by_keyboard(fresh):
    choose(fresh, "recurrent")
    numbers = "document.querySelector('.explorer-term pre').textContent"
    before = fresh.evaluate(numbers)
    fresh.get_by_label("Placement", exact=True).focus()
    for _ in range(12):
        fresh.keyboard.press("Tab")
        if fresh.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    outline = fresh.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    fresh.keyboard.press("Enter")
    assert fresh.evaluate(numbers) != before and outline == "solid"
    assert fresh.get_by_label("Seed").input_value() == "2"
    fresh.get_by_label("Seed").fill("1")
    assert fresh.evaluate(numbers) == before
    fresh.get_by_label("Rate p").focus()
    rate = float(fresh.get_by_label("Rate p").input_value())
    fresh.keyboard.press("ArrowRight")
    assert float(fresh.get_by_label("Rate p").input_value()) == pytest.approx(rate + 0.05)


def test_without_scripts_a_picture_stands_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{address}{ADDRESS}")
    assert opened.locator("#mask-explorer-static svg").is_visible()
    assert not opened.locator("#mask-explorer").is_visible()
    context.close()


def test_no_other_page_loads_the_explorer(browser, address):
    context = browser.new_context()
    opened, asked = context.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(f"{address}index.html", wait_until="networkidle")
    assert asked and not [url for url in asked if "explorer" in url]
    context.close()
