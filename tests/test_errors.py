"""One line for whatever was given: near matches, what is allowed, and values that cannot be written out whole."""

import subprocess
import sys

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bilstm_dropout import errors
from bilstm_dropout.errors import UserError, brief, from_validation, unknown

ITSELF: list = []
ITSELF.append(ITSELF)
BOMB: list = ["x"] * 9
for _ in range(12):  # written out it would have 9 ** 13 letters
    BOMB = [BOMB] * 9


class Sizes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    units: int = Field(default=1, ge=1, le=100)
    rate: float = 0.5

    @field_validator("rate")
    @classmethod
    def _low(cls, value):
        if value > 1:
            raise UserError("The rate is too high.")
        return value


ALLOWED = {"units": "a whole number of at least 1", "rate": "a number up to 1"}


def said(**values) -> str:
    with pytest.raises(ValidationError) as caught:
        Sizes(**values)
    return str(from_validation(caught.value, ALLOWED))


def test_what_pydantic_says_is_said_in_one_line():
    assert said(units=0) == "units: '0' is not allowed. Allowed: a whole number of at least 1."
    assert said(unit=0) == "Unknown parameter 'unit'. Did you mean units? Allowed: units, rate."
    assert said(units=0, unit=0).startswith("Unknown parameter 'unit'")
    assert said(rate=2) == "The rate is too high."


def test_what_was_given_is_shown_rather_than_what_was_read():
    with pytest.raises(ValidationError) as caught:
        Sizes(units=[1])
    shown = from_validation(caught.value, ALLOWED, given={"units": "[1]"})
    assert isinstance(shown, UserError) and str(shown).startswith("units: '[1]' is not allowed.")


class Broken:
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    ["x\n" * 10**6, b"\xff" * 10**6, 10**5000, -(10**5000), [10**5000], {"a": 10**5000}, ITSELF, {"a": ITSELF}, BOMB,
     {"recall": BOMB}, "\ud800", Broken(), None, 0.5, list(range(10**5))],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_any_value_is_shown_in_one_short_line(value):
    assert len(brief(value)) <= 80
    for error in (unknown("placement", value, ["none"]), errors.not_allowed("units", value, "numbers")):
        assert "\n" not in str(error) and len(str(error)) < 500
    if value != 0.5:
        assert "\n" not in said(units=value)


def test_errors_are_there_where_nothing_is_installed():
    code = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('errors', sys.argv[1]);"
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module);"
        "print(module.unknown('a', 1, 'b'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, errors.__file__], capture_output=True, text=True, check=True
    )
    assert done.stdout == "Unknown a '1'. Allowed: b.\n"
