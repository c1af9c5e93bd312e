"""Planted records of a study of one's own data: what its networks answered, without training them."""

import csv

import numpy as np

from bilstm_dropout import datasets
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import record_of

WRONG = "row-000001"  # the text that every network gets wrong
USUAL = 0.6  # the probability that a network gives the true class


class Outcome:
    """What a run would have left."""

    best_epoch, last_epoch, diverged, seconds = 1.0, 2.0, False, 1.0

    def __init__(self, probabilities):
        self.probabilities, self.curves = probabilities, []


def keep(folder, classes=("a", "b"), word="word"):
    """Import forty texts in two classes into a project in this folder; the name of the data set."""
    (folder / "pyproject.toml").touch()
    (folder / "notebooks").mkdir(exist_ok=True)  # without it this is no project, and the tests' own would be written to
    with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = [[f"{word}{n} and thing{n % 5} {('fine', 'poor')[n % 2]}", classes[n % 2]] for n in range(40)]
        csv.writer(stream).writerows([["text", "label"], *rows])
    return import_file(folder / "texts.csv", text="text", label="label").name


def plant(study, sure, learned=True):
    """Save a record for every run of the study, and give it back.

    sure: by placement, the probability that its networks give the true class, USUAL by default; less at the last epoch.
    learned: False gives that probability to a class drawn by lot.
    """
    rng = np.random.default_rng(0)
    for config in study.configs():
        data, p = datasets.load(config.dataset, **config.dataset_options), {}
        for part, split in (("test", data.test), ("validation", data.validation)):
            named = np.where(np.array(split.ids) == WRONG, 1 - split.labels, split.labels)
            named = named if learned else rng.integers(0, 2, len(split))
            for stop, less in (("best", 0), ("last", 0.05)):
                true = sure.get(config.placement, USUAL) - less + rng.normal(0, 0.01, len(split))
                p[f"{part}_{stop}"] = np.where(np.arange(2) == named[:, None], true[:, None], 1 - true[:, None])
        Store().save(record_of(config, data, Outcome({name: each.astype(np.float32) for name, each in p.items()})))
    return study
