"""Import a file of the reader's own, and write the profile that its study and its book go by."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from filelock import Timeout

from ...datasets.own.alike import exact, shown
from ...datasets.own.card import columns_said
from ...datasets.own.imported import kept, name_for
from ...datasets.own.importing import Examined, Imported, examine
from ...datasets.own.lines import given
from ...dropout.placements import resolve
from ...errors import UserError
from ...wording import isolated
from ..profile_files import REMEMBERED, load_profile, profile_of, remember
from ..profiles import CHAPTERS, Profile
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
    path: str | Path,
    columns: Columns,
    *,
    name: str | None = None,
    placements: Sequence[str] = (),
    rates: Sequence[float] = (),
) -> tuple[Profile, Imported]:
    """Import a file and write the profile of its study, which its name finds from then on.

    path: a CSV or TSV file. name: what the data set is to be called. placements, rates: what design.make takes; `none`
    is always among them. UserError, one line, for whatever cannot be used, before anything is changed; nothing is
    trained here.
    """
    with _examined(path, columns, name, placements, rates) as (bare, examined, designed), _no_study_running(bare):
        imported = examined.keep()
        write(designed)
    return load_profile(imported.name), imported


@contextmanager
def planned(
    path: str | Path,
    columns: Columns,
    *,
    name: str | None = None,
    placements: Sequence[str] = (),
    rates: Sequence[float] = (),
) -> Iterator[tuple[Profile, Imported]]:
    """As `prepare`, but nothing is written: in the block the data set stands under its name as if it were kept.

    The Imported says what `prepare` would do.
    """
    with _examined(path, columns, name, placements, rates) as (bare, examined, designed):
        profile = profile_of(examined.name, _profile_text(designed), bare.folder / REMEMBERED)
        yield profile, Imported(examined.name, examined.state)


@contextmanager
def _examined(path, columns, name, placements, rates) -> Iterator[tuple[Profile, Examined, Design]]:
    """The bare profile of a file's study, the file, checked, and the design; nothing is written."""
    for each in placements:  # before the file is read, which may take a while
        resolve(each)
    path = given(path)
    bare = Profile(name_for(path, name), (), {})
    bare.check_writable()
    examined = examine(path, **vars(columns), name=name)
    with examined.shown():
        designed = design.make(examined.name, placements, rates)
        before = _before(examined.name)
        if before and before.with_trials(0) == designed and examined.state == "unchanged":
            designed = before  # the book still has what was trained
        yield bare, examined, designed


def write(designed: Design) -> None:
    """Keep a design as the profile of its data set."""
    remember(replace(Profile(designed.dataset, (), {}), text=_profile_text(designed)))


def _profile_text(designed: Design) -> str:
    content = {"datasets": [designed.dataset], "placements": [], "notebooks": [*CHAPTERS], "own": designed.plain()}
    return f"{_HEAD}\n{yaml.safe_dump(content, sort_keys=False)}"


def _before(name: str) -> Design | None:
    """The design that is kept for a data set, or None: there is none, or it was written by another version."""
    with suppress(UserError):
        return load_profile(name).own
    return None


def listed(text: str) -> tuple[str, ...]:
    """Column names from a list with commas or lines, as FEATURES= has them; one with a comma stands in double quotes.

    UserError for what is no such list.
    """
    try:
        rows = [*csv.reader(io.StringIO(text, newline=""), skipinitialspace=True)]
    except csv.Error as error:
        raise UserError(
            f"{shown(text)} is no list of names ({error}). Write them with commas, as a,b; one that holds a comma in "
            "double quotes."
        ) from None
    return tuple(name.strip() for row in rows for name in row if name.strip())


def numbers(text: str) -> tuple[float, ...]:
    """Drop rates from a list with commas, as RATES= has them. UserError naming all that are no numbers."""
    given = listed(text)
    if wrong := [each for each in given if exact(each) is None]:
        raise UserError(
            f"RATES: {', '.join(shown(each, 20) for each in wrong[:20])} of {text[:80]!r} is not allowed. Allowed: "
            "numbers with commas, as 0.25,0.5."
        )
    return tuple(float(each) for each in given)


def say_what(imported: Imported, say: Callable[[str], object], plan: bool = False) -> None:
    """Say what was imported, and what of it matters for the results: all that its card says, the gravest last.

    plan: whether nothing was written yet.
    """
    found = kept(imported.name)
    done = {
        "new": "sound; nothing is written with --plan" if plan else "imported",
        "unchanged": "the same content as before",
        "reread": "the same content as before, read again as this version does",
        "replaced": "other content than before under this name: it "
        f"{'would replace' if plan else 'replaces'} it, and earlier results are not mixed in",
    }
    say(f"{imported.name}: {done[imported.state]}")
    say(found.card(quote=isolated).what)
    say(columns_said(found.columns, isolated))
    for text in reversed(found.findings(quote=isolated)):  # the last lines are read first
        say(text)


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
