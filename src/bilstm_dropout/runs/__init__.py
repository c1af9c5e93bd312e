"""One run: what it is, how it is trained, and the record it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loading import handed_on
from .config import RunConfig
from .processes import default_workers, train_in_processes
from .store import Record, Store, run_key
from .sweep import PARAMETERS, Sweep
from .train import key_of, missing, run_sweep

if TYPE_CHECKING:
    from .trainer import Trainer

__getattr__ = handed_on(__name__, __file__)
