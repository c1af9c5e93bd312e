"""Cards in the gallery: a line of code that runs, and a link to the chapter."""

import ast

import pytest

from bilstm_dropout.book.cards import code_of
from bilstm_dropout.dropout import TABLE, DropoutLSTM, resolve


@pytest.mark.parametrize("name", TABLE)
def test_every_placement_has_a_line_of_code(name):
    place, code = resolve(name), code_of(resolve(name))
    ast.parse(code)
    if place.keras:
        assert code == place.keras
    elif "DropoutLSTM" in code:
        rate = 0.25 if place.terms else 0.0
        names = {"DropoutLSTM": DropoutLSTM, "units": 4, "rate": rate}
        layer = eval(code.removeprefix("h = ").removesuffix("(x)"), names)
        assert layer.placement == name and layer.rate == rate
    else:
        names = {"build_classifier": lambda *given: given, "resolve": resolve, "data": None, "units": 4}
        assert eval(code.removeprefix("model = "), names) == (place, None, 4)
