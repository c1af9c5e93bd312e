"""Options of data sets: their defaults, what is allowed, and a line that says so otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError

from ..errors import UserError, brief, unknown


@dataclass(frozen=True)
class Option:
    """An option of a data set. allowed: what may be given, in words. form: the same, as pydantic has it. later: it was
    added after results were published, so at its default it is not spelt out, and what was there keeps its identity.
    """

    default: int | float | str
    meaning: str
    allowed: str
    form: TypeAdapter
    later: bool = False

    def accept(self, value: object) -> int | float | str | None:
        """The value as plain int, float or str, or None where it is not allowed."""
        try:
            return self.form.validate_python(value)
        except ValidationError:
            return None


def whole(default: int, meaning: str, least: int, most: int) -> Option:
    """An option that is a whole number from `least` to `most`; a bool, text or 20.0 is refused."""
    form = Annotated[int, Field(strict=True, ge=least, le=most), BeforeValidator(plain)]
    return Option(default, meaning, f"a whole number from {least} to {most}", TypeAdapter(form))


def share(default: float, meaning: str, limit: float) -> Option:
    """An option that is a number from 0 to below `limit`; a bool, text, infinity or NaN is refused."""
    # -0.0 becomes 0.0: the same data, spelt once.
    form = Annotated[float, Field(strict=True, ge=0, lt=limit), BeforeValidator(_real), AfterValidator(abs)]
    return Option(default, meaning, f"a number from 0 to below {limit:g}", TypeAdapter(form))


def choice(default: str, meaning: str, words: tuple[str, ...]) -> Option:
    """An option that is one of a few words."""
    return Option(default, meaning, "one of " + ", ".join(words), TypeAdapter(Literal[words]))


def plain(value: object) -> object:
    """A NumPy number as the Python number it stands for."""
    return value.item() if isinstance(value, np.generic) else value


def _real(value: object) -> object:
    # pydantic takes whatever can be made a float, an array and NumPy's truth values among them.
    if not isinstance(value, Real):
        raise ValueError("no number")
    return value


def complete(dataset: str, table: dict[str, Option], given: dict[str, object]) -> dict[str, object]:
    """All options of `dataset` in the table's order: what was given, checked, and the defaults of the rest, but for
    options that are `later` and at their default.

    Equal data is spelt equally: values come back as plain int, float and str. UserError for an option that
    the data set does not have and for a value that is not allowed.
    """
    if not isinstance(given, Mapping):
        raise UserError(
            f"The options of the data set {dataset} cannot be {brief(given)!r}; allowed is a mapping of "
            f"names to values, the names being: {', '.join(table) or 'none'}."
        )
    for name in given:
        if name not in table:
            if not table:
                raise UserError(f"The data set {dataset} has no options, but {brief(name)!r} was given. Leave it out.")
            raise unknown(f"option of the data set {dataset}", name, table)
    values = {}
    for name, option in table.items():
        values[name] = option.accept(given[name]) if name in given else option.default
        if values[name] is None:
            raise UserError(
                f"The data set {dataset} cannot take {name} = {brief(given[name])!r}; allowed is "
                f"{option.allowed}. Change it, or leave it out for {option.default!r}."
            )
        if option.later and values[name] == option.default:
            del values[name]
    return values
