"""What passes with masks tell of published runs, run by run, and what averages of seeds tell beside them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from ..errors import not_allowed
from ..runs.config import OUTPUT_RATES
from ..stats import ensembles, metrics, monte_carlo
from ..stats.calibration import split_nll
from . import answers
from .rows import fold_of
from .stacks import stacks

PART = "Monte Carlo dropout"


def passes(
    at: str = "best", output_rate: float | None = None, part: str = PART, **only: Collection[str]
) -> pd.DataFrame:
    """The published rows that have passes, with `fold` and the columns of monte_carlo.measured, on the test part.

    at: of answers.CHECKPOINTS. output_rate: None for the masks that a run was trained with (of `none`, no masks: its
    average is the pass without any, and information ranks nothing), or of OUTPUT_RATES, with masks at the output alone,
    at 'best' only. only: by column, the values of the rows to measure, as placement=["input"]; all by default.
    A seed that some data set, fold or placement lacks is left out, so that what is compared is trained alike. No rows
    where none is published. UserError for another checkpoint or rate.
    """
    if at not in answers.CHECKPOINTS:
        raise not_allowed("at", at, " or ".join(answers.CHECKPOINTS))
    if output_rate is not None and (output_rate not in OUTPUT_RATES or at != "best"):
        raise not_allowed("output_rate", output_rate, f"none, or at 'best' one of {', '.join(map(str, OUTPUT_RATES))}")
    name = at if output_rate is None else f"{at}_output_{output_rate}"
    rows, found = answers.runs_and_predictions(part)
    plain, mean, information = found.of(at), found.of(f"{name}_mean"), found.of(f"{name}_information")
    rows = rows[rows["key"].isin(plain.keys() & mean.keys() & information.keys())]
    rows = rows.assign(fold=[fold_of(options) for options in rows["dataset_options"]])
    cells = rows.groupby(["dataset", "fold", "placement"]).ngroup()
    rows = rows[cells.groupby(rows["seed"]).transform("nunique") == cells.nunique()]
    for column, values in only.items():
        rows = rows[rows[column].isin(values)]
    tables = []
    for fingerprint, mine in rows.groupby("fingerprint", sort=False):
        p, average, nats = (np.stack([of[key] for key in mine["key"]]) for of in (plain, mean, information))
        values = monte_carlo.measured(p, average, nats[..., 0], found.labels[fingerprint])
        tables.append(pd.DataFrame(values, index=mine.index))
    return (rows.join(pd.concat(tables)) if tables else rows).reset_index(drop=True)


def tempered_mean(runs: pd.DataFrame, part: str = PART) -> pd.Series:
    """The test loss in nats of each run's mean of passes after one temperature, fitted on its mean over validation.

    runs: rows of `passes` at 'best', with the masks that a run was trained with. KeyError for a run whose passes over
    the validation part are not published. What one pass comes to after its own temperature is `nll_scaled_best`.
    """
    _, found = answers.runs_and_predictions(part)
    test, watched = found.of("best_mean"), found.of("validation_best_mean")
    losses = [
        split_nll(test[run.key], found.labels[run.fingerprint],
                  watched[run.key], found.validation_labels[run.fingerprint]).refinement
        for run in runs.itertuples()
    ]  # fmt: skip
    return pd.Series(losses, runs.index, dtype=np.float64)


def of_seeds(at: str = "best", part: str = PART) -> pd.DataFrame:
    """A row a data set, test fold and placement: of the mean of its seeds' probabilities without masks, of the seeds
    that all folds have.

    at: of answers.CHECKPOINTS. Columns: dataset, fold, placement, seeds (how many), nll and accuracy (the seeds' own,
    on average), nll_mean and accuracy_mean, and auroc_entropy, as monte_carlo.measured has it for an average.
    """
    found, whole = [], stacks(part, at=at)
    shared = set.intersection(*(set(stack.seeds) for stack in whole)) if whole else set()
    for stack in whole:
        kept = [place for place, seed in enumerate(stack.seeds) if seed in shared]
        for placement, p in ((name, every[kept]) for name, every in stack.p.items()):
            mean, y = ensembles.averaged(p), stack.labels
            doubt = monte_carlo.entropy(mean)
            found.append({
                "dataset": stack.dataset, "fold": stack.fold, "placement": placement, "seeds": len(kept),
                "nll": float(metrics.nll(p, y).mean()), "nll_mean": float(metrics.nll(mean, y)),
                "accuracy": float(metrics.accuracy(p, y).mean()), "accuracy_mean": float(metrics.accuracy(mean, y)),
                "auroc_entropy": float(monte_carlo.points_at_errors(doubt, mean, y)),
            })  # fmt: skip
    return pd.DataFrame(found)
