"""Which contents the built site has, and where it is published."""

from __future__ import annotations

from pathlib import Path

from ...study.profiles import OWN
from ..notebooks import GENERATED


def contents_of(book: Path) -> Path:
    """The file of the contents that the site was built with: another where it has a page on the reader's own data."""
    own = book / "_build" / "toc.yml"
    return own if own.is_file() and (book / f"_build/html/{GENERATED}/{OWN}.html").is_file() else book / "_toc.yml"
