"""Published rows of the study with its confirmatory parts whole, made up; a fixture."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.results.method import in_study
from bilstm_dropout.runs.config import CONTROLS
from support.contrasts import rows as made_up
from support.text_sets import stand_in


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    stand_in(monkeypatch)


def score(config):
    """A made-up tuning score, lowest near a learning rate of 1e-3 on MR and of 3e-4 elsewhere."""
    best = 1e-3 if config.dataset == "mr" else 3e-4
    return abs(math.log(config.learning_rate / best)) + config.rate / 10


def tuned(configs):
    """Rows of a1 with that score."""
    frame = pd.DataFrame(
        {
            "key": f"{number:06d}", "dataset": config.dataset, "placement": config.placement, "rate": config.rate,
            "learning_rate": config.learning_rate, "seed": config.seed, "nll_best": score(config), "seconds": 3600.0,
            "diverged": False,
        }
        for number, config in enumerate(configs)
    )  # fmt: skip
    return frame


def confirmed(configs, first):
    frame = made_up(configs)
    for name in ("layers", "train_rows", "epochs", "units", "schedule", "dropout_stream", *CONTROLS):
        frame[name] = [getattr(config, name) for config in configs]
    frame = frame.assign(watch="validation", nll_last=frame["nll_best"])
    keys = [f"{number:06d}" for number in range(first, first + len(frame))]
    return frame.assign(key=keys, seconds=1800.0, diverged=False, accuracy_best=0.75, epoch_best=2.0)


@pytest.fixture
def complete():
    """Published rows of the study with a1, a2 and a3 whole."""
    empty = tuned([]).reindex(columns=["key", "seconds", "diverged"])
    found = {part: empty for part in parts.PARTS if in_study(part)}
    return found | {
        "a1": tuned(plan.tuning(score)),
        "a2": confirmed(plan.confirmation(score), 10_000),
        "a3": confirmed(plan.fixed_rate(), 20_000),
    }
