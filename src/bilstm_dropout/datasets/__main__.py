"""Print each data set's sizes and fingerprint: `python -m bilstm_dropout.datasets`."""

from __future__ import annotations

from . import NAMES, Dataset, load


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


if __name__ == "__main__":
    for name in NAMES:
        print(row(load(name)))
