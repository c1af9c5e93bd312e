"""How far predictions move with the training rows and how far with the seed, where both are crossed.

Axes: ``p`` are probabilities (R, S, N, C) of networks that were trained on R samples of the rows with S seeds, for N
examples and C classes. The model is a two-way layout of random effects without replication (Searle, Casella and
McCulloch 1992), for each example and class by itself; what is given is summed over classes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Components(NamedTuple):
    """Variances of an example's probabilities, each (N,).

    rows: between samples of the training rows, whatever the seed. seeds: between seeds, whatever the rows. both: what a
    seed does on a sample beyond what it does on average. Estimates without bias, so single ones can be below zero.
    """

    rows: np.ndarray
    seeds: np.ndarray
    both: np.ndarray


def components(p) -> Components:
    """Of probabilities (R, S, N, C), two samples and two seeds or more. ValueError for other shapes."""
    p = np.asarray(p, dtype=np.float64)
    if p.ndim != 4 or min(p.shape[:2]) < 2:
        raise ValueError(f"probabilities need the shape (R, S, N, C), two samples and two seeds or more; got {p.shape}")
    samples, seeds = p.shape[:2]
    of_rows, of_seeds = p.mean(axis=1, keepdims=True), p.mean(axis=0, keepdims=True)
    rest = p - of_rows - of_seeds + p.mean(axis=(0, 1), keepdims=True)
    both = np.sum(rest**2, axis=(0, 1)) / ((samples - 1) * (seeds - 1))
    rows = of_rows.var(axis=(0, 1), ddof=1) - both / seeds
    alone = of_seeds.var(axis=(0, 1), ddof=1) - both / samples
    return Components(*(each.sum(axis=-1) for each in (rows, alone, both)))
