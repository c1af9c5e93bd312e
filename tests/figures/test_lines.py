"""Lines of differences: what is drawn where, and where names stand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from bilstm_dropout import figures
from bilstm_dropout.figures.lines import named, spread

NAMES = ("input", "input-words", "recurrent", "input-samples", "embedding-and-arguments")


def points(names=NAMES, at=(0.1, 0.5)):
    rows = [
        (name, x, down, across, number - x, number - x - 0.1, number - x + 0.2)
        for down in ("loss", "accuracy") for across in ("early", "late")
        for number, name in enumerate(names) for x in at
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["placement", "rate", "down", "across", "mean", "low", "high"])


def panels(picture):
    """(what the axis says, what the top says) to the axes."""
    count = len({axes.get_title(loc="left") for axes in picture.axes if axes.get_title(loc="left")})
    tops = [axes.get_title(loc="left") for axes in picture.axes[:count]]
    return {(axes.get_ylabel(), tops[place % count]): axes for place, axes in enumerate(picture.axes)}


def test_every_point_is_drawn_in_its_panel_in_the_colour_of_its_site():
    table = points().sample(frac=1, random_state=0)
    found = panels(figures.lines(table, "rate", "drop rate", ticks=[0.1, 0.5]))
    assert set(found) == {(down, across) for down in ("loss", "accuracy") for across in ("early", "late")}
    for (down, across), axes in found.items():
        mine = table[(table["down"] == down) & (table["across"] == across)]
        drawn = {}
        for line in axes.lines[1:]:  # the first is the zero
            assert list(line.get_xdata()) == [0.1, 0.5]
            drawn[tuple(line.get_ydata())] = to_hex(line.get_color())
        wanted = {
            tuple(each.sort_values("rate")["mean"]): figures.colour_of(name) for name, each in mine.groupby("placement")
        }
        assert drawn == {values: to_hex(colour) for values, colour in wanted.items()}
        assert len(axes.patches) == len(NAMES)  # a band each
        said = [text.get_text().replace("\n", "") for text in axes.texts]
        assert sorted(said) == sorted(NAMES)


def test_lines_of_one_colour_have_different_dashes():
    (axes, *_) = figures.lines(points(), "rate", "drop rate", ticks=[0.1]).axes
    blue = [line for line in axes.lines[1:] if to_hex(line.get_color()) == to_hex(figures.colour_of("input"))]
    assert len(blue) == 2 and blue[0]._dash_pattern != blue[1]._dash_pattern


def test_a_line_that_leaves_the_panel_has_its_value_in_its_name_and_a_single_point_its_mark():
    table = points(("input", "recurrent"))
    table = table[(table["placement"] == "input") | (table["rate"] == 0.5)]
    (axes, *_) = figures.lines(table, "rate", "drop rate", ticks=[0.1], limits={"early": (0.0, 0.6)}).axes
    assert {text.get_text() for text in axes.texts} == {"input −0.50", "recurrent"}
    assert [line.get_marker() for line in axes.lines[1:]] == ["o", "o"] and axes.get_ylim() == (0.0, 0.6)


def test_faint_points_are_thin_and_pale_without_dashes_of_their_own_and_not_named():
    table = points(("input", "input-words"))  # both in one colour
    (axes, *_) = figures.lines(table, "rate", "drop rate", ticks=[0.1], faint=table.assign(mean=9.0)).axes
    bold, pale = axes.lines[1:3], axes.lines[3:]
    assert len(pale) == 2 and {line.get_linestyle() for line in pale} == {"-"} and len(axes.texts) == 2
    assert all(line.get_linewidth() < bold[0].get_linewidth() and line.get_alpha() < 1 for line in pale)


def test_a_panel_has_the_ticks_up_to_its_last_point_by_their_names():
    (*_, axes) = figures.lines(points(), "rate", "rate", ticks={0.1: "low", 0.5: "half", 0.9: "high"}).axes
    assert list(axes.get_xticks()) == [0.1, 0.5]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["low", "half"]


@pytest.mark.parametrize("places", [[0.5, 0.5, 0.5], [0.0, 0.9, 1.0], [0.1, 0.12, 0.9], [0.98, 0.99, 1.0]])
def test_names_do_not_lie_on_each_other_and_stay_near_their_lines(places):
    found = spread(places, [0.1, 0.2, 0.1])
    assert np.all(np.diff(found) >= 0.15 - 1e-12) and max(found) <= 1
    assert np.abs(np.array(found) - places).max() <= 0.35


def test_names_that_have_room_stand_at_their_lines():
    assert spread([0.1, 0.5, 0.9], [0.1] * 3) == pytest.approx([0.1, 0.5, 0.9])
    assert spread([0.5, 0.5], [0.1, 0.1]) == pytest.approx([0.45, 0.55])


def test_long_names_are_broken_where_they_may_be():
    assert named("embedding-and-arguments") == "embedding-and-\narguments"
    assert named("recurrent-stepwise") == "recurrent-stepwise"
    assert named("input+between+output").replace("\n", "") == "input+between+output"
