"""Keras set up otherwise than for this project's records is said in one line, before anything is trained."""

import json
import subprocess
import sys

import keras
import pytest

from bilstm_dropout.cli import commands, entry  # noqa: F401 (commands register themselves)
from bilstm_dropout.errors import UserError
from bilstm_dropout.loading import check_backend
from bilstm_dropout.runs.config import RunConfig
from bilstm_dropout.runs.processes import train_in_processes
from bilstm_dropout.runs.store import Store


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The folder of Keras' file of settings; Keras is not imported yet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.delitem(sys.modules, "keras")
    return tmp_path


USUAL = {"floatx": "float32", "epsilon": 1e-07, "backend": "tensorflow", "image_data_format": "channels_last"}


@pytest.mark.parametrize("content", [None, json.dumps(USUAL), "{}", "no JSON", "\xff"])
def test_the_usual_settings_are_taken(home, content):
    if content is not None:
        (home / "keras.json").write_text(content, encoding="latin-1")
    check_backend()


@pytest.mark.parametrize(
    "name, value", [("floatx", "float64"), ("floatx", "float16"), ("floatx", 7), ("epsilon", 1e-3), ("backend", "jax")]
)
def test_a_file_that_says_otherwise_is_named(home, name, value):
    (home / "keras.json").write_text(json.dumps(USUAL | {name: value}))
    with pytest.raises(UserError) as caught:
        check_backend()
    said = str(caught.value)
    assert str(home / "keras.json") in said and name in said and str(value) in said and "\n" not in said


@pytest.mark.parametrize("content", ["[]", "[" * 100_000])
def test_a_file_that_keras_cannot_read_is_named(home, content):
    (home / "keras.json").write_text(content)
    with pytest.raises(UserError, match=r"keras\.json.*mend or remove"):
        check_backend()


@pytest.mark.parametrize(
    "variable, value", [("KERAS_BACKEND", "jax"), ("KERAS_BACKEND", "torch"), ("KERAS_MAX_EPOCHS", "1"),
                        ("KERAS_MAX_STEPS_PER_EPOCH", "2")]
)  # fmt: skip
def test_a_variable_that_says_otherwise_is_named(home, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError, match=variable):
        check_backend()


def test_the_variable_wins_over_the_file(home, monkeypatch):
    (home / "keras.json").write_text(json.dumps({"backend": "jax"}))
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    check_backend()


def test_what_was_set_since_keras_was_imported_counts():
    before = keras.config.floatx()
    try:
        keras.config.set_floatx("float64")
        with pytest.raises(UserError, match=r"keras.config.floatx\(\)"):
            check_backend()
    finally:
        keras.config.set_floatx(before)
    check_backend()


def test_half_precision_for_all_layers_is_refused():
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_float16")
        with pytest.raises(UserError, match="mixed_float16"):
            check_backend()
    finally:
        keras.config.set_dtype_policy(before)
    check_backend()


def test_without_tensorflow_it_is_said_what_needs_it(monkeypatch):
    monkeypatch.setattr("bilstm_dropout.loading.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"TensorFlow, which is not installed.*DropoutLSTM"):
        check_backend()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "none", "--dataset", "recall", "--seed", "77"], ["run", "--recipe", "s1-before", "--seed", "77"],
        ["study", "--profile", "quick"], ["measure", "cost"], ["measure", "doses"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_commands_that_train_say_it_in_one_line(home, monkeypatch, capsys, arguments):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setattr(sys, "argv", ["bilstm-dropout", *arguments])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    said = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2 and len(said) == 1 and "KERAS_BACKEND" in said[0] and "'jax'" in said[0]


def test_training_in_processes_is_refused_before_any_starts(home, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(UserError, match="KERAS_BACKEND"):
        train_in_processes([RunConfig()], Store(), 1, "runs")


def test_a_command_that_computes_no_statistics_loads_none():
    """It would take a second of CPU in every process of a build."""
    code = "import sys, bilstm_dropout.cli.studying, bilstm_dropout.study.execute; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    slow = {"scipy.stats", "scipy.special", "statsmodels", "sklearn", "matplotlib"}
    assert "scipy" in loaded and not slow & set(loaded)
