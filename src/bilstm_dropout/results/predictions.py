"""Published test predictions: append-only Parquet files under data/published/predictions/, beside the published rows.

`PART.001.parquet`, … hold a row a run, (key, 'best', N, C, values): the probabilities of N test examples for C classes
at the checkpoint that validation chose. The labels of a test part are stored once for all its runs, in a row
(labels/FINGERPRINT, 'labels', N, C, values). Neither ids nor texts are stored; N is in the order of the data set's test
part. values: little-endian uint16, N x C codes row by row, or N labels. A manifest of their own lists the files.

A code k stands for a log-probability of -k STEP nats, so that small probabilities are rounded as well as large ones;
those below LOWEST count as LOWEST, as they do for every measured NLL. Rounding moves a log-probability by at most
STEP / 2 = .000123 nats. Reading divides an example's probabilities by their sum and refuses a sum that is further than
SUM_ERROR from 1, which moves all of them by at most -ln(1 - SUM_ERROR) = .0002001. So no example's NLL, and no mean of
them, is off by more than NLL_ERROR, .00033 nats, and after a temperature T by no more than 2 NLL_ERROR / T.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .. import datasets
from ..errors import UserError, unknown
from ..files import write_whole
from ..paths import published_folder
from ..runs.store import Record
from . import published
from .manifest import MANIFEST, MOST_BYTES, check_size, checked_files, listing, unsound
from .method import method_stamp

PARTS_WITH_PREDICTIONS = ("a2", "a3")
FOLDER = "predictions"
# Of the files' format, so it stays even if metrics.EPSILON, which it equals, ever changes.
LOWEST = 1e-7
STEP = -math.log(LOWEST) / 65_535  # nats: a code of 65,535 stands for LOWEST
SUM_ERROR = 2e-4  # rounding gives up to STEP / 2, float32 and MOST_CLASSES probabilities of LOWEST about 1e-5 more
NLL_ERROR = 3.3e-4  # nats
MOST_ROWS = 10_000  # in a file; checked in its footer, before its rows are read
MOST_EXAMPLES, MOST_CLASSES = 100_000, 100  # of a run
SCHEMA = pa.schema(
    {"key": pa.string(), "selected": pa.string(), "rows": pa.int64(), "classes": pa.int64(), "values": pa.binary()}
)
_LABELS = "labels/"
_RUN_KEY, _LABELS_KEY = re.compile(r"[0-9a-f]{20}"), re.compile(rf"{_LABELS}[0-9a-f]{{16}}")


@dataclass(frozen=True)
class Predictions:
    """What is published of a part.

    probabilities: by a run's key, float64 (N, C), each example's sum is 1; a run without a finite checkpoint has none.
    labels: by the fingerprint of the data, int64 (N,), from 0 to C - 1. classes: by the same fingerprint, C.
    """

    probabilities: dict[str, np.ndarray] = field(default_factory=dict)
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)


class _Entry(NamedTuple):
    classes: int
    values: np.ndarray  # (N, C) probabilities or (N,) labels


def losses(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Each example's NLL in nats, (..., N): of probabilities (..., N, C) for labels (N,), clipped as by metrics."""
    return -np.log(np.clip(p[..., np.arange(len(y)), y], LOWEST, 1.0))


def encode(p: np.ndarray) -> bytes:
    """Finite probabilities (N, C) as a file holds them."""
    logs = np.log(np.clip(np.asarray(p, dtype=np.float64), LOWEST, 1.0))
    return np.rint(-logs / STEP).astype("<u2").tobytes()


def decode(values: bytes, rows: int, classes: int) -> np.ndarray:
    """What `encode` was given, float64 (rows, classes), within NLL_ERROR. ValueError for what are no probabilities."""
    p = np.exp(-STEP * np.frombuffer(values, "<u2").reshape(rows, classes))
    total = p.sum(axis=1, keepdims=True)
    if np.abs(total - 1).max() > SUM_ERROR:
        raise ValueError("probabilities do not sum to 1")
    return p / total


@published.one_at_a_time()
def publish(part: str, records: Iterable[Record], folder: Path | None = None) -> Path | None:
    """Add the predictions that a part lacks, as a new file, and write the manifest. Give the file, or None.

    part: of PARTS_WITH_PREDICTIONS; its rows are published already. records: from the store; one whose checkpoint is
    not finite adds nothing. folder: data/published unless given. UserError for another part, for a record that is not
    the one of its row, for more than published.MOST_BYTES in all, and for whatever is wrong with files that are there.
    """
    folder, rows = folder or published_folder(), _rows(part, folder)
    # A file that no manifest lists yet is what an interrupted call left: sound ones count, and are listed below.
    entries = {file: _read(file) for file in checked_files(folder / FOLDER, unlisted=True)}
    methods = listing(folder / FOLDER / MANIFEST, "method")
    new = _new_rows(part, records, rows, _matched(part, entries, rows))
    target = None
    if new:
        number = 1 + max((int(file.name.split(".")[1]) for file in entries if _part_of(file) == part), default=0)
        target = folder / FOLDER / f"{part}.{number:03d}.parquet"
        table = pa.Table.from_pylist([new[key] for key in sorted(new)], schema=SCHEMA)
        # Hardly two runs are alike, so a dictionary of values would only add to them.
        write_whole(target, lambda name: pq.write_table(table, name, compression="zstd", use_dictionary=False))
        try:
            entries[target] = _read(target)
            _matched(part, entries, rows)
            check_size(folder)
        except UserError:
            target.unlink()
            raise
    if entries:
        files = {
            file.name: {
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "rows": len(entries[file]),
                "method": methods.get(file.name) or method_stamp(),
            }
            for file in sorted(entries)
        }
        text = json.dumps({"files": files}, indent=1, sort_keys=True) + "\n"
        write_whole(folder / FOLDER / MANIFEST, lambda name: Path(name).write_text(text, encoding="utf-8"))
    return target


def read(part: str, folder: Path | None = None) -> Predictions:
    """A part's predictions; none where it was not published yet.

    Every file is checked: listed in the manifest with its hash, of these columns, sizes that fit each other,
    probabilities that sum to 1, keys of the part's published rows, each once, and for every run the NLL that its row
    has. UserError, naming the file, for anything else, and for a part without predictions.
    """
    folder = folder or published_folder()
    rows = _rows(part, folder)
    files = [file for file in checked_files(folder / FOLDER) if _part_of(file) == part]
    return _matched(part, {file: _read(file) for file in files}, rows)


def _rows(part: str, folder: Path) -> pd.DataFrame:
    """A part's published rows, by their keys."""
    if part not in PARTS_WITH_PREDICTIONS:
        raise unknown("part with predictions", part, PARTS_WITH_PREDICTIONS)
    return published.read(part, folder).set_index("key")


def _part_of(file: Path) -> str:
    return file.name.partition(".")[0]


def _new_rows(part: str, records: Iterable[Record], rows: pd.DataFrame, there: Predictions) -> dict[str, dict]:
    """The rows of SCHEMA that a file of these records needs beside what is there, by key."""
    new = {}
    for record in records:
        key, p = record.key, record.probabilities.get("test_best")
        if key not in rows.index:
            raise UserError(
                f"The run {key} has no published row in {part}. Publish the rows first: bilstm-dropout experiments "
                f"{part} --publish."
            )
        labels_key = _LABELS + record.fingerprint
        if record.fingerprint not in there.labels and labels_key not in new:
            data = datasets.load(record.config.dataset, **record.config.dataset_options)
            if data.fingerprint != record.fingerprint:
                raise UserError(
                    f"The data set {record.config.dataset} is not the one that the run {key} was trained on. Publish "
                    "where its files are as they were."
                )
            values = data.test.labels.astype("<u2").tobytes()
            new[labels_key] = _row(labels_key, "labels", len(data.test), len(data.classes), values)
        if key in there.probabilities or p is None or not np.isfinite(p).all():
            continue
        # Equal but for a run that was trained again, perhaps elsewhere: its row stays as it was published.
        if not abs(record.metrics["best"]["nll"] - rows.at[key, "nll_best"]) <= NLL_ERROR:
            raise UserError(
                f"The run {key} was trained again after its row was published, and gave another NLL. Publish the "
                "predictions of the record that gave the row."
            )
        new[key] = _row(key, "best", *p.shape, encode(p))
    return new


def _row(*values) -> dict:
    return dict(zip(SCHEMA.names, values, strict=True))


def _read(file: Path) -> dict[str, _Entry]:
    """A file's entries by key, each checked by itself."""
    try:
        parquet = pq.ParquetFile(file)
        unpacked = sum(parquet.metadata.row_group(number).total_byte_size for number in range(parquet.num_row_groups))
        if parquet.metadata.num_rows > MOST_ROWS or unpacked > 10 * MOST_BYTES:
            raise ValueError("it is too large")
        if not parquet.schema_arrow.equals(SCHEMA):
            raise ValueError("its columns are others")
        found = {}
        for row in parquet.read(use_threads=False).to_pylist():
            if row["key"] in found:
                raise ValueError("it has a key twice")
            found[row["key"]] = _checked(row)
        return found
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(file, str(error) or type(error).__name__) from None


def _checked(row: dict) -> _Entry:
    """A row's content. ValueError or TypeError if anything is off."""
    rows, classes, values = row["rows"], row["classes"], row["values"]
    if not (1 <= rows <= MOST_EXAMPLES and 2 <= classes <= MOST_CLASSES):
        raise ValueError("its numbers of examples or classes cannot be")
    if row["selected"] == "labels" and _LABELS_KEY.fullmatch(row["key"]):
        if len(values) != 2 * rows or max(labels := np.frombuffer(values, "<u2").astype(np.int64)) >= classes:
            raise ValueError("its labels are not one class an example")
        return _Entry(classes, labels)
    if row["selected"] != "best" or not _RUN_KEY.fullmatch(row["key"]):
        raise ValueError("a key or what was selected is none")
    if len(values) != 2 * rows * classes:
        raise ValueError("its probabilities are not one a class and example")
    return _Entry(classes, decode(values, rows, classes))


def _matched(part: str, entries: dict[Path, dict[str, _Entry]], rows: pd.DataFrame) -> Predictions:
    """The predictions in files of a part, compared with its published rows."""
    found, fingerprints = Predictions(), set(rows["fingerprint"])
    of_part = [(file, key, entry) for file in entries if _part_of(file) == part for key, entry in entries[file].items()]
    for file, key, entry in of_part:
        fingerprint = key.removeprefix(_LABELS)
        if fingerprint == key:
            continue
        if fingerprint in found.labels or fingerprint not in fingerprints:
            raise unsound(file, f"{key} is there twice, or no published run of {part} has this data")
        found.labels[fingerprint], found.classes[fingerprint] = entry.values, entry.classes
    for file, key, entry in of_part:
        if key.startswith(_LABELS):
            continue
        if key in found.probabilities or key not in rows.index:
            raise unsound(file, f"the run {key} is there twice, or has no published row in {part}")
        fingerprint, nll = rows.at[key, "fingerprint"], rows.at[key, "nll_best"]
        labels = found.labels.get(fingerprint, ())
        if entry.values.shape != (len(labels), found.classes.get(fingerprint)):
            raise unsound(file, f"the run {key} does not fit the labels of its data")
        if not abs(losses(entry.values, labels).mean() - nll) <= NLL_ERROR:  # NaN is refused too
            raise unsound(file, f"the run {key} has another NLL than its published row")
        found.probabilities[key] = entry.values
    return found
