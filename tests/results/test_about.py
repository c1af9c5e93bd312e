"""Every part has words of its own: no page says a letter."""

from bilstm_dropout.experiments.parts import PARTS
from bilstm_dropout.results.about import ABOUT, about


def test_every_part_has_words_and_no_two_the_same():
    assert set(ABOUT) == set(PARTS)
    assert len(set(ABOUT.values())) == len(ABOUT)
    assert about("b") == ABOUT["b"] and about("<b>") == "<b>"
