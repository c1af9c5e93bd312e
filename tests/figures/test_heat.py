"""The picture of all placements by data sets: what is coloured, what is grey, and what is written."""

import math
import re

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from support.html import Page

from bilstm_dropout import figures
from bilstm_dropout.figures import heat

HOSTILE = "<script>alert(1)</script> $x$ {{ 1/0 }}"
ROWS = [
    ("output", "MR", -0.02, -0.03, -0.01),  # clear, inside the scale
    ("input", "MR", -0.5, -0.6, -0.4),  # clear, far beyond it
    ("recurrent", "MR", 0.03, -0.01, 0.07),  # unclear
    ("input", HOSTILE, 0.01, math.nan, math.nan),  # one run alone has no interval
    ("cell", HOSTILE, 0.2, 0.1, 0.3),
]
TABLE = pd.DataFrame(ROWS, columns=["placement", "dataset", "loss", "loss_low", "loss_high"])


@pytest.fixture(scope="module")
def picture():
    return figures.heat_map(TABLE, "loss", 0.04, 2, "loss (nats)")


def cells(picture):
    """(placement, data set) to the colour there, and to the text."""
    axes = picture.axes[0]
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    columns = [tick.get_text() for tick in axes.get_xticklabels()]
    mesh = axes.collections[0]
    faces = mesh.to_rgba(mesh.get_array()).reshape(len(names), len(columns), 4)
    texts = {tuple(int(each) for each in text.get_position()): text.get_text() for text in axes.texts}
    return {
        (name, columns[place]): (to_hex(faces[row, place]) if faces[row, place, 3] else "", texts[place, row])
        for row, name in enumerate(names) for place in range(len(columns))
    }  # fmt: skip


def test_a_cell_is_coloured_where_its_interval_leaves_out_zero_and_grey_elsewhere(picture):
    found, other = cells(picture), heat.plain(HOSTILE, 40).replace(" (", "\n(")
    assert found["recurrent", "MR"] == (heat.UNCLEAR, "+0.03")
    assert found["input", other] == (heat.UNCLEAR, "+0.01")
    assert found["input", "MR"] == (heat.LOW, "−0.50") and found["cell", other] == (heat.HIGH, "+0.20")
    colour, text = found["output", "MR"]
    assert text == "−0.02" and colour not in (heat.LOW, heat.MIDDLE, heat.HIGH, heat.UNCLEAR)
    assert found["cell", "MR"] == ("", "–") and found["recurrent", other] == ("", "–")


def test_rows_go_by_site_each_named_once():
    found = heat.rows_by_site(["output", "none", "input+output", "cell", "lstm-dropout", "input", "input-samples"])
    assert found == [
        ("input", ""), ("input", "input"), ("input", "lstm-dropout"), ("output", ""), ("output", "output"),
        ("cell and gates", ""), ("cell and gates", "cell"), ("several sites", ""), ("several sites", "input+output"),
        ("negative control", ""), ("negative control", "input-samples"),
    ]  # fmt: skip


def test_what_is_not_seen_takes_no_room(picture):
    drawing = figures.svg(picture, "alt")
    paths = [each["style"] for each in Page(drawing).of("path") if "fill: none" in each.get("style", "")]
    assert all("stroke" in style for style in paths) and "rotate(-0" not in drawing and "rotate(-40" in drawing


def test_columns_beyond_the_eight_that_fit_have_room():
    many = pd.concat([TABLE.assign(dataset=f"set {number} (your runs)") for number in range(10)])
    wide = figures.heat_map(many.drop_duplicates(["placement", "dataset"]), "loss", 0.04, 2, "loss")
    assert wide.get_figwidth() == pytest.approx(heat.COLUMN + 2 * 0.75)
    assert wide.axes[0].get_xticklabels()[3].get_text() == "set 3\n(your runs)"


def test_a_limit_is_above_zero():
    with pytest.raises(ValueError, match="above 0"):
        figures.heat_map(TABLE, "loss", 0, 2, "loss")


def test_hostile_names_stay_text_and_every_word_reads_on_its_cell(picture):
    html = figures.figure_html(picture, alt=HOSTILE)
    page = Page(html)
    assert not page.of("script") and "<script>alert(1)</script>"[:20] in page.text and "$x$" not in page.of("svg")[0]
    assert len(re.findall(heat.WORDS, html)) == len(ROWS)  # the dashes have the page's own colour
    luminance = [sum(int(each[n : n + 2], 16) for n in (1, 3, 5)) / 765 for each in (heat.LOW, heat.HIGH, heat.UNCLEAR)]
    assert min(luminance) > 0.5
