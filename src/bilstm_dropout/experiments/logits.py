"""How far masks move a network's logits: its dose. Arrays of logits are (draws of the masks, rows, classes)."""

from __future__ import annotations

import numpy as np


def centred(logits: np.ndarray) -> np.ndarray:
    """Logits minus their mean over classes, because adding the same to every class changes no prediction."""
    return logits - logits.mean(axis=-1, keepdims=True)


def spread(logits: np.ndarray) -> float:
    """The dose in centred logits: their standard deviation over two draws or more, root mean square over the rest."""
    return float(np.sqrt(logits.var(axis=0, ddof=1).mean()))
