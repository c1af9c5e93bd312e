"""Errors that a user can cause: one line that says what was wrong, what is allowed and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """Something the caller gave cannot be used. The text is one line, fit to be shown without a traceback."""


def unknown(kind: str, name: object, allowed: Iterable[str]) -> UserError:
    """Say that `name` is no `kind`, naming near matches first and then everything that is allowed.

    kind: what was looked up, in the singular ('placement'). name: what was given. allowed: the valid names.
    """
    names = list(allowed)
    near = get_close_matches(str(name).lower(), names, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return UserError(f"Unknown {kind} {str(name)[:80]!r}.{hint} Allowed: {', '.join(names)}.")
