"""One colour a site: every placement has one, and it can be seen on the pages that it stands on."""

from __future__ import annotations

import re

import pytest

from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.terms import SITES
from bilstm_dropout.figures.colours import (
    COLOURS,
    CONTROL,
    FAMILIES,
    NOWHERE,
    SECOND,
    SEVERAL,
    colour_of,
    family_of,
    palette,
)
from bilstm_dropout.figures.colours import family_of_site as of_site
from bilstm_dropout.figures.sites import site_map
from bilstm_dropout.figures.svg import ON_SITE, SITE_COLOURS, TEXT_COLOUR, VARIABLES, svg
from bilstm_dropout.paths import book_folder

LIGHT, DARK = ("#ffffff",), ("#121212", "#14181e")  # what figures stand on: the theme's page, and its boxes


def dark_variables() -> dict[str, str]:
    """The colours that style.css sets where the page is dark, by variable."""
    sheet = (book_folder() / "_static" / "style.css").read_text(encoding="utf-8")
    (block,) = re.findall(r'html\[data-theme="dark"\] \{([^}]*--site-[^}]*)\}', sheet)
    return dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", block))


def variable(family: str) -> str:
    """The variable by which a page replaces the colour of a family."""
    return f"--site-{family.replace(' ', '-')}"


def light(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21) and contrast("#777777", "#777777") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


# ---- who has which ----
@pytest.mark.parametrize("name", TABLE)
def test_every_placement_has_a_family_and_its_colour(name):
    assert family_of(name) in COLOURS and colour_of(name) == COLOURS[family_of(name)]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("none", NOWHERE), ("input", "input"), ("embedding-types", "input"), ("lstm-dropout-gates", "input"),
        ("input-samples", CONTROL), ("recurrent-tied", "recurrent"), ("weights", "recurrent"),
        ("zoneout", "cell and gates"), ("candidate", "cell and gates"), ("cell", "cell and gates"),
        ("between", "output"), ("output", "output"), ("combined", SEVERAL), ("variational", SEVERAL),
        ("input+recurrent", SEVERAL), ("input+lstm-dropout", "input"), ("combined@own", SEVERAL),
    ],
)  # fmt: skip
def test_placements_have_the_family_of_their_sites(name, family):
    assert family_of(name) == family


def test_every_site_has_one_family():
    sites = [site for family in FAMILIES.values() for site in family]
    assert sorted(sites) == sorted(SITES)
    assert all(site in FAMILIES[of_site(site)] for site in SITES)


def test_families_are_those_that_have_a_colour():
    assert set(FAMILIES) == set(SITE_COLOURS) and set(COLOURS) == {*FAMILIES, SEVERAL, NOWHERE, CONTROL}
    assert len({COLOURS[family] for family in (*FAMILIES, SEVERAL, NOWHERE)}) == len(FAMILIES) + 2


# ---- how they are seen ----
def test_the_style_sheet_has_the_colours_that_figures_ask_for():
    asked = {f"--{name}" for name, _ in VARIABLES.values()}
    assert {variable(family) for family in SITE_COLOURS} | {"--on-site"} == asked == set(dark_variables())
    assert all(VARIABLES[colour] == (variable(family)[2:], colour) for family, colour in SITE_COLOURS.items())


def test_a_picture_takes_the_colours_of_its_page():
    picture = svg(site_map(resolve("recurrent")), "A map")
    used = set(re.findall(r"var\((--c\d)\)", picture))
    assert used and all(re.search(rf"{name}:var\(--[a-z-]+,#[0-9a-f]{{6}}\)", picture) for name in used)
    assert f"var({variable('recurrent')},{SITE_COLOURS['recurrent']})" in picture


@pytest.mark.parametrize("family", COLOURS)
def test_colours_are_seen_on_both_pages(family):
    colour = COLOURS[family]
    if colour == TEXT_COLOUR:  # stands for the page's own
        return
    assert min(contrast(colour, page) for page in LIGHT) >= 3
    assert min(contrast(dark_variables().get(variable(family), colour), page) for page in DARK) >= 3


@pytest.mark.parametrize("family", SITE_COLOURS)
def test_words_are_read_on_marks_and_in_their_colours(family):
    dark = dark_variables()
    assert contrast(SITE_COLOURS[family], ON_SITE) >= 4.5
    assert contrast(dark[variable(family)], dark["--on-site"]) >= 4.5


def test_two_placements_of_several_sites_are_told_apart_in_one_picture():
    found = palette(["none", "input", "combined", "variational"])
    assert found == {"none": COLOURS[NOWHERE], "input": COLOURS["input"], "combined": SECOND,
                     "variational": COLOURS[SEVERAL]}  # fmt: skip
    assert palette(["input", "combined"])["combined"] == COLOURS[SEVERAL] and palette([]) == {}
    assert SECOND not in COLOURS.values() and min(contrast(SECOND, page) for page in (*LIGHT, *DARK)) >= 3
