"""Training is paired, repeatable, compiled once, and records divergence; a golden run guards the results' version."""

import json
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.networks import made_up

from bilstm_dropout.dropout.classifier import initial_weights
from bilstm_dropout.runs import trainer as training
from bilstm_dropout.runs.config import RunConfig, network
from bilstm_dropout.runs.provenance import device_class
from bilstm_dropout.runs.store import RESULTS_VERSION, Store
from bilstm_dropout.runs.sweep import Sweep
from bilstm_dropout.runs.train import run_sweep
from bilstm_dropout.runs.trainer import Trainer

SMALL = dict(dataset="recall", units=4, epochs=2, batch_size=8, embedding_dim=4)


DATA = {"tokens": made_up("tokens", rows=21, validation=True), "series": made_up("series", rows=9)}


@pytest.fixture(scope="module")
def data():
    return DATA["tokens"]


def trainer_of(config: RunConfig, kind: str = "tokens") -> Trainer:
    """A trainer for a run on the data of a kind, the same for all runs of a network."""
    return _compiled(network(config).model_dump_json(), kind)


@cache
def _compiled(config: str, kind: str) -> Trainer:
    return Trainer(DATA[kind], RunConfig.model_validate_json(config))


def test_one_program_serves_all_rates_and_seeds_and_repeats_bit_for_bit(data):
    config = RunConfig(placement="input+recurrent", rate=0.3, **SMALL)
    trainer = Trainer(data, config)
    one = trainer.run(config)
    other = trainer.run(config.model_copy(update={"rate": 0.6, "seed": 2, "learning_rate": 0.01}))
    again = trainer.run(config)
    assert sorted(name for name, _ in trainer._compiled) == ["_draw", "_predict", "_train"]
    for compiled in trainer._compiled.values():
        assert compiled.experimental_get_tracing_count() == 1
    for name, p in one.probabilities.items():
        assert np.array_equal(p, again.probabilities[name])
        assert not np.array_equal(p, other.probabilities[name])
    assert one.curves == again.curves
    with pytest.raises(ValueError, match="made for another"):
        trainer.run(config.model_copy(update={"units": 5}))


def test_placements_of_one_form_share_programs_and_train_as_alone(data):
    trainer = Trainer(data, RunConfig(**SMALL))

    def run(name, trainer):
        return trainer.run(RunConfig(placement=name, rate=0.4, **SMALL)).probabilities

    names = ("input", "output", "cell", "cell-stepwise", "lstm-dropout", "input")
    together = [run(name, trainer) for name in names]
    compiled = sorted(name for name, _ in trainer._compiled)
    # One program for what masks outside the loop, and one for each of the two in the cell, whose expectations stand at
    # two places.
    assert compiled.count("_train") == 3 and compiled.count("_predict") == 3 and compiled.count("_draw") == 5
    assert all(np.array_equal(together[0][split], together[-1][split]) for split in together[0])
    for name, mine in list(zip(names, together, strict=True))[1:3]:
        for split, p in run(name, Trainer(data, RunConfig(placement=name, **SMALL))).items():
            assert np.array_equal(mine[split], p), (name, split)


def test_a_seed_means_the_same_under_every_placement(data):
    weights, orders = [], []
    for name in ("none", "recurrent", "zoneout"):
        trainer = Trainer(data, RunConfig(placement=name, **SMALL))
        weights.append(initial_weights(trainer.model, seed=5))
        orders.append(trainer._order(np.random.default_rng([5, 1]), np.arange(21), 8))
    for other in weights[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(weights[0], other, strict=True))
    assert all(np.array_equal(orders[0][0], order) for order, _ in orders)
    assert not all(np.array_equal(a, b) for a, b in zip(weights[0], initial_weights(trainer.model, 6), strict=True))


def test_an_epoch_sees_every_row_once(data):
    trainer = Trainer(data, RunConfig(**SMALL))
    order, weights = trainer._order(np.random.default_rng(0), np.arange(21), 8)
    assert sorted(order[weights > 0]) == list(range(21)) and order.shape == (3, 8)


def test_rate_zero_trains_as_none_and_another_stream_draws_other_masks():
    def last(placement, **changes):
        config = RunConfig(placement=placement, **SMALL, **changes)
        return trainer_of(config).run(config).probabilities["test_last"]

    assert last("recurrent", rate=0.0) == pytest.approx(last("none"), abs=1e-5)
    assert np.abs(last("recurrent", rate=0.5) - last("recurrent", rate=0.5, dropout_stream=1)).max() > 1e-6


def test_evaluation_and_chunking_do_not_change_training(data, monkeypatch):
    config = RunConfig(placement="input", rate=0.4, **SMALL)
    once = Trainer(data, config).run(config)
    often = config.model_copy(update={"evaluations_per_epoch": 3})
    thrice = Trainer(data, often).run(often)
    assert len(thrice.curves) == 6 and len(once.curves) == 2
    assert np.array_equal(once.probabilities["test_last"], thrice.probabilities["test_last"])
    always = config.model_copy(update={"evaluations_per_epoch": 1000})  # more than an epoch has batches
    every = Trainer(data, always).run(always)
    assert len(every.curves) == 2 * Trainer(data, config).batches
    assert np.array_equal(once.probabilities["test_last"], every.probabilities["test_last"])
    monkeypatch.setattr("bilstm_dropout.runs.trainer.MASK_BYTES", 1)
    one_at_a_time = Trainer(data, config)
    assert one_at_a_time.ahead == 1
    assert np.array_equal(once.probabilities["test_last"], one_at_a_time.run(config).probabilities["test_last"])


@pytest.mark.parametrize("name", ["none", "input+recurrent"])
def test_filler_rows_end_at_once_and_change_nothing(data, name, monkeypatch):
    config = RunConfig(placement=name, rate=0.4 if name != "none" else 0.0, **{**SMALL, "batch_size": 16})
    short = Trainer(data, config)
    monkeypatch.setattr(training, "FILLER_SHARE", 1.0)
    whole = Trainer(data, config)
    assert short.filler_ends and not whole.filler_ends
    one, other = short.run(config), whole.run(config)
    assert [each["train_nll"] for each in one.curves] == pytest.approx([each["train_nll"] for each in other.curves])
    assert one.probabilities["test_last"] == pytest.approx(other.probabilities["test_last"], abs=1e-6)


def test_the_best_epoch_is_chosen_on_validation(data):
    config = RunConfig(**{**SMALL, "epochs": 12, "learning_rate": 0.05})
    outcome = trainer_of(config).run(config)
    chosen = min(outcome.curves, key=lambda point: point["watch_nll"])
    assert outcome.best_epoch == chosen["epoch"] < outcome.last_epoch
    p = outcome.probabilities["validation_best"]
    labels = data.validation.labels
    assert -np.log(p[np.arange(len(labels)), labels]).mean() == pytest.approx(chosen["watch_nll"], abs=1e-5)


def test_without_validation_nothing_is_selected():
    config = RunConfig(units=3, epochs=1)
    outcome = trainer_of(config, "series").run(config)
    assert outcome.best_epoch is None and set(outcome.probabilities) == {"test_last"}


def test_divergence_is_recorded_not_raised():
    config = RunConfig(units=3, epochs=5, learning_rate=1e38)
    outcome = trainer_of(config, "series").run(config)
    assert outcome.diverged and len(outcome.curves) < 5


@pytest.mark.parametrize("changes", [{}, {"train_rows": 10}, {"permuted_labels": True}, {"placement": "gates"}])
def test_the_training_loss_without_masks_is_that_of_inference_and_changes_nothing_else(data, changes):
    config = RunConfig(**{"placement": "input+recurrent", "rate": 0.4, "evaluations_per_epoch": 2, **SMALL, **changes})
    watching = config.model_copy(update={"watch_training": True})
    trainer = trainer_of(config)
    plain, watched = trainer.run(config), trainer.run(watching)
    found = [point.pop("unmasked_train_nll", None) for point in watched.curves]
    ends = [point["epoch"] in (1.0, 2.0) for point in watched.curves]
    assert [each is not None for each in found] == ends and sum(ends) == 2
    assert plain.curves == watched.curves and plain.probabilities.keys() == watched.probabilities.keys()
    for name, p in plain.probabilities.items():
        assert np.array_equal(p, watched.probabilities[name])
    # With weights of the last epoch, row by row, by the network itself.
    again = config.model_copy(update={"rate": config.rate})
    best, trainer.splits = trainer.splits, {"test": trainer.splits["test"]}  # so that none is chosen and put back
    trainer.run(again)
    trainer.splits = best
    train = data.train
    logits = trainer.model(train.inputs, train.lengths, rate=config.rate)
    losses = keras.ops.sparse_categorical_crossentropy(labels_of(config, train), logits, from_logits=True).numpy()
    rows = np.arange(21) if config.train_rows is None else data.subset_rows(config.train_rows, config.seed)
    assert found[-1] == pytest.approx(losses[rows].mean(), abs=1e-5)
    assert found[-1] != pytest.approx(watched.curves[-1]["train_nll"], abs=1e-4)


def labels_of(config, train):
    """The labels that a run trains on."""
    if config.permuted_labels:
        return np.random.default_rng([config.seed, 2]).permutation(train.labels)
    return train.labels


def test_a_sweep_trains_only_what_is_missing():
    sweep = Sweep.parse(
        placement="output",
        datasets="recall",
        rates=[0.2, 0.4],
        seeds=[1],
        units=4,
        epochs=1,
        dataset_options={"recall": {"train": 40, "validation": 40, "test": 40, "steps": 5}},
    )
    trained = []
    records = run_sweep(sweep, progress=lambda *state: trained.append(state[0]))
    assert trained == [1, 2, 3] and [record.config.rate for record in records] == [0.0, 0.2, 0.4]
    store = Store()
    (store.folder / f"{records[2].key}.json").unlink()
    said = []
    (store.folder / f"{records[1].key}.parquet").write_bytes(b"broken")
    again = run_sweep(sweep, progress=lambda *state: trained.append(state[0]), say=said.append)
    assert trained[3:] == [1, 2] and len(said) == 1 and records[1].key in said[0]
    for a, b in zip(records, again, strict=True):
        assert np.array_equal(a.probabilities["test_last"], b.probabilities["test_last"])


GOLDEN = Path(__file__).parents[1] / "golden.json"


def test_results_change_only_with_their_version():
    """One tiny run a placement. If it fails on purpose: raise RESULTS_VERSION and run this file."""
    golden = json.loads(GOLDEN.read_text())
    assert golden["results_version"] == RESULTS_VERSION, "run this file after raising the version"
    found = golden_numbers()
    assert found.keys() == golden["numbers"].keys()
    # Another processor may differ in the last bits, and two epochs amplify them little.
    tolerance = 1e-6 if golden["device"] == device_class() else 1e-4
    for name, numbers in found.items():
        assert numbers == pytest.approx(golden["numbers"][name], abs=tolerance), (
            f"{name} changed: raise RESULTS_VERSION"
        )


def golden_numbers():
    numbers = {}
    for name in (
        "none",
        "input",
        "recurrent",
        "output",
        "candidate",
        "gates",
        "cell",
        "zoneout",
        "weights",
        "variational",
    ):
        config = RunConfig(placement=name, rate=0.0 if name == "none" else 0.3, **SMALL)
        outcome = trainer_of(config).run(config)
        numbers[name] = [round(float(p), 7) for p in outcome.probabilities["test_last"][:3].ravel()]
    return numbers


def test_adam_on_an_embedding_moves_as_keras_adam_does():
    """Rows that occur twice, rows that come back after decaying, and rows that never occur."""
    generator = np.random.default_rng(3)
    start = generator.normal(size=(6, 2)).astype("float32")
    tables = [keras.Variable(start), keras.Variable(start)]
    optimizers = [keras.optimizers.Adam(0.01), training.Adam(0.01)]
    for optimizer, table in zip(optimizers, tables, strict=True):
        optimizer.build([table])
    for rows in ([1, 1, 4], [2, 0, 2], [4, 1, 1], [1, 1, 1]):
        values = tf.constant(generator.normal(size=(3, 2)), tf.float32)
        for optimizer, table in zip(optimizers, tables, strict=True):
            optimizer.apply([tf.IndexedSlices(values, tf.constant(rows), tf.constant([6, 2]))], [table])
    theirs, ours = (np.asarray(table) for table in tables)
    assert ours == pytest.approx(theirs, abs=1e-6) and np.abs(ours - start).max() > 0.01
    assert (ours[[3, 5]] == start[[3, 5]]).all()
    for name in ("_momentums", "_velocities"):
        moments = [np.asarray(getattr(optimizer, name)[0]) for optimizer in optimizers]
        assert moments[1] == pytest.approx(moments[0], rel=1e-5)


if __name__ == "__main__":
    content = {"results_version": RESULTS_VERSION, "device": device_class(), "numbers": golden_numbers()}
    GOLDEN.write_text(json.dumps(content, indent=1) + "\n")


def test_weight_decay_takes_its_share_of_every_weight(data):
    # So small a learning rate that Adam's own steps (at most .0001 each) do not count beside the decay.
    config = RunConfig(**{**SMALL, "epochs": 1, "learning_rate": 1e-4, "weight_decay": 1000.0})
    trainer = Trainer(data, config)
    trainer._reset(config)
    order, weights = trainer._order(np.random.default_rng(0), np.arange(21), 8)
    trainer._stretch(config, order, weights, 0)
    for before, after in zip(initial_weights(trainer.model, config.seed), trainer.variables, strict=True):
        np.testing.assert_allclose(after.numpy(), before * (1 - 1000 * 1e-4) ** 3, atol=4e-4)


def test_label_smoothing_spreads_its_share_over_all_classes(data):
    config = RunConfig(**{**SMALL, "epochs": 1, "batch_size": 21, "label_smoothing": 0.2})
    trainer = Trainer(data, config)
    trainer._reset(config)
    trainer.variables[-2].assign(50 * trainer.variables[-2])  # the head's kernel: else every class is as likely
    logits = trainer.model(data.train.inputs, data.train.lengths).numpy()
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    labels = log_p.argmin(1)  # the least likely ones, so that smoothing shows
    trainer.labels.assign(labels)
    of_label = log_p[np.arange(21), labels]
    order, weights = trainer._order(np.random.default_rng(0), np.arange(21), 21)
    loss = trainer._stretch(config, order, weights, 0)
    assert loss == pytest.approx(-np.mean(0.8 * of_label + 0.2 * log_p.mean(1)), rel=1e-5)
    assert loss != pytest.approx(-of_label.mean(), rel=1e-2)


def test_permuted_labels_are_the_seeds_own_and_leave_other_runs_alone(data):
    config = RunConfig(**SMALL)
    trainer = Trainer(data, config)
    plain = trainer.run(config)
    permuted = {}
    for seed in (1, 2):
        trainer.run(config.model_copy(update={"seed": seed, "permuted_labels": True}))
        permuted[seed] = trainer.labels.numpy()
        assert sorted(permuted[seed]) == sorted(data.train.labels)
    assert not np.array_equal(permuted[1], data.train.labels) and not np.array_equal(permuted[1], permuted[2])
    again = trainer.run(config)
    assert all(np.array_equal(p, again.probabilities[name]) for name, p in plain.probabilities.items())
    assert all(compiled.experimental_get_tracing_count() == 1 for compiled in trainer._compiled.values())
