"""Import a file of the reader's own, and write the profile that its study and its book go by."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from filelock import Timeout

from ...datasets.own.card import plain
from ...datasets.own.imported import kept, name_for
from ...datasets.own.importing import Imported, import_file
from ...dropout.placements import resolve
from ...errors import UserError
from ..profiles import CHAPTERS, Profile, load_profile, remember
from . import design
from .design import Design

_HEAD = "# Made from a file of the reader's own by `bilstm-dropout study --data`. Epochs follow the data set's size."


@dataclass(frozen=True)
class Columns:
    """Which column of a file is what, by name: text and label, or id, step, label and features; and group, whose rows
    stay in one fold. See import_file.
    """

    text: str | None = None
    label: str | None = None
    id: str | None = None
    step: str | None = None
    features: tuple[str, ...] = ()
    group: str | None = None


def prepare(
    path: str | Path, columns: Columns, *, placements: Sequence[str] = (), rates: Sequence[float] = ()
) -> tuple[Profile, Imported]:
    """Import a file and write the profile of its study, which its name finds from then on.

    path: a CSV or TSV file. placements, rates: what design.make takes; `none` is always among them. UserError, one
    line, for whatever cannot be used; nothing is trained here.
    """
    for each in placements:  # before anything is changed
        resolve(each)
    name = name_for(Path(path))
    bare = Profile(name, (), {})
    bare.check_writable()
    with _no_study_running(bare):
        imported = import_file(path, **vars(columns))
        designed = design.make(name, placements, rates)
        before = _before(name)
        if before and before.with_trials(0) == designed and imported.state == "unchanged":
            designed = before  # the book still has what was trained
        write(designed)
    return load_profile(name), imported


def write(designed: Design) -> None:
    """Keep a design as the profile of its data set."""
    bare = Profile(designed.dataset, (), {})
    content = {"datasets": [designed.dataset], "placements": [], "notebooks": [*CHAPTERS], "own": designed.plain()}
    remember(replace(bare, text=f"{_HEAD}\n{yaml.safe_dump(content, sort_keys=False)}"))


def _before(name: str) -> Design | None:
    """The design that is kept for a data set, or None: there is none, or it was written by another version."""
    with suppress(UserError):
        return load_profile(name).own
    return None


def listed(text: str) -> tuple[str, ...]:
    """Column names from a list with commas, as FEATURES= has them; a name with a comma stands in double quotes."""
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())


def numbers(text: str) -> tuple[float, ...]:
    """Drop rates from a list with commas, as RATES= has them. UserError for what is no number."""
    try:
        return tuple(float(each) for each in listed(text))
    except ValueError:
        raise UserError(f"RATES: {text[:80]!r} is not allowed. Allowed: numbers with commas, as 0.25,0.5.") from None


def say_what(imported: Imported, say) -> None:
    """Say what was imported, and what of it matters for the results."""
    found = kept(imported.name)
    done = {
        "new": "imported",
        "unchanged": "the same content as before",
        "reread": "the same content as before, read again as this version does",
        "replaced": "other content than before under this name: it replaces it, and earlier results are not mixed in",
    }
    for text in (f"{imported.name}: {done[imported.state]}", found.card(quote=plain).what):
        say(text)
    for finding in sorted(found.report, key=lambda finding: finding.warning):  # the last lines are read first
        say(finding.said(found.kind, plain))


@contextmanager
def _no_study_running(profile: Profile) -> Iterator[None]:
    """Content that changed under a running study would leave chapters of two different files side by side."""
    if not profile.folder.is_dir():  # a file that is refused leaves nothing behind
        yield
        return
    try:
        held = profile.lock.acquire(timeout=0)
    except Timeout:
        raise UserError(f"A study of {profile.name} is running. Wait for it, or give the file another name.") from None
    with held:
        yield
