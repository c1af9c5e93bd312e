"""A study of the reader's own data: import the file, and write the profile that its chapters and its book go by.

reviews.csv ─► data/own/own-reviews/ ─► data/executions/own-reviews/profile.yaml ─► study, status, book
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from filelock import Timeout

from .. import datasets
from ..datasets.own.card import plain
from ..datasets.own.imported import kept, name_for
from ..datasets.own.importing import Imported, import_file
from ..dropout.placements import resolve
from ..errors import UserError
from .profiles import Profile, load_profile, remember

# One of each kind of place and of sharing: enough to see whether placement matters on the data, in bearable time.
PLACEMENTS = (
    "none", "input", "input-spatial", "input-words", "recurrent", "recurrent-tied", "output", "combined", "variational",
)  # fmt: skip
RATES = (0.25, 0.5)
SEEDS = 3
MOST_SEEDS = 100
UNITS = 64
_HEAD = "# Made from a file of the reader's own by `bilstm-dropout study --data`. Epochs follow the data set's size."


@dataclass(frozen=True)
class Columns:
    """Which column of a file is what, by name: text and label, or id, step, label and features; see import_file."""

    text: str | None = None
    label: str | None = None
    id: str | None = None
    step: str | None = None
    features: tuple[str, ...] = ()


def prepare(
    path: str | Path, columns: Columns, *, seeds: int = SEEDS, placements: Sequence[str] = ()
) -> tuple[Profile, Imported]:
    """Import a file and write the profile of its study, which its name finds from then on.

    path: a CSV or TSV file. seeds: how many, from 1. placements: names, those of PLACEMENTS that apply by default;
    `none` is always among them. UserError, one line, for whatever cannot be used; nothing is trained here.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise UserError(f"--seeds {seeds} is not allowed: give a whole number from 1 to {MOST_SEEDS}.")
    for each in placements:  # before anything is changed
        resolve(each)
    name = name_for(Path(path))
    bare = Profile(name, (), {})
    bare.check_writable()
    with _no_study_running(bare):
        imported = import_file(path, **vars(columns))
        series = datasets.describe(name).kind == "series"
        chosen = placements or [each for each in PLACEMENTS if not (series and each == "input-words")]
        content = {
            "datasets": [name],
            "placements": list(chosen),
            "rates": list(RATES),
            "seeds": list(range(1, seeds + 1)),
            "units": UNITS,
        }
        remember(replace(bare, text=f"{_HEAD}\n{yaml.safe_dump(content, sort_keys=False)}"))
    return load_profile(name), imported


def listed(text: str) -> tuple[str, ...]:
    """Column names from a list with commas, as FEATURES= has them; a name with a comma stands in double quotes."""
    return tuple(name.strip() for name in next(csv.reader([text], skipinitialspace=True), []) if name.strip())


def say_what(profile: Profile, imported: Imported, say) -> None:
    """Say what was imported, what of it matters for the results, and what the study will train."""
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
    settings, seeds = datasets.training(imported.name), len(profile.settings["seeds"])
    left_out = [each for each in profile.placements if profile.sweep(each) is None]
    if left_out:
        say(f"left out, because they do not apply to these data: {', '.join(left_out)}")
    rates = ", ".join(f"{rate:g}" for rate in profile.settings["rates"])
    say(
        f"{len(profile.placements) - len(left_out)} placements, rates {rates}, "
        f"{seeds} seed{'s' if seeds > 1 else ''}, {settings['epochs']} epochs"
    )


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
