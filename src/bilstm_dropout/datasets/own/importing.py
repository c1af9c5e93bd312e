"""Import a file of the reader's own: check it, keep it under data/own/, and say what it is called from then on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from ...files import sha256, write_text, write_whole
from ...files.reading import read_json
from . import imported
from .alike import shown
from .content import Content, to_bytes, training
from .lines import given
from .series import read_series
from .texts import read_texts

_HOW = (
    "Name the columns: for texts --text-column and --label-column, for series --id-column, --step-column and "
    "--label-column (with make: TEXT= LABEL=, or ID= STEP= LABEL=)."
)


@dataclass(frozen=True)
class Imported:
    """What an import did. state: 'new', 'unchanged', 'replaced' where the name had other content before, or 'reread'
    where it had the same and this version reads it otherwise, or says more of it.
    """

    name: str
    state: str


@dataclass(frozen=True)
class Examined:
    """A file that was read and found sound; nothing is written yet.

    state: what `keep` will do, as Imported has it. description: what is kept beside the arrays, which are bytes of an
    .npz file.
    """

    name: str
    state: str
    description: dict
    arrays: bytes

    def shown(self) -> AbstractContextManager:
        """Within the block the data set stands under its name in this process, as if it were kept."""
        return imported.standing(imported.described(self.name, dict(self.description)), self.arrays)

    def keep(self) -> Imported:
        """Write it under data/own. What is there already is not written again. UserError where that cannot be."""
        folder, file = imported.folder(self.name), self.description["file"]
        target = folder / imported.DESCRIPTION
        if self.state == "unchanged":
            return Imported(self.name, self.state)
        try:
            # The arrays first: whoever reads the description finds what it names.
            write_whole(folder / file, lambda name: Path(name).write_bytes(self.arrays))
            write_text(target, _text(self.description))
            for old in folder.glob("data-*.npz"):
                if old.name != file:
                    old.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.name} cannot be kept in data/own ({error.strerror}). Make the folder writable and free some "
                "space."
            ) from None
        return Imported(self.name, self.state)


def import_file(path: str | os.PathLike, **columns) -> Imported:
    """Check a file and keep it as a data set: `examine` and Examined.keep in one."""
    return examine(path, **columns).keep()


def examine(
    path: str | os.PathLike,
    *,
    text: str | None = None,
    label: str | None = None,
    id: str | None = None,
    step: str | None = None,
    features: Sequence[str] = (),
    group: str | None = None,
    name: str | None = None,
) -> Examined:
    """Read a CSV or TSV file and check everything that a study needs of it.

    text, label, id, step, features, group: column names. With text it is a file of texts, a row a text (id optional);
    with step a file of series, a row a step (features optional: all other columns of numbers). group, optional: rows
    with equal values there lie in one fold. name: what the data set is to be called, `own-<stem>` by default. Results
    never mix where content is replaced: runs are known by the data's fingerprint. UserError, one line, for everything
    that is not sound, and where the name is that of another file.
    """
    path = given(path)
    if text and (step or features):
        raise UserError(f"Texts have neither steps nor features: take out either. {_HOW}")
    if not label or not (text or (id and step)):
        raise UserError(f"The columns of {shown(path.name, 80)} are not all named. {_HOW}")
    called, source = imported.name_for(path, name), imported.source_of(path)
    group = group or None
    content = (
        read_texts(path, text, label, id, group) if text else read_series(path, id, step, label, features, group)
    )
    arrays = to_bytes(content.arrays)
    description = _description(called, source, content, sha256(arrays))
    state = _state(called, description)
    if state == "replaced":
        _refuse_another(called, source)
    return Examined(called, state, description, arrays)


def _description(name: str, source: str, content: Content, digest: str) -> dict:
    description = {
        "format": imported.FORMAT,
        "name": name,
        "kind": content.kind,
        "columns": content.columns,
        "classes": list(content.classes),
        "facts": content.facts,
        "report": [finding.plain() for finding in content.report],
        "training": training(content.kind, content.facts["examples"]),
        "file": f"data-{digest[:16]}.npz",
        "sha256": digest,
    }
    # Where the file lay is no part of what was in it.
    return description | {"checksum": imported.checksum_of(description), "source": source}


def _text(description: dict) -> str:
    return json.dumps(description, indent=1)


def _state(name: str, description: dict) -> str:
    """What keeping this would do to what is kept under the name: as Imported has it."""
    folder = imported.folder(name)
    target, file = folder / imported.DESCRIPTION, folder / description["file"]
    try:
        before = target.read_text("utf-8", errors="replace") if target.is_file() else None  # damaged is replaced
        whole = file.is_file() and sha256(file.read_bytes()) == description["sha256"]
    except OSError as error:
        raise UserError(
            f"{name} cannot be read in data/own ({error.strerror}). Make its folder and files readable for you."
        ) from None
    if before is None:
        return "new"
    kept = _read(before)
    if {**kept, "source": ""} == {**description, "source": ""}:
        return "unchanged" if whole else "new"
    return "reread" if _same(kept, description) else "replaced"


def _read(text: str) -> dict:
    """A description that was kept; {} for one that is damaged."""
    try:
        content = read_json(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _same(kept: dict, description: dict) -> bool:
    """Whether a description of before is of the same content."""
    return all(part in kept and kept[part] == description[part] for part in ("kind", "columns", "classes", "sha256"))


def _refuse_another(name: str, source: str) -> None:
    """UserError where the name is that of another file, whose data would be lost."""
    try:
        before = imported.kept(name)
    except UserError:  # damaged: there is nothing to lose
        return
    if before and before.source and before.source != source:
        short = name.removeprefix(imported.PREFIX)[:50].strip("-")
        raise UserError(
            f"{name} is the name of another file, {shown(before.source, 200)}. Give {shown(source, 200)} a name of its "
            f"own: --name {short}-2 (with make: NAME={short}-2), or rename it. If it takes the other's place for good, "
            f"remove the folder data/own/{name} first."
        )
