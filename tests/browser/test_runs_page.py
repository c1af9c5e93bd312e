"""The run explorer in Chromium: fifty selections against pandas; link, file and command; keys alone, and a phone.

Needs a built book (`make book`) and Chromium, and fails without either.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from scipy import stats

from bilstm_dropout import results
from bilstm_dropout.results.about import ABOUT

ADDRESS = "runs.html"
PARTS = ["a2", "a3", "b", "u", "v", "s", "memory", "i"]
SELECTED = """state => runExplorer.selected(runExplorer.settle(state)).map(row =>
  [row.name, row.n, row.mean, row.low, row.high])"""
STATE = "state => { const {offered, ...rest} = runExplorer.settle(state); return rest; }"


@pytest.fixture(scope="module")
def page(opened) -> Iterator[Page]:
    """The page, on a phone; whatever goes wrong in its scripts fails the test that asks last."""
    with opened(ADDRESS, viewport={"width": 390, "height": 844}, accept_downloads=True) as page:
        yield page


@pytest.fixture(scope="module")
def tables():
    return {part: results.read(part) for part in PARTS}


def by_pandas(rows, others, state):
    """Number of pairs, mean and interval by placement, from the published rows, which are not rounded.

    others: rows of the part that has the runs of none where the part itself lacks them, else None.
    """
    rows = rows[rows["dataset"] == state["dataset"]]
    column = f"{'nll' if state['measure'] == 'loss' else 'accuracy'}_{state['at']}"
    shared = ["dataset_options", "seed", "layers", "train_rows", "units", "embedding_dim", "bidirectional", "epochs"]
    plain = rows[(rows["placement"] == "none") & (rows["schedule"] == "constant") & (rows["weight_decay"] == 0)
                 & (rows["label_smoothing"] == 0) & (rows["dropout_stream"] == 0)]  # fmt: skip
    dropped = rows.drop(plain.index)
    if others is not None:
        plain = others[(others["placement"] == "none") & (others["dataset"] == state["dataset"])]
    if plain.duplicated(shared).any():
        shared = [*shared, "learning_rate"]
    both = dropped.merge(plain[[*shared, column]], on=shared, suffixes=("", "_none"), validate="m:1")
    if state["rate"] != "any":
        both = both[both["rate"] == float(state["rate"])]
    found = {}
    for name, mine in both[both["placement"].isin(state["placements"])].groupby("placement"):
        less = (mine[column] - mine[f"{column}_none"]).dropna().to_numpy() * (1 if state["measure"] == "loss" else 100)
        if len(less):
            half = stats.t.ppf(0.975, len(less) - 1) * stats.sem(less) if len(less) > 1 else np.nan
            found[name] = (len(less), less.mean(), less.mean() - half, less.mean() + half)
    return found


@pytest.mark.parametrize("seed", range(50))
def test_a_selection_comes_to_what_pandas_makes_of_the_published_rows(page, tables, seed):
    generator = np.random.default_rng(seed)
    part = PARTS[seed % len(PARTS)]
    rows = tables[part]
    wanted = {
        "dataset": str(generator.choice(sorted(rows["dataset"].unique()))), "part": ABOUT[part], "setting": "any",
        "rate": str(generator.choice(["any", "0.25", "0.5"])),
        "measure": str(generator.choice(["loss", "accuracy"])), "at": str(generator.choice(["best", "last"])),
    }  # fmt: skip
    state = page.evaluate(STATE, wanted)
    if len(state["placements"]) > 3 and seed % 2:
        kept = generator.choice(state["placements"], 3, replace=False)
        state["placements"] = [name for name in state["placements"] if name in kept]
    assert state["dataset"] == wanted["dataset"] and state["part"] == wanted["part"]
    found = {name: tuple(rest) for name, *rest in page.evaluate(SELECTED, state)}
    expected = by_pandas(rows, tables["a3"] if part == "v" else None, state)
    assert found.keys() == expected.keys()
    close = 2e-4 if state["measure"] == "loss" else 0.02
    for name, numbers in expected.items():
        assert found[name][0] == numbers[0], name
        for mine, exact in zip(found[name][1:], numbers[1:], strict=True):
            assert (mine is None and np.isnan(exact)) or mine == pytest.approx(exact, abs=close), name


def test_a_link_keeps_the_selection(page, address):
    page.goto(f"{address}{ADDRESS}", wait_until="networkidle")
    page.get_by_label("Data set", exact=True).select_option("trec")
    page.get_by_label("Measure", exact=True).select_option("accuracy")
    page.get_by_label("Epoch", exact=True).select_option("last")
    page.get_by_role("button", name="No placement").click()
    expect(page.locator("#runs-plot")).to_contain_text("No pair of runs is selected")
    page.get_by_label("variational", exact=True).check()
    before = page.locator("#runs-table").inner_text()
    assert "variational" in before and "input" not in before
    link = page.get_by_role("link", name="Link to this selection").get_attribute("href")
    page.goto("about:blank")
    page.goto(f"{address}{ADDRESS}{link}", wait_until="networkidle")
    assert page.locator("#runs-table").inner_text() == before
    assert page.get_by_label("Data set", exact=True).input_value() == "trec"
    for hostile in ("#dataset=<b>&part=x&rate=9&measure=1&at=2&placements=%00", "#placements=", "#%%%"):
        page.goto("about:blank")
        page.goto(f"{address}{ADDRESS}{hostile}", wait_until="networkidle")
        assert page.locator("#runs-status").inner_text().endswith(".")


def test_the_chosen_epoch_comes_back_after_data_without_a_choice(page, address):
    page.goto("about:blank")
    page.goto(f"{address}{ADDRESS}#dataset=mr", wait_until="networkidle")
    for name, shown in (("japanese_vowels", "last"), ("mr", "best")):
        page.get_by_label("Data set", exact=True).select_option(name)
        expect(page.get_by_label("Epoch", exact=True)).to_have_value(shown)


def test_the_file_has_every_pair_and_the_command_names_a_published_run(page, address, tables):
    page.goto("about:blank")
    page.goto(f"{address}{ADDRESS}#dataset=mr&part=one+setting+for+all&measure=loss&at=best", wait_until="networkidle")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the runs as CSV").click()
    assert waiting.value.suggested_filename == "runs-mr.csv"
    lines = list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8"))))
    rows = tables["a3"]
    rows = rows[(rows["dataset"] == "mr") & (rows["placement"] != "none")]
    assert len(lines) == len(rows)
    losses = {key[:10]: loss for key, loss in zip(rows["key"], rows["nll_best"], strict=True)}
    for line in lines:
        assert float(line["loss"]) == pytest.approx(losses[line["key"]], abs=1e-4)
        assert float(line["less none"]) == pytest.approx(float(line["loss"]) - float(line["none"]), abs=2e-4)
    command = page.locator("#runs-command").inner_text()
    (key,) = re.fullmatch(r"\.venv/bin/bilstm-dropout run --published ([0-9a-f]{10})", command).groups()
    assert key in losses


def test_it_can_be_used_with_keys_alone(page, address):
    page.goto("about:blank")
    page.goto(f"{address}{ADDRESS}", wait_until="networkidle")
    page.get_by_label("Data set", exact=True).focus()
    reached = []
    for _ in range(40):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.value"))
        page.keyboard.press("Tab")
    for name in ("part", "measure", "all", "plot", "csv", "link", "run"):
        assert f"runs-{name}" in reached, name
    box = page.locator("#runs-placements input").first
    box.focus()
    page.keyboard.press("Space")
    assert not page.locator("#runs-placements input").first.is_checked()
    assert page.evaluate("document.activeElement.type") == "checkbox"


BEYOND = """() => { const box = document.querySelector('#runs-plot svg').getBoundingClientRect();
  return [...document.querySelectorAll('#runs-plot :is(text, circle, line)')].filter(mark => {
    const own = mark.getBoundingClientRect();
    return own.left < Math.max(box.left, 0) - 1 || own.right > Math.min(box.right, innerWidth) + 1;
  }).map(mark => mark.outerHTML.slice(0, 90)); }"""
WIDE = "all => all.filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.id)"
LOOK = """all => all.map(each => { const own = getComputedStyle(each);
  return ['color', 'backgroundColor', 'borderTopColor', 'borderRadius', 'fontSize'].map(name => own[name]).join(); })"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("measure", ["loss", "accuracy"])
def test_marks_names_axis_and_table_are_within_the_screen(opened, width, measure):
    with opened(f"{ADDRESS}#measure={measure}", viewport={"width": width, "height": 844}) as page:
        for part in page.locator("#runs-part option").evaluate_all("all => all.map(each => each.value)"):
            page.locator("#runs-part").select_option(part)
            assert page.evaluate(BEYOND) == [], part
            assert page.locator("#runs-plot, #runs-table").evaluate_all(WIDE) == [], part
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_picture_is_drawn_again_for_a_phone_that_is_turned(opened):
    drawn = "Number(document.querySelector('#runs-plot svg').getAttribute('width'))"
    with opened(ADDRESS, viewport={"width": 390, "height": 844}) as page:
        upright = page.evaluate(drawn)
        page.set_viewport_size({"width": 844, "height": 390})
        page.wait_for_function(f"{drawn} > {upright} + 100")
        assert page.evaluate(BEYOND) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_controls_below_the_table_look_like_those_of_the_form(opened, scheme):
    with opened(ADDRESS, color_scheme=scheme) as page:
        assert len(set(page.locator("#runs-all, #runs-csv, #runs-run, #runs-dataset").evaluate_all(LOOK))) == 1


def test_without_scripts_there_is_a_table(browser, address):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{address}{ADDRESS}")
    expect(opened.locator(".runs-static table")).to_contain_text("JapaneseVowels")
    assert not opened.locator("#run-explorer").is_visible()
    context.close()


def test_it_works_from_the_file_system(browser, built):
    context = browser.new_context()
    opened, problems = context.new_page(), []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto((built / ADDRESS).as_uri(), wait_until="load")
    expect(opened.locator("#runs-table table")).to_contain_text("less none")
    context.close()
    assert not problems
