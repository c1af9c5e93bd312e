"""The networks that a page runs: what is published is whole, small, and what the command's code trains and answers."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

from bilstm_dropout import datasets
from bilstm_dropout.cli import app, checks
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import live


@pytest.fixture(scope="module")
def published() -> live.Networks:
    return live.Networks.published()


def test_there_is_a_network_for_every_placement_and_twenty_inputs_and_all_is_small(published):
    assert [each.dataset for each in published.data] == list(live.DATASETS) and published.units == live.UNITS
    for data in published.data:
        assert [each.placement for each in data.networks] == list(live.PLACEMENTS)
        assert len(data.inputs) == 20 and {each.label for each in data.inputs} == set(range(len(data.classes)))
    assert live.Networks.file().stat().st_size < 3 * 2**20


def test_a_pass_without_masks_is_what_the_networks_do_in_inference():
    for name in live.PLACEMENTS:
        assert all(term.scaling == "inverted" for term in resolve(name).terms), name


def test_the_inputs_are_those_of_the_data_set_without_their_padding(published):
    for data in published.data:
        test = datasets.load(data.dataset, **live.config(data.dataset, "none").dataset_options).test
        for each in data.inputs:
            row = test.ids.index(each.name)
            assert each.label == test.labels[row]
            steps = np.asarray(each.steps, test.inputs.dtype)
            np.testing.assert_array_equal(steps, test.inputs[row, : test.lengths[row]])


@pytest.mark.parametrize("name", live.DATASETS)
def test_the_weights_give_the_answers(published, name):
    import keras

    data = next(each for each in published.data if each.dataset == name)
    for network in data.networks:
        model, test = live.built(network, name)
        found = np.asarray(keras.ops.softmax(model(test.inputs, test.lengths, rate=network.rate)))
        np.testing.assert_allclose(found, network.probabilities, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", live.DATASETS)
def test_training_again_gives_the_same_answers(published, name):
    data = next(each for each in published.data if each.dataset == name)
    run = live.config(name, "none")
    test = datasets.load(name, **run.dataset_options).test
    again = live.train(run, test.take(live.chosen(test)))
    np.testing.assert_allclose(again.probabilities, data.networks[0].probabilities, atol=1e-4, rtol=0)


@pytest.mark.parametrize("weights", [{"shape": [2], "values": "AAAA"}, {"shape": [1], "values": "AADAfw=="}])
def test_weights_that_are_too_few_or_no_numbers_are_refused(weights):
    with pytest.raises(ValueError):
        live.Weights.model_validate(weights)


def test_a_damaged_file_is_said_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    (tmp_path / "networks.json").write_text("{}", "utf-8")
    with pytest.raises(UserError, match="Restore them from a release"):
        live.Networks.published()


def test_the_command_prints_the_file_or_writes_it(published, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "measure", lambda: published)
    monkeypatch.setattr(checks, "ENVIRONMENT", {})
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    printed = CliRunner().invoke(app, ["measure", "networks"])
    assert printed.exit_code == 0 and live.Networks.model_validate_json(printed.stdout) == published
    assert not list(tmp_path.iterdir())
    assert CliRunner().invoke(app, ["measure", "networks", "--publish"]).exit_code == 0
    assert live.Networks.file().read_text("utf-8") == printed.stdout
