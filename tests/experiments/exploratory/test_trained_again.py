"""Part u: runs of part b that are trained and published though b has published them."""

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from support import text_sets

from bilstm_dropout import datasets
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import parts, training
from bilstm_dropout.experiments.exploratory import plan as grid_exploring
from bilstm_dropout.experiments.exploratory import trained_again
from bilstm_dropout.results import published
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of, record_of


@pytest.fixture(autouse=True)
def _text_sets(monkeypatch):
    text_sets.stand_in(monkeypatch)


def test_they_are_part_b_s_at_the_fixed_rate_and_of_none():
    found = trained_again.runs()
    assert Counter(config.dataset for config in found) == {"japanese_vowels": 240, "mr": 260}
    assert parts.PARTS["u"].planned() == {"japanese_vowels": 240, "mr": 260} and len(parts.runs("u")) == 500
    assert {key_of(config) for config in found} <= {key_of(config) for config in grid_exploring.dose_response()}
    assert {config.rate for config in found if config.placement != "none"} == {0.25}
    # 'none' has a network of one layer and one of two, on ten units each.
    assert Counter(config.layers for config in found if config.placement == "none") == {1: 20, 2: 20}
    names = {config.placement for config in grid_exploring.dose_response()}
    assert {config.placement for config in found} == names and len(names) == 25


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Part b with two runs, a3 done, nothing published elsewhere, and no training."""
    runs = [config for config in grid_exploring.dose_response() if config.dataset == "mr"][:2]
    nothing = lambda _: []  # noqa: E731
    monkeypatch.setitem(parts.PARTS, "b", parts.Part(lambda _: runs, lambda: {"mr": 2}, after="a3"))
    monkeypatch.setitem(parts.PARTS, "a3", parts.Part(nothing, dict))
    u = parts.PARTS["u"]
    monkeypatch.setitem(parts.PARTS, "u", parts.Part(lambda _: runs, lambda: {"mr": 2}, u.after, u.like, u.again))
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path / "published"))
    asked = []

    def train(todo, store, workers, label, scheduler):
        asked.append((label, len(todo)))
        trained(todo, store, luck=1)

    monkeypatch.setattr(training, "train_in_processes", train)
    return runs, asked


def trained(configs, store, luck, seconds=36.0):
    """Records of runs that nobody trained, with probabilities at the last epoch and at the chosen one."""
    for config in configs:
        data = datasets.load(config.dataset, **config.dataset_options)
        rng = np.random.default_rng([luck, config.seed])
        probabilities = {
            f"{part}_{when}": rng.dirichlet(np.ones(2), len(getattr(data, part).labels)).astype(np.float32)
            for part in ("test", "validation")
            for when in ("best", "last")
        }
        points = [dict(epoch=float(epoch), train_nll=0.5, watch_nll=0.6 - 0.01 * (epoch == 3), watch_accuracy=0.75)
                  for epoch in range(1, 9)]  # fmt: skip
        outcome = SimpleNamespace(
            probabilities=probabilities, curves=points, best_epoch=3.0, last_epoch=8.0, diverged=False, seconds=seconds
        )
        store.save(record_of(config, data, outcome))


def test_runs_that_b_has_published_are_trained_again_and_published_as_their_own(small):
    (runs, asked), store, other = small, Store(), Store(Store().folder.parent / "other")
    with pytest.raises(UserError, match="u rests on b, and 2 runs of b are not done"):
        training.train("u", other)
    trained(runs, store, luck=0)
    training.publish("b", store)
    plan = training.plan("u", other)
    assert (plan.done, plan.left) == (0, 2) and plan.hours == pytest.approx(2 * 36 / 3600)  # as long as b's took
    training.train("b", other)
    assert asked == []
    assert training.publish("u", other) is None  # b's rows are not taken over
    training.train("u", other)
    assert asked == [("u", 2)] and training.plan("u", other).left == 0
    training.publish("u", other)
    b, u = (published.read(part).set_index("key").sort_index() for part in ("b", "u"))
    assert [*b.index] == [*u.index] and (b["nll_last"] != u["nll_last"]).all()
    third = Store(Store().folder.parent / "third")
    assert training.plan("u", third).left == 0
    training.train("u", third)
    assert asked == [("u", 2)]


def test_a_third_part_takes_over_the_rows_of_the_first(small):
    (runs, _), store, other = small, Store(), Store(Store().folder.parent / "other")
    trained(runs, store, luck=0)
    training.publish("b", store)
    trained(runs, other, luck=1)
    training.publish("u", other)
    published.publish("j", [], shared=[key_of(config) for config in runs])
    b, j = (published.read(part).set_index("key").sort_index() for part in ("b", "j"))
    assert j.drop(columns="part").equals(b.drop(columns="part"))
