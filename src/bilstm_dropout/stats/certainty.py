"""The measures of how far a network can be believed, as a table beside `metrics.MEASURES`.

An entry of MEASURES is in every record, published row, table and command. These need more than a mean of losses and are
asked for where predictions are published, so they are computed from those when a page reads them: training gets no
slower, and no column of a published file is missing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from . import metrics, reliability, selection
from .metrics import Measure

# Where p has leading axes (seeds, placements), every function keeps them. `calibration_squared` and the Brier score's
# parts scatter about their true value and may lie below 0. Ranking measures are NaN or of no use without any error.
CERTAINTY: dict[str, Measure] = {
    "gap": Measure(metrics.calibration_gap, "confidence less accuracy", "zero", "points", 100.0),
    "calibration_squared": Measure(
        reliability.calibration_error_squared, "squared calibration error", "lower", "points²", 1e4
    ),
    "ece": Measure(
        reliability.expected_calibration_error, "expected calibration error", "lower", "points", 100.0, short="ECE"
    ),
    "sure_and_wrong": Measure(reliability.sure_and_wrong, "wrong and more than 90 % sure", "lower", "points", 100.0),
    "brier_reliability": Measure(reliability.brier_reliability, "Brier score's reliability", "lower"),
    "brier_resolution": Measure(reliability.brier_resolution, "Brier score's resolution", "higher"),
    "auroc": Measure(selection.auroc, "AUROC of confidence", "higher", "points", 100.0),
    "aurc": Measure(selection.aurc, "area under the risk-coverage curve", "lower", "points", 100.0, short="AURC"),
    "excess_aurc": Measure(selection.excess_aurc, "excess AURC", "lower", "points", 100.0),
    "risk": Measure(selection.risk_at_coverage, "errors among the surest 80 %", "lower", "points", 100.0),
}


def measured(p: ArrayLike, y: ArrayLike, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Measures of CERTAINTY of probabilities (..., N, C) against labels (N,), by name, each of the leading shape.

    names: those to take, all by default. ValueError for fewer than 2 x reliability.BINS examples; KeyError for a name
    that is none.
    """
    return {name: CERTAINTY[name].function(p, y) for name in (CERTAINTY if names is None else names)}
