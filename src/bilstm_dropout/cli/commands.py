"""Every command, registered."""

from . import checks, experiments, ledger, lists, predict, rivals, run, study, take  # noqa: F401
from .base import app

__all__ = ["app"]
