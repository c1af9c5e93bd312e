"""The benchmark: data of the stated sizes, candidates that train, and what it makes of seconds. Nothing is timed."""

import json
import sys

import numpy as np
import pytest

from bench import candidates, speed
from bench.candidates import BATCH, SIZES, Size, made_up
from bench.speed import Running, Way, measure
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.replication import interpreter

TINY = Size(rows=96, steps=6, length=(4, 2), classes=3, vocabulary=20, embedding=4, epochs=2, timed=2)


def test_made_up_data_has_the_size_that_is_stated():
    for size in (TINY, SIZES["mr"], SIZES["imdb"]):
        data = made_up(size)
        inputs, lengths = data["inputs"], data["lengths"]
        assert inputs.shape == (size.timed * BATCH, size.steps) and inputs.dtype == np.int32
        assert lengths.min() >= 1 and lengths.max() <= size.steps
        assert (np.count_nonzero(inputs, axis=1) == lengths).all() and inputs.max() < size.vocabulary
        assert set(data["labels"]) == set(data["test_labels"]) == set(range(size.classes))
        assert (made_up(size)["inputs"] == inputs).all() and not (made_up(size, seed=1)["inputs"] == inputs).all()
    assert lengths.mean() == SIZES["imdb"].steps
    assert made_up(SIZES["mr"])["lengths"].mean() == pytest.approx(21, abs=0.5)


def test_updates_are_those_of_a_run():
    assert TINY.updates == 6 and SIZES["imdb"].updates == 4 * 782


def test_every_candidate_of_keras_trains_on_words():
    data = made_up(TINY)
    assert candidates.ours(data)(1).shape == (candidates.TEST_ROWS, 3)
    candidates.stock(data, jit=False, pipeline=True)(1)
    candidates.stock(data, jit=False, pipeline=False)(2)


def test_runs_an_hour_and_ratios_come_from_the_seconds(monkeypatch):
    # Seconds of two updates; ours runs once as two processes of one thread, and stock is best without JIT.
    seconds = {"ours": 2.0, "stock, no compilation, arrays": 4.0}

    class Made(Running):
        def __init__(self, way, data):
            self.way, self.processes = way, []
            assert set(np.load(data)) >= {"inputs", "lengths", "labels", "test_inputs"}

        def __enter__(self):
            if self.way.candidate == "stock, jit, arrays":
                raise RuntimeError("made to fail")
            return self

        def seconds(self, seed):
            return seconds.get(self.way.candidate, 8.0) * (1.5 if self.way.threads == 1 else 1)

    monkeypatch.setattr(speed, "Running", Made)
    monkeypatch.setitem(SIZES, "tiny", TINY)
    said = []
    found = measure("tiny", ["ours", "stock"], rounds=3, cores=2, say=said.append)
    # Three times as long for the run's six updates; twice one and a half times as fast in two processes.
    assert found["ours"]["way"] == "ours (2 × 1 thread)"
    assert found["ours"]["runs_an_hour"] == pytest.approx(3600 / (3 * 2 * 1.5) * 2)
    assert found["stock"]["way"] == "stock, no compilation, arrays (2 × 1 thread)"
    assert found["ratio_to_stock"] == 2 and found["rounds_of_ratio_to_stock"] == [2, 2]
    assert found["ours"]["milliseconds_an_update"] == 1500
    assert any("stock, jit, arrays (1 × 2 threads) failed: made to fail" in text for text in said)
    assert json.loads(json.dumps(found)) == found


def test_ours_and_one_way_of_stock_have_the_study_s_flags(monkeypatch, tmp_path):
    seen = []
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    monkeypatch.setattr(speed.subprocess, "Popen", lambda *_, env, **__: seen.append(env.get("XLA_FLAGS")))
    for candidate in ("ours", f"stock, {speed.FLAGS}, arrays", "stock, jit, arrays"):
        Running(Way(candidate, 1, 1), tmp_path / "data.npz")
    assert seen == [speed.ENVIRONMENT["XLA_FLAGS"]] * 2 + [None]


def test_a_candidate_that_ends_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="No such file"), Running(Way("ours", 1, 1), tmp_path / "data.npz"):
        pass


def test_an_interpreter_without_torch_is_refused_where_it_was_named(monkeypatch, tmp_path):
    for python in (str(tmp_path / "none"), sys.executable):
        monkeypatch.setenv("PYTORCH_PYTHON", python)
        if python == sys.executable:
            monkeypatch.setattr(interpreter.subprocess, "run", lambda *_, **__: type("Done", (), {"returncode": 1}))
        with pytest.raises(UserError, match="cannot import torch") as caught:
            interpreter.installed()
        assert "\n" not in str(caught.value)
    monkeypatch.delenv("PYTORCH_PYTHON")
    assert interpreter.installed() is False


@pytest.mark.parametrize("arguments", [["--only", "imbd"], ["--rounds", "0"], ["--cores", "0"], ["--library", "jax"]])
def test_options_that_are_not_allowed_are_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        speed.main(arguments)
    assert arguments[0] in capsys.readouterr().err
