"""Print each data set's sizes, classes, lengths and fingerprints: `python -m bilstm_dropout.datasets`.

Sets whose files are not here are named with what to do; nothing is downloaded. The exit status is 1 where a set has
another fingerprint than the one stated for it.
"""

from __future__ import annotations

import sys

import numpy as np

from . import NAMES, REGISTRY, Dataset, load, missing_files
from .dataset import UNKNOWN, part_fingerprints
from .files import data_folders


def row(dataset: Dataset) -> str:
    """One line of the table in data/README.md: sizes, steps, width and fingerprint of a data set."""
    splits = dataset.splits()
    counts = [str(len(splits[name])) if name in splits else "–" for name in ("train", "validation", "test")]
    shortest = min(int(split.lengths.min()) for split in splits.values())
    longest = max(int(split.lengths.max()) for split in splits.values())
    steps = str(shortest) if shortest == longest else f"{shortest} to {longest}"
    width = f"{dataset.features} features" if dataset.kind == "series" else f"{dataset.vocabulary} token ids"
    cells = [dataset.name, *counts, str(len(dataset.classes)), steps, width, f"`{dataset.fingerprint}`"]
    return "| " + " | ".join(cells) + " |"


def parts_row(dataset: Dataset) -> str:
    """One line of the second table in data/README.md: the fingerprint of each part."""
    found = part_fingerprints(dataset)
    cells = [f"`{found[name]}`" if name in found else "–" for name in ("train", "validation", "test")]
    return "| " + " | ".join([dataset.name, *cells]) + " |"


def facts(dataset: Dataset) -> list[str]:
    """A line a split: rows of each class in label order, steps, and the share of steps that are the unknown token."""
    lines = []
    for name, split in dataset.splits().items():
        counts = ", ".join(str(count) for count in np.bincount(split.labels, minlength=len(dataset.classes)))
        steps = f"{split.lengths.min()} to {split.lengths.max()} steps, {split.lengths.mean():.1f} on average"
        unknown = (split.inputs == UNKNOWN).sum() / split.lengths.sum()
        share = f"; unknown tokens {unknown:.1%}" if dataset.kind == "tokens" else ""
        lines.append(f"{dataset.name}, {name}: classes {counts}; {steps}{share}")
    return lines


def missing(name: str) -> str:
    """What to do where files of this data set are not here, in one line; '' where none is missing."""
    absent = ", ".join(file.path for file in missing_files(name))
    return absent and (
        f"{name}: {absent} not here. Put it into {data_folders()[0]}, name another folder in BILSTM_DROPOUT_DATA, "
        f"or load the set once, which downloads it."
    )


def main() -> int:
    """Print the rows, then what is behind them; 1 where a fingerprint is not the stated one, else 0."""
    found = [load(name) for name in NAMES if not missing(name)]
    others = [
        f"{each.name} has the fingerprint {each.fingerprint}, stated is {REGISTRY[each.name].fingerprint}."
        for each in found
        if REGISTRY[each.name].fingerprint not in ("", each.fingerprint)
    ]
    tables = [row(each) for each in found] + [parts_row(each) for each in found]
    lines = tables + [line for each in found for line in facts(each)]
    print("\n".join([*lines, *filter(None, map(missing, NAMES)), *others]))
    return 1 if others else 0


if __name__ == "__main__":
    sys.exit(main())
