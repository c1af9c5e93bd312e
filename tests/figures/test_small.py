"""The small drawing on a card: every site has a place, and what is masked is marked and said."""

from xml.etree import ElementTree

import pytest

from bilstm_dropout.dropout import SITES, TABLE, resolve
from bilstm_dropout.figures.small import HEIGHT, PLACES, WIDTH, small_map


def test_every_site_lies_inside_and_apart_from_the_others():
    assert PLACES.keys() == SITES.keys() and len(set(PLACES.values())) == len(SITES)
    assert all(8 < x < WIDTH - 8 and 8 < y < HEIGHT - 8 for x, y in PLACES.values())


@pytest.mark.parametrize("name", TABLE)
def test_masked_sites_are_coloured_and_named(name):
    root = ElementTree.fromstring(small_map(resolve(name)))
    sites = {term.site for term in resolve(name).terms}
    marks = [each for each in root.iter("circle") if each.get("fill").startswith("var(--site-")]
    assert {(int(each.get("cx")), int(each.get("cy"))) for each in marks} == {PLACES[site] for site in sites}
    assert {each.text for each in root.iter("text")} == sites
    assert all(site in root.get("aria-label") for site in sites) and len(small_map(resolve(name))) < 4_000
