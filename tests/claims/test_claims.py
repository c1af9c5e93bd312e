"""The ledger: every verdict is carried by its evidence, and fails when the evidence does."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from support.other_keras import OTHERS
from typer.testing import CliRunner

from bilstm_dropout import cli
from bilstm_dropout.book.bibliography import _entries
from bilstm_dropout.claims import table
from bilstm_dropout.claims.claim import VERDICTS, Evidence, examine, mask_shape
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.experiments import ledger
from bilstm_dropout.stock_keras import probe
from bilstm_dropout.stock_keras.probe import layers
from bilstm_dropout.stock_keras.probe.expected import EXPECTED

CLAIMS = {claim.number: claim for claim in table()}


@pytest.fixture(scope="session")
def evidence():
    return Evidence()


@pytest.mark.parametrize("number", [f"{number:02d}" for number in CLAIMS])
def test_claim(number, evidence):
    wrong, text = examine(CLAIMS[int(number)], evidence)
    assert wrong == []
    assert bool(text) == (CLAIMS[int(number)].measure is not None)


def test_the_ledger_is_whole():
    assert sorted(CLAIMS) == list(range(1, 34)) and len(table()) == 33
    for claim in table():
        assert claim.verdict in VERDICTS
        assert claim.facts or claim.shapes or claim.measure or claim.reason, claim.number
        assert bool(claim.reason) == (claim.verdict == "out of scope")
        assert set(claim.facts) <= set(EXPECTED)
        assert set(claim.shapes) <= set(TABLE)
        assert {claim.source, *(key for key, _ in claim.cites)} <= set(_entries())


# ---- what carries a verdict can fail ----
RESTING = [(claim.number, fact) for claim in table() for fact in claim.facts]


@pytest.mark.parametrize(("number", "fact"), RESTING)
def test_a_claim_fails_with_each_fact_it_rests_on(number, fact):
    other = {**EXPECTED, fact: not EXPECTED[fact] if isinstance(EXPECTED[fact], bool) else "another"}
    claim = replace(CLAIMS[number], measure=None)
    assert examine(claim, Evidence(EXPECTED)) == ([], "")
    wrong, _ = examine(claim, Evidence(other))
    assert len(wrong) == 1 and fact in wrong[0]


CONCERNED = {
    "gates share": {15},
    "features share": {28},
    "unscaled": set(),
    "the rate of dropout": set(),
    "the cell is masked": {3, 16, 22},
    "the cell is read": {22},
    "Dropout in inference": {11},
}


@pytest.mark.parametrize("case", CONCERNED)
def test_a_layer_that_behaves_otherwise_fails_the_claims_that_rest_on_it(case, monkeypatch):
    owner, name, other, prefix, changed = OTHERS[case]
    monkeypatch.setattr(owner, name, other)
    found = dict(EXPECTED)
    for group, names, read in layers.groups(0, (24, 5, 12)):
        if group == prefix:
            found |= {fact.name: fact.value for fact in probe._facts(group, names, read)}
    failing = {claim.number for claim in table() if examine(replace(claim, measure=None), Evidence(found))[0]}
    resting = {claim.number for claim in table() for fact in changed if f"{prefix}.{fact}" in claim.facts}
    assert CONCERNED[case] <= resting <= failing


@pytest.mark.parametrize("version", ["3.0.5", "3.3.3", "3.7.0"])
def test_a_claim_by_version_fails_without_that_versions_facts(version):
    evidence = Evidence(EXPECTED)
    earlier = evidence.earlier
    resting = [claim for claim in table() if version in claim.earlier]
    assert resting
    evidence.__dict__["earlier"] = {key: facts for key, facts in earlier.items() if key != version}
    for claim in resting:
        assert examine(replace(claim, measure=None), evidence)[0], claim.number


def test_a_claim_fails_with_the_masks_it_rests_on():
    for claim in table():
        for placement in claim.shapes:
            other = replace(claim, facts={}, measure=None, shapes={placement: "output:sample"})
            assert mask_shape(placement) in examine(other, Evidence(EXPECTED))[0][0]


class Turned(Evidence):
    """Evidence whose published runs have other losses: those of none and of constant rates are made the worst."""

    def runs(self, part):
        rows = super().runs(part).copy()
        base = (rows["placement"] == "none") | ((rows["schedule"] == "constant") & rows["train_rows"].isna())
        for column in ("nll_last", "accuracy_best"):
            rows[column] = np.random.default_rng(1).permutation(rows[column].to_numpy())
        rows.loc[base, "nll_last"] += 1.0
        return rows


class OtherSettings(Evidence):
    """Evidence in which every data set has a best setting of its own, for all placements."""

    def runs(self, part):
        rows = super().runs(part).copy()
        best = rows["dataset"].map({"mr": 2e-4, "trec": 1e-3, "phrasebank": 3e-3})
        return rows.assign(nll_best=rows["nll_best"] + np.log(rows["learning_rate"] / best).abs())


def test_settings_that_differ_by_data_set_settle_the_claim_on_tuning():
    wrong, _ = examine(CLAIMS[33], OtherSettings(EXPECTED))
    assert len(wrong) == 1 and "the measurement does not carry it" in wrong[0]


class Moved(Evidence):
    """Evidence in which the NLL of a part's runs on a data set, all or those of a placement, is higher by an amount."""

    def __init__(self, part, dataset, placement, amount):
        super().__init__(EXPECTED)
        self.part, self.dataset, self.placement, self.amount = part, dataset, placement, amount

    def runs(self, part):
        rows = super().runs(part)
        if part != self.part:
            return rows
        moved = rows["dataset"] == self.dataset
        if self.placement:
            moved &= rows["placement"] == self.placement
        return rows.assign(**{name: rows[name] + self.amount * moved for name in ("nll_best", "nll_last")})


@pytest.mark.parametrize(
    "moved",
    [
        ("a2", "mr", "recurrent", -0.01),  # helps on every set
        ("i", "japanese_vowels", "recurrent", 0.1),  # a second layer matters
        ("a3", "trec", None, -0.1),  # tuning paid nowhere
        ("a3", "mr", None, 0.1),  # tuning paid on another set, too
    ],
)
def test_the_claim_on_tuning_fails_with_each_thing_that_it_rests_on(moved):
    wrong, _ = examine(CLAIMS[33], Moved(*moved))
    assert len(wrong) == 1 and "the measurement does not carry it" in wrong[0]


class Learned(Evidence):
    """Evidence in which LSTMs learn whatever a BiLSTM does, or BiLSTMs as little as an LSTM."""

    def __init__(self, network):
        super().__init__(EXPECTED)
        self.network = network

    def runs(self, part):
        rows = super().runs(part)
        same = ["dataset_options", "seed"]
        other = rows[rows["bidirectional"] != (self.network == "BiLSTM")].set_index(same)["accuracy_best"]
        taken = other.reindex(pd.MultiIndex.from_frame(rows[same])).to_numpy()
        mine = rows["bidirectional"] == (self.network == "BiLSTM")
        return rows.assign(accuracy_best=np.where(mine, taken, rows["accuracy_best"]))


@pytest.mark.parametrize("network", ["LSTM", "BiLSTM"])
def test_the_claim_on_long_range_fails_where_both_networks_do_alike(network):
    wrong, _ = examine(CLAIMS[1], Learned(network))
    assert len(wrong) == 1 and "the measurement does not carry it" in wrong[0]


@pytest.mark.parametrize("number", [8, 23, 29])
def test_a_claim_fails_when_its_runs_say_otherwise(number):
    wrong, _ = examine(CLAIMS[number], Turned(EXPECTED))
    assert len(wrong) == 1 and "the measurement does not carry it" in wrong[0]


# ---- the runs ----
def test_a_contrast_pairs_by_seed_and_leaves_out_what_diverged():
    rows = pd.DataFrame(
        [
            {"placement": placement, "rate": rate, "schedule": "constant", "train_rows": None, "seed": seed,
             "diverged": placement == "input" and seed == 3, "nll_last": 0.1 * seed + (placement == "input")}
            for placement, rate in (("none", 0.0), ("input", 0.25))
            for seed in (2, 1, 3)
        ]
    )  # fmt: skip
    found = ledger.difference(rows, "input 0.25")
    assert found.n == 2 and found.mean == pytest.approx(1.0)
    with pytest.raises(ValueError, match=r"recurrent at 0\.25"):
        ledger.losses(rows, "recurrent")


def test_every_contrast_and_gain_is_among_the_planned_runs():
    planned = [config for sweep in ledger.sweeps() for config in (*sweep.baselines(), *sweep.runs())]
    rows = pd.DataFrame(
        [{**config.model_dump(), "diverged": False, "nll_last": 1.0} for config in set(map(_plain, planned))]
    )
    for name in ledger.CONTRASTS:
        assert ledger.difference(rows, name).n == len(ledger.SEEDS), name
    for site in ledger.SIZED:
        assert ledger.gain_with_rows(rows, site).n == len(ledger.SEEDS)


def _plain(config):
    """Hashable: these runs have no data set options."""
    return _Run(config.model_dump_json())


class _Run(str):
    def model_dump(self):
        return json.loads(self)


# ---- the command ----
def test_the_command_lists_number_verdict_evidence_and_test():
    said = CliRunner().invoke(cli.app, ["claims", "--json"])
    rows = json.loads(said.output)
    assert [row["name"] for row in rows] == [str(number) for number in sorted(CLAIMS)]
    for row in rows:
        assert set(row) == {"name", "claim", "source", "verdict", "evidence", "test"} and row["evidence"]
        assert re.fullmatch(r"tests/claims/test_claims\.py::test_claim\[\d\d\]", row["test"])
    assert "tests/claims/test_claims.py::test_claim[33]" in CliRunner().invoke(cli.app, ["claims"]).output
