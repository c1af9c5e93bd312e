"""What a run is beside its twin, and that only an equal run is one."""

from __future__ import annotations

import json

import pytest

from bilstm_dropout.experiments import twins
from bilstm_dropout.experiments.twins import ALONE, BEYOND, DRIFTED, SAME, WITHIN, Twins, Verdict, compared
from bilstm_dropout.results import published, rows_of

SPREAD = {"last": 0.1, "best": 0.05}


def row(**others) -> dict:
    """A made-up row of a run with both checkpoints."""
    numbers = {
        f"{measure}_{at}": 0.5 for at in ("last", "best") for measure in ("accuracy", "nll", "brier", "macro_f1")
    }
    made = {"device": {"system": "here"}, "kernel": "1"}
    return {"key": "k", "part": "b", "diverged": False, "provenance": json.dumps(made), **numbers, **others}


def elsewhere(kernel: str = "1") -> str:
    return json.dumps({"device": {"system": "elsewhere"}, "kernel": kernel})


@pytest.mark.parametrize(
    ("others", "word"),
    [
        ({}, SAME),
        ({"nll_last": 0.5 + 1e-12}, DRIFTED),  # on the same kind of machine every bit has to be the same
        ({"nll_last": 0.5 + 1e-12, "provenance": elsewhere()}, WITHIN),
        ({"accuracy_best": 0.6, "provenance": elsewhere()}, WITHIN),
        ({"nll_last": 0.69, "provenance": elsewhere()}, WITHIN),
        ({"nll_last": 0.71, "provenance": elsewhere()}, BEYOND),
        ({"nll_best": 0.39, "provenance": elsewhere()}, BEYOND),  # at the chosen checkpoint alone
        ({"nll_best": 0.81, "provenance": elsewhere()}, DRIFTED),
        ({"diverged": True, "nll_last": None, "provenance": elsewhere()}, DRIFTED),
        ({"nll_last": 0.52, "provenance": json.dumps({"device": {"system": "here"}, "kernel": "2"})}, WITHIN),
        ({"nll_last": 0.52, "provenance": json.dumps({"device": {"system": "here"}})}, WITHIN),  # made before
    ],
)
def test_the_words(others, word):
    verdict = compared(row(**others), row(), SPREAD)
    assert verdict.word == word and bool(verdict.reason) == (word == DRIFTED)


def test_distances_are_in_standard_deviations_over_seeds():
    found = compared(row(nll_last=0.6, nll_best=0.4, provenance=elsewhere()), row(), SPREAD)
    assert found.distances == pytest.approx({"last": 1.0, "best": -2.0})
    alone = compared(row(nll_best=None), row(nll_best=None), SPREAD)
    assert alone.distances == {"last": 0.0}


def test_passes_with_the_masks_on_leave_a_run_the_twin_of_the_one_without():
    known, rows = Twins(["a2"]), rows_of(published.read("m"))
    for each in rows[::50]:
        twin = known.of(each)
        assert each["passes"] and twin["part"] == "a2" and twin["key"] != each["key"]
        assert [twin[name] for name in ("placement", "dataset", "seed", "rate", "learning_rate")] == [
            each[name] for name in ("placement", "dataset", "seed", "rate", "learning_rate")
        ]


def test_a_published_run_is_its_own_twin_and_a_changed_number_drifts():
    known, rows = Twins(["b"]), rows_of(published.read("b"))
    for each in rows[::200]:
        assert known.verdict(each).word == SAME and known.of(each)["part"] == "b"
        assert known.spread(each, "last") >= twins.LEAST_SPREAD
        changed = known.verdict({**each, "nll_last": each["nll_last"] + 10, "provenance": elsewhere()})
        assert changed.word == DRIFTED and "standard deviations" in changed.reason
    assert known.verdict(rows_of(published.read("c"))[0]).word == ALONE


def test_runs_that_all_lie_to_one_side_have_drifted_together():
    def verdicts(distance: float, number: int) -> list[Verdict]:
        return [Verdict("k", "b", WITHIN, {"last": distance})] * number

    assert not twins.drifted_together(verdicts(1.0, 30)) and twins.drifted_together(verdicts(1.0, 40))
    assert not twins.drifted_together([]) and not twins.drifted_together([Verdict("k", "", ALONE, {})])
