"""Every command, registered."""

from . import checks, experiments, ledger, lists, rivals, run, study  # noqa: F401
from .base import app

__all__ = ["app"]
