"""Where the book and its repository are public: `url` and `repository-code` in CITATION.cff, one place for all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from ...errors import UserError
from ...paths import project_root

_ADDRESS = re.compile(r"https://[\w.-]+(?:/[\w.~-]+)*/?")


class Public(NamedTuple):
    """Addresses without a slash at their end; '' where there is none.

    book: where the built book is read. repository: where its source is had.
    """

    book: str
    repository: str


def public(root: Path | None = None) -> Public:
    """Both addresses of a project. root: its folder. UserError for one that is no plain address with https://,
    and for a file that is no mapping.
    """
    file = (root if root is not None else project_root()) / "CITATION.cff"
    said = yaml.safe_load(file.read_text("utf-8"))
    if not isinstance(said, dict):
        raise UserError(f"{file.name} is no mapping: it has to hold keys and values, as the Citation File Format has.")
    found = []
    for key in ("url", "repository-code"):
        address = str(said.get(key) or "")
        if address and not _ADDRESS.fullmatch(address):
            raise UserError(
                f"{key} in {file.name} is {address[:80]!r}, which is not allowed. Allowed: an address that begins with "
                "https:// and has letters, digits, '.', '-', '_', '~' and '/'. Correct it, or take the line out."
            )
        found.append(address.rstrip("/"))
    return Public(*found)
