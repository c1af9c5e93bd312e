"""Part v: none with other regularisers, beside a3's runs of none."""

from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import regularisers
from bilstm_dropout.experiments.exploratory.plan import controls
from bilstm_dropout.results import in_study
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    text_sets.stand_in(monkeypatch)


def test_four_settings_of_none_on_three_text_sets():
    found = parts.runs("v", Store()).values()
    assert len(found) == 240 and parts.PARTS["v"].planned() == {"mr": 80, "trec": 80, "phrasebank": 80}
    cells = Counter((run.placement, run.weight_decay, run.label_smoothing, run.units) for run in found)
    expected = [("none", 0.1, 0.0, 64), ("none", 1.0, 0.0, 64), ("none", 0.0, 0.1, 64), ("none", 0.0, 0.0, 32)]
    assert cells == dict.fromkeys(expected, 60) and in_study("v") and not in_study("w")


def test_all_else_is_a3s_none():
    fixed = {key_of(config) for config in plan.fixed_rate() if config.placement == "none"}
    without = {"weight_decay": 0.0, "label_smoothing": 0.0, "units": 64}
    there = {key_of(RunConfig(**{**config.model_dump(), **without})) for config in regularisers.runs()}
    assert there <= fixed and len(there) == 60


def test_those_on_mr_are_shared_with_the_controls():
    shared = {key_of(config) for config in regularisers.runs()} & {key_of(config) for config in controls()}
    assert len(shared) == 40
