"""Copies of data/published in which placements have changed places, for findings that have to notice.

What a run came to moves, not what it was: keys are hashes of configurations, so every file still reads without error.
Rows, predictions and learning curves of a run move together.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bilstm_dropout.experiments.mechanisms.tables import Mechanisms
from bilstm_dropout.experiments.robustness import ALONG, Shift
from bilstm_dropout.files import write_text
from bilstm_dropout.results import curves, manifest, predictions, published, rows

# What runs share that may stand in for each other: the data, and how the network was trained but for what is compared.
UNIT = ["dataset", "dataset_options", "seed", "train_rows", "layers", "units", "epochs", "permuted_labels"]
OUTCOMES = [name for name in rows.SCHEMA.names if name not in {
    "key", "part", "placement", "rate", "schedule", "seed", "dropout_stream", "dataset", "dataset_options",
    "train_rows", "units", "layers", "embedding_dim", "bidirectional", "epochs", "batch_size", "learning_rate",
    "evaluations_per_epoch", "weight_decay", "label_smoothing", "permuted_labels", "fingerprint", "results_version",
}]  # fmt: skip


def permuted(frame: pd.DataFrame) -> np.ndarray:
    """For each row of a part (N,) the row whose outcome it gets: cells change places at random, in each unit anew."""
    generator, found = np.random.default_rng(0), np.arange(len(frame))
    for positions in _units(frame).values():
        found[positions] = generator.permutation(positions)
    return found


def reversed_order(frame: pd.DataFrame) -> np.ndarray:
    """The same where the order of the cells is turned round: the best gets the outcome of the worst, in each unit.

    Cells (a placement at its rate and settings) are ordered by their mean test NLL at the last epoch, among those that
    share all of UNIT but the seed and the fold. So wherever a placement ends below `none`, it ends above it then, and
    the other way round: both have changed places with each other's mirror image.
    """
    found = np.arange(len(frame))
    shared = _joined(frame, [name for name in UNIT if name not in ("seed", "dataset_options")])
    cell = _joined(frame, ["placement", "rate", "schedule", "dropout_stream", "weight_decay", "label_smoothing"])
    unit = _joined(frame, ["dataset_options", "seed"])
    for positions in frame.groupby(shared, sort=False).indices.values():
        mine = frame.iloc[positions].assign(cell=cell.iloc[positions], unit=unit.iloc[positions], place=positions)
        order = mine["nll_last"].groupby(mine["cell"]).mean().sort_values(na_position="last").index
        mirror = dict(zip(order, reversed(order), strict=True))
        place = mine.drop_duplicates(["cell", "unit"]).set_index(["cell", "unit"])["place"]
        wanted = [(mirror[row.cell], row.unit) for row in mine.itertuples()]
        found[positions] = [place.get(each, own) for each, own in zip(wanted, positions, strict=True)]
    return found


def _units(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    return frame.groupby(_joined(frame, UNIT), sort=False).indices


def _joined(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """What a row has in some columns, as one text, missing values included."""
    return pd.Series([repr(values) for values in frame[columns].itertuples(index=False, name=None)], frame.index)


def write(source: Path, target: Path, moved: Callable[[pd.DataFrame], np.ndarray]) -> Path:
    """A copy of a folder of published results in which every part's outcomes have moved. Gives the copy."""
    shutil.copytree(source, target)
    files = manifest.checked_files(target)
    for part in sorted({manifest.part_of(file) for file in files}):
        mine = [file for file in files if manifest.part_of(file) == part]
        tables = [pq.read_table(file) for file in mine]
        frame = published.read(part, source)  # in the order of the files, each as it is written
        takes_from = _moved_but_fixed(frame, moved)
        common = [name for name in OUTCOMES if all(name in table.column_names for table in tables)]
        whole = pa.concat_tables([table.select(common) for table in tables]).take(pa.array(takes_from))
        first = 0
        for file, table in zip(mine, tables, strict=True):
            part_of_whole = whole.slice(first, table.num_rows)
            first += table.num_rows
            for name in common:
                table = table.set_column(table.column_names.index(name), table.schema.field(name), part_of_whole[name])
            pq.write_table(table, file, compression="zstd")
        keys = frame["key"].to_numpy()
        taken = dict(zip(keys, keys[takes_from], strict=True))
        for folder, schema in ((predictions.FOLDER, predictions.SCHEMA), (curves.FOLDER, curves.SCHEMA)):
            _move(target / folder, part, taken, schema)
    _move_spoilt(target / Shift.FILE, moved)
    frames = {file: published._read(file) for file in _without_hashes(target)}
    text = json.dumps(published.summary(frames, manifest.listing(source / manifest.MANIFEST, "method")))
    write_text(target / manifest.MANIFEST, text)
    _move_mechanisms(target / Mechanisms.FILE, moved is permuted)
    return target


def _moved_but_fixed(frame: pd.DataFrame, moved: Callable[[pd.DataFrame], np.ndarray]) -> np.ndarray:
    """What `moved` gives, but for runs of none with passes: these have no masks, which readers check, so they stay."""
    stays = ((frame["placement"] == "none") & (frame["passes"] > 0)).to_numpy()
    rest, found = np.flatnonzero(~stays), np.arange(len(frame))
    found[rest] = rest[moved(frame.iloc[rest].reset_index(drop=True))]
    return found


# What the tables of measured mechanisms compare, and at what.
COMPARED = {
    "equations": (["placement"], []), "averaging": (["reader", "signal"], ["steps"]),
    "survival": (["form"], ["steps"]), "held cells": (["form"], ["steps"]),
    "ordinary cells": (["form"], ["bias", "steps"]), "identity": (["sharing"], ["rate", "network"]),
    "scaling": (["site", "scaling"], ["rate"]), "gradients": (["network", "form", "rate"], ["step", "quantity"]),
    "recalled": (["trained_with"], ["seed"]), "doses": (["placement"], ["rate"]),
    "monte carlo": (["sharing"], ["example"]),
}  # fmt: skip
FORMULAS = ("formula", "expected", "expected_mean", "expected_second", "survivors")  # of a label, and stay with it


def _move_mechanisms(file: Path, to_the_next: bool) -> None:
    """Give what each label of a table measured to the next in their order, or the least to the one with the most."""
    content = json.loads(file.read_text(encoding="utf-8"))
    assert set(content["tables"]) == {*COMPARED, "doses at output"}  # the last compares nothing
    for name, (labels, shared) in COMPARED.items():
        frame = pd.DataFrame(content["tables"][name])
        outcomes = [column for column in frame if column not in (*labels, *shared, *FORMULAS)]
        cell, unit = _joined(frame, labels), _joined(frame, shared) if shared else pd.Series("", frame.index)
        mean = pd.to_numeric(frame[outcomes[0]], errors="coerce").groupby(cell).mean()
        order = list(mean.sort_values(na_position="last").index)
        others = order[1:] + order[:1] if to_the_next else order[::-1]
        takes = dict(zip(order, others, strict=True))
        place = {key: row for row, key in enumerate(zip(cell, unit, strict=True))}
        rows = [place.get((takes[each], of), row) for row, (each, of) in enumerate(zip(cell, unit, strict=True))]
        for column in outcomes:
            content["tables"][name][column] = frame[column].iloc[rows].tolist()
    write_text(file, json.dumps(content))


def _without_hashes(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _move_spoilt(file: Path, moved: Callable[[pd.DataFrame], np.ndarray]) -> None:
    """Let placements change places in what spoilt inputs do; a unit is a seed, fold and way, its loss the worst one."""
    found = json.loads(file.read_text("utf-8"))
    networks = found["networks"]
    frame = pd.DataFrame(networks)
    frame["dataset_options"] = frame["way"] + ", fold " + frame["fold"].astype(str)
    frame = frame.reindex(columns=rows.SCHEMA.names)
    frame["nll_last"] = [each["nll"][-1] for each in networks]
    sources = [{name: networks[source][name] for name in ALONG} for source in moved(frame)]
    found["networks"] = [each | source for each, source in zip(networks, sources, strict=True)]
    write_text(file, json.dumps(found))


def _move(folder: Path, part: str, taken: dict[str, str], schema: pa.Schema) -> None:
    """Give each run of a part the entries of the run whose outcome it has; labels, which belong to no run, stay."""
    files = [file for file in sorted(folder.glob("*.parquet")) if manifest.part_of(file) == part]
    if not files:
        return
    frames = [pq.read_table(file).to_pandas() for file in files]
    every = pd.concat(frames, ignore_index=True)
    of_run = dict(list(every.groupby("key", sort=False)))
    there = set(of_run)
    for number, (file, frame) in enumerate(zip(files, frames, strict=True)):
        keys = list(dict.fromkeys(frame["key"]))
        if number == 0:  # a run that had none and now stands for one that has
            keys += [key for key, source in taken.items() if key not in there and source in there]
        pieces = [of_run[taken.get(key, key)].assign(key=key) for key in keys if taken.get(key, key) in there]
        # A file from before a column existed gets it, empty.
        whole = pd.concat(pieces, ignore_index=True).reindex(columns=schema.names)
        table = pa.Table.from_pandas(whole, schema=schema, preserve_index=False)
        pq.write_table(table, file, compression="zstd")
    sizes = {file: pq.ParquetFile(file).metadata.num_rows for file in sorted(folder.glob("*.parquet"))}
    manifest.write_manifest(folder, sizes)
