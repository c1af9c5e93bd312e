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
from bilstm_dropout.claims import groups, said, table
from bilstm_dropout.claims.claim import VERDICTS, Evidence, Measured, examine, mask_shape
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.experiments.robustness import WAYS
from bilstm_dropout.stock_keras import probe
from bilstm_dropout.stock_keras.probe import layers
from bilstm_dropout.stock_keras.probe.expected import EXPECTED

CLAIMS = {claim.number: claim for claim in table()}


@pytest.fixture(scope="session")
def evidence():
    return Evidence()


@pytest.mark.parametrize("number", [f"{number:02d}" for number in CLAIMS])
def test_claim(number, evidence):
    claim = CLAIMS[int(number)]
    wrong, found = examine(claim, evidence)
    assert wrong == []
    assert bool(found.lines) == (claim.measure is not None)
    words = said(claim, found, evidence)
    assert not re.search(r"[{}]", "".join(words[name] for name in ("why", "more", "instead", "worth")))
    assert bool(words["worth"]) == (claim.verdict != "out of scope")


def test_the_ledger_is_whole():
    assert sorted(CLAIMS) == list(range(1, 34)) and len(table()) == 33
    for claim in table():
        assert claim.verdict in VERDICTS
        assert claim.facts or claim.shapes or claim.measure or claim.reason, claim.number
        assert bool(claim.reason) == (claim.verdict == "out of scope")
        assert set(claim.facts) <= set(EXPECTED)
        assert set(claim.shapes) <= set(TABLE)
        assert {claim.source, *(key for key, _ in claim.cites)} <= set(_entries())
        assert not (claim.worth and claim.pair)
        assert not claim.same or CLAIMS[claim.same].measure is claim.measure
    assert sorted(claim.number for group in groups().values() for claim in group) == list(range(1, 34))


def test_a_row_gives_its_reason_in_one_sentence():
    for claim in table():
        assert claim.why.endswith(".") and ". " not in claim.why.removesuffix("."), claim.number


PRIVATE = r"told apart|\bparts? (?:[a-z]\d?|claims|planted)\b|\braw\b|\bunit of\b|\barm\b"


def test_rows_use_no_private_words():
    for claim in table():
        assert not re.search(PRIVATE, " ".join((claim.why, claim.more, claim.instead, claim.worth))), claim.number


def test_a_number_that_was_not_measured_is_an_error():
    with pytest.raises(KeyError, match="loss"):
        said(CLAIMS[29], Measured(True), Evidence(EXPECTED))


# What a review of the evidence asked for, so that none of it comes back unnoticed.
@pytest.mark.parametrize(
    ("number", "verdict"),
    [(8, "not settled"), (9, "not settled"), (16, "true"), (19, "depends"), (23, "not settled"), (33, "depends")],
)
def test_verdicts_that_were_judged_again(number, verdict):
    assert CLAIMS[number].verdict == verdict
    assert number != 16 or CLAIMS[number].version == "3.8 and later"


# ---- what carries a verdict can fail ----
RESTING = [(claim.number, fact) for claim in table() for fact in claim.facts]


@pytest.mark.parametrize(("number", "fact"), RESTING)
def test_a_claim_fails_with_each_fact_it_rests_on(number, fact):
    other = {**EXPECTED, fact: not EXPECTED[fact] if isinstance(EXPECTED[fact], bool) else "another"}
    claim = replace(CLAIMS[number], measure=None)
    assert examine(claim, Evidence(EXPECTED)) == ([], Measured(True))
    wrong, _ = examine(claim, Evidence(other))
    assert len(wrong) == 1 and fact in wrong[0]


CONCERNED = {
    "gates share": {15},
    "features share": {28},
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
    assert resting and CONCERNED[case] <= resting <= failing


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


class Changed(Evidence):
    """Evidence whose published runs of a part are changed by a function."""

    def __init__(self, part, change):
        super().__init__(EXPECTED)
        self.part, self.change = part, change

    def runs(self, part):
        rows = super().runs(part)
        return self.change(rows.copy()) if part == self.part else rows


def swapped(*names):
    """A change that exchanges two placements."""
    other = dict(zip(names, reversed(names), strict=True))
    return lambda rows: rows.assign(placement=rows["placement"].replace(other))


def higher(amount, where):
    """A change that raises the losses of some runs."""
    return lambda rows: rows.assign(**{name: rows[name] + amount * where(rows) for name in ("nll_best", "nll_last")})


def _rows_of(dataset, rows, *placements):
    return lambda frame: (
        (frame["dataset"] == dataset) & (frame["train_rows"] == rows) & frame["placement"].isin(placements)
    )


CHANGES = {
    "no gain with few rows of the series": (19, "claims", higher(0.1, _rows_of("japanese_vowels", 45, "input"))),
    "no gain with all rows of the series": (
        19, "a3", higher(0.1, lambda rows: (rows["dataset"] == "japanese_vowels") & (rows["placement"] == "recurrent")),
    ),
    "networks that learn MR from few rows": (19, "d", lambda rows: rows.assign(
        accuracy_best=rows["accuracy_best"].clip(lower=0.7))),
    "a trend from a thousand rows of MR": (19, "d", higher(0.1, _rows_of("mr", 1000, "input"))),
    "all rows of MR where input helps": (19, "a3", higher(
        -0.05, lambda rows: (rows["dataset"] == "mr") & (rows["placement"] == "input"))),
    "a trend on IMDB": (19, "d", higher(0.1, _rows_of("imdb", 1000, "input"))),
    "no gain with few rows at the last epoch": (19, "o", higher(1.0, _rows_of("mr", 1000, "variational"))),
    "a trend on text where validation stops": (19, "o", lambda rows: rows.assign(
        nll_best=rows["nll_best"] + 0.1 * _rows_of("imdb", 4000, "input")(rows))),
    "features alike, input lower": (9, "planted", swapped("input", "recurrent")),
    "features alike, never too long": (9, "planted", lambda rows: rows.assign(nll_last=-rows["nll_last"])),
    "networks that learn few rows": (9, "d", lambda rows: rows.assign(accuracy_best=0.9)),
    "rising rates that cost": (8, "claims", lambda rows: rows.assign(
        schedule=rows["schedule"].replace({"ramp": "decay", "decay": "ramp"}))),
    "rising rates that help larger networks": (8, "g", higher(-0.1, lambda rows: rows["schedule"] == "ramp")),
    "a falling rate that stays after a correction": (23, "g", higher(-0.02, lambda rows: (
        rows["dataset"] == "japanese_vowels") & (rows["placement"] == "output") & (rows["schedule"] == "decay"))),
    "falling rates alike everywhere": (23, "g", higher(-0.1, lambda rows: rows["schedule"] == "decay")),
    "two masks that cost nothing": (29, "claims", higher(
        1.0, lambda rows: (rows["placement"] == "input") & (rows["rate"] > 0.5))),
    "masks on the state that lose memory": (26, "memory", swapped("recurrent-stepwise", "gates")),
    "masks for the sequence that keep it": (26, "memory", lambda rows: rows.assign(
        accuracy_best=rows["accuracy_best"].where(rows["placement"] != "recurrent", 0.9),
        accuracy_last=rows["accuracy_last"].where(rows["placement"] != "recurrent", 0.9))),
    "output ahead of input": (32, "a2", swapped("input", "output")),
    "a place ahead at one setting": (32, "a3", higher(-0.05, lambda rows: rows["placement"] == "input")),
    "no harm on other draws": (4, "t", swapped("input", "output")),
    "a relation that input learns": (4, "planted", swapped("input", "output")),
    "no cost of training on": (2, "planted", lambda rows: rows.assign(nll_last=-rows["nll_last"])),
    "none ahead of input": (6, "a2", swapped("none", "input")),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_a_claim_fails_when_its_runs_say_otherwise(case):
    number, part, change = CHANGES[case]
    wrong, _ = examine(CLAIMS[number], Changed(part, change))
    assert len(wrong) == 1 and "the measurement does not carry it" in wrong[0]


def test_the_claim_on_robustness_fails_where_output_dropout_bears_missing_steps_less_well():
    evidence = Evidence({})

    def spoilt(each):
        if (each.dataset, each.way, each.placement) != ("japanese_vowels", "missing steps", "output"):
            return each
        levels = WAYS[each.dataset][each.way]
        return each.model_copy(update={"nll": tuple(n + 0.014 * at for n, at in zip(each.nll, levels, strict=True))})

    evidence.shift = evidence.shift.model_copy(update={"networks": tuple(map(spoilt, evidence.shift.networks))})
    wrong, found = examine(CLAIMS[6], evidence)
    assert len(wrong) == 1 and "missing steps: how much the loss rises with output less with none: +0.007" in wrong[0]
    assert not found.holds and examine(CLAIMS[6], Evidence({}))[0] == []


class OtherSettings(Evidence):
    """Evidence in which every data set has a best setting of its own, for all placements."""

    def runs(self, part):
        rows = super().runs(part).copy()
        best = rows["dataset"].map({"mr": 2e-4, "trec": 1e-3, "phrasebank": 3e-3})
        return rows.assign(nll_best=rows["nll_best"] + np.log(rows["learning_rate"] / best).abs())


def test_settings_that_differ_by_data_set_are_no_longer_those_that_two_sets_share():
    wrong, _ = examine(CLAIMS[33], OtherSettings(EXPECTED))
    assert len(wrong) == 1 and "the measurement does not carry it" in wrong[0]


@pytest.mark.parametrize(
    "moved",
    [
        ("a2", "mr", "recurrent", -0.01),  # helps on every set
        ("i", "japanese_vowels", "recurrent", 0.1),  # a second layer matters
        ("a3", "trec", None, -0.1),  # tuning paid nowhere
        ("a3", "mr", None, 0.1),  # tuning paid on another set, too
        ("a3", "trec", "none", 0.1),  # without dropout, too
    ],
)
def test_the_claim_on_tuning_fails_with_each_thing_that_it_rests_on(moved):
    part, dataset, placement, amount = moved

    def concerned(rows):
        return (rows["dataset"] == dataset) & ((rows["placement"] == placement) | (placement is None))

    change = higher(amount, concerned)
    wrong, _ = examine(CLAIMS[33], Changed(part, change))
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


# ---- the command ----
def test_the_command_lists_number_verdict_evidence_and_test():
    said = CliRunner().invoke(cli.app, ["claims", "--json"])
    rows = json.loads(said.output)
    assert [row["name"] for row in rows] == [str(number) for number in sorted(CLAIMS)]
    for row in rows:
        assert set(row) == {"name", "claim", "source", "verdict", "evidence", "test"} and row["evidence"]
        assert re.fullmatch(r"tests/claims/test_claims\.py::test_claim\[\d\d\]", row["test"])
    assert "tests/claims/test_claims.py::test_claim[33]" in CliRunner().invoke(cli.app, ["claims"]).output
