"""Times of a training step: what is measured, and when the fused kernel counts as run."""

import pytest
from keras.src import backend as kernels

from bilstm_dropout.stock_keras import fast_path


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(fast_path, "SHAPES", {"sentences": (2, 3)})


def test_every_way_asked_for_is_timed_in_every_round():
    found = fast_path.measure(["sentences"], ["no dropout", "DropoutLSTM, recurrent-tied"], rounds=2, block=1)
    assert [each["way"] for each in found["timed"]] == ["no dropout", "DropoutLSTM, recurrent-tied"]
    for each in found["timed"]:
        assert each["shape"] == "sentences" and len(each["milliseconds"]) == 2 and min(each["milliseconds"]) > 0
    assert found["backend"].startswith("tensorflow") and found["device"] == "cpu"


def test_without_a_gpu_no_kernel_is_fused_and_one_that_returns_is(monkeypatch):
    (without,) = fast_path.measure(["sentences"], ["no dropout"], rounds=1, block=1)["timed"]
    assert without["fused"] is False

    def fused(x, *state, return_sequences=False, **_):
        last = x[:, -1, :1] * state[0]
        return last, last[:, None], [last, last]

    monkeypatch.setattr(kernels, "lstm", fused)
    given, kept_off = fast_path.measure(
        ["sentences"], ["no dropout", "no dropout, without the fused kernel"], rounds=1, block=1
    )["timed"]
    assert given["fused"] is True and kept_off["fused"] is False


def test_every_way_makes_layers():
    assert all(len(make()) >= 1 for make in fast_path.WAYS.values())
    masked = [name for name in fast_path.WAYS if "recurrent" in name]
    assert len(masked) == 3 and all("fused" not in name for name in masked)
