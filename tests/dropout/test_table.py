"""What the table of placements notes of how it is read, and the state of that."""

import subprocess
import sys
from dataclasses import replace

import pytest

from bilstm_dropout.dropout import placements, table
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.table import Table
from bilstm_dropout.dropout.uses import EVERY


@pytest.fixture
def noted(monkeypatch) -> list[str]:
    """What is noted from now on."""
    found: list[str] = []
    monkeypatch.setattr(table, "note", lambda name: found.append(name) if name not in found else None)
    return found


@pytest.mark.parametrize("read", [list, len, lambda table: dict(table.items()), lambda table: "x" in table.values()])
def test_going_through_the_table_is_noted_as_every(noted, read):
    read(Table(TABLE.values()))
    assert EVERY in noted


@pytest.mark.parametrize(
    ("name", "read"),
    [("input", ["input"]), ("recurrent+input", ["recurrent", "input"]), ("combined@own", ["combined@own", "combined"])],
)
def test_a_name_is_noted_with_its_parts_alone(noted, name, read):
    resolve(name)
    assert noted == read


def test_what_is_looked_for_in_vain_is_noted_too(noted):
    assert "other" not in TABLE and noted == ["other"]


def test_names_are_put_in_the_tables_order_and_strangers_last(noted):
    assert TABLE.in_order(["b", "recurrent", "a", "input", "b"]) == ["input", "recurrent", "b", "a"]
    assert EVERY not in noted


def test_an_entry_is_found_by_its_terms(noted):
    assert TABLE.name_of(TABLE["cell"].terms) == "cell" and EVERY not in noted
    assert TABLE.name_of((replace(TABLE["cell"].terms[0], factor=0.125),)) is None and EVERY in noted


def test_the_number_of_an_entry_is_its_place(noted):
    assert [TABLE.number(name) for name in ("none", "input")] == [0, 1] and noted == ["#none", "#input"]
    with pytest.raises(KeyError):
        TABLE.number("other")


def test_the_state_moves_with_what_was_read_and_with_nothing_else():
    names = ["input", "#recurrent", "other", EVERY]
    first = Table(TABLE.values())
    before = first.state(names)
    changed = Table([replace(TABLE["cell"], sentence="Another.") if name == "cell" else TABLE[name] for name in TABLE])
    added = Table([*TABLE.values(), replace(TABLE["cell"], name="other")])
    inserted = Table([TABLE["none"], replace(TABLE["cell"], name="new"), *list(TABLE.values())[1:]])
    own = Table([replace(TABLE["input"], equation="x") if name == "input" else TABLE[name] for name in TABLE])
    others = {"changed": changed, "added": added, "inserted": inserted, "own": own}
    moved = {name: [key for key, value in other.state(names).items() if value != before[key]]
             for name, other in others.items()}  # fmt: skip
    assert moved == {
        "changed": [EVERY], "added": [EVERY, "other"], "inserted": ["#recurrent", EVERY], "own": [EVERY, "input"],
    }  # fmt: skip
    assert before["#recurrent"] == str(list(TABLE).index("recurrent"))


def test_the_state_is_that_of_another_process():
    code = "from bilstm_dropout.dropout.placements import TABLE; print(TABLE.state(['*', 'variational']))"
    said = {subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PATH": ""}, check=True,
                           capture_output=True, text=True).stdout.strip() for seed in ("1", "2")}  # fmt: skip
    assert said == {str(TABLE.state(["*", "variational"]))}


def test_importing_the_package_goes_through_no_table():
    code = (
        "import importlib, pkgutil, bilstm_dropout\n"
        "from bilstm_dropout.dropout import uses\n"
        "names = [m.name for m in pkgutil.walk_packages(bilstm_dropout.__path__, 'bilstm_dropout.')]\n"
        "names = [n for n in names if '__main__' not in n and 'torch_program' not in n]\n"
        "[importlib.import_module(n) for n in names]\n"
        "print(len(names), uses.EVERY in uses._noted)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    number, every = done.stdout.split()
    assert int(number) > 100 and every == "False"


def test_the_table_is_the_list_in_its_file():
    assert list(placements._ENTRIES) == [TABLE[name] for name in TABLE]
