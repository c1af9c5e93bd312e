"""What an own file comes to once it was read, and the arrays that it is kept as: no pickles, the same bytes again."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...files.reading import read_json
from .alike import cleaned, shown
from .faults import ITEMS, Faults
from .limits import most
from .report import Finding

BATCH = 32
UPDATES = 2500
EPOCHS = (4, 40)


@dataclass(frozen=True, eq=False)
class Content:
    """A file that was read and found sound.

    kind: 'tokens' or 'series'. columns: part (text, label, id, step, group, features) to column name or names. classes:
    in label order. facts: what the card says, plain JSON. arrays: labels int32 (N,), folds (of the first dealing),
    groups (as groups.joined has them) and lines (where each example begins in the file), int64 (N,), ids and texts as
    `packed` has them, and of series values float64 (steps of all, F) and lengths int32 (N,).
    report: what was found in the file, whether or not it is usable.
    """

    kind: str
    columns: dict[str, object]
    classes: tuple[str, ...]
    facts: dict[str, object]
    arrays: dict[str, np.ndarray]
    report: tuple[Finding, ...]


def packed(texts: Sequence[str]) -> np.ndarray:
    """Texts as the bytes of a JSON list, uint8: an array that needs no pickle, whatever the texts hold."""
    return np.frombuffer(json.dumps(list(texts)).encode("ascii"), dtype=np.uint8)


def unpacked(array: np.ndarray) -> list[str]:
    """The texts of `packed`. ValueError where the array holds something else."""
    texts = read_json(array.astype(np.uint8).tobytes().decode("ascii"))
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("no list of texts")
    return texts


def to_bytes(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as an .npz file: the same bytes for the same arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def identity(faults: Faults, cell: str, line: int, column: str) -> str:
    """The name of an example: a cell's text without outer spaces. What can be none is noted."""
    name = cleaned(cell)
    if not name or len(name) > most("id"):
        faults.unsound(
            f"an id has 1 to {most('id')} characters, and {shown(column)} has others on {ITEMS}. Fill these cells, or "
            "name another column.",
            f"line {line} ({shown(name, 20) + '…' if name else 'empty'})",
        )
    return name or f"line {line}"


def training(kind: str, rows: int) -> dict[str, object]:
    """What a sweep takes on so many examples where nothing is given: about UPDATES steps of Adam, EPOCHS passes.

    Eight folds of the ten are for training. Few passes are evaluated more often, so that an epoch can be chosen.
    """
    least, most = EPOCHS
    updates = -(-rows * 8 // 10 // BATCH) or 1
    epochs = min(most, max(least, round(UPDATES / updates)))
    words = {"embedding_dim": 100} if kind == "tokens" else {}
    return {"epochs": epochs, "evaluations_per_epoch": 4 if epochs <= 10 else 1} | words


def class_counts(labels: np.ndarray, classes: Sequence[str]) -> list[int]:
    """How many examples each class has, in label order."""
    return np.bincount(labels, minlength=len(classes)).tolist()
