"""The command line: parse, call, print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loading import names_of

if TYPE_CHECKING:
    from .commands import app
    from .entry import main

__all__ = ["app", "main"]
__getattr__ = names_of(__name__, {"commands": ["app"], "entry": ["main"]})
