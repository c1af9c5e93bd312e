"""Invented data sets and records for tests: a token set with hostile words, and runs with chosen probabilities."""

from types import SimpleNamespace

import numpy as np

from bilstm_dropout.book.chapters import runs
from bilstm_dropout.datasets.dataset import Dataset, Split
from bilstm_dropout.results import tidy
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.sweep import Sweep
from bilstm_dropout.stats import metrics

HOSTILE = ("$\\frac{", "<script>alert(1)</script>", "{{ 1/0 }}")
CLASSES = (HOSTILE[0], HOSTILE[1])


def split(name, rows, seed, words=40, steps=50):
    """Words from 5 on at random; word 2 stands in every second row, word 3 or 4 tells the class."""
    draw = np.random.default_rng(seed)
    labels = (np.arange(rows) // 2 % 2).astype(np.int32)
    lengths = draw.integers(3, steps + 1, size=rows).astype(np.int32)
    inputs = draw.integers(5, words, size=(rows, steps)).astype(np.int32)
    inputs[::2, 0] = 2
    inputs[:, 1] = 1
    inputs[:, 2] = 3 + labels
    inputs[np.arange(steps) >= lengths[:, None]] = 0
    return Split(inputs, lengths, labels, tuple(f"{name}-{row}" for row in range(rows)))


def tokens(validation=True, words=40, test=80):
    """A token data set, two classes, whose class can be read off its third word."""
    named = ("<padding>", "<unknown>", HOSTILE[2], HOSTILE[1])
    return Dataset(
        name="recall",
        kind="tokens",
        train=split("train", 60, 1, words),
        validation=split("validation", 40, 2, words) if validation else None,
        test=split("test", test, 3, words),
        classes=CLASSES,
        vocabulary=words,
        token_names=(*named, *(f"word{number}" for number in range(len(named), words))),
    )


def record(config: RunConfig, true, labels, classes):
    """A run that gives the true class the probabilities true (N,), the rest shared by the others."""
    others = (1 - np.asarray(true)) / (classes - 1)
    p = np.repeat(others[:, None], classes, axis=1)
    p[np.arange(len(labels)), labels] = true
    return SimpleNamespace(
        config=config,
        watch="validation",
        diverged=False,
        curves=[],
        provenance={},
        metrics={name: metrics.measures(p, labels) for name in ("best", "last")},
        probabilities={"test_best": p, "test_last": p},
    )


def chapter(dataset, true, placements=("input",), rates=(0.5,), seeds=(1, 2, 3), name="recall"):
    """A Results over one data set. true: a function of a config that gives the true class' probabilities (N,)."""
    configs = {}
    for placement in placements:
        sweep = Sweep.parse(placement=placement, datasets=[name], rates=list(rates), seeds=list(seeds))
        configs |= {config.model_dump_json(): config for config in (*sweep.baselines(), *sweep.runs())}
    labels = dataset.test.labels
    records = [record(config, true(config), labels, len(dataset.classes)) for config in configs.values()]
    frame = tidy.tidy(records, lambda config: labels)
    sweep = Sweep.parse(placement=placements[0], datasets=[name], rates=list(rates), seeds=list(seeds))
    return runs.Results(sweep, (name,), {}, records, frame)
