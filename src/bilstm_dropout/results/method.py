"""The confirmatory study's method page: which parts it rules, and a hash that says which version of it did."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ..errors import UserError
from ..files import sha256
from ..paths import project_root

_PARTS = re.compile(r"[a-v][0-9]?")


def in_study(part: str) -> bool:
    """Whether a part of the experiments belongs to the confirmatory study or explores beside it: a1, a2, a3, b, … to v.

    Other experiments, such as memory and planted, have whole words for names.
    """
    return _PARTS.fullmatch(part) is not None


def method_hash() -> str:
    """SHA-256, 64 hexadecimal digits, of book/method.md with Unix line ends. UserError where it cannot be read."""
    page = project_root() / "book" / "method.md"
    try:
        return sha256(page.read_text(encoding="utf-8").encode())
    except (OSError, UnicodeDecodeError):
        raise UserError(
            f"The method page {page} cannot be read, and results of the study are published with its hash. "
            "Restore it from a release."
        ) from None


def method_stamp() -> dict[str, str]:
    """What the manifest says of the method for a file published now: today's date (UTC) and the page's hash."""
    return {"date": datetime.now(UTC).date().isoformat(), "sha256": method_hash()}
