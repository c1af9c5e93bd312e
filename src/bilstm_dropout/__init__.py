"""Where dropout goes in a bidirectional LSTM: placements as data, one recurrence, and a study over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .loading import handed_on

if TYPE_CHECKING:
    from .dropout.lstm import DropoutLSTM

__getattr__ = handed_on(__name__, __file__)
