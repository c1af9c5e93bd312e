"""Whether published runs repeat: some are drawn at random, trained again here, and compared with what is published.

`python -m bilstm_dropout.experiments.replication.repeats` does it and shows each run; with --json it prints what is in
data/published/repeats.json. Nothing of the published numbers is used in the training, and records of earlier runs on
this machine are not looked at. An interrupted call is taken up by the same command.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic

from ... import datasets
from ...dropout.placements import resolve
from ...errors import UserError
from ...paths import cache_folder
from ...results import measurement, published
from ...results.method import in_study
from ...runs.processes import train_in_processes
from ...runs.provenance import source_fingerprint
from ...runs.store import Record, Store
from ...runs.train import key_of, missing
from ..parts import PARTS, named
from .draw import candidates, cell, drawn, spreads

RUNS, SEED = 30, 1  # unless the command says otherwise
NUMBERS = tuple(f"{measure}_{checkpoint}" for checkpoint in ("best", "last") for measure in published.MEASURES)

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


class Repeats(pydantic.BaseModel, extra="forbid", frozen=True):
    """What was found. seed: of the drawing. left_out: data sets with published runs whose files were not here.

    provenance: of the runs that were trained again.
    """

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


def file() -> Path:
    """Where the study's own repeats are published."""
    return published.published_folder() / "repeats.json"


def published_repeats() -> Repeats:
    """The published repeats, checked. UserError where the file is missing or does not hold what `measure` gives."""
    return measurement.read(file(), Repeats, "python -m bilstm_dropout.experiments.replication.repeats --json", "repeats")


def compared(row: dict, record: Record, spread: dict[str, dict[str, float]]) -> Repeat:
    """A published row beside the record of its training here. spread: by column, what `spreads` gives."""
    again = published.row_of("repeats", record)
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
    from ...study.run import default_workers

    parts = [part for part in PARTS if part in named(list(parts))] if parts else [*filter(in_study, PARTS)]
    rows = candidates(parts)
    left_out = sorted(name for name in {row["dataset"] for row in rows} if datasets.missing_files(name))
    for name in left_out:
        say(f"{name} is left out: its files are not here. Name their folder with BILSTM_DROPOUT_DATA.")
    chosen = drawn([row for row in rows if row["dataset"] not in left_out], runs, seed)
    if not chosen:
        raise UserError(f"Nothing to repeat: of {', '.join(parts)} no run is published whose data are here.")
    configs = [published.config_of(row) for row in chosen]
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


def main(arguments: list[str]) -> None:
    """`python -m bilstm_dropout.experiments.replication.repeats`: see --help. UserError for an option or a value that is not allowed."""
    options = _options(arguments)
    found = measure(options.runs, options.seed, options.part, options.workers)
    if options.json:
        print(json.dumps(found.model_dump(mode="json"), indent=1))
        return
    from ...book.pages.repeats import sentences
    from ...cli import _show

    _show([_line(run) for run in found.runs], False, [*_line(found.runs[0])])
    print("\n".join(sentences(found)))


def _line(run: Repeat) -> dict[str, str]:
    """A run as the table for people has it: test NLL at the chosen checkpoint and at the last epoch, in nats."""
    shown = {"part": run.part, "data set": run.dataset, "placement": run.placement}
    for name, each in (("chosen", run.chosen), ("last", run.last)):
        numbers = {"published": each.published, "again": each.again, "spread": each.spread}
        shown |= {f"{name}: {what}": "–" if value is None else f"{value:.5g}" for what, value in numbers.items()}
    same = {"device": run.same_device, "code": run.same_source, "bits": run.identical}
    return shown | {f"same {what}": "yes" if each else "no" for what, each in same.items()}


def _options(arguments: list[str]) -> argparse.Namespace:
    """The options of the command. UserError, one line that says what is allowed, for any other."""
    parser = _Parser(
        prog="python -m bilstm_dropout.experiments.replication.repeats", allow_abbrev=False,
        description="Train randomly drawn published runs again and compare their numbers with the published ones.",
    )  # fmt: skip
    parser.add_argument("--runs", type=_whole(1), default=RUNS, help=f"how many runs; {RUNS} by default")
    parser.add_argument("--seed", type=_whole(0), default=SEED, help=f"of the drawing; {SEED} by default")
    parser.add_argument("--part", action="append", default=[], help="an experiment; repeat for more; all of the study")
    parser.add_argument("--workers", type=_whole(1), help="single-thread processes; one a core by default")
    parser.add_argument("--json", action="store_true", help="print what is in data/published/repeats.json")
    return parser.parse_args(arguments)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str):
        options = ", ".join(option for action in self._actions for option in action.option_strings)
        raise UserError(f"{' '.join(message.split())}. Allowed options: {options}.")


def _whole(least: int):
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
            raise argparse.ArgumentTypeError(f"{text[:80]!r} is not allowed: give a whole number of at least {least}")
        return int(text)

    return number


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        print(f"repeats: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("repeats: interrupted; finished runs are kept, and the same command goes on from there", file=sys.stderr)
        sys.exit(130)
