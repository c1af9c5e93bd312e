"""Monte Carlo dropout: what is lost where masks are drawn anew at each step.

A mask that holds for the sequence makes one thinned network that reads all of it; draws are then a sample of networks,
and their disagreement is the mutual information of prediction and network. Masks drawn at each step are no such
sample: their noise averages out along the sequence. Keras is imported where a network is, as in dose.py.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import softmax

from ...stats.monte_carlo import entropy
from ..logits import spread
from .dose import centred_logits, examples

# The same two sites at the same rate; only the step axis differs.
SHARINGS = {
    "once a sequence": "variational",
    "each step": "input:direction,sample,step,feature+recurrent:direction,sample,step,feature",
}
_RESAMPLES = 1000


def mutual_information(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predictive entropy and mutual information in nats, each (N,), of probabilities (draws, N, C).

    The mutual information is the entropy of the mean minus the mean of the entropies; never below 0.
    """
    whole = entropy(p.mean(axis=0))
    return whole, np.maximum(whole - entropy(p).mean(axis=0), 0)


def by_sharing(
    rate: float = 0.25,
    draws: int = 50,
    rows: int = 60,
    units: int = 32,
    seed: int = 1,
) -> pd.DataFrame:
    """Spread of the predictions over mask draws, for masks once a sequence and for masks at each step.

    One network, trained with variational masks at the same rate on JapaneseVowels; rows: test examples, spaced evenly.
    A row a sharing and example. Columns: sharing, example, spread (of its centred logits), entropy and
    mutual_information (nats), error (whether the mean prediction is wrong).
    """
    from ...runs import networks

    chosen, part = examples(rows)
    config = networks.series("variational", rate, units, seed=seed)
    frames = []
    for sharing, masked in SHARINGS.items():
        model = networks.network(config, masked=masked)
        logits = centred_logits(model, part.inputs, part.lengths, rate, draws, seed)
        p = softmax(logits, axis=-1)
        doubt, information = mutual_information(p)
        columns = {
            "sharing": sharing,
            "example": chosen,
            "spread": [spread(logits[:, [row]]) for row in range(rows)],
            "entropy": doubt,
            "mutual_information": information,
            "error": p.mean(axis=0).argmax(axis=-1) != part.labels,
        }
        frames.append(pd.DataFrame(columns))
    return pd.concat(frames, ignore_index=True)


def ratio(frame: pd.DataFrame, column: str = "mutual_information") -> tuple:
    """Mean of a column under masks at each step over that under masks once a sequence, and a 95 % bootstrap interval.

    The bootstrap resamples examples, keeping pairs; it says nothing of other networks. Returns (ratio, low, high).
    """
    table = frame.pivot(index="example", columns="sharing", values=column)[list(SHARINGS)].to_numpy()
    again = np.random.default_rng(1).integers(len(table), size=(_RESAMPLES, len(table)))
    means = table[again].mean(axis=1)
    low, high = np.quantile(means[:, 1] / means[:, 0], (0.025, 0.975))
    return float(table[:, 1].mean() / table[:, 0].mean()), float(low), float(high)
