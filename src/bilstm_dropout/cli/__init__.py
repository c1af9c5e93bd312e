"""The command line: parse, call, print."""

from . import checks, experiments, lists, run, study  # noqa: F401  (each registers its commands)
from .app import app, main

__all__ = ["app", "main"]
