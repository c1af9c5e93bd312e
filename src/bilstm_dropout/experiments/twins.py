"""A run beside its twin: the published run of the same configuration and the same data, trained elsewhere or before.

The published study is the evidence, and what a reader trains is a sample of it, so each run can be held against its
twin. Other processors round otherwise, so last bits differ; what that may amount to is measured in the spread that
seeds alone bring.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..results import published
from ..results.rows import MEASURES, config_of, row_of, rows_of
from ..runs.store import Record, run_key
from .parts import PARTS
from .replication.draw import cell, spreads

SAME, WITHIN, BEYOND, DRIFTED, ALONE = "same bits", "within the spread of seeds", "beyond it", "drifted", "no twin"
WORDS = (SAME, WITHIN, BEYOND, DRIFTED, ALONE)
WITHIN_LIMIT, BEYOND_LIMIT = 2.0, 6.0  # standard deviations over seeds
LEAST_SPREAD = 1e-4  # nats; where seeds hardly differ, rounding would count as drift
PROFILE_LIMIT = 5.7  # of the mean over runs, in units of 1 / √n: a chance of about one in a hundred million
_CHECKPOINTS = ("last", "best")
_COMPARED = [f"{measure}_{at}" for at in _CHECKPOINTS for measure in MEASURES if measure != "epoch"]


@dataclass(frozen=True)
class Verdict:
    """What a run is beside its twin.

    key: the run's. part: where its twin is published, '' without one. word: of WORDS. distances: by checkpoint, the
    test NLL here less that of the twin, in standard deviations over seeds; only where both have one. reason: why it
    drifted, else ''.
    """

    key: str
    part: str
    word: str
    distances: Mapping[str, float]
    reason: str = ""


class Twins:
    """The published runs that may be twins. parts: by default all, in their order; a run counts for the first part.
    datasets: those of the runs, by default any.
    """

    def __init__(self, parts: Iterable[str] = tuple(PARTS), datasets: Iterable[str] | None = None) -> None:
        frames = [published.read(part) for part in parts]
        if datasets is not None:
            frames = [frame[frame["dataset"].isin([*datasets])] for frame in frames]
        rows = [row for frame in frames for row in rows_of(frame)]
        self._rows: dict[str, dict] = {}
        for row in rows:
            self._rows.setdefault(_name(row), row)
        self._spreads = {at: spreads(rows, f"nll_{at}") for at in _CHECKPOINTS}

    def of(self, row: dict) -> dict | None:
        """The twin of a run, as a dictionary of rows.SCHEMA's columns like the run itself, or None."""
        return self._rows.get(_name(row))

    def verdict(self, run: Record | dict) -> Verdict:
        """What a run, a record of this machine or a published row, is beside its twin."""
        row = row_of("", run) if isinstance(run, Record) else run
        twin = self.of(row)
        if twin is None:
            return Verdict(row["key"], "", ALONE, {})
        return compared(row, twin, {at: self.spread(twin, at) for at in _CHECKPOINTS})

    def spread(self, row: dict, checkpoint: str) -> float:
        """The standard deviation over seeds of the test NLL in a row's cell, nats, at least LEAST_SPREAD."""
        found = self._spreads[checkpoint].get(cell(row), math.nan)
        return max(found, LEAST_SPREAD) if math.isfinite(found) else LEAST_SPREAD


def _name(row: dict) -> str:
    """What twins have in common. Not the row's own key: a field that came later is in a configuration's, at its
    default, and not in that; and passes with the masks on are made after training, and leave it as it is.
    """
    config = config_of(row).model_copy(update={"passes": 0})
    return run_key(config, row["fingerprint"], row["results_version"])


def compared(row: dict, twin: dict, spread: Mapping[str, float]) -> Verdict:
    """A run's row beside its twin's. spread: by checkpoint, in nats.

    Same bits: every measure of both checkpoints. Within the spread of seeds: each distance at most WITHIN_LIMIT. Beyond
    it: up to BEYOND_LIMIT. Drifted: further, or one of the two diverged, or other bits although the device class and
    the kernel that trained them are the same.
    """
    distances = {
        at: (row[f"nll_{at}"] - twin[f"nll_{at}"]) / spread[at]
        for at in _CHECKPOINTS
        if row[f"nll_{at}"] is not None and twin[f"nll_{at}"] is not None
    }

    def verdict(word: str, reason: str = "") -> Verdict:
        return Verdict(row["key"], twin["part"], word, distances, reason)

    if bool(row["diverged"]) != bool(twin["diverged"]):
        return verdict(DRIFTED, f"the {'run' if row['diverged'] else 'twin'} diverged")
    if all(row[name] == twin[name] for name in _COMPARED):
        return verdict(SAME)
    if _made_alike(row, twin):
        return verdict(DRIFTED, "other bits on the same kind of machine")
    furthest = max((abs(each) for each in distances.values()), default=0.0)
    if furthest > BEYOND_LIMIT:
        return verdict(DRIFTED, f"{furthest:.1f} standard deviations over seeds away")
    return verdict(WITHIN if furthest <= WITHIN_LIMIT else BEYOND)


def _made_alike(row: dict, twin: dict) -> bool:
    """Whether two runs were made on one device class by one kernel, and both say so."""
    here, there = (json.loads(each["provenance"]) for each in (row, twin))
    kernels = here.get("kernel"), there.get("kernel")
    return here.get("device") == there.get("device") and None not in kernels and kernels[0] == kernels[1]


def drifted_together(verdicts: Iterable[Verdict]) -> bool:
    """Whether runs as a whole lie to one side of their twins: |mean of the last distances| above PROFILE_LIMIT / √n."""
    found = [each.distances["last"] for each in verdicts if "last" in each.distances]
    return bool(found) and abs(sum(found) / len(found)) > PROFILE_LIMIT / math.sqrt(len(found))
