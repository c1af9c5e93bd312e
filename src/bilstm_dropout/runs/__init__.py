"""One run: what it is, how it is trained, and the record it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loading import names_of
from .config import RunConfig
from .processes import default_workers, train_in_processes
from .store import Record, Store, run_key
from .sweep import PARAMETERS, Sweep
from .train import key_of, missing, run_sweep

if TYPE_CHECKING:
    from .trainer import Trainer

__all__ = [
    "PARAMETERS",
    "Record",
    "RunConfig",
    "Store",
    "Sweep",
    "Trainer",
    "default_workers",
    "key_of",
    "missing",
    "run_key",
    "run_sweep",
    "train_in_processes",
]
__getattr__ = names_of(__name__, {"trainer": ["Trainer"]})
