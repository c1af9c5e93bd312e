"""The probe under whatever backend Keras has: run with KERAS_BACKEND=tensorflow, jax or torch.

Nothing here needs TensorFlow, nor anything but Keras, NumPy, pytest and the backend: `make test-backends`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.stock_keras import probe
from bilstm_dropout.stock_keras.probe import asking, layers
from bilstm_dropout.stock_keras.probe.expected import EXPECTED

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "data" / "published" / "probe" / f"backend-{keras.config.backend()}.json"
SIZES = (24, 5, 12)


@pytest.fixture(scope="module")
def facts():
    return probe.probe()


def test_the_backend_does_what_the_book_says(facts):
    """TensorFlow as expected, any other as published: every fact, those of the versions apart."""
    assert all(fact.meaning for fact in facts) and len({fact.name for fact in facts}) == len(facts)
    assert {type(fact.value) for fact in facts} <= {bool, int, float, str}
    said = EXPECTED
    if PUBLISHED.is_file():
        published = {each["name"]: each["value"] for each in json.loads(PUBLISHED.read_text("utf-8"))}
        assert published["versions.backend"] == keras.config.backend()
        said = {name: value for name, value in published.items() if not name.startswith("versions.")}
    assert probe.differences(facts, said) == []


def test_no_layer_but_one_fails(facts):
    """Implementation 1 multiplies a batch by a list of four masks, in whatever backend: the layer's own fault."""
    refused = {fact.name for fact in facts if str(fact.value).startswith("crashes")}
    assert refused == {"lstm.implementation_1.gates_share", "gru.implementation_1.gates_share"}


def of(*prefixes, sizes=SIZES):
    return {
        fact.name: fact.value
        for prefix, names, read in layers.groups(0, sizes)
        if prefix in prefixes
        for fact in probe._facts(prefix, names, read)
    }


@pytest.mark.parametrize("prefix", ["dropout", "gru.dropout", "lstm.recurrent_dropout", "padding.bidirectional_lstm"])
def test_what_fails_in_the_reading_is_no_fact(prefix, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    monkeypatch.setattr(np, "allclose", fails)
    with pytest.raises(RuntimeError, match="requires grad"):
        of(prefix)


def test_what_a_layer_refuses_is_a_fact_with_the_name_of_its_error(monkeypatch):
    def refuses(self, *_, **__):
        raise NotImplementedError("not on this backend")

    for step, prefix in (("call", "dropout"), ("build", "lstm.dropout"), ("__init__", "gru.dropout")):
        owner = {"dropout": keras.layers.Dropout, "lstm.dropout": keras.layers.LSTM, "gru.dropout": keras.layers.GRU}
        with monkeypatch.context() as patch:
            patch.setattr(owner[prefix], step, refuses)
            assert set(of(prefix).values()) == {"crashes: NotImplementedError"}, step


@pytest.mark.parametrize("policy", ["mixed_float16", "float64"])
def test_the_facts_do_not_depend_on_the_types_of_numbers_that_are_set(policy, facts, monkeypatch):
    few = ("gru.both.dropout", "bidirectional.seeded.lstm.dropout", "dropout.last_output", "padding.bidirectional_lstm")
    groups = layers.groups
    monkeypatch.setattr(layers, "groups", lambda *given: [each for each in groups(*given) if each[0] in few])
    floatx, before = keras.config.floatx(), keras.mixed_precision.dtype_policy()
    try:
        keras.config.set_floatx("float16")
        keras.mixed_precision.set_dtype_policy(policy)
        found = probe.probe()
        assert keras.config.floatx() == "float16" and keras.mixed_precision.dtype_policy().name == policy
    finally:
        keras.config.set_floatx(floatx)
        keras.mixed_precision.set_dtype_policy(before)
    assert len(found) > 12 and set(found) <= set(facts)


def test_outputs_are_arrays_whatever_stands_behind_them():
    layer = keras.layers.Dense(2)
    given = asking.output(layer, np.ones((3, 4), "float32"))
    assert type(given) is np.ndarray and given.shape == (3, 2)


@pytest.mark.parametrize(
    ("variables", "says"),
    [({"KERAS_BACKEND": "thinair"}, "with KERAS_BACKEND=thinair: Unable to import backend"), ({}, "floatx=float7")],
)
def test_a_keras_that_cannot_be_imported_is_one_line(variables, says, tmp_path):
    (tmp_path / "keras.json").write_text('{"floatx": "float7"}' if not variables else "{}")
    environment = {**os.environ, "KERAS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "src"), **variables}
    command = [sys.executable, "-m", "bilstm_dropout.stock_keras.probe"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr and len(done.stderr.splitlines()) == 1 and "keras.json, name one" in done.stderr


def test_a_missing_backend_is_an_error_of_the_user(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    monkeypatch.setenv("KERAS_BACKEND", "jax\n")
    with pytest.raises(UserError, match=r"^Keras cannot be imported with KERAS_BACKEND=jax: .*Install Keras and a"):
        probe.probe()
