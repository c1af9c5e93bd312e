"""What the commands say of how far a study is, and of what is left to do."""

from types import SimpleNamespace

import pytest

from bilstm_dropout.cli import studying
from bilstm_dropout.study.run import Row


@pytest.fixture
def states(monkeypatch):
    rows = [Row(f"{state}-{number}", "none", state, 0, 2, reason)
            for number, (state, reason) in enumerate([("done", ""), ("done", ""), ("failed", "ValueError: it is"),
                                                      ("missing", ""), ("running", "")])]  # fmt: skip
    monkeypatch.setattr(studying.work, "status", lambda profile: rows)


def test_it_counts_states_and_lists_what_failed_or_runs(states, capsys):
    studying.status("quick", as_json=False, strict=False, every=False)
    shown = capsys.readouterr().out
    assert "5 notebooks: 2 done, 1 failed, 1 missing, 1 running; --all lists each" in shown
    assert "failed-2" in shown and "ValueError: it is" in shown and "running-4" in shown
    assert "done-0" not in shown and "missing-3" not in shown


def test_all_are_listed_where_that_is_asked_for(states, capsys):
    studying.status("quick", as_json=False, strict=False, every=True)
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("done-0", "done-1", "failed-2", "missing-3", "running-4"))
    assert "5 notebooks: 2 done" in shown and "--all" not in shown


@pytest.mark.parametrize(("programs", "said"), [(3, "12 of 30 runs to do, three programs to compile, about 4 minutes"),
                                                (0, "12 of 30 runs to do, about 4 minutes")])  # fmt: skip
def test_a_plan_counts_notebooks_runs_and_programs(monkeypatch, capsys, programs, said):
    planned = {"name": "quick", "executions": 9, "executions_to_do": 5, "runs": 30, "runs_to_do": 12,
               "programs_to_do": programs, "datasets": [], "minutes": 4, "absent": {}}  # fmt: skip
    monkeypatch.setattr(studying.work, "plan", lambda profile, workers: planned)
    studying._say_plan(SimpleNamespace(said=lambda: []), 2, in_full=True)
    assert f"quick: 5 of 9 notebooks and {said}" in capsys.readouterr().out
