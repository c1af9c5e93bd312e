"""The benchmark: data of the stated sizes, candidates that train, and what it makes of seconds. Nothing is timed."""

import json
import sys

import numpy as np
import pytest

from bench import candidates, products, published, speed
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
    candidates.sgemm(data)(1)


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


def test_the_products_of_a_run_are_counted_by_hand():
    # Two batches' rows, 3 and 5 steps long on average, 2 epochs, both directions; F = 4 and U = 64.
    data = made_up(TINY) | {"epochs": np.int32(2), "lengths": np.repeat(np.int32([3, 5]), BATCH)}
    assert products.steps(data) == 2 * (3 + 5) * 2
    forward, of_kernels, back = products.shapes(data)
    assert (forward, of_kernels, back) == ((32, 68, 256), (68, 32, 256), (32, 256, 68))
    assert products.operations(data) == 32 * 3 * (2 * 32 * 68 * 256)
    series = data | {"vocabulary": np.int32(0), "inputs": np.zeros((64, 6, 12), np.float32)}
    assert products.shapes(series) == [(32, 76, 256), (76, 32, 256), (32, 256, 64)]  # no gradient to data


def test_as_many_products_are_done_as_were_counted(monkeypatch):
    data, done = made_up(TINY), []
    monkeypatch.setattr(products.np, "matmul", lambda left, right, out: done.append(2 * left.size * right.shape[1]))
    products.sgemm(data)(1)
    assert sum(done) == products.operations(data)


def test_seconds_of_published_runs_are_taken_by_data_set(monkeypatch):
    def read(part):
        first, second, third = ("one", "mr", 10.0), ("two", "mr", 20.0), ("three", "recall", 3600.0)
        rows = {"a1": [first, second], "q": [second, third]}
        found = published.pd.DataFrame(rows.get(part, []), columns=["key", "dataset", "seconds"])
        return found.astype({"seconds": float})

    monkeypatch.setattr(published.results, "read", read)
    found = published.seconds()
    assert found["runs"].to_dict() == {"mr": 2, "recall": 1, "all": 3}
    assert found.loc["mr", "median"] == 15 and found.loc["all", "median"] == 20 and found.loc["recall", "hours"] == 1


def test_a_library_runs_in_the_environment_that_is_made_for_it(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("PYTORCH_PYTHON", raising=False)
    monkeypatch.setattr(interpreter, "installed", lambda: False)
    monkeypatch.setattr(speed, "ROOT", tmp_path)
    monkeypatch.setattr(speed, "measure", lambda name, libraries, *_, **__: {"size": name, "libraries": libraries})
    monkeypatch.setattr(speed.published, "seconds", published.pd.DataFrame)
    assert {speed.python_of(library) for library in ("ours", "stock", "sgemm")} == {sys.executable}
    speed.main(["--only", "mr", "--only", "imdb"])
    said = capsys.readouterr().out
    assert "stock-jax is left out: .venv-jax is not there; make test-backends makes it" in said
    assert "{\"size\": \"imdb\", \"libraries\": [\"ours\", \"stock\", \"sgemm\"]}" in said.replace("'", '"')
    assert "{\"size\": \"mr\", \"libraries\": [\"ours\", \"sgemm\"]}" in said
    for name in (".venv-jax", ".venv-torch"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").touch()
    speed.main(["--only", "imdb"])
    said = capsys.readouterr().out
    assert all(library in said for library in speed.LIBRARIES)
    assert speed.python_of("pytorch") == str(tmp_path / ".venv-torch/bin/python")
    monkeypatch.setattr(interpreter, "installed", lambda: True)
    assert speed.python_of("pytorch") == sys.executable


def test_keras_backends_are_named_to_the_processes(monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(speed, "python_of", lambda library: sys.executable)
    monkeypatch.setattr(speed.subprocess, "Popen", lambda *_, env, **__: seen.append(env.get("KERAS_BACKEND")))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    for candidate in ("ours", "stock-jax, jit, arrays", "stock-torch, arrays"):
        Running(Way(candidate, 1, 1), tmp_path / "data.npz")
    assert seen == [None, "jax", "torch"]


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
