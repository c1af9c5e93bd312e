"""How long a study of one's own data takes on this machine: measured by its first trials, not guessed.

wall time × workers = lots × (start of a process + a compiled program) + runs × seconds a run
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from ... import datasets
from ...datasets import own
from ...files import sha256, write_text
from ...runs.store import Record
from ...stats import metrics, power
from ...stats.crossed import OVERLAP
from .design import ENSEMBLE_TRIALS, MOST_TRIALS, PILOT, Design, batches

FILE = "pace.yaml"  # JSON, which is YAML; .json files there are notes on executed notebooks
USUAL_LOT = 15.0  # seconds to start a process and compile its program, where the first trials cannot say


class Pace(BaseModel):
    """What the first trials said. of: the data, placements, rates and workers that they had. a_lot, a_run: seconds of
    one process. loss, points: the standard deviation, over test parts, of paired differences in test loss (nats) and
    accuracy (points).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str
    a_lot: float = Field(ge=0, allow_inf_nan=False)
    a_run: float = Field(gt=0, allow_inf_nan=False)
    loss: float = Field(ge=0, allow_inf_nan=False)
    points: float = Field(ge=0, allow_inf_nan=False)

    def seconds(self, design: Design, first: int, last: int, workers: int) -> float:
        """About how long the trials from `first` to before `last` take in one go; 0.0 for none."""
        configs = [config for number in range(first, last) for config in design.whole_trial(number)]
        lots = len(list(batches(configs, workers)))
        return (lots * self.a_lot + len(configs) * self.a_run) / workers

    def trials(self, design: Design, seconds: float, done: int, workers: int) -> int:
        """How many trials, of which some are done, fit into the time: whole tens, in which each row is tested equally
        often, or fewer than ten.

        Those that are done count as they were trained: PILOT, which are always done, and the rest in one go.
        """
        done = max(done, PILOT)
        spent = self.seconds(design, 0, PILOT, workers) + self.seconds(design, PILOT, done, workers)
        lots = len(list(batches(design.trial(0) * 2 * workers, workers)))
        extra = sum(len(design.ensemble(number)) for number in range(done, PILOT + ENSEMBLE_TRIALS))
        spare = (seconds - spent) * workers - lots * self.a_lot - extra * self.a_run
        fit = min(MOST_TRIALS, done + max(0, int(spare / (design.runs_a_trial * self.a_run))))
        return max(done, fit if fit < 10 else fit - fit % 10)


@dataclass(frozen=True)
class Plan:
    """trials: in all. new: of these, not trained yet. seconds: what is to come takes about. loss, points: the
    difference from none that four of five such studies would show.
    """

    trials: int
    new: int
    seconds: float
    loss: float
    points: float


def measure(design: Design, records: Sequence[Record], trained: int, wall: float, workers: int) -> Pace:
    """The pace, from the records of the first trials. trained: how many of these were trained just now, the others
    being there from before; wall: seconds that took on the clock.

    The first run of a process waits for its program, so a placement's quickest run says what a run takes.
    """
    quickest: dict[str, float] = {}
    for record in records:
        name = record.config.placement
        quickest[name] = min(record.seconds, quickest.get(name, math.inf))
    a_run = max(1e-3, float(np.mean([quickest[record.config.placement] for record in records])))
    lots = len(list(batches([record.config for record in records], workers)))
    a_lot = (wall * min(workers, lots) - trained * a_run) / lots if trained == len(records) else USUAL_LOT
    loss, points = (power.pooled_spread(_differences(records, value))[0] for value in (_nll, _points))
    return Pace(
        of=subject(design, workers), a_lot=max(0.0, a_lot), a_run=a_run,
        loss=0.0 if math.isnan(loss) else loss, points=0.0 if math.isnan(points) else points,
    )  # fmt: skip


def plan(design: Design, pace: Pace, minutes: float, done: int, workers: int) -> Plan:
    """What a study of so many minutes in all will do, where `done` trials are trained already."""
    trials = pace.trials(design, 60 * minutes, done, workers)
    seconds = pace.seconds(design, done, trials, workers)
    return Plan(trials, trials - done, seconds, shows(trials, pace.loss), shows(trials, pace.points))


def shows(trials: int, spread: float) -> float:
    """The true difference that four of five studies of so many trials find, their training parts overlapping.

    spread: the standard deviation of a difference over test parts. By the normal approximation to the t test's power.
    """
    return power.difference_found(trials, spread * math.sqrt(1 + trials * OVERLAP)) if spread > 0 else 0.0


def subject(design: Design, workers: int) -> str:
    """What a pace is of: it says nothing of other data, placements, rates or workers."""
    same = design.plain() | {"trials": 0, "minutes": 0, "workers": workers, "data": own.kept(design.dataset).checksum}
    return sha256(json.dumps(same, sort_keys=True).encode())[:20]


def kept(folder: Path, design: Design, workers: int) -> Pace | None:
    """The pace that was measured of such a study, or None where none was or it cannot be read."""
    try:
        found = Pace.model_validate_json((folder / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if found.of == subject(design, workers) else None


def keep(folder: Path, pace: Pace) -> None:
    """Keep it beside the study's executed notebooks."""
    write_text(folder / FILE, pace.model_dump_json(indent=1))


def _labels(record: Record) -> np.ndarray:
    return datasets.load(record.config.dataset, **record.config.dataset_options).test.labels


def _chosen(record: Record) -> np.ndarray:
    return record.probabilities["test_best" if "test_best" in record.probabilities else "test_last"]


def _nll(record: Record) -> float:
    return float(metrics.nll(_chosen(record), _labels(record)))


def _points(record: Record) -> float:
    return 100 * float(metrics.accuracy(_chosen(record), _labels(record)))


def _differences(records: Sequence[Record], value) -> list[np.ndarray]:
    """Of each arm, its differences from none over the trials."""
    none = {_trial(record): value(record) for record in records if record.config.placement == "none"}
    arms: dict[tuple, list[float]] = {}
    for record in records:
        if record.config.placement != "none" and not record.diverged:
            arm = (record.config.placement, record.config.rate)
            arms.setdefault(arm, []).append(value(record) - none[_trial(record)])
    return [np.array([each for each in found if math.isfinite(each)]) for found in arms.values()]


def _trial(record: Record) -> tuple:
    return record.config.seed, record.config.dataset_options["fold"], record.config.layers
