"""Options of data sets: their defaults, what is allowed, and a line that says so otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real

from ..errors import UserError, unknown


@dataclass(frozen=True)
class Whole:
    """An option that is a whole number from `least` to `most`; a bool, text or 20.0 is refused."""

    default: int
    meaning: str
    least: int
    most: int

    def allowed(self) -> str:
        """What may be given, in words."""
        return f"a whole number from {self.least} to {self.most}"

    def accept(self, value: object) -> int | None:
        """The value as int, or None where it is not allowed."""
        fits = (
            isinstance(value, Integral) and not isinstance(value, bool) and self.least <= value <= self.most
        )
        return int(value) if fits else None


@dataclass(frozen=True)
class Share:
    """An option that is a number from 0 to below `limit`; a bool, text, infinity or NaN is refused."""

    default: float
    meaning: str
    limit: float

    def allowed(self) -> str:
        """What may be given, in words."""
        return f"a number from 0 to below {self.limit:g}"

    def accept(self, value: object) -> float | None:
        """The value as float (-0.0 becomes 0.0: the same data, spelt once), or None where not allowed."""
        # NaN and infinity fail the comparison.
        fits = isinstance(value, Real) and not isinstance(value, bool) and 0 <= value < self.limit
        return abs(float(value)) if fits else None


@dataclass(frozen=True)
class Choice:
    """An option that is one of a few words."""

    default: str
    meaning: str
    words: tuple[str, ...]

    def allowed(self) -> str:
        """What may be given, in words."""
        return "one of " + ", ".join(self.words)

    def accept(self, value: object) -> str | None:
        """The word, or None where it is not allowed."""
        return str(value) if isinstance(value, str) and value in self.words else None


Option = Whole | Share | Choice


def complete(dataset: str, table: dict[str, Option], given: dict[str, object]) -> dict[str, object]:
    """All options of `dataset` in the table's order: what was given, checked, and the defaults of the rest.

    Equal data is spelt equally: values come back as plain int, float and str. UserError for an option that
    the data set does not have and for a value that is not allowed.
    """
    if not isinstance(given, Mapping):
        raise UserError(
            f"The options of the data set {dataset} cannot be {str(given)[:80]!r}; allowed is a mapping of "
            f"names to values, the names being: {', '.join(table) or 'none'}."
        )
    for name in given:
        if name not in table:
            if not table:
                raise UserError(
                    f"The data set {dataset} has no options, but {str(name)[:80]!r} was given. Leave it out."
                )
            raise unknown(f"option of the data set {dataset}", name, table)
    values = {}
    for name, option in table.items():
        values[name] = option.default
        if name in given:
            values[name] = option.accept(given[name])
            if values[name] is None:
                raise UserError(
                    f"The data set {dataset} cannot take {name} = {str(given[name])[:80]!r}; allowed is "
                    f"{option.allowed()}. Change it, or leave it out for {option.default!r}."
                )
    return values
