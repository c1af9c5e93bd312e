"""Part t: cells of part planted on ten draws of the data that part planted has not."""

import json
from collections import Counter

from bilstm_dropout import datasets
from bilstm_dropout.experiments import parts, planted, planted_again
from bilstm_dropout.experiments.training import plan
from bilstm_dropout.results import published
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of

TEN = {
    (4, 0.9, "none", 0.0), (4, 0.9, "input", 0.25), (4, 0.9, "input", 0.5), (4, 0.9, "recurrent", 0.25),
    (4, 0.9, "recurrent", 0.5), (4, 0.9, "output", 0.25), (4, 0.9, "output", 0.5), (64, 0.0, "none", 0.0),
    (64, 0.0, "input", 0.25), (64, 0.0, "input", 0.5),
}  # fmt: skip


def test_ten_cells_on_ten_draws():
    found = planted_again.runs()
    cells = Counter(
        (config.dataset_options["informative"], config.dataset_options["spurious"], config.placement, config.rate)
        for config in found
    )
    assert cells == dict.fromkeys(TEN, 10) and {config.seed for config in found} == {1}
    assert Counter(config.dataset_options["data_seed"] for config in found) == dict.fromkeys(range(1, 11), 10)
    assert parts.PARTS["t"].planned() == {"planted": 100} and len(parts.runs("t")) == 100


def test_on_draw_0_they_are_runs_of_part_planted():
    there = {key_of(config) for config in planted.runs()}
    here = {key_of(config) for config in planted_again.runs()}
    assert not here & there
    assert {key_of(planted_again.on_draw(config, 0)) for config in planted_again.runs()} <= there


def test_draws_are_of_the_same_kind_and_differ():
    first = [config for config in planted_again.runs() if config.placement == "none"]
    kinds = {json.dumps({**config.dataset_options, "data_seed": 0}) for config in first}
    marks = {datasets.load("planted", **config.dataset_options).fingerprint for config in first}
    assert len(kinds) == 2 and len(marks) == 20


def test_published_runs_of_part_planted_say_how_long_it_takes():
    found, seconds = plan("t", Store(), workers=1), published.read("planted")["seconds"]
    assert found.unmeasured == ()
    assert found.left * seconds.min() <= found.hours * 3600 <= found.left * seconds.max()
