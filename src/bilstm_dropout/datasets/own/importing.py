"""Import a file of the reader's own: check it, keep it under data/own/, and say what it is called from then on."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from ...files import sha256, write_text, write_whole
from ...files.reading import read_json
from . import imported
from .content import Content, to_bytes, training
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


def import_file(
    path: str | os.PathLike,
    *,
    text: str | None = None,
    label: str | None = None,
    id: str | None = None,
    step: str | None = None,
    features: Sequence[str] = (),
    group: str | None = None,
) -> Imported:
    """Check a CSV or TSV file and keep it as the data set `own-<stem>`.

    text, label, id, step, features, group: column names. With text it is a file of texts, a row a text (id optional);
    with step a file of series, a row a step (features optional: all other columns of numbers). group, optional: rows
    with equal values there lie in one fold. What is kept already is not written again. Results never mix where content
    is replaced: runs are known by the data's fingerprint. UserError, one line, for everything that is not sound;
    nothing is changed then.
    """
    if text and (step or features):
        raise UserError(f"Texts have neither steps nor features: take out either. {_HOW}")
    if not label or not (text or (id and step)):
        raise UserError(f"The columns of {str(Path(path).name)[:80]!r} are not all named. {_HOW}")
    group = group or None
    content = (
        read_texts(path, text, label, id, group) if text else read_series(path, id, step, label, features, group)
    )
    return _keep(imported.name_for(Path(path)), content)


def _keep(name: str, content: Content) -> Imported:
    arrays = to_bytes(content.arrays)
    digest = sha256(arrays)
    file = f"data-{digest[:16]}.npz"
    description = {
        "format": imported.FORMAT,
        "name": name,
        "kind": content.kind,
        "columns": content.columns,
        "classes": list(content.classes),
        "facts": content.facts,
        "report": [finding.plain() for finding in content.report],
        "training": training(content.kind, content.facts["examples"]),
        "file": file,
        "sha256": digest,
    }
    description["checksum"] = imported.checksum_of(description)
    folder = imported.folder(name)
    target = folder / imported.DESCRIPTION
    text = json.dumps(description, indent=1)
    try:
        before = target.read_text("utf-8", errors="replace") if target.is_file() else None  # damaged is replaced
        if before == text and (folder / file).is_file() and sha256((folder / file).read_bytes()) == digest:
            return Imported(name, "unchanged")
        # The arrays first: whoever reads the description finds what it names.
        write_whole(folder / file, lambda name: Path(name).write_bytes(arrays))
        write_text(target, text)
        for old in folder.glob("data-*.npz"):
            if old.name != file:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            f"{name} cannot be kept in data/own ({error.strerror}). Make the folder writable and free some space."
        ) from None
    if before in (None, text):
        return Imported(name, "new")
    return Imported(name, "reread" if _same(before, description) else "replaced")


def _same(before: str, description: dict) -> bool:
    """Whether a description of before is of the same content. False for one that is damaged."""
    try:
        content = read_json(before)
        return all(content[part] == description[part] for part in ("kind", "columns", "classes", "sha256"))
    except (ValueError, KeyError, TypeError):
        return False
