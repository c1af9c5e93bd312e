"""Part s: masks in one fifth of the updates, with the training loss without masks beside them."""

from collections import Counter

import pytest
from support import text_sets

from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import early_late
from bilstm_dropout.results import curves, predictions
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    text_sets.stand_in(monkeypatch)


def test_four_sites_in_two_windows_and_none():
    found = parts.runs("s", Store()).values()
    assert len(found) == 180 and parts.PARTS["s"].planned() == {"mr": 180}
    cells = Counter((config.placement, config.rate, config.schedule) for config in found)
    sites = ("input", "recurrent-tied", "output", "variational")
    windows = {(site, 0.25, window): 20 for site in sites for window in ("first-fifth", "last-fifth")}
    assert cells == {("none", 0.0, "constant"): 20} | windows
    assert all(config.watch_training for config in found)


def test_all_else_is_a3_s():
    fixed = {key_of(config) for config in plan.fixed_rate()}
    found = early_late.runs()
    assert not {key_of(config) for config in found} & fixed
    without = {"schedule": "constant", "watch_training": False}
    there = {key_of(RunConfig(**{**config.model_dump(), **without})) for config in found}
    assert there <= fixed and len(there) == 5 * 20  # the two windows of a site have one constant rate beside them


def test_its_curves_are_published_and_its_predictions_are_not():
    assert "s" in curves.PARTS_WITH_CURVES and "s" not in predictions.PARTS_WITH_PREDICTIONS
