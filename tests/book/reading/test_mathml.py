"""Formulas are MathML when the book is built; one that cannot be read is said, and stops the build."""

import re

import pytest

from bilstm_dropout.book.reading.formula import mathml
from bilstm_dropout.dropout import placements
from bilstm_dropout.dropout.terms import SITES
from bilstm_dropout.errors import UserError


def test_every_formula_of_the_tables_can_be_shown():
    for tex in [entry.equation for entry in placements.TABLE.values()] + [site.symbol for site in SITES.values()]:
        made = mathml(tex, display=True)
        assert made.startswith("<math") and "merror" not in made and "\\" not in made


def test_lines_are_aligned():
    made = mathml(r"a &= b \\ c &= d", display=True)
    assert made.count("<mtr>") == 2 and "&amp;" not in made
    assert mathml(r"\begin{aligned}a &= b \\ c &= d\end{aligned}", display=True) == made


def test_a_formula_in_a_line_is_no_block():
    assert "block" in mathml("x", display=True) and "block" not in mathml("x")


def test_what_cannot_be_read_is_one_line_with_the_formula():
    with pytest.raises(UserError, match=re.escape(repr(r"\nosuchthing x"))) as raised:
        mathml(r"\nosuchthing x")
    assert "\n" not in str(raised.value)


def test_a_formula_cannot_bring_its_own_elements():
    assert "<script" not in mathml(r"\text{<script>alert(1)</script>}")
