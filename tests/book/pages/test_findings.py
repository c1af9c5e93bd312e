"""The note on the study that a chapter opens with follows published runs, and says no more than they carry."""

import pytest
from support.exploring import published_rows
from support.study import _text_sets  # noqa: F401 (a fixture)

from bilstm_dropout import wording
from bilstm_dropout.book.pages import findings
from bilstm_dropout.experiments import parts
from bilstm_dropout.experiments.confirmatory import contrasts
from bilstm_dropout.experiments.exploratory import effects as exploring
from bilstm_dropout.experiments.exploratory import plan


@pytest.fixture
def rows(complete):
    explored = {part: published_rows(plan.PARTS[part]()) for part in ("b", "d", "i")}
    return complete | explored | {"c": explored["b"].iloc[:0]}


def test_a_note_has_the_tests_of_its_placement(rows):
    notes = findings.notes(rows)
    family = contrasts.family({part: rows[part] for part in ("a2", "a3")})
    for contrast, tests in family.groupby("contrast"):
        name, minus, other = contrast.partition(" - ")
        lines = [line for line in notes[name].splitlines() if f"say: against `{other}`" in line] if minus else []
        assert len(lines) == bool(minus)
        for row in tests.itertuples() if minus else ():
            assert f"{row.measure} {contrasts.verdict(row)} ({wording.nats(row.mean)} nats" in lines[0]
    lines = findings.short(rows).splitlines()
    assert sum(line.startswith("- `") for line in lines) == 7  # without the interaction
    # As it was put in.
    assert "raw lower" in notes["input"] and "raw higher" in notes["recurrent"]
    assert "raw not told apart" in notes["output"]


def test_nothing_is_tested_before_every_run_is_there(rows):
    lacking = rows | {"a2": rows["a2"].iloc[1:]}
    assert findings.short(lacking) == ""
    notes = findings.notes(lacking)
    assert "the tests" not in notes["input"] and "part a3" in notes["input"]


def test_a_note_says_where_intervals_lie_and_changes_with_the_runs(rows):
    notes, effects = findings.notes(rows), exploring.effects("b", rows["b"])
    mine = effects[(effects["row"] == "zoneout") & (effects["dataset"] == "mr")]
    assert notes["zoneout"].count("| b | MR |") == len(mine) > 0
    higher = rows["b"].copy()
    moved = (higher["placement"] == "zoneout") & (higher["dataset"] == "mr")
    higher.loc[moved, "nll_best"] += 1
    (line,) = [each for each in findings.notes(rows | {"b": higher})["zoneout"].splitlines() if "part b" in each]
    rates = ", ".join(series.removeprefix("p = ") for series in mine["series"])
    assert f"on MR at p = {rates}" in line.partition("above 0")[2].partition("; ")[0]
    assert "input+between+output" in notes and "Every other placement" in notes["none"]


def test_a_note_says_with_how_many_rows_an_interval_lies_off_0(rows):
    fewer = rows["d"].copy()
    moved = (fewer["placement"] == "output") & (fewer["dataset"] == "mr") & fewer["train_rows"].isin([500, 4000])
    fewer.loc[moved, "nll_best"] -= 1
    note = findings.notes(rows | {"d": fewer})["output"]
    (line,) = [each for each in note.splitlines() if "(part d)" in each]
    assert "on MR with 500, 4,000 rows" in line.partition("below 0")[2].partition("; ")[0]
    assert note.count("| d | MR, 500 rows | 0.25 |") == 1 and "with fewer training rows, p = 0.25" in line


def test_without_published_runs_there_is_no_note(rows):
    assert findings.notes({part: each.iloc[:0] for part, each in rows.items()}) == {}


def test_the_published_runs_have_a_note_for_every_placement_of_a_part():
    known = {config.placement for part in ("a3", "b") for config in parts.runs(part).values()}
    noted = findings.published_notes().keys() - {"comparison", "input+between+output"}
    assert {"input", "recurrent", "none"} <= noted <= known
