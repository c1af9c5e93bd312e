"""The matrix products that training cannot do without, and how fast NumPy's sgemm does products of these shapes.

A speed in runs an hour depends on the machine. The share of the machine's own speed that training reaches does so less:
a run's products are counted, without padding, and as many products of the same shapes are timed beside it.
"""

from __future__ import annotations

import numpy as np

BATCH, UNITS, DIRECTIONS, GATES = 32, 64, 2, 4


def shapes(data) -> list[tuple[int, int, int]]:
    """The products (rows, summed over, columns) of a step of one batch in one direction: forward, and two backward.

    What the gates read, (B, U + F), by the kernels; for the kernels' gradient its transpose by the gates' gradients;
    and those by the kernels for the gradient to the state, with words also to the embedding.
    """
    words = int(data["vocabulary"])
    features = int(data["embedding"]) if words else data["inputs"].shape[2]
    read, gates = UNITS + features, GATES * UNITS
    return [(BATCH, read, gates), (read, BATCH, gates), (BATCH, gates, read if words else UNITS)]


def steps(data) -> int:
    """How often a run needs them: its real steps, in batches of BATCH rows, in both directions."""
    return round(int(data["epochs"]) * int(data["lengths"].sum()) / BATCH) * DIRECTIONS


def operations(data) -> int:
    """Multiplications and additions of a run's products."""
    return steps(data) * sum(2 * m * k * n for m, k, n in shapes(data))


def sgemm(data):
    """A function that does as many products of a run's shapes, in float32, on numbers that stay in the cache."""
    stream = np.random.default_rng(0)

    def made(rows, columns):
        return stream.normal(size=(rows, columns)).astype(np.float32)

    products = [(made(m, k), made(k, n), np.empty((m, n), np.float32)) for m, k, n in shapes(data)]

    def train(seed):
        for _ in range(steps(data)):
            for left, right, result in products:
                np.matmul(left, right, out=result)

    return train
