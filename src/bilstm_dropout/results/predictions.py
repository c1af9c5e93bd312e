"""Published predictions: append-only Parquet files under data/published/predictions/, beside the published rows.

`PART.001.parquet`, … hold rows (key, selected, N, C, values): a run's probabilities of N examples for C classes. What
is selected is one of SELECTED: 'best', the test part at the checkpoint that validation chose, which every part has;
'last', the test part at the last epoch; 'validation_best', the validation part at the chosen checkpoint; and of runs
with passes their averages. The labels of a test or validation part are stored once for all its runs, in a row
(labels/FINGERPRINT, 'labels' or 'validation_labels', N, C, values). Neither ids nor texts are stored; N is in the order
of the data set's part. values: little-endian uint16, codes row by row (see encoding), or N labels. A manifest of their
own lists the files.
"""

from __future__ import annotations

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
from ..stats import metrics
from ..stats.calibration import COOLEST, HOTTEST, scaled
from ..stats.monte_carlo import entropy
from . import manifest, published
from .about import file_name
from .encoding import NLL_ERROR, RATIO_ERROR, SHARES, losses
from .manifest import check_size, checked_files, part_of, unsound
from .selected import PARTS_WITH_PREDICTIONS, SELECTED

FOLDER = "predictions"
MOST_ROWS = 10_000  # in a file; checked in its footer, before its rows are read
MOST_EXAMPLES, MOST_CLASSES = 100_000, 100  # of a run
INFORMATION_ERROR = 5e-3  # nats, by which rounded information may be above the entropy of a rounded average
NONE = "none"
SCHEMA = pa.schema(
    {"key": pa.string(), "selected": pa.string(), "rows": pa.int64(), "classes": pa.int64(), "values": pa.binary()}
)
_LABELS = "labels/"
# What a run's predictions are compared with, of its published row.
_COMPARED = ["fingerprint", "placement", "passes", "temperature_best", "nll_best", "nll_last"]
_RUN_KEY, _LABELS_KEY = re.compile(r"[0-9a-f]{20}"), re.compile(rf"{_LABELS}[0-9a-f]{{16}}")


@dataclass(frozen=True)
class Predictions:
    """What is published of a part.

    probabilities: by a run's key, float64 (N, C) of the test part at the chosen checkpoint, each example's sum is 1; a
    run without a finite checkpoint has none. last: the same at the last epoch; validation: of the validation part at
    the chosen checkpoint; both only in parts that publish them. labels: by the fingerprint of the data, int64 (N,),
    from 0 to C - 1, of the test part; validation_labels: of the validation part. classes: by the same fingerprint, C.
    passes: by what is selected, then by key, averages over passes (N, C) or their information (N, 1), nats.
    """

    probabilities: dict[str, np.ndarray] = field(default_factory=dict)
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    last: dict[str, np.ndarray] = field(default_factory=dict)
    validation: dict[str, np.ndarray] = field(default_factory=dict)
    validation_labels: dict[str, np.ndarray] = field(default_factory=dict)
    passes: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def of(self, selected: str) -> dict[str, np.ndarray]:
        """Values by key, of what is selected: a name in SELECTED."""
        if SELECTED[selected].passes:
            return self.passes.setdefault(selected, {})
        return {"best": self.probabilities, "last": self.last, "validation_best": self.validation}[selected]

    def labels_of(self, kind: str) -> dict[str, np.ndarray]:
        """Labels by fingerprint. kind: 'labels' or 'validation_labels'."""
        return {"labels": self.labels, "validation_labels": self.validation_labels}[kind]


class _Entry(NamedTuple):
    classes: int
    values: np.ndarray  # (N, C) probabilities, (N, 1) nats, or (N,) labels


_Name = tuple[str, str]  # a row's key and what it says is selected


@published.one_at_a_time()
def publish(part: str, records: Iterable[Record], folder: Path | None = None) -> Path | None:
    """Add the predictions that a part lacks, as a new file, and write the manifest. Give the file, or None.

    part: of PARTS_WITH_PREDICTIONS; its rows are published already. records: from the store; what is not finite or not
    there of one adds nothing. folder: data/published unless given. UserError for another part, for a record that is not
    the one of its row, for more than manifest.MOST_BYTES in all, and for whatever is wrong with files that are there.
    """
    folder, rows = folder or published_folder(), _rows(part, folder)
    # A file that no manifest lists yet is what an interrupted call left: sound ones count, and are listed below.
    entries = {file: _read(file) for file in checked_files(folder / FOLDER, unlisted=True)}
    new = _new_rows(part, records, rows, _matched(part, entries, rows))
    target = None
    if new:
        target = manifest.next_file(folder / FOLDER, part, entries)
        table = pa.Table.from_pylist([new[name] for name in sorted(new)], schema=SCHEMA)
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
        manifest.write_manifest(folder / FOLDER, {file: len(found) for file, found in entries.items()})
    return target


def read(part: str, folder: Path | None = None) -> Predictions:
    """A part's predictions; none where it was not published yet.

    Every file is checked: listed in the manifest with its hash, of these columns, sizes that fit each other,
    probabilities that sum to 1, keys of the part's published rows, each once, for every run the NLL that its row has,
    and on validation the least NLL near the row's temperature. UserError, naming the file, for anything else, and for a
    part without predictions.
    """
    part, folder = file_name(part), folder or published_folder()
    rows = _rows(part, folder)
    files = [file for file in checked_files(folder / FOLDER) if part_of(file) == part]
    return _matched(part, {file: _read(file) for file in files}, rows)


def _rows(part: str, folder: Path) -> pd.DataFrame:
    """A part's published rows, by their keys."""
    if part not in PARTS_WITH_PREDICTIONS:
        raise unknown("part with predictions", part, PARTS_WITH_PREDICTIONS)
    return published.read(part, folder).set_index("key")


def _new_rows(part: str, records: Iterable[Record], rows: pd.DataFrame, there: Predictions) -> dict[_Name, dict]:
    """The rows of SCHEMA that a file of these records needs beside what is there."""
    new = {}
    for record in records:
        key = record.key
        if key not in rows.index:
            raise UserError(
                f"The run {key} has no published row in {part}. Publish the rows first: bilstm-dropout experiments "
                f"{part} --publish."
            )
        kinds = {SELECTED[selected].labels for selected in PARTS_WITH_PREDICTIONS[part]}
        if any(record.fingerprint not in there.labels_of(kind) for kind in kinds):
            new |= _labels(record, [kind for kind in kinds if record.fingerprint not in there.labels_of(kind)], new)
        for selected in PARTS_WITH_PREDICTIONS[part]:
            what, classes = SELECTED[selected], record.probabilities["test_last"].shape[1]
            p = record.probabilities.get(what.name)
            if key in there.of(selected) or p is None or not np.isfinite(p).all():
                continue
            # Equal but for a run that was trained again, perhaps elsewhere: its row stays as it was published.
            if not abs(record.metrics[what.at]["nll"] - rows.at[key, f"nll_{what.at}"]) <= NLL_ERROR:
                raise UserError(
                    f"The run {key} was trained again after its row was published, and gave another NLL. Publish the "
                    "predictions of the record that gave the row."
                )
            new[key, selected] = _row(key, selected, len(p), classes, what.form.encode(p, classes))
    return new


def _labels(record: Record, kinds: Iterable[str], there: Iterable[_Name]) -> dict[_Name, dict]:
    """Rows of the labels of a record's data, of these kinds, that are not there."""
    key = _LABELS + record.fingerprint
    kinds = [kind for kind in kinds if (key, kind) not in there]
    if not kinds:
        return {}
    data = datasets.load(record.config.dataset, **record.config.dataset_options)
    if data.fingerprint != record.fingerprint:
        raise UserError(
            f"The data set {record.config.dataset} is not the one that the run {record.key} was trained on. Publish "
            "where its files are as they were."
        )
    splits = {"labels": data.test, "validation_labels": data.validation}
    return {
        (key, kind): _row(key, kind, len(splits[kind]), len(data.classes), splits[kind].labels.astype("<u2").tobytes())
        for kind in kinds
        if splits[kind] is not None
    }


def _row(*values) -> dict:
    return dict(zip(SCHEMA.names, values, strict=True))


def _read(file: Path) -> dict[_Name, _Entry]:
    """A file's entries, each checked by itself."""
    try:
        parquet = pq.ParquetFile(file)
        unpacked = sum(parquet.metadata.row_group(number).total_byte_size for number in range(parquet.num_row_groups))
        if parquet.metadata.num_rows > MOST_ROWS or unpacked > 10 * manifest.MOST_BYTES:
            raise ValueError("it is too large")
        if not parquet.schema_arrow.equals(SCHEMA):
            raise ValueError("its columns are others")
        if part_of(file) not in PARTS_WITH_PREDICTIONS:
            raise ValueError("its part has no predictions")
        found = {}
        for row in parquet.read(use_threads=False).to_pylist():
            if (name := (row["key"], row["selected"])) in found:
                raise ValueError("it has a key twice")
            found[name] = _checked(row, PARTS_WITH_PREDICTIONS[part_of(file)])
        return found
    except Exception as error:  # whatever a hostile or broken file causes
        raise unsound(file, str(error) or type(error).__name__) from None


def _checked(row: dict, allowed: Iterable[str]) -> _Entry:
    """A row's content. allowed: what a part selects. ValueError or TypeError if anything is off."""
    rows, classes, values, selected = row["rows"], row["classes"], row["values"], row["selected"]
    if not (1 <= rows <= MOST_EXAMPLES and 2 <= classes <= MOST_CLASSES):
        raise ValueError("its numbers of examples or classes cannot be")
    if selected in {SELECTED[name].labels for name in allowed} and _LABELS_KEY.fullmatch(row["key"]):
        if len(values) != 2 * rows or max(labels := np.frombuffer(values, "<u2").astype(np.int64)) >= classes:
            raise ValueError("its labels are not one class an example")
        return _Entry(classes, labels)
    if selected not in allowed or not _RUN_KEY.fullmatch(row["key"]):
        raise ValueError("a key or what was selected is none")
    form = SELECTED[selected].form
    if len(values) != 2 * rows * form.codes(classes):
        raise ValueError("its probabilities are not one a class and example")
    return _Entry(classes, form.decode(values, rows, classes))


def _matched(part: str, entries: dict[Path, dict[_Name, _Entry]], rows: pd.DataFrame) -> Predictions:
    """The predictions in files of a part, compared with its published rows."""
    found, fingerprints = Predictions(), set(rows["fingerprint"])
    of_run = rows[_COMPARED].to_dict("index")  # a frame's cells one by one take longer than all the rest
    own = [file for file in entries if part_of(file) == part]
    of_part = [(file, *name, entry) for file in own for name, entry in entries[file].items()]
    for file, key, kind, entry in of_part:
        if key.startswith(_LABELS):
            fingerprint, labels = key.removeprefix(_LABELS), found.labels_of(kind)
            if fingerprint in labels or fingerprint not in fingerprints:
                raise unsound(file, f"{key} is there twice, or no published run of {part} has this data")
            if found.classes.setdefault(fingerprint, entry.classes) != entry.classes:
                raise unsound(file, f"{key} has another number of classes on validation than on test")
            labels[fingerprint] = entry.values
    for file, key, selected, entry in of_part:
        if key.startswith(_LABELS):
            continue
        if key in found.of(selected) or key not in of_run:
            raise unsound(file, f"the run {key} is there twice, or has no published row in {part}")
        row = of_run[key]
        fingerprint, what = row["fingerprint"], SELECTED[selected]
        labels = found.labels_of(what.labels).get(fingerprint, ())
        if entry.values.shape[0] != len(labels) or entry.classes != found.classes.get(fingerprint):
            raise unsound(file, f"the run {key} does not fit the labels of its data")
        if what.passes:
            if reason := _misfit(selected, entry.values, labels, row):
                raise unsound(file, f"the run {key} {reason}")
        elif selected == "validation_best":
            if not _is_coolest(entry.values, labels, row["temperature_best"]):
                raise unsound(file, f"the run {key} has another temperature than its published row")
        # NaN is refused too
        elif not abs(losses(entry.values, labels).mean() - row[f"nll_{selected}"]) <= NLL_ERROR:
            raise unsound(file, f"the run {key} has another NLL than its published row")
        found.of(selected)[key] = entry.values
    for file, key, selected, entry in of_part:
        if selected.endswith("_information") and not key.startswith(_LABELS):
            mean = found.of(selected.replace("_information", "_mean")).get(key)
            if mean is None:
                raise unsound(file, f"the run {key} has information of passes and no average of them")
            if (entry.values[:, 0] > entropy(mean) + INFORMATION_ERROR).any():
                raise unsound(file, f"the run {key} has more information than its average of passes has entropy")
    return found


def _misfit(selected: str, values: np.ndarray, labels: np.ndarray, row: dict) -> str | None:
    """What in values of passes does not fit their run's published row, if anything."""
    what = SELECTED[selected]
    if not row["passes"]:
        return "has an average of passes, and its published row has none"
    if row["placement"] != NONE or not what.own:
        return None
    if what.form is SHARES:
        return "has information without any masks" if values.any() else None
    if what.labels == "labels" and not abs(losses(values, labels).mean() - row[f"nll_{what.at}"]) <= RATIO_ERROR:
        return "has no masks, and another NLL on average than its published row"
    return None


def _is_coolest(p: np.ndarray, y: np.ndarray, temperature: float) -> bool:
    """Whether half and twice a temperature give p (V, C) no lower NLL than it, but for rounding; False for NaN.

    Of a validation part a row has no measure, but the temperature that was fitted on it.
    """
    here, error = metrics.nll(scaled(p, temperature), y), 2 * NLL_ERROR / temperature
    others = (max(temperature / 2, COOLEST), min(temperature * 2, HOTTEST))
    return all(here <= metrics.nll(scaled(p, each), y) + error + 2 * NLL_ERROR / each for each in others)
