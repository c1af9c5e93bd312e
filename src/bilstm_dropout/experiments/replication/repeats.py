"""Whether published runs repeat: some are drawn at random, trained again here, and compared with what is published.

`bilstm-dropout check repeats` does it and shows each run; with --json it prints what is in
data/published/repeats.json. Nothing of the published numbers is used in the training, and records of earlier runs on
this machine are not looked at. An interrupted call is taken up by the same command.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection
from typing import Annotated

import numpy as np
import pydantic

from ... import datasets
from ...dropout.placements import resolve
from ...errors import UserError
from ...paths import cache_folder
from ...results.measurement import Measurement
from ...results.method import in_study
from ...results.rows import MEASURES, config_of, row_of
from ...runs.processes import default_workers, train_in_processes
from ...runs.provenance import source_fingerprint
from ...runs.store import Record, Store
from ...runs.train import key_of, missing
from ..parts import PARTS, named
from .draw import candidates, cell, drawn, spreads

RUNS, SEED = 30, 1  # unless the command says otherwise
NUMBERS = tuple(f"{measure}_{checkpoint}" for checkpoint in ("best", "last") for measure in MEASURES)

_NLL = Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]


class Compared(pydantic.BaseModel, extra="forbid", frozen=True):
    """The test NLL at one checkpoint, in nats: as published and as trained again; None after divergence.

    spread: of seeds, see `spreads`; None where that cannot be told.
    """

    published: _NLL | None
    again: _NLL | None
    spread: _NLL | None

    @property
    def difference(self) -> float | None:
        """Again minus published; None where one of them diverged."""
        return None if self.published is None or self.again is None else self.again - self.published

    @property
    def within(self) -> bool | None:
        """Whether the difference is at most the spread of seeds; None where one of them is not known."""
        return None if self.difference is None or self.spread is None else abs(self.difference) <= self.spread


class Repeat(pydantic.BaseModel, extra="forbid", frozen=True):
    """A published run and its training here.

    key: the published row's. chosen: at the checkpoint that validation chose, or the last epoch where nothing chooses.
    last: at the last epoch. identical: every published measure at both is the same, bit for bit. same_device: the
    device class is (one that was not noted in full is not). same_source: so is the code that a run depends on.
    """

    key: Annotated[str, pydantic.Field(pattern="^[0-9a-f]{20}$")]
    part: str
    dataset: str
    placement: str
    chosen: Compared
    last: Compared
    identical: bool
    same_device: bool
    same_source: bool

    @pydantic.model_validator(mode="after")
    def _possible(self):
        named([self.part])
        datasets.describe(self.dataset)
        resolve(self.placement)
        if self.identical and any(each.published != each.again for each in (self.chosen, self.last)):
            raise ValueError("a run is called identical, and its numbers are not")
        return self


class Repeats(Measurement):
    """What was found. seed: of the drawing. left_out: data sets with published runs whose files were not here.

    provenance: of the runs that were trained again.
    """

    FILE = "repeats.json"
    COMMAND = "bilstm-dropout check repeats --json"
    NAME = "repeats"

    seed: Annotated[int, pydantic.Field(ge=0)]
    runs: Annotated[tuple[Repeat, ...], pydantic.Field(min_length=1)]
    left_out: tuple[str, ...]
    provenance: dict

    @pydantic.model_validator(mode="after")
    def _once(self):
        if len({run.key for run in self.runs}) < len(self.runs):
            raise ValueError("a run is there twice")
        for name in self.left_out:
            datasets.describe(name)
        return self


def compared(row: dict, record: Record, spread: dict[str, dict[str, float]]) -> Repeat:
    """A published row beside the record of its training here. spread: by column, what `spreads` gives."""
    again = row_of("repeats", record)
    made = json.loads(row["provenance"])

    def at(checkpoint: str) -> Compared:
        column = f"nll_{checkpoint}"
        size = spread[column].get(cell(row), np.nan)
        known = float(size) if np.isfinite(size) else None
        return Compared(published=row[column], again=again[column], spread=known)

    return Repeat(
        key=row["key"], part=row["part"], dataset=row["dataset"], placement=row["placement"],
        chosen=at("best" if row["watch"] == "validation" else "last"), last=at("last"),
        identical=all(row[name] == again[name] for name in NUMBERS),
        same_device=made.get("device") == record.provenance["device"],
        same_source=made.get("source") == record.provenance["source"],
    )  # fmt: skip


def measure(
    runs: int = RUNS, seed: int = SEED, parts: Collection[str] = (), workers: int | None = None,
    say=lambda text: print(text, file=sys.stderr, flush=True),
) -> Repeats:  # fmt: skip
    """Draw published runs, train them again in single-thread processes, and compare. Minutes to hours.

    parts: names of experiments; every part of the study by default. workers: processes, one a core by default. say:
    what tells which data sets are left out. UserError where nothing can be repeated, where data are not those of the
    published run, and where a process ends early; what it finished is kept for the next call.
    """
    parts = [part for part in PARTS if part in named(list(parts))] if parts else [*filter(in_study, PARTS)]
    rows = candidates(parts)
    left_out = sorted(name for name in {row["dataset"] for row in rows} if datasets.missing_files(name))
    for name in left_out:
        say(f"{name} is left out: its files are not here. Name their folder with BILSTM_DROPOUT_DATA.")
    chosen = drawn([row for row in rows if row["dataset"] not in left_out], runs, seed)
    if not chosen:
        raise UserError(f"Nothing to repeat: of {', '.join(parts)} no run is published whose data are here.")
    configs = [config_of(row) for row in chosen]
    for row, config in zip(chosen, configs, strict=True):
        if datasets.load(config.dataset, **config.dataset_options).fingerprint != row["fingerprint"]:
            raise UserError(
                f"The run {row['key']} cannot be repeated: {config.dataset} is not what it was trained on. "
                "Take the data and the code of the release that published it."
            )
    # Of this code and this draw alone: an interrupted call goes on, and nothing that is older counts as trained again.
    folder = cache_folder() / "repeats" / "-".join([source_fingerprint(), str(runs), str(seed), *parts])
    store = Store(folder)
    store.check_writable()
    train_in_processes(missing(configs, store, say), store, workers or default_workers(), "repeats")
    records = [store.load(key_of(config)) for config in configs]
    spread = {column: spreads(rows, column) for column in ("nll_best", "nll_last")}
    each = tuple(compared(row, record, spread) for row, record in zip(chosen, records, strict=True))
    found = Repeats(seed=seed, runs=each, left_out=tuple(left_out), provenance=records[-1].provenance)
    shutil.rmtree(folder)
    return found
