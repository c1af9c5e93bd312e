"""What the cells of the notebooks call: check the parameters, get the runs, say what they can decide.

Nothing here imports TensorFlow until runs are trained, so a wrong parameter fails at once.
"""

import sys
from dataclasses import dataclass

import pandas as pd

from ... import datasets
from ...dropout.placements import resolve
from ...dropout.terms import Placement
from ...progress import bar
from ...results import tidy
from ...runs.config import DEFAULT_DATASETS, applies
from ...runs.provenance import foreign
from ...runs.store import DamagedRecord, Store
from ...runs.sweep import Sweep
from ...runs.train import key_of, run_sweep, wanted
from ...stats import paired
from ...wording import count, markdown_safe, rate_text, signed
from .. import show


@dataclass(frozen=True)
class Results:
    """The runs a notebook shows.

    ``sweep``: what was asked for. ``names``: the data sets that have runs, in order. ``skipped``: data set to
    the reason why a placement does not apply. ``records``: all runs, the baselines among them. ``frame``: a
    row a run, see tidy.tidy. ``missing``: how many of the runs asked for are not there.
    """

    sweep: Sweep
    names: tuple[str, ...]
    skipped: dict[str, str]
    records: list
    frame: pd.DataFrame
    missing: int = 0

    @property
    def placement(self) -> Placement:
        """The placement of a sweep over one."""
        return resolve(self.sweep.placement)


def left_out(sweep: Sweep) -> dict[str, str]:
    """The usual data sets that a sweep lacks because its placement does not apply there, and the reason.

    A sweep over other data sets than the usual ones lacks none of them.
    """
    reasons = {}
    for name in DEFAULT_DATASETS if set(sweep.datasets) <= set(DEFAULT_DATASETS) else ():
        if name not in sweep.datasets and not applies(sweep.placement, name, layers=2):
            reasons[name] = "it holds real-valued series, and the placement needs an embedding"
    return reasons


def train(sweep: Sweep, store=None) -> Results:
    """Train what the store lacks of a sweep and its baselines, and return all of it.

    Progress goes to the error stream, a line now and then, so that it never becomes a part of the page.
    """
    with bar(len(wanted(sweep)), "runs") as advance:
        records = run_sweep(sweep, store=store, progress=lambda *_: advance(), say=_say)
    frame = tidy.tidy(records, test_labels)
    return Results(sweep, tuple(sweep.datasets), left_out(sweep), records, frame)


def _say(line):
    print(line, file=sys.stderr, flush=True)


def test_labels(config):
    """The test labels (N,) of a run's data set."""
    return datasets.load(config.dataset, **config.dataset_options).test.labels


test_labels.__test__ = False  # not a test, whatever pytest thinks of its name


def stored(configs, store=None) -> tuple[list, list]:
    """The records of these runs that the store has, and the configs of those that are missing or damaged."""
    store = store if store is not None else Store()
    records, missing = [], []
    for config in configs:
        key = key_of(config)
        try:
            if store.has(key):
                records.append(store.load(key))
            else:
                missing.append(config)
        except DamagedRecord as error:
            _say(error)
            missing.append(config)
    return records, missing


def show_what_ran(runs: Results):
    """Say how many runs there are, what was left out, what diverged, and what the seeds can decide."""
    seeds = runs.frame["seed"].nunique()
    names = ", ".join(markdown_safe(name) for name in runs.names)
    pieces = [f"{len(runs.records)} runs, with {count(seeds, 'seed')}, on {names}"]
    if runs.missing:
        pieces.append(f"{runs.missing} more were asked for and are not in the store")
    pieces.append(_networks(runs))
    pieces += [f"{markdown_safe(name)} is left out: {why}" for name, why in runs.skipped.items()]
    pieces += [_diverged(runs.frame), _which_epoch(runs)]
    show.text(". ".join(piece[0].upper() + piece[1:] for piece in pieces) + ".")
    warn_of_few_seeds(seeds)
    warn_of_other_devices(runs.records)


def _networks(runs):
    """The size of the networks and how long they are trained, as a sentence without its full stop."""
    by_size = {}
    for record in runs.records:
        size = (record.config.units, record.config.bidirectional, record.config.epochs)
        by_size.setdefault(size, {})[markdown_safe(record.config.dataset)] = None
    said = [
        f"{units} units{' a direction' if both else ', in one direction,'} and are trained for {count(epochs, 'epoch')}"
        + (f" on {', '.join(names)}" if len(by_size) > 1 else "")
        for (units, both, epochs), names in by_size.items()
    ]
    return f"networks have {'; they have '.join(said)}"


def _diverged(frame):
    """How many runs diverged and which, as a sentence without its full stop."""
    rows = frame[frame["diverged"].astype(bool)]
    if rows.empty:
        return "no run diverged"
    where = "; ".join(
        f"{row.placement} at p = {rate_text(row.rate)} on {row.dataset}, seed {row.seed}" for row in rows.itertuples()
    )
    verb = "diverged and has" if len(rows) == 1 else "diverged and have"
    return f"{count(len(rows), 'run')} {verb} no measures: {markdown_safe(where)}"


def _which_epoch(runs):
    """Which epoch's predictions count on which data set, as a sentence without its full stop."""
    watched = {record.config.dataset: record.watch for record in runs.records}
    by_split = {
        split: [markdown_safe(name) for name in runs.names if watched[name] == split]
        for split in ("validation", "test")
    }
    said = []
    if by_split["validation"]:
        said.append(f"on {', '.join(by_split['validation'])} the epoch with the least validation NLL counts")
    if by_split["test"]:
        said.append(f"on {', '.join(by_split['test'])} nothing is selected, and the last epoch counts")
    return "; ".join(said)


def warn_of_few_seeds(seeds: int):
    """A visible warning where there are too few seeds for any verdict."""
    least = 2 / 2 ** max(seeds, 1)
    if seeds < paired.LEAST_PAIRS:
        show.note(
            f"{count(seeds, 'seed').capitalize()} {'decides' if seeds == 1 else 'decide'} nothing",
            f"With {count(seeds, 'pair')} the least p of a two-sided sign-flip test is {least:.3g}, "
            f"so everything here is unclear; a verdict needs at least {paired.LEAST_PAIRS}. "
            "Read the figures as a first look.",
        )


def warn_of_other_devices(records):
    """A visible note where records were made by another device class: they count, their last digits may differ."""
    apart = len(foreign(records))
    if apart:
        show.note(
            f"{count(apart, 'run').capitalize()} from another device class",
            f"Of {count(len(records), 'run')} shown here {apart} were made with other vector extensions, threads or "
            "versions. They are the same runs, but their last digits may differ from what would be computed here.",
        )


def differences_table(summary: pd.DataFrame) -> pd.DataFrame:
    """tidy.summary as a reader's table: paired differences in test NLL, intervals, pairs and,
    where pairs are enough for any, verdicts."""
    return pd.DataFrame(
        {
            "data set": summary["dataset"],
            "drop rate": summary["rate"].map(rate_text),
            "minus none's test NLL (nats)": summary["mean"].map(signed),
            "95 % interval": [
                f"{signed(low)} to {signed(high)}" for low, high in zip(summary["low"], summary["high"], strict=True)
            ],
            "pairs": summary["n"],
        }
        # Fewer pairs can give no other verdict, and a column of them would read like a finding.
        | ({"verdict": summary["verdict"]} if (summary["n"] >= paired.LEAST_PAIRS).any() else {})
    )


def middle_rate(rates) -> float:
    """The middle one of the rates above 0 (the lower of two), or 0.25 where there is none."""
    rates = sorted(rate for rate in rates if rate > 0)
    return rates[(len(rates) - 1) // 2] if rates else 0.25
