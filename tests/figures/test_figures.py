"""Figures: every one draws, reads aloud, keeps outside text as text, and shares no id with another."""

import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from support.html import Page

from bilstm_dropout import figures
from bilstm_dropout.book import show
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.terms import SITES
from bilstm_dropout.figures.masks import values
from bilstm_dropout.figures.sites import NAMES
from bilstm_dropout.figures.style import new_figure, plain
from bilstm_dropout.figures.svg import TEXT_COLOUR
from bilstm_dropout.wording import markdown_safe

HOSTILE = "<script>alert(1)</script> $x$ \"'&\x00"
CLASS_NAMES = ("$\\frac{", "<script>", "{{ 1/0 }}", "$x$")
# Sizes of a small mask: every axis of every site.
SIZES = {"direction": 2, "sample": 3, "step": 5, "gate": 4, "row": 4, "type": 6, "feature": 4}


def results(names=("vowels", "recall"), placements=("input", "recurrent")):
    """Differences by placement and data set, with the ends of their intervals."""
    draw = np.random.default_rng(0).normal
    rows = [
        {"dataset": name, "placement": placement, "row": placement} | dict.fromkeys(("loss_low", "loss_high"), 0.01)
        for name in names for placement in placements
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(loss=lambda table: 0.01 * draw(size=len(table)))


def heat(frame):
    return figures.heat_map(frame, "loss", 0.02, 3, "loss")


def mask_of(term, rate=0.25):
    sizes = SIZES | ({"gate": 3} if term.site == "gates" else {})
    return figures.mask_picture(term, np.random.default_rng(0).random(term.shape(sizes)) > rate, sizes, rate)


def grid(kept):
    columns = ["one", "two"][: len(kept)]
    return figures.mask_grid({"first": kept, "second": ~kept}, columns, [list("abc")] * len(kept), "#1f74b8")


def every_figure():
    frame = results()
    yield "site map", figures.site_map()
    yield "ranges", figures.ranges(frame[frame["dataset"] == "recall"], {"loss": "loss"}, ["input", "recurrent"])
    yield "heat map", heat(frame)
    yield "mask", mask_of(resolve("recurrent").terms[0])
    yield "masks", grid(np.array([[[True, False], [True, True], [True, True]]] * 2))


@pytest.fixture(scope="module")
def pages():
    return {name: figures.figure_html(figure, f"alt of {name}", "caption") for name, figure in every_figure()}


def test_every_figure_is_one_described_image(pages):
    for name, page in pages.items():
        parsed = Page(page)
        (image,) = parsed.of("svg")
        assert (
            image["role"] == "img" and image["aria-label"] == f"alt of {name}" and image["width"] == "100%"
        ), name
        assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", image["viewbox"])
        assert parsed.of("figure")[0]["role"] == "group" and "caption" in parsed.text
        assert not {"script", "style", "metadata", "foreignobject"} & {tag for tag, _ in parsed.tags}
        assert "<?xml" not in page and "<!DOCTYPE" not in page and "xlink" not in page and "http" not in page


def test_text_takes_the_pages_colour(pages):
    for page in pages.values():
        assert TEXT_COLOUR not in page
        assert "fill: currentColor" in page


def test_no_two_figures_share_an_id(pages):
    ids = [name for page in pages.values() for name in Page(page).ids()]
    assert len(ids) == len(set(ids)) > 0
    again = Page(figures.figure_html(heat(results()), "alt of heat map")).ids()
    assert again and not set(again) & set(ids)


def test_every_reference_finds_its_id(pages):
    for page in pages.values():
        assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', page)) == set(Page(page).ids())


def test_bytes_repeat_in_another_process():
    code = (
        "from bilstm_dropout import figures; from bilstm_dropout.dropout import placements; "
        "print(figures.svg(figures.site_map(placements.resolve('input')), 'the same bytes'))"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = figures.svg(figures.site_map(resolve("input")), "the same bytes")
    assert there.strip() == here


def test_figures_import_without_tensorflow():
    code = (
        "import sys; from bilstm_dropout import figures, stats; from bilstm_dropout.book import show; "
        "sys.exit(bool({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_hostile_labels_stay_text():
    page = figures.figure_html(heat(results((HOSTILE, "recall"))), alt=HOSTILE, caption=HOSTILE)
    parsed = Page(page)
    assert not parsed.of("script")
    assert parsed.of("svg")[0]["aria-label"].startswith("<script>alert(1)</script> $x$ \"'&")
    assert parsed.text.count("$x$") == 2 and "<script>alert(1)</scr" in parsed.text
    with figures.style():
        figure, axes = new_figure(2)
        axes[0, 0].set_title(plain("$x$ and $y$"))
    assert "$x$ and $y$" in Page(figures.svg(figure, "alt")).text


def test_names_of_classes_and_placements_are_never_mathematics():
    figure = heat(results(CLASS_NAMES[:2]))
    parsed = Page(figures.figure_html(figure, alt=CLASS_NAMES[1], caption=CLASS_NAMES[2]))
    assert all(name in parsed.text for name in CLASS_NAMES[:2]) and not parsed.of("script")


def test_control_characters_in_a_label_cannot_break_the_picture():
    with figures.style():
        figure, axes = new_figure(2)
        axes[0, 0].set_xlabel("a\x08b")
    assert "ab" in Page(figures.svg(figure, "alt")).text


def test_a_figure_needs_a_description():
    with pytest.raises(ValueError, match="alt"):
        show.figure(figures.site_map(), alt=" ")


def test_nothing_needs_sideways_scrolling_on_a_phone(pages):
    assert all("min-width:0px" in page for name, page in pages.items() if name != "heat map")  # that one scrolls


def test_users_matplotlib_settings_come_back():
    import matplotlib

    before = dict(matplotlib.rcParams)
    figures.svg(heat(results()), "alt")
    assert dict(matplotlib.rcParams) == before


def relative_luminance(colour):
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("page", ["#ffffff", "#14181e"])
@pytest.mark.parametrize("colour", figures.PALETTE)
def test_palette_reads_in_light_and_dark(colour, page):
    low, high = sorted((relative_luminance(colour), relative_luminance(page)))
    assert (high + 0.05) / (low + 0.05) >= 3


# ---- the site map and the masks
# ----------------------------------------------------------------------------------
def test_every_site_is_on_the_map():
    assert set(NAMES) == set(SITES)
    text = Page(figures.svg(figures.site_map(), "alt")).text
    assert all(site in text for site in SITES)
    assert all(site in figures.site_map_alt() for site in SITES)


def marks(name):
    """The numbers on a placement's filled marks, in the order drawn."""
    page = figures.svg(figures.site_map(resolve(name)), "alt")
    return [int(number) for number in re.findall(r"<text [^>]*fill: var\(--c0\)[^>]*>(\d)</text>", page)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("none", []),
        ("input", [1, 1, 2, 2, 3, 3]),  # a draw a step, the same for both directions
        ("input-spatial", [1] * 6),
        ("lstm-dropout", [1, 2] * 3),  # a draw a direction, the same at every step
        ("recurrent", [1, 2, 1, 2]),
        ("recurrent-stepwise", [1, 2, 3, 4]),
        ("embedding-types", [1, 2, 1]),  # the first and the last word are the same
        ("output", [1]),
        ("gates", [1, 2, 3]),
    ],
)
def test_equal_numbers_share_a_draw(name, expected):
    assert marks(name) == expected


@pytest.mark.parametrize("name", TABLE)
def test_every_placement_has_a_map_and_pictures(name):
    placement = resolve(name)
    figures.svg(figures.site_map(placement), figures.site_map_alt(placement))
    for term in placement.terms:
        picture = Page(figures.svg(mask_of(term), figures.mask_alt(term, 0.25)))
        assert all(word in picture.text for word in values(term, 0.25))


def test_sharing_in_words():
    assert figures.sharing(resolve("recurrent").terms[0]) == (
        "A draw of its own for each direction, sample, gate and feature; one draw for all steps."
    )
    assert (
        figures.sharing(resolve("output").terms[0])
        == "A draw of its own for each sample and feature: no axis shares."
    )


# ---- tables and text
# ---------------------------------------------------------------------------------------------
def test_tables_name_rows_and_columns_and_escape_cells():
    frame = pd.DataFrame({"name": [HOSTILE, "b"], "nll": [0.12345, np.nan], "seeds": [3, 4]})
    parsed = Page(show.table_html(frame, caption=HOSTILE))
    assert [cell.get("scope") for cell in parsed.of("th")] == ["col"] * 3 + ["row"] * 2
    assert not parsed.of("script") and parsed.of("caption")
    assert "0.1235" in parsed.text and "–" in parsed.text
    box = parsed.of("div")[0]
    assert "overflow-x:auto" in box["style"] and box["tabindex"] == "0" and box["role"] == "region"


def test_in_blocks_each_cell_has_the_name_of_its_column():
    frame = pd.DataFrame({"name": ["a"], HOSTILE: [0.5]})
    parsed = Page(show.table_html(frame, caption="c", blocks=True))
    (cell,) = parsed.of("td")
    assert cell["data-label"].startswith(HOSTILE[:20]) and not parsed.of("script")
    assert "blocks" in parsed.of("table")[0]["class"]
    assert "data-label" not in Page(show.table_html(frame, caption="c")).of("td")[0]


def test_markdown_from_outside_has_no_markup():
    assert markdown_safe("<b>*x*</b> [a](b) $y$") == r"&lt;b&gt;\*x\*&lt;/b&gt; \[a\]\(b\) \$y\$"


def test_a_grid_of_masks_has_a_box_for_every_number_where_it_belongs():
    kept = np.array([[[True, False], [True, True], [False, True]], [[False, False], [True, False], [True, True]]])
    picture = grid(kept)
    filled, empty = (patch.get_path().vertices.reshape(-1, 5, 2) for patch in picture.axes[0].patches)
    assert len(filled) == len(empty) == kept.size  # the second mask is the first one turned round
    across = {round(float(each), 6) for each in filled[:, 0, 0]}
    assert len(across) == 6 and len({round(float(each), 6) for each in filled[:, 0, 1]}) == 4
    names = [text for text in picture.axes[0].texts if text.get_text() in ("first", "second")]
    upper = max(names, key=lambda text: text.get_position()[1])
    assert upper.get_text() == "first"
    top_left = filled[np.lexsort((filled[:, 0, 0], -filled[:, 0, 1]))[0], 0]  # the second feature of the first step
    assert top_left[0] > min(across) and not kept[0, 0, 1]
    labels = [text.get_text() for text in picture.axes[0].texts if text.get_text() in "abc"]
    assert labels == list("abcabc")


def test_the_map_of_all_sites_has_the_colour_of_each_and_that_of_none_has_no_colour():
    every, none = (figures.svg(figures.site_map(place), "alt") for place in (None, resolve("none")))
    assert all(f"--site-{name}" in every for name in ("input", "recurrent", "output", "cell-and-gates"))
    assert "--site-" not in none


def test_groups_that_say_nothing_are_not_there_and_what_they_held_is():
    figure, grid = new_figure(2)
    grid[0, 0].plot([0, 1], [0, 1], label="a line")
    page = figures.svg(figure, "alt")
    assert "<g>" not in page and page.count("<path") >= 3 and "text-anchor: start" not in page


def test_a_star_stands_beside_what_is_called_clear():
    rows = [("input", 0.01, True), ("recurrent", 0.02, False), ("output", 0.03, float("nan"))]
    frame = pd.DataFrame([
        {"row": row, "loss": loss, "loss_low": loss - 0.01, "loss_high": loss + 0.01, "loss_clear": clear}
        for row, loss, clear in rows
    ])
    axes = figures.ranges(frame, {"loss": "loss"}, [row for row, *_ in rows]).axes[0]
    stars = [line for line in axes.lines if isinstance(line.get_marker(), tuple)]
    assert [[*map(float, line.get_xydata()[0])] for line in stars] == [[0.02, 0.0]]  # at the right end, in its row
    plain = figures.ranges(frame.drop(columns="loss_clear"), {"loss": "loss"}, ["input"]).axes[0]
    assert not [line for line in plain.lines if isinstance(line.get_marker(), tuple)]
