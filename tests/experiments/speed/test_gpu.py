"""Times on a GPU: how the file is read."""

import json
import math

import pytest

from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.speed import gpu
from bilstm_dropout.stats import estimate


def timed(way="no dropout", milliseconds=(2.0, 4.0, 3.0), shape="sentences", fused=True):
    return {"shape": shape, "way": way, "fused": fused, "milliseconds": list(milliseconds)}


def machine(*timed, backend="jax 0.11.2"):
    return {"keras": "3.15.1", "backend": backend, "device": "A GPU", "system": "Linux", "timed": list(timed)}


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Write what is to be the published file."""
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    return lambda *machines: (tmp_path / "gpu.json").write_text(json.dumps({"measured": machines}), "utf-8")


def test_a_ratio_is_to_no_dropout_of_the_same_shape_and_round(publish):
    slow = timed("recurrent_dropout", (20.0, 36.0, 33.0), fused=False)
    publish(machine(timed(), slow, timed(shape="documents", milliseconds=(1, 1, 1))), machine(timed(), backend="torch"))
    found = gpu.read()
    assert [*found.columns] == gpu.COLUMNS and len(found) == 4 and [*found["backend"]] == ["jax"] * 3 + ["torch"]
    row = found.iloc[1]
    assert (row["mean"], row["low"], row["high"], row["n"]) == estimate([10.0, 9.0, 11.0])
    assert row["milliseconds"] == 33 and not row["fused"] and found.iloc[0]["mean"] == 1


def test_the_published_ones_hold_both_backends_whole():
    found = gpu.read()
    assert set(zip(found["backend"], found["shape"], strict=True)) == {
        (backend, shape) for backend in ("jax", "torch") for shape in ("sentences", "documents")
    }
    assert found.groupby(["backend", "shape"])["way"].nunique().eq(9).all() and found["device"].nunique() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        [timed("recurrent_dropout")],
        [timed(), timed()],
        [timed(), timed("dropout", (1.0, 2.0))],
        [timed(milliseconds=(0.0, 1.0, 1.0))],
        [timed(milliseconds=())],
        [timed(shape="books")],
    ],
)
def test_what_is_not_whole_is_refused(publish, wrong):
    publish(machine(*wrong))
    with pytest.raises(UserError, match=r"times on a GPU .* cannot be used"):
        gpu.read()


def test_one_round_has_no_interval(publish):
    publish(machine(timed(milliseconds=(2.0,)), timed("dropout", (3.0,))))
    row = gpu.read().iloc[1]
    assert row["mean"] == 1.5 and math.isnan(row["low"])
