"""Part q: every placement on recall at three rates, without what part memory has, and beside it."""

from collections import Counter

from bilstm_dropout import datasets
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.experiments import memory, parts, recall, training
from bilstm_dropout.experiments.training import plan
from bilstm_dropout.results import published
from bilstm_dropout.runs.store import Store
from bilstm_dropout.runs.train import key_of

# What part memory has of these rates on this case, counted by hand from its FORMS.
MEMORY_HAS = {
    ("input", 0.25), ("lstm-dropout", 0.25), ("recurrent", 0.25), ("recurrent", 0.5), ("recurrent-tied", 0.25),
    ("recurrent-stepwise", 0.25), ("recurrent-stepwise", 0.5), ("candidate", 0.25), ("gates", 0.1), ("gates", 0.25),
    ("cell", 0.25), ("cell-stepwise", 0.1), ("cell-stepwise", 0.25), ("zoneout", 0.25),
}  # fmt: skip


def test_every_placement_at_every_rate_but_for_what_memory_has():
    cells = Counter((config.placement, config.rate, config.layers) for config in recall.runs())
    deep = {(name, rate, 2) for name in ("between", "between-spatial") for rate in (0.1, 0.25, 0.5)}
    flat = {
        (name, rate, 1)
        for name in {*TABLE} - {"none", "between", "between-spatial"}
        for rate in (0.1, 0.25, 0.5)
        if (name, rate) not in MEMORY_HAS
    }
    assert cells == dict.fromkeys(flat | deep | {("none", 0.0, 2)}, 6)
    assert sum(cells.values()) == (22 * 3 - 14 + 2 * 3 + 1) * 6 == 354
    assert parts.PARTS["q"].planned() == {"recall": 354} and len(parts.runs("q")) == 354


def test_runs_are_those_of_memory_but_for_placement_and_layers():
    data = datasets.load("recall", steps=20, train=2000, validation=256, test=1000, position="middle", noise=0.1)
    named = {"units": 32, "epochs": 20, "learning_rate": 2e-3, "bidirectional": True, "batch_size": 32}
    for config in recall.runs():
        assert datasets.load("recall", **config.dataset_options).fingerprint == data.fingerprint
        assert {name: getattr(config, name) for name in named} == named and config.train_rows is None
    assert {config.seed for config in recall.runs()} == {1, 2, 3, 4, 5, 6}
    # Every run of one layer has its baseline there, and every run of two layers here.
    there, here = memory.runs("memory"), {key_of(config) for config in recall.runs()}
    assert not here & set(there)
    for config in recall.runs():
        baseline = key_of(type(config)(**{**config.model_dump(), "placement": "none", "rate": 0.0}))
        assert baseline in (there if config.layers == 1 else here)


def test_published_runs_of_memory_say_how_long_it_takes(monkeypatch):
    runs_of = training._published_runs  # as before any of q was published
    monkeypatch.setattr(training, "published_keys", lambda part: set())
    monkeypatch.setattr(training, "_published_runs", lambda part: [] if part == "q" else runs_of(part))
    found = plan("q", Store(), workers=1)
    seconds = published.read("memory").query("dataset == 'recall'")["seconds"]
    assert found.left == 354 and found.unmeasured == () and 0 < found.hours * 3600 <= 354 * seconds.max()
