"""The traps: every code runs and prints what the trap says; what a trap costs comes from records."""

import re

import numpy as np
import pandas as pd
import pytest
from book_results import _row

from bilstm_dropout import book_keras, placements, traps_effects
from bilstm_dropout.numbers import Numbers
from bilstm_dropout.placements import resolve
from bilstm_dropout.probe import Fact
from bilstm_dropout.probe_expected import EXPECTED
from bilstm_dropout.traps import TRAPS, Trap, run, unshown


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
def made_up(**nll) -> Numbers:
    """Results of two seeds and more on one data set with validation, by placement: the best epoch counts."""
    rows = [
        _row(name, 0.25, seed, value, selected=selected)
        for name, values in nll.items()
        for seed, value in enumerate(values, start=1)
        for selected, value in (("best", value), ("last", 9.0))
    ]
    return Numbers(pd.DataFrame(rows), "quick")


def test_the_sweeps_name_every_placement_of_an_effect(tmp_path):
    profile = tmp_path / "small.yaml"
    profile.write_text("datasets: [recall]\nrates: [0.25]\nseeds: [1, 2]\n")
    sweeps = traps_effects.trap_sweeps(profile)
    assert [sweep.placement for sweep in sweeps] == [
        "lstm-dropout", "lstm-dropout-gates", "input-spatial", "recurrent", "recurrent:sample,gate,feature"
    ]  # fmt: skip
    assert {config.seed for sweep in sweeps for config in sweep.runs()} == {1, 2}


def test_an_effect_is_a_paired_difference_of_the_epoch_that_counts():
    results = made_up(**{"lstm-dropout": [0.5, 0.6, 0.7], "lstm-dropout-gates": [0.4, 0.5, np.nan]})
    rows = traps_effects.effects(results)
    assert [(row["a"], row["b"], row["n"]) for row in rows] == [
        ("lstm-dropout", "lstm-dropout-gates", 2),
        ("lstm-dropout", "input-spatial", 0),
        ("recurrent", "recurrent:sample,gate,feature", 0),
    ]
    assert rows[0]["mean"] == pytest.approx(0.1) and rows[0]["verdict"] == "not told apart"
    assert np.isnan(rows[1]["mean"])
    page = book_keras._effects(rows)
    assert "With at most two seeds a comparison, no direction can be told." in page
    assert "| +0.100 |" in page and page.count("| recall |") == 1
    assert "`recurrent` with `recurrent:sample,gate,feature`" in page


def test_an_own_term_is_compared_where_its_runs_are_there():
    seeds = range(1, 9)
    results = made_up(**{
        "recurrent": [0.5 + 0.01 * seed for seed in seeds],
        "recurrent:sample,gate,feature": [0.3 + 0.02 * seed for seed in seeds],
    })  # fmt: skip
    row = traps_effects.effects(results)[-1]
    assert row["n"] == 8 and row["verdict"] == "higher"
    assert "no direction" not in book_keras._effects([row])


def test_a_table_without_the_placements_and_a_study_without_runs_leave_a_sentence(monkeypatch):
    monkeypatch.setattr(placements, "TABLE", {"none": placements.TABLE["none"]})
    rows = traps_effects.effects(Numbers(pd.DataFrame(columns=["dataset"]), "quick"))
    assert rows == [] and book_keras._effects(rows) == "There is no finished run yet."


def test_a_traps_section_says_which_probed_versions_have_it():
    trap = Trap("a trap", "It traps.", "print('x')", "x", "Beware.", {"a.b": True})
    probed = [[Fact("versions.keras", version, ""), Fact("a.b", value, "")]
              for version, value in (("3.1", True), ("3.2", False), ("3.3", True))]  # fmt: skip
    section = book_keras._trap(trap, "x\n", probed)
    assert "Of those probed, Keras 3.1 and 3.3 have it, 3.2 not." in section
    assert "```python\nprint('x')\n```" in section and "```text\nx\n```" in section
