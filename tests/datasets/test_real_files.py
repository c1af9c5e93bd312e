"""The published files themselves, where BILSTM_DROPOUT_DATA names a folder that has them."""

import os
import re
import warnings
from pathlib import Path

import numpy as np

from bilstm_dropout import datasets
from bilstm_dropout.datasets import cache
from bilstm_dropout.datasets.__main__ import parts_row, row
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.experiments.exploratory.rows_and_length import ALL_OF_MR
from bilstm_dropout.paths import project_root

README = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")


def test_the_published_files_give_what_the_data_page_states(tmp_path, monkeypatch):
    """Sizes, class counts and fingerprints, from the files and not from kept arrays. Takes a minute or two."""
    if not os.environ.get("BILSTM_DROPOUT_DATA"):
        warnings.warn("Published data files were NOT checked: BILSTM_DROPOUT_DATA is not set.", stacklevel=1)
        return
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    for name, entry in datasets.REGISTRY.items():
        if not entry.files:
            continue
        assert not datasets.missing_files(name), f"{name}: {datasets.missing_files(name)}"
        made = datasets.load(name)
        assert made.fingerprint == entry.fingerprint
        assert {row(made), parts_row(made)} <= set(README.splitlines())
        section = " ".join(README.split(f"\n## {name}\n")[1].split("\n## ")[0].split())
        for split in made.splits().values():
            counts = np.bincount(split.labels)
            stated = f"{counts[0]} of each" if len(set(counts)) == 1 else ", ".join(map(str, counts))
            assert stated in section, (name, stated)


# Training rows and median lengths (words) of the study's text sets, as the page on rows and length has them.
TEXTS = {"mr": (8530, 21), "trec": (4362, 10), "phrasebank": (3877, 22), "subj": (8000, 23), "imdb": (22393, 100)}


def test_lengths_on_the_page_on_rows_and_length_are_those_of_the_study():
    configs = {config.dataset: config for config in (*grid_exploring.reviews(), *plan.fixed_rate())}
    page = (project_root() / "notebooks" / "study" / "rows_and_length.ipynb").read_text(encoding="utf-8")
    stated = re.findall(r"(\w+) \((\d+)(?: words)?\)", page)
    assert {(datasets.TITLES[name].split()[0], str(length)) for name, (_, length) in TEXTS.items()} <= set(stated)
    assert TEXTS["mr"][0] == ALL_OF_MR and str(TEXTS["imdb"][0]) in page
    for name, (rows, length) in TEXTS.items():
        if datasets.REGISTRY[name].files and not os.environ.get("BILSTM_DROPOUT_DATA"):
            warnings.warn(f"{name} was NOT checked: BILSTM_DROPOUT_DATA is not set.", stacklevel=1)
            continue
        train = datasets.load(name, **configs[name].dataset_options).train
        # Folds differ by a few rows, and so does what is the same text twice.
        assert abs(len(train) - rows) <= 5 and int(np.median(train.lengths)) == length
