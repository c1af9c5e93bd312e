"""Monte Carlo dropout on the reader's own data: one network of the study, its masks drawn in inference, too."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy

from ...dropout.masks import seed_of
from ...errors import not_allowed
from ...stats import metrics
from .design import Design
from .results import data_of

MOST_DRAWS = 1000


def monte_carlo(design: Design, placement: str, rate: float, draws: int) -> pd.DataFrame:
    """The first trial's network of a case, trained anew, with masks off and with its probabilities averaged over draws.

    A row each: masks ('off', 'drawn'), loss (nats), points (accuracy, of 100), gap (confidence less accuracy, points)
    on the trial's test rows. The method: Gal and Ghahramani 2016. UserError for draws that cannot be.
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or not 2 <= draws <= MOST_DRAWS:
        raise not_allowed("draws", draws, f"a whole number from 2 to {MOST_DRAWS:,}")
    from ...runs import networks  # TensorFlow

    config = next(run for run in design.trial(0) if (run.placement, run.rate) == (placement, rate))
    data = data_of(config)
    part, model, base = data.test, networks.network(config), seed_of(config.seed, config.dropout_stream)
    sizes = len(part), part.inputs.shape[1], config.embedding_dim if data.vocabulary else data.features

    def answers(masks=None) -> np.ndarray:
        given = {"rate": rate} if masks is None else {"masks": masks}
        return scipy.special.softmax(np.asarray(model(part.inputs, part.lengths, **given), dtype=np.float64), axis=-1)

    # Batches of training have numbers from 0: draws begin far behind them.
    drawn = np.mean([answers(model.draw(rate, (base, 10**6 + each), *sizes)) for each in range(draws)], axis=0)
    rows = []
    for masks, p in (("off", answers()), ("drawn", drawn)):
        values = metrics.nll(p, part.labels), 100 * metrics.accuracy(p, part.labels)
        rows.append((masks, *map(float, values), 100 * float(metrics.calibration_gap(p, part.labels))))
    return pd.DataFrame(rows, columns=["masks", "loss", "points", "gap"])
