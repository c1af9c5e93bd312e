"""Where dropout goes in a bidirectional LSTM: placements as data, one recurrence, and a study over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loading import names_of

if TYPE_CHECKING:
    from .dropout.lstm import DropoutLSTM

__all__ = ["DropoutLSTM"]
__getattr__ = names_of(__name__, {"dropout.lstm": ["DropoutLSTM"]})
