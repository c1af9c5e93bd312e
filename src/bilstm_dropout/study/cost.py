"""How long runs may take: from records of runs alike, or else from a cost model. Nothing more than "about".

records, published runs ─► Known ─┐
configuration ──────────► group ──┴─► seconds a run ─► by data set: runs, seconds a run, minutes
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

import numpy as np

from .. import datasets
from ..dropout.placements import resolve
from ..errors import UserError
from ..paths import published_folder
from ..results import published
from ..results.rows import config_of, rows_of
from ..runs.config import RunConfig
from ..runs.store import Store

# The cost model, where no record tells: seconds = updates × (A + B × multiplications + C × weights), and a third of
# B × multiplications for rows that are only evaluated. Multiplications: batch × steps × directions × 4 × units ×
# (inputs + units), summed over layers; weights: all of the network's, mostly the embedding's, which Adam goes through
# at every update. A, B and C were fitted to processor seconds of one core of a server with AVX-512, at 20 to 100 steps,
# 32 and 64 units, and vocabularies of 30 to 20,000; the fit was off by up to a quarter. Another machine is faster or
# slower by a factor of its own.
SECONDS_AN_UPDATE = 2.2e-3
SECONDS_A_MULTIPLICATION = 0.14e-9
SECONDS_A_WEIGHT = 2.4e-9


class Known:
    """Seconds of finished runs, to look up what a run alike takes.

    runs: pairs of a configuration and its seconds; what is no finite positive number of seconds is left out.
    """

    def __init__(self, runs: Iterable[tuple[RunConfig, float]]):
        self._alike = defaultdict(list)
        for config, seconds in runs:
            if math.isfinite(seconds) and seconds > 0:
                for group in _groups(config):
                    self._alike[group].append((seconds / config.epochs, config.train_rows))

    def seconds(self, config: RunConfig) -> tuple[float, str]:
        """About how long a run takes, and where that is from: 'records' or 'cost model'.

        Records: the median over runs of the same data and network, scaled by epochs and training rows: those with as
        many rows and evaluations and a placement of the same family where there are any, else those of the family,
        else those of any placement.
        """
        every = len(datasets.load(config.dataset, **config.dataset_options).train)
        for group in _groups(config):
            if group in self._alike:
                a_row = [seconds / (rows or every) for seconds, rows in self._alike[group]]
                return float(np.median(a_row)) * config.epochs * (config.train_rows or every), "records"
        return modelled_seconds(config), "cost model"


def known_runs(store: Store) -> Known:
    """What the store and data/published tell."""
    runs = [(record.config, record.seconds) for record in store.records()]
    here = {config.model_dump_json() for config, _ in runs}
    # An estimate can do without published runs; whoever shows them says what is wrong with them.
    with suppress(UserError):
        parts = {file.name.partition(".")[0] for file in published_folder().glob("*.parquet")}
        rows = [row for part in sorted(parts) for row in rows_of(published.read(part))]
        also = [(config_of(row), row["seconds"]) for row in rows]
        runs += [(config, seconds) for config, seconds in also if config.model_dump_json() not in here]
    return Known(runs)


def by_dataset(configs: Iterable[RunConfig], known: Known) -> list[dict]:
    """A row a data set: dataset, runs, seconds_a_run (their mean), minutes (on one worker) and source.

    source: 'records', 'cost model', or 'records and cost model' where they differ from run to run.
    """
    found = defaultdict(list)
    for config in configs:
        found[config.dataset].append(known.seconds(config))
    return [
        {
            "dataset": name, "runs": len(each), "seconds_a_run": round(float(np.mean([s for s, _ in each])), 2),
            "minutes": round(sum(s for s, _ in each) / 60, 1),
            "source": " and ".join(sorted({source for _, source in each}, reverse=True)),
        }
        for name, each in found.items()
    ]  # fmt: skip


def modelled_seconds(config: RunConfig) -> float:
    """What the cost model says of a run, compilation apart."""
    dataset = datasets.load(config.dataset, **config.dataset_options)
    rows = config.train_rows or len(dataset.train)
    watched = len(dataset.validation or dataset.test) * config.epochs * config.evaluations_per_epoch
    directions = 2 if config.bidirectional else 1
    width = config.embedding_dim if dataset.vocabulary else dataset.features
    weights, multiplications = dataset.vocabulary * width, 0
    # A batch's padding is run over in part: as many steps as nine in ten sequences have.
    steps = np.quantile(dataset.train.lengths, 0.9)
    for _ in range(config.layers):
        kernels = directions * 4 * config.units * (width + config.units)
        weights, multiplications = weights + kernels, multiplications + steps * kernels
        width = directions * config.units
    updates = config.epochs * math.ceil(rows / config.batch_size)
    multiplied = multiplications * (updates * config.batch_size + watched / 3)
    return float(
        updates * (SECONDS_AN_UPDATE + SECONDS_A_WEIGHT * weights) + SECONDS_A_MULTIPLICATION * multiplied
    )


def _groups(config: RunConfig) -> list[tuple]:
    """What runs that take about equally long share, the closest first."""
    network = ("units", "layers", "embedding_dim", "bidirectional", "batch_size")
    same = (config.dataset, json.dumps(config.dataset_options, sort_keys=True), *(getattr(config, f) for f in network))
    # Masks cost by where they sit and whether they are drawn anew at every step.
    family = (*same, frozenset((term.key, "step" in term.axes) for term in resolve(config.placement).terms))
    return [(*family, config.train_rows, config.evaluations_per_epoch), family, same]
