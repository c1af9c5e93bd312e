"""Every command, registered."""

from . import checks, experiments, ledger, lists, rivals, run, study, take  # noqa: F401
from .base import app

__all__ = ["app"]
