"""The data of every test fold of the confirmation, one after another, for measurements that need the texts."""

from __future__ import annotations

from collections.abc import Iterator

from ... import datasets
from ...datasets.dataset import Dataset
from ...progress import bar
from . import plan


def every_fold() -> Iterator[tuple[str, int, Dataset]]:
    """(name of a set, fold, its data) of each text set of a2, with progress. UserError where text files are missing."""
    wanted = [(dataset, fold) for dataset in plan.TUNED for fold in plan.FOLDS]
    with bar(len(wanted), "folds") as advance:
        for dataset, fold in wanted:
            options = plan.run_of(dataset, "none", plan.Setting(1e-3, 0.0), plan.SEEDS[0], fold).dataset_options
            yield dataset, fold, datasets.load(dataset, **options)
            advance()
