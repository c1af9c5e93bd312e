"""Run records, one a key: JSON for everything a person may want to read, Parquet for the probabilities.

Both files appear by atomic rename, the JSON last: it holds the Parquet file's hash and its own, so a record is there
whole or not at all, and one that was damaged since is noticed when it is read.
"""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from ..errors import UserError
from ..files import Lock, check_writable, sha256, write_text, write_whole
from ..paths import runs_folder
from .config import RunConfig

# Raise it when a change alters results; the golden-run test says so. Records of older versions stay readable.
RESULTS_VERSION = 1
_LOCKS = "locks"  # folder, beside the records


class DamagedRecord(UserError):
    """A record that does not verify. Callers train it again."""


class Record(BaseModel):
    """What one run left behind.

    metrics: 'last', and 'best' where a validation part selects, each a measure to its value
    on the test part (NaN after divergence). curves: one dictionary an evaluation; where the run watches its training,
    those at the end of an epoch have unmasked_train_nll besides. watch: the part the curves watch.
    probabilities: float32 (N, classes) by name, `test_last`, `validation_best`, …; of a run with passes their averages
    too, and their mutual information (N, 1), by the names that monte_carlo has.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    key: str
    config: RunConfig
    fingerprint: str
    results_version: int
    metrics: dict[str, dict[str, float]]
    curves: list[dict[str, float]]
    watch: str
    diverged: bool
    seconds: float
    provenance: dict[str, Any]
    probabilities: dict[str, np.ndarray]


def run_key(config: RunConfig, fingerprint: str, version: int = RESULTS_VERSION) -> str:
    """20 hexadecimal digits that stand for a run: configuration, the data's fingerprint and the results' version."""
    identity = {"config": config.model_dump(), "fingerprint": fingerprint, "results_version": version}
    return sha256(json.dumps(identity, sort_keys=True).encode())[:20]


class Store:
    """The records of one results version in a folder (data/runs by default)."""

    def __init__(self, folder: Path | None = None, version: int = RESULTS_VERSION):
        self.folder = Path(folder or runs_folder()) / f"v{version}"

    def check_writable(self) -> None:
        """Raise UserError if records could not be kept here: to be called before anything is trained."""
        for folder in (self.folder, self.folder / _LOCKS):
            check_writable(folder, "Results", "name another folder with BILSTM_DROPOUT_RUNS")

    def has(self, key: str) -> bool:
        """Whether a finished record is there; only reading it tells whether it is sound.

        UserError where the folder may not be looked into.
        """
        try:
            return stat.S_ISREG(self._json(key).stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _unreadable(self.folder, error) from None

    def keys(self) -> list[str]:
        """The keys of all finished records, sorted. UserError where the folder may not be looked into."""
        try:
            return sorted(file.stem for file in self.folder.iterdir() if file.suffix == ".json")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _unreadable(self.folder, error) from None

    def claim(self, key: str) -> Lock:
        """A lock that one process holds while it trains a run, so that no other trains the same."""
        return Lock(self.folder / _LOCKS / f"{key}.lock")

    def save(self, record: Record) -> None:
        """Write a record; afterwards it is there whole."""
        self.check_writable()
        rows = [(name, *array.shape) for name, array in record.probabilities.items()]
        table = pa.table(
            {
                "name": [row[0] for row in rows],
                "rows": [row[1] for row in rows],
                "classes": [row[2] for row in rows],
                "values": [np.ascontiguousarray(p, np.float32).ravel() for p in record.probabilities.values()],
            },
            schema=_SCHEMA,
        )
        write_whole(self._parquet(record.key), lambda file: pq.write_table(table, file, compression="zstd"))
        content = record.model_dump(exclude={"probabilities"})
        content["probabilities_sha256"] = sha256(self._parquet(record.key).read_bytes())
        content = _without_nan(content)
        content["checksum"] = sha256(json.dumps(content, sort_keys=True).encode())
        text = json.dumps(content, indent=1, sort_keys=True)
        write_text(self._json(record.key), text)

    def load(self, key: str) -> Record:
        """Read and verify a record.

        Raises DamagedRecord, naming the file, if anything about it is off, and UserError where it may not be read: it
        may well be sound then, and is not to be trained again.
        """
        file = self._json(key)
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            checksum = content.pop("checksum")
            if checksum != sha256(json.dumps(content, sort_keys=True).encode()):
                raise ValueError("its checksum does not match")
            parquet = self._parquet(key).read_bytes()
            if content.pop("probabilities_sha256") != sha256(parquet):
                raise ValueError("its probabilities are not those that were written")
            record = Record(**_with_nan(content), probabilities=_read_probabilities(parquet))
            expected = run_key(record.config, record.fingerprint, record.results_version)
            if not record.key == key == expected:
                raise ValueError("its content belongs to another run")
            if not record.diverged and not all(np.isfinite(p).all() for p in record.probabilities.values()):
                raise ValueError("its probabilities are not finite")
            return record
        except PermissionError as error:
            raise _unreadable(Path(error.filename or file), error) from None
        except Exception as error:  # whatever a hostile or broken file causes, it is a damaged record
            reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
            raise DamagedRecord(f"The record {file} is damaged ({reason}); it will be trained again.") from None

    def check(self, key: str) -> None:
        """Verify a record as `load` does, once in a process as long as its files stay as they are."""
        state = (key, *(_state(file) for file in (self._json(key), self._parquet(key))))
        if state not in _verified:
            self.load(key)
            _verified.add(state)

    def records(self, **filters) -> Iterator[Record]:
        """Every sound record whose configuration has the given values, e.g. records(placement='input', rate=0.1)."""
        for key in self.keys():
            with suppress(DamagedRecord):
                record = self.load(key)
                if all(getattr(record.config, name) == value for name, value in filters.items()):
                    yield record

    def _json(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _parquet(self, key: str) -> Path:
        return self.folder / f"{key}.parquet"


_verified: set[tuple] = set()


def _state(file: Path) -> tuple | None:
    """What tells that a file was changed; None for one that cannot be looked at."""
    try:
        found = file.stat()
        return str(file), found.st_mtime_ns, found.st_size
    except OSError:
        return None


def _unreadable(place: Path, error: OSError) -> UserError:
    return UserError(
        f"Results cannot be read from {place} ({error.strerror}). Let whoever owns it make it readable for you, or "
        "name another folder with BILSTM_DROPOUT_RUNS."
    )


_SCHEMA = pa.schema(
    [("name", pa.string()), ("rows", pa.int64()), ("classes", pa.int64()), ("values", pa.list_(pa.float32()))]
)


def _read_probabilities(content: bytes) -> dict[str, np.ndarray]:
    # Without Arrow's threads: files are small, and a process that ends while they start may be aborted.
    table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
    if table.schema != _SCHEMA:
        raise ValueError("its probabilities have another form")
    columns = (table["name"].to_pylist(), table["rows"].to_pylist(), table["classes"].to_pylist(), table["values"])
    return {
        name: np.array(values.values, np.float32).reshape(rows, classes)
        for name, rows, classes, values in zip(*columns, strict=True)
    }


def _without_nan(value):
    """JSON has no NaN and no infinity: None stands for what is not a number."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _with_nan(content: dict) -> dict:
    def numbers(values):
        return {name: math.nan if value is None else value for name, value in values.items()}

    metrics = {selected: numbers(values) for selected, values in content["metrics"].items()}
    return {**content, "metrics": metrics, "curves": [numbers(point) for point in content["curves"]]}
