"""Doses: what masks do to a trained network's logits, against a formula; rates of equal dose; hostile files."""

import json
import math

import numpy as np
import pytest
from support.text_sets import stand_in

from bilstm_dropout.errors import UserError
from bilstm_dropout.experiments import logits
from bilstm_dropout.experiments.confirmatory import plan
from bilstm_dropout.experiments.exploratory import doses


def test_a_rate_is_found_between_rates_that_were_measured():
    rates = (0.1, 0.2, 0.5)
    law = [math.sqrt(rate / (1 - rate)) for rate in rates]  # of masks on what is summed
    assert doses.rate_for(law[1], rates, law) == 0.2
    assert doses.rate_for(math.sqrt(0.4 / 0.6), rates, law) == 0.4
    for outside in (0.01, 3.0):
        with pytest.raises(UserError, match="is not between"):
            doses.rate_for(outside, rates, law)


@pytest.fixture
def network(monkeypatch):
    stand_in(monkeypatch)
    run_of, few = plan.run_of, {"epochs": 2, "evaluations_per_epoch": 1}  # a stand-in has one batch an epoch
    monkeypatch.setattr(plan, "run_of", lambda *run: run_of(*run).model_copy(update=few))
    return doses.Network(1)


def test_masks_at_the_output_spread_logits_by_the_formula(network):
    from bilstm_dropout.runs import networks

    # Logits are sums of m_j h_j w_j, so their variance is p / (1 - p) times the sum of squares.
    model = networks.network(network.config)
    hidden = model.recurrent[0](model.embedding(network.inputs), sequences_mask=_padding(network)).numpy()
    kernel = model.head.get_weights()[0]
    weights = kernel - kernel.mean(axis=1, keepdims=True)
    squares = (hidden[:, :, None] * weights) ** 2
    for rate in (0.1, 0.5):
        expected = math.sqrt(rate / (1 - rate) * squares.sum(axis=1).mean())
        spread = logits.spread(logits.centred(network.logits("output", rate, draws=200)))
        assert spread == pytest.approx(expected, rel=0.05)
    plain = model(network.inputs, network.lengths).numpy()
    assert np.allclose(network.logits("none", 0.0, draws=2), plain, atol=1e-5)
    assert not np.allclose(network.logits("variational", 0.5, draws=1), plain, atol=1e-3)


def _padding(network):
    return np.arange(network.inputs.shape[1])[None] < network.lengths[:, None]


def test_the_published_doses_are_sound_and_match():
    found = doses.Doses.published()
    assert len({(each.placement, each.rate) for each in found.doses}) == len(found.doses)
    for reference in doses.REFERENCE_RATES:
        each = {dose.placement: dose for dose in found.matched if dose.reference == reference}
        assert each.keys() == {*doses.MATCHED} and each[doses.REFERENCE].rate == reference
        for dose in each.values():
            assert dose.spread == pytest.approx(each[doses.REFERENCE].spread, rel=0.1)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["doses"][0].update(spread=math.nan),
        lambda told: told["doses"][0].update(rate=1.0),
        lambda told: told["doses"][0].update(placement="no such placement"),
        lambda told: told["doses"][0].update(script="<script>"),
        lambda told: told["matched"].pop(),
        lambda told: told.update(logits="much"),
    ],
)
def test_a_damaged_file_is_refused_and_says_what_to_do(tmp_path, monkeypatch, change):
    told = json.loads(doses.Doses.file().read_text())
    change(told)
    other = tmp_path / "doses" / "mr.json"
    other.parent.mkdir()
    other.write_text(json.dumps(told))
    monkeypatch.setenv("BILSTM_DROPOUT_PUBLISHED", str(tmp_path))
    with pytest.raises(UserError, match=r"cannot be used.*Restore them from a release"):
        doses.Doses.published()
    other.unlink()
    with pytest.raises(UserError, match="Restore them from a release"):
        doses.Doses.published()
