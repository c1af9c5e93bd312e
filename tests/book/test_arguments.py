"""What a notebook is called with: read from its typed cell, refused in one line, before anything slow is imported."""

from __future__ import annotations

import json

import pytest

from bilstm_dropout.book.arguments import given_parameters, one_of, parameters, several
from bilstm_dropout.errors import UserError
from bilstm_dropout.files.reading import read_value


def namespace(cell: str, injected: str = "", later: str = "") -> dict:
    """A notebook's globals in IPython once its first cells have run, or without IPython where no cell is injected."""
    found: dict = {}
    for source in filter(None, (cell, injected, later)):
        exec(source, found)
    return found | {"In": ["", cell, *filter(None, (injected, later))], "Out": {}, "_i": cell, "_": ""}


CELL = "rate: float = 0.25\nseed: int = 0\nnames: list = None"
CHECK = one_of(rate=(0.1, 0.25), seed=range(1000), names=[["a"], ["a", "b"]])


# ---- which names there are ----
def test_what_the_cell_says_is_checked_without_what_is_none():
    assert parameters(namespace(CELL), CHECK) == {"rate": 0.25, "seed": 0}
    assert parameters(namespace(CELL), dict) == {"rate": 0.25, "seed": 0}


def test_what_papermill_sets_replaces_it():
    injected = "# Parameters\nrate = 0.1\nnames = '[\"a\"]'\n"
    assert parameters(namespace(CELL, injected), CHECK) == {"rate": 0.1, "seed": 0, "names": ["a"]}


@pytest.mark.parametrize("name", ["rates", "Seed", "dataset"])
def test_a_name_that_there_is_not_is_refused(name):
    with pytest.raises(UserError, match=f"Unknown parameter '{name}'") as raised:
        parameters(namespace(CELL, f"# Parameters\n{name} = 3"), CHECK)
    assert "Allowed: rate, seed, names" in str(raised.value) and "\n" not in str(raised.value)


def test_the_cell_can_run_again_when_later_cells_have_names_of_their_own():
    assert parameters(namespace(CELL, later="frame = 3\nlimits = [1]"), CHECK) == {"rate": 0.25, "seed": 0}
    again = namespace(CELL, "# Parameters\nseed = 7", later="frame = 3")
    assert parameters(again, CHECK) == {"rate": 0.25, "seed": 7}


def test_a_cell_of_the_reader_with_nearly_the_same_beginning_sets_no_parameters():
    again = namespace(CELL, "# Parameters\nseed = 7", later="# Parameters of the figure\nwidth = 3")
    assert parameters(again, CHECK) == {"rate": 0.25, "seed": 7}


def test_where_no_cells_are_known_every_plain_name_is_a_parameter():
    plain = {"__annotations__": {"rate": float}, "rate": 0.1, "json": json, "__name__": "x", "_3": 4}
    assert parameters(plain, CHECK) == {"rate": 0.1}
    with pytest.raises(UserError, match="'rates'"):
        parameters(plain | {"rates": [1]}, CHECK)


def test_a_notebook_without_parameters_has_none():
    assert parameters({"In": [""], "Out": {}}, dict) == {}


def test_what_the_check_refuses_stays_refused():
    def check(**given):
        raise UserError("no")

    with pytest.raises(UserError, match=r"^no$"):
        parameters(namespace(CELL), check)


# ---- which values ----
@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"rate": 0.1}, {"rate": 0.1}),
        ({"rate": "0.25"}, {"rate": 0.25}),  # papermill -p gives a number, -r the text
        ({"seed": 999}, {"seed": 999}),
        ({"seed": "3"}, {"seed": 3}),
        ({"seed": 3.0}, {"seed": 3}),
        ({"names": '["a", "b"]'}, {"names": ["a", "b"]}),
        ({}, {}),
    ],
)
def test_allowed_values_are_given_by_name(given, found):
    read = CHECK(**given)
    assert read == found and all(type(read[name]) is type(found[name]) for name in found)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rate": 0.3}, "rate: '0.3' is not allowed. Allowed: 0.1, 0.25."),
        ({"rate": "high"}, "rate: 'high' is not allowed"),
        ({"rate": [0.1]}, "rate: '[0.1]' is not allowed"),
        ({"rate": float("nan")}, "rate: 'nan' is not allowed"),
        ({"rate": "{"}, "rate: '{' is not allowed"),
        ({"seed": 1000}, "seed: '1000' is not allowed. Allowed: a whole number from 0 to 999."),
        ({"seed": -1}, "seed: '-1'"),
        ({"seed": 0.5}, "seed: '0.5'"),
        ({"seed": True}, "seed: 'True'"),
        ({"seed": "true"}, "seed: 'True'"),
        ({"seed": "null"}, "seed: 'None'"),
        ({"seed": 10**6000}, "seed: "),
        ({"seed": "[" * 100_000}, "seed: "),
        ({"seed": "x\ny" * 1000}, "seed: "),
    ],
)
def test_other_values_are_refused_in_one_short_line(given, words):
    with pytest.raises(UserError) as raised:
        CHECK(**given)
    message = str(raised.value)
    assert message.startswith(words) and "\n" not in message and len(message) < 250


def test_a_name_that_nothing_is_allowed_for_is_refused():
    # A later cell that annotates a name makes it look like a parameter.
    with pytest.raises(UserError, match=r"Unknown parameter 'width'.* Allowed: rate, seed, names"):
        CHECK(rate=0.1, width=3)


def test_truth_values_are_no_numbers_and_can_be_allowed():
    check = one_of(early=(True, False), seed=(0, 1))
    assert check(early=True, seed=1) == {"early": True, "seed": 1} and check(early="false") == {"early": False}
    for bad in ({"early": 1}, {"seed": False}):
        with pytest.raises(UserError):
            check(**bad)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"forms": "all"}, ["none", "gates", "cell"]), ({"forms": "gates"}, ["gates"]),
        ({"forms": '["cell", "none", "cell"]'}, ["none", "cell"]), ({"forms": ("gates",)}, ["gates"]),
        ({"forms": ["all"]}, None), ({"forms": []}, None), ({"forms": ["gate"]}, None), ({"forms": [["gates"]]}, None),
        ({"forms": "[" * 100_000}, None), ({"forms": 3}, None), ({"forms": {"gates": 1}}, None),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_several_values_are_taken_in_their_order(given, taken):
    check = one_of(forms=several(("none", "gates", "cell")))
    if taken is not None:
        assert check(**given) == {"forms": taken}
        return
    with pytest.raises(UserError, match="Allowed: all, or several of none, gates, cell") as raised:
        check(**given)
    assert "\n" not in str(raised.value)


# ---- reading ----
@pytest.mark.parametrize(
    ("value", "read"),
    [("[1, 2]", [1, 2]), ("input", "input"), ("3", 3), ('"3"', "3"), (3, 3), ([1], [1]), ("", ""), ("{", "{")],
)
def test_texts_are_read_as_json_where_they_are_json(value, read):
    assert read_value(value) == read


def test_ipython_s_own_names_are_no_parameters():
    own = {"In": [], "Out": {}, "exit": 1, "_": "", "__": "", "_i": "", "_ii": "", "_i12": "", "_12": 1, "_dh": []}
    assert given_parameters(own | {"rate": 0.1, "_mine": 2, "module": json}) == {"rate": 0.1, "_mine": 2}
