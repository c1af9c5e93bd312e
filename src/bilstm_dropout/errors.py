"""Errors that a user can cause: one line that says what was wrong, what is allowed and what to do next.

The standard library alone is imported here: the probe of other Keras versions runs where nothing else is installed.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import islice

_MOST_SHOWN = 80


class UserError(ValueError):
    """Something the caller gave cannot be used. The text is one line, fit to be shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython, and so a notebook, shows in place of the frames that lead here."""
        return [f"{type(self).__name__}: {self}"]


class _Brief(reprlib.Repr):
    """Lists and dictionaries by their beginnings: a small one can hold itself, or stand for a very large text."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 20
        self.maxlong = self.maxstring = self.maxother = _MOST_SHOWN

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python writes no number of more than 4300 digits
            return f"a whole number of {x.bit_length()} bits"


_brief = _Brief()


def brief(value: object) -> str:
    """What was given as a text of at most 80 characters, in little time however large it is; not yet in quotes."""
    if isinstance(value, str):
        return str(value[:_MOST_SHOWN])
    if isinstance(value, bytes | list | tuple | dict | set | frozenset | int):
        value = value[:_MOST_SHOWN] if isinstance(value, bytes) else value
        if isinstance(value, set | frozenset):  # which _brief would sort, all of them
            value = type(value)(islice(value, _MOST_SHOWN))
        return _brief.repr(value)[:_MOST_SHOWN]
    try:
        return str(value)[:_MOST_SHOWN]
    except Exception:  # an object that cannot be written is named by what it is
        return f"a {type(value).__name__}"[:_MOST_SHOWN]


def unknown(kind: str, name: object, allowed: Iterable[str]) -> UserError:
    """Say that `name` is no `kind`, naming near matches first and then everything that is allowed.

    kind: what was looked up, in the singular ('placement'). name: what was given. allowed: the valid names.
    """
    names, given = list(allowed), brief(name)
    near = get_close_matches(given.lower(), names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return UserError(f"Unknown {kind} {given!r}.{hint} Allowed: {', '.join(names)}.")


def not_allowed(name: str, value: object, allowed: str) -> UserError:
    """Say that `name` cannot have this value. allowed: in words, what it can."""
    return UserError(f"{name}: {brief(value)!r} is not allowed. Allowed: {allowed}.")


def from_validation(error, allowed: Mapping[str, str], given: Mapping[str, object] | None = None) -> UserError:
    """What a pydantic.ValidationError says, as the project says it.

    error: has pydantic's `errors()`. allowed: every field's name, with what it may be, in words. given: what was
    given, by name, to be shown as it was; by default what pydantic read.

    A UserError that a validator raised is handed through; a field that there is not is unknown, with near matches.
    """
    found = error.errors()
    first = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, UserError):
        return cause
    name = str(first["loc"][0]) if first["loc"] else "configuration"
    if first["type"] == "extra_forbidden":
        return unknown("parameter", name, allowed)
    value = given[name] if given and name in given else first["input"]
    return not_allowed(name, value, allowed.get(name, "another value"))
