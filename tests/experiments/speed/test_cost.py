"""What placements cost: how the file is read, and that each placement is timed between two blocks of `none`."""

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

from bilstm_dropout import datasets
from bilstm_dropout.cli import app, checks
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.speed import cost
from bilstm_dropout.stats import estimate

RATIOS = {"none": [1.0, 1.02, 0.98], "input": [1.2, 1.3, 1.25], "between": [1.1, 1.1, 1.1]}


def network(kind="tokens", layers=1, names=("none", "input"), **changed):
    timed = [{"placement": name, "seconds": 0.01, "ratios": RATIOS[name]} for name in names]
    return {"kind": kind, "layers": layers, "timed": timed, **changed}


def made_up(*networks):
    return {"networks": list(networks), "code": "c0de", "provenance": {}}


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Write what is to be the published file."""
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))

    def write(content):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "cost.json").write_text(text, encoding="utf-8")

    return write


def test_a_row_has_mean_and_interval_over_rounds_and_a_placement_without_a_cost_has_a_dash(publish):
    publish(made_up(network(), network("series", 2, ["none", "between"])))
    found = cost.read()
    assert [*found.columns] == cost.COLUMNS and not found.duplicated(["placement", "kind", "layers"]).any()
    row = found[(found["placement"] == "input") & (found["kind"] == "tokens")].iloc[0]
    mean, low, high, n = estimate(RATIOS["input"])
    assert (row.ratio, row.low, row.high, row.n, row.layers, row.seconds) == (mean, low, high, n, 1, 0.01)
    assert row.ratio == 1.25 and low < 1.25 < high
    missing = found[(found["placement"] == "input") & (found["kind"] == "series")].iloc[0]
    assert missing.n == 0 and math.isnan(missing.ratio) and math.isnan(missing.seconds)
    second = found[(found["placement"] == "between") & (found["kind"] == "series")].iloc[0]
    assert second.layers == 2 and [round(each, 2) for each in (second.ratio, second.low, second.high)] == [1.1] * 3


def test_one_round_has_no_interval(publish):
    timed = [{"placement": "none", "seconds": 0.01, "ratios": [1.01]}]
    publish(made_up(network(timed=timed)))
    row = cost.read().iloc[0]
    assert row.ratio == 1.01 and math.isnan(row.low) and math.isnan(row.high)


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "\x00", json.dumps(made_up(network()))[:-9],
        made_up(network(), network()), made_up(network(layers=3)), made_up(network("images")),
        made_up(network(names=["input"])), made_up(network(names=["none", "input", "input"])),
        made_up(network(timed=[{"placement": "none", "seconds": 0.0, "ratios": [1.0]}])),
        made_up(network(timed=[{"placement": "none", "seconds": 0.1, "ratios": []}])),
        made_up(network(timed=[{"placement": "none", "seconds": 0.1, "ratios": [math.nan]}])),
        made_up(network(timed=[{"placement": "none", "seconds": 0.1, "ratios": [-1.0]}])),
        made_up(network(timed=[{"placement": "none", "seconds": 1, "ratios": [1, 1]},
                               {"placement": "input", "seconds": 1, "ratios": [1]}])),
        {**made_up(network()), "more": 1},
    ],
)  # fmt: skip
def test_a_damaged_file_is_one_line_that_says_what_to_do(publish, content):
    publish(content)
    with pytest.raises(UserError, match=r"cannot be used.*Restore them from a release.*measure cost") as raised:
        cost.read()
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_said(publish):
    with pytest.raises(UserError, match="Restore them from a release"):
        cost.read()


def test_a_placement_that_the_table_lacks_is_not_shown(publish):
    timed = [{"placement": name, "seconds": 0.01, "ratios": [1.0]} for name in ("none", "<b>gone</b>")]
    publish(made_up(network(timed=timed)))
    assert set(cost.read()["placement"]) == set(TABLE)


def test_every_placement_is_measured_in_the_networks_it_applies_to():
    found = cost.programs()
    assert {placement for _, _, placement in found} == set(TABLE) and len(set(found)) == len(found)
    assert [each[2] for each in found if each[:2] == ("series", 2)] == ["none", "between", "between-spatial"]
    embedded = {"embedding-types", "embedding-and-arguments"}
    assert {each[2] for each in found if each[:2] == ("tokens", 1)} - {
        each[2] for each in found if each[:2] == ("series", 1)
    } == embedded
    assert cost.programs(["none", "output"], ["series"]) == [("series", 1, "none"), ("series", 1, "output")]


def test_the_published_file_has_every_placement_of_the_table_and_none_against_itself():
    found = cost.read()
    assert set(found["placement"]) == set(TABLE) and (found["n"] >= 7).all()
    assert (found["low"] < found["high"]).all() and (found["seconds"] > 0).all()
    alike = found[found["placement"] == "none"]
    assert len(alike) == 4 and (alike["ratio"] - 1).abs().max() < 0.1
    published = cost.Cost.published()
    assert published.code and {"made", "python", "source", "device"} <= set(published.provenance)


@pytest.mark.parametrize("kind", cost.SHAPES)
def test_made_up_data_have_the_lengths_of_the_study(kind):
    shape = cost.SHAPES[kind]
    data = cost.made_up(shape)
    assert data.kind == kind and data.train.inputs.shape[:2] == (shape.rows, shape.lengths[-1])
    tenths = np.quantile(data.train.lengths, np.linspace(0.1, 1, 10))
    assert np.abs(tenths - shape.lengths[1:]).max() <= 1
    assert data.vocabulary == (plan.VOCABULARY if kind == "tokens" else 0)


def test_the_lengths_of_series_are_those_of_japanese_vowels():
    data, shape = datasets.load("japanese_vowels"), cost.SHAPES["series"]
    assert (shape.rows, shape.features, shape.classes) == (len(data.train), data.features, len(data.classes))
    assert np.quantile(data.train.lengths, np.linspace(0, 1, 11)).tolist() == list(shape.lengths)


def test_each_placement_is_timed_between_two_blocks_of_none(monkeypatch):
    """Made-up seconds: those of `none` rise with every block, so only the mean of both its sides gives ratio 1."""
    calls, clock = [], iter(range(100, 10_000))

    def compiled(planned, shapes):
        def block(name):
            calls.append(name)
            now = next(clock)
            return now * (2.0 if name == "output" else 1.0)

        return {each: lambda name=each[2]: block(name) for each in planned}

    monkeypatch.setattr(cost, "_compiled", compiled)
    found = cost.measure(5, ["none", "input", "output"], {"series": cost.SHAPES["series"]})
    (timed,) = (network.timed for network in found.networks)
    assert {each.placement: each.ratios for each in timed} == {
        "none": (1.0,) * 5, "input": (1.0,) * 5, "output": (2.0,) * 5,
    }  # fmt: skip
    rounds = [calls[first : first + 7] for first in range(0, len(calls), 7)]
    assert len(rounds) == 5 and all(each[::2] == ["none"] * 4 for each in rounds)
    assert all(sorted(each[1::2]) == ["input", "none", "output"] for each in rounds)
    assert len({tuple(each) for each in rounds}) > 1


def test_two_placements_are_measured_from_end_to_end(monkeypatch):
    monkeypatch.setattr(plan, "NETWORK", {"units": 4, "embedding_dim": 4, "batch_size": 8})
    shape = cost.Shape("japanese_vowels", (2, 4, 6), 3, rows=24, epochs=2, features=3)
    found = cost.measure(2, ["none", "output"], {"series": shape})
    assert cost.Cost.model_validate_json(found.model_dump_json()) == found
    (network,) = found.networks
    assert (network.kind, network.layers) == ("series", 1) and [each.placement for each in network.timed] == [
        "none", "output",
    ]  # fmt: skip
    assert all(len(each.ratios) == 2 for each in network.timed) and found.provenance["device"]


@pytest.mark.parametrize("arguments", [[], ["--publish"]])
def test_the_command_prints_the_file_or_writes_it_whole(publish, tmp_path, monkeypatch, arguments):
    measured = cost.Cost.model_validate(made_up(network()))
    monkeypatch.setattr(cost, "measure", lambda rounds: measured)
    monkeypatch.setattr(checks, "ENVIRONMENT", {})
    said = CliRunner().invoke(app, ["measure", "cost", *arguments])
    assert said.exit_code == 0
    if not arguments:
        publish(said.stdout)
    assert cost.Cost.published() == measured and [each.name for each in tmp_path.iterdir()] == ["cost.json"]


def test_rounds_are_at_least_one():
    with pytest.raises(UserError, match="at least 1"):
        cost.measure(0)
