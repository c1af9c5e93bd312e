"""The traps: every code runs and prints what the trap says; what a trap costs comes from records."""

import re

import numpy as np
import pandas as pd
import pytest

from bilstm_dropout.book.pages import traps as traps_page
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.experiments.ledger import PART
from bilstm_dropout.results.published import read
from bilstm_dropout.stock_keras.probe import Fact
from bilstm_dropout.stock_keras.probe.expected import EXPECTED
from bilstm_dropout.stock_keras.traps import TRAPS, Trap, run, unshown


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_traps_code_prints_what_the_trap_says(trap):
    assert re.search(trap.shows, run(trap))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_trap_can_be_sent_upstream_and_rests_on_known_facts(trap):
    assert "bilstm_dropout" not in trap.code
    assert all(len(line) <= 120 for line in trap.code.splitlines())
    assert {name: EXPECTED[name] for name in trap.facts} == trap.facts
    for pair in trap.effect:
        assert [resolve(name).name for name in pair] == list(pair)


def test_what_a_trap_no_longer_shows_is_said():
    outputs = dict.fromkeys([trap.name for trap in TRAPS], "something else")
    assert len(unshown(outputs)) == len(TRAPS)
    assert "'something else'" in unshown(outputs)[0] and "'nothing'" in unshown({})[0]


# ---- what they cost ----
def runs(**nll) -> pd.DataFrame:
    """Published runs at a rate of .25, by placement a loss for each seed; NaN for a run that diverged."""
    return pd.DataFrame([
        {"placement": name, "rate": 0.25, "schedule": "constant", "train_rows": None, "seed": seed,
         "diverged": bool(np.isnan(value)), "nll_last": value}
        for name, values in nll.items()
        for seed, value in enumerate(values, start=1)
    ])  # fmt: skip


def test_an_effect_is_a_paired_difference():
    rows = traps_page.effects(runs(**{"lstm-dropout": [0.5, 0.6, 0.7], "lstm-dropout-gates": [0.4, 0.5, np.nan]}))
    assert {(row["a"], row["b"]): row["n"] for row in rows if row["rate"] == 0.25} == {
        ("lstm-dropout", "lstm-dropout-gates"): 2,
        ("lstm-dropout", "input-spatial"): 0,
        ("recurrent", "recurrent:sample,gate,feature"): 0,
    }
    (found,) = [row for row in rows if row["n"]]
    assert found["mean"] == pytest.approx(0.1) and found["verdict"] == "not told apart"
    page = traps_page._effects(rows)
    assert "| +0.100 |" in page and page.count("`lstm-dropout` −") == 1


def test_an_own_term_is_compared_where_its_runs_are_there():
    seeds = range(1, 9)
    row = traps_page.effects(runs(**{
        "recurrent": [0.5 + 0.01 * seed for seed in seeds],
        "recurrent:sample,gate,feature": [0.3 + 0.02 * seed for seed in seeds],
    }))[-2]  # fmt: skip
    assert row["rate"] == 0.25 and row["n"] == 8 and row["verdict"] == "higher"


def test_without_runs_a_sentence_is_left():
    assert traps_page._effects(traps_page.effects(runs(input=[0.1]))) == "There is no finished run yet."


def test_what_is_published_has_every_effect():
    rows = traps_page.effects(read(PART))
    assert {(row["a"], row["b"]) for row in rows if row["n"]} == {pair for trap in TRAPS for pair in trap.effect}


def test_a_traps_section_says_which_probed_versions_have_it():
    trap = Trap("a trap", "It traps.", "print('x')", "x", "Beware.", {"a.b": True})
    probed = [[Fact("versions.keras", version, ""), Fact("a.b", value, "")]
              for version, value in (("3.1", True), ("3.2", False), ("3.3", True))]  # fmt: skip
    section = traps_page._trap(trap, "x\n", probed)
    assert "Of those probed, Keras 3.1 and 3.3 have it, 3.2 not." in section
    assert "```python\nprint('x')\n```" in section and "```text\nx\n```" in section
