"""The probe of the installed Keras: it says what the book says, and another Keras would make it say otherwise."""

import ast
import json
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from keras.src import backend
from support.other_keras import OTHERS, _draw

from bilstm_dropout import isolated
from bilstm_dropout.errors import UserError
from bilstm_dropout.stock_keras import probe
from bilstm_dropout.stock_keras.probe import Fact, differences, layers
from bilstm_dropout.stock_keras.probe.asked import installed_facts, published_backends, published_facts
from bilstm_dropout.stock_keras.probe.expected import EXPECTED

SIZES = (24, 5, 12)


def facts(*prefixes, seed=0, sizes=SIZES) -> dict:
    """The facts of a few groups, or of all, as name to value."""
    found = {}
    for prefix, names, read in layers.groups(seed, sizes):
        if not prefixes or prefix in prefixes:
            found |= {fact.name: fact.value for fact in probe._facts(prefix, names, read)}
    return found


# ---- what the book says ----
def test_another_seed_and_other_shapes_give_the_same_facts():
    found = [Fact(name, value, "") for name, value in facts(seed=5).items()]
    assert differences(found) == []


@pytest.mark.parametrize("sizes", [(8, 6, 16), (32, 3, 16), (32, 9, 16), (32, 6, 4)])
def test_sizes_that_would_tell_nothing_are_refused(sizes):
    with pytest.raises(UserError, match="16 samples or more, 4 to 8 steps"):
        probe.probe(sizes=sizes)


# ---- another Keras ----


@pytest.mark.parametrize("case", OTHERS)
def test_another_behaviour_changes_the_facts(case, monkeypatch):
    owner, name, other, prefix, changed = OTHERS[case]
    wanted = {f"{prefix}.{fact}": value for fact, value in changed.items()}
    assert all(EXPECTED[fact] != value for fact, value in wanted.items())
    monkeypatch.setattr(owner, name, other)
    found = facts(prefix)
    assert {fact: str(found[fact])[: len(str(value))] for fact, value in wanted.items()} == {
        fact: str(value) for fact, value in wanted.items()
    }


def test_unseeded_directions_that_share_are_seen(monkeypatch):
    monkeypatch.setattr(backend.random, "dropout", lambda x, rate, **others: _draw(x, rate, seed=1))
    assert facts("bidirectional.unseeded.gru.dropout") == {"bidirectional.unseeded.gru.dropout.directions_share": True}


# ---- what it needs and gives ----
def test_the_probe_imports_keras_numpy_and_itself_alone():
    files = isolated.sources_of("bilstm_dropout.stock_keras.probe", "bilstm_dropout.stock_keras.probe.__main__")
    own = {file.relative_to(isolated.PACKAGE).as_posix() for file in files}
    assert {name for name in own if "probe/" not in name} == {
        "__init__.py", "stock_keras/__init__.py", "errors.py", "loading.py",
    }  # fmt: skip
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
                wanted = [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                assert {each.partition(".")[0] for each in wanted} <= {"keras", "numpy", *sys.stdlib_module_names}, file


def test_json_is_an_array_of_name_value_and_meaning(monkeypatch, capsys):
    monkeypatch.setattr(probe, "probe", lambda: [Fact("a.b", True, "what it says")])
    assert probe.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "a.b", "value": True, "meaning": "what it says"}]
    assert probe.main([]) == 0 and capsys.readouterr().out == "a.b  True\n"
    assert probe.main(["--jsno"]) == 2 and "usage" in capsys.readouterr().err


def test_a_difference_names_the_fact_and_both_values():
    found = [Fact("versions.keras", "3.99", ""), Fact("a", True, ""), Fact("c", 1, "")]
    assert differences(found, {"a": False, "b": 2}) == [
        "a: the book says False, Keras 3.99 says True",
        "b: the book says 2, Keras 3.99 says 'nothing'",
        "c: the book says 'nothing', Keras 3.99 says 1",
    ]


# ---- other versions ----
def test_what_was_published_of_other_versions_is_what_each_version_says():
    published = {
        str(found[0].value): {fact.name: fact.value for fact in found} for found in published_facts()
    }
    assert list(published) == ["3.0.5", "3.3.3", "3.7.0", "3.8.0", "3.15.1"]  # oldest first
    assert published["3.0.5"]["lstm.recurrent_dropout.rate"] == "nothing dropped"
    assert published["3.0.5"]["lstm.both.recurrent_dropout.rate"] == "dropout"
    for version in ("3.3.3", "3.7.0"):
        assert published[version]["lstm.both.recurrent_dropout.gates_share"] is True
        assert published[version]["gru.both.recurrent_dropout.state_masked"] is True
    assert published["3.8.0"]["lstm.both.dropout.gates_share"] is False
    assert all(set(EXPECTED) <= set(values) for values in published.values())


def test_what_was_published_of_other_backends_is_of_the_same_keras_and_fails_where_tensorflow_does():
    published = {name: {fact.name: fact.value for fact in facts} for name, facts in published_backends().items()}
    assert list(published) == ["jax", "torch"]
    for name, values in published.items():
        assert (values["versions.keras"], values["versions.backend"]) == (published_facts()[-1][0].value, name)
        assert set(EXPECTED) <= set(values)
        failing = {fact: "crashes" in str(value) for fact, value in values.items() if fact in EXPECTED}
        assert failing == {fact: "crashes" in str(value) for fact, value in EXPECTED.items()}


# ---- asking ----
def test_asking_is_done_once_and_a_failure_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(isolated, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    calls = []

    def answer(command, **others):
        calls.append(command[2])
        assert others["env"]["KERAS_BACKEND"] == "tensorflow"  # whatever the reader's is: kept by TensorFlow's version
        return subprocess.CompletedProcess(command, 0, json.dumps([asdict(Fact("a", 1, "b"))]), "")

    monkeypatch.setattr(isolated.subprocess, "run", answer)
    assert installed_facts() == installed_facts() == [Fact("a", 1, "b")]
    assert calls == ["bilstm_dropout.stock_keras.probe"]
    monkeypatch.setattr(
        isolated.subprocess, "run", lambda command, **others: subprocess.CompletedProcess(command, 1, "", "x\nno TF")
    )
    with pytest.raises(UserError, match=r"bilstm_dropout\.claims` failed: no TF"):
        isolated.output_of("bilstm_dropout.claims")


def test_readings_that_cannot_be_read_share_nothing():
    from bilstm_dropout.stock_keras.probe.readings import rate_and_scaling, shared, silent

    unread = np.full((3, 4), np.nan)
    assert not shared(unread, 0) and not silent(unread)
    assert rate_and_scaling(unread, {"dropout": 0.5}) == {"rate": "nothing dropped", "scaling": "another"}
