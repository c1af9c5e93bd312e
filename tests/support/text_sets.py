"""Small stand-ins for the text sets of the study: their names and options, and made-up tokens that ask for no file."""

from dataclasses import replace

import numpy as np

from bilstm_dropout import datasets
from bilstm_dropout.datasets.dataset import Dataset, Split

ROWS = {"train": 24, "validation": 12, "test": 16}
CLASSES = {"mr": 2, "trec": 6, "subj": 2, "phrasebank": 3}


def _make(name, fold, **_):
    rng = np.random.default_rng([len(name), fold])
    classes = CLASSES[name]

    def split(part):
        rows = ROWS[part]
        labels = (np.arange(rows) % classes).astype(np.int32)
        inputs = rng.integers(2, 20, size=(rows, 6)).astype(np.int32)
        ids = tuple(f"{part}-{row}" for row in range(rows))
        return Split(inputs, np.full(rows, 6, np.int32), labels, ids)

    names = tuple(f"class {number}" for number in range(classes))
    tokens = tuple(f"token {number}" for number in range(20))
    return Dataset(name, "tokens", *map(split, ROWS), names, vocabulary=20, token_names=tokens)


def stand_in(monkeypatch):
    """Register the stand-ins for one test."""
    for name in CLASSES:
        entry = datasets.REGISTRY[name]
        # The version keeps what is loaded here apart from the real sets.
        made = replace(entry, make=lambda name=name, **options: _make(name, **options), version="stand-in")
        monkeypatch.setitem(datasets.REGISTRY, name, made)
