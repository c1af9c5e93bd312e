"""The command line as a user meets it: listings, a run, and errors in one line without a traceback."""

import json
import re
import subprocess
import sys

import pytest

from bilstm_dropout import datasets, results
from bilstm_dropout.cli import commands, entry
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.runs.store import Store


def command(*arguments, **environment):
    """Run the command in a process of its own, as a user does."""
    import os

    call = [sys.executable, "-c", "from bilstm_dropout.cli import main; main()", *arguments]
    return subprocess.run(call, capture_output=True, text=True, env={**os.environ, **environment}, timeout=120)


def test_listings_are_objects_with_names():
    listed = {name: json.loads(command(name, "--json").stdout) for name in ("placements", "datasets", "status")}
    assert [row["name"] for row in listed["placements"]] == list(TABLE)
    assert [row["name"] for row in listed["datasets"]] == list(datasets.names())
    assert {row["state"] for row in listed["status"]["notebooks"]} <= {"done", "running", "failed", "missing"}
    assert all(row["name"] for row in listed["status"]["notebooks"])


def test_a_table_names_everything_and_has_no_colours_in_a_pipe():
    shown = command("placements", NO_COLOR="1").stdout
    assert all(name in shown for name in TABLE) and "\x1b" not in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--published", "f00"], "is no key of a run"),
        (["run", "--published", "0" * 20], "No published runs"),
        (["run", "input", "--published", "0" * 20], "give nothing else with it"),
        (["run", "recurent"], "Did you mean recurrent"), (["run", "input", "--rate", "1.0"], "Allowed: numbers from 0"),
        (["run", "gates", "--rate", "0.6"], "up to .5"), (["run", "input", "--rate", "nan"], "Allowed: numbers from 0"),
        (["run", "input", "--dataset", "recal"], "Did you mean recall"),
        (["run", "input", "--seed", "-1"], "whole numbers"),
        (["run", "input", "--set", "unit=3"], "Did you mean units"),
        (["run", "input", "--set", "epochs=0"], "at least 1"),
        (["run", "input", "--set", "placement=output"], "as arguments"),
        (["run", "input", "--rate", "0.5", "--set", "rates=0.3"], "given twice"),
        (["experiments", "t", "--plan", "--publish"], "leave it out, or --publish"),
        (["run", "input", "--set", "epochs"], "name=value"), (["study", "--profile", "quik"], "Did you mean quick"),
        (["run", "embedding-types", "--dataset", "japanese_vowels"], "needs an embedding"),
        (["study", "--workers", "0", "--plan"], "at least 1"), (["status", "--profile", "nope.yaml"], "cannot be read"),
    ],
)
def test_what_a_user_caused_is_one_line(arguments, says):
    done = command(*arguments)
    assert done.returncode == 2 and not done.stdout
    assert says in done.stderr and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_an_unknown_option_or_command_exits_2_too():
    for arguments in (["run", "input", "--ratee", "1"], ["runn"], ["run", "input", "--rate", "often"]):
        done = command(*arguments)
        assert done.returncode == 2 and "Traceback" not in done.stderr and done.stderr


def test_a_folder_that_cannot_be_written_is_said_before_training(tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = command("run", "input", "--dataset", "recall", BILSTM_DROPOUT_RUNS=str(tmp_path / "file"))
    assert done.returncode == 2 and "BILSTM_DROPOUT_RUNS" in done.stderr and "Traceback" not in done.stderr


def says_what_tensorflow_says_as_it_loads(done):
    return re.search("oneDNN|absl|cuda|retracing|WARNING|[IWE]0000", done.stderr)


def test_runs_are_trained_kept_and_shown_and_nothing_that_tensorflow_says():
    arguments = ["run", "recurrent", "--rate", "0.1", "--rate", "0.2", "--seed", "1", "--dataset", "recall", "--json"]
    small = [each for name in ("units=2", "epochs=1", "train_rows=40", "batch_size=40") for each in ("--set", name)]
    options = ["--set", 'dataset_options={"recall": {"steps": 6, "train": 40, "validation": 20, "test": 20}}']
    done = command(*arguments, *small, *options)
    assert done.returncode == 0 and not says_what_tensorflow_says_as_it_loads(done), done.stderr
    assert "runs to train; the first takes longest" in done.stderr
    rows = json.loads(done.stdout)
    assert {row["key"] for row in rows} == set(Store().keys()) and len(Store().keys()) == 3
    assert all(0 <= row["accuracy"] <= 1 and row["name"] for row in rows)
    again = command(*arguments, *small, *options)
    assert json.loads(again.stdout) == rows  # seconds too: it was read, not trained again


def test_what_is_not_finite_is_null_in_json():
    def strict(constant):
        raise AssertionError(f"{constant} is no JSON")

    done = command("run", "none", "--dataset", "digits", "--seed", "1", "--json", "--set", "learning_rate=1e38",
                   "--set", "units=3", "--set", "epochs=2")  # fmt: skip
    rows = json.loads(done.stdout, parse_constant=strict)
    assert any(row["diverged"] and row["nll"] is None for row in rows)


def test_an_unexpected_error_keeps_its_traceback():
    code = "import bilstm_dropout.dropout.placements as p; p.TABLE = None; import sys; sys.argv[1:] = ['placements'];" \
           "from bilstm_dropout.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" in done.stderr


def test_starting_is_quick():
    code = "import sys, bilstm_dropout.cli; print([name for name in ('tensorflow', 'keras', 'papermill', 'dask', " \
           "'distributed', 'matplotlib', 'pandas') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_command_is_found_in_its_module():
    registered = {command.name or command.callback.__name__ for command in commands.app.registered_commands}
    registered |= {group.name for group in commands.app.registered_groups}
    assert entry.MODULES.keys() == registered


def test_a_recipe_shows_nothing_that_tensorflow_says():
    done = command("run", "--recipe", "s1-before", "--seed", "9", "--set", "epochs=1")
    assert done.returncode == 0 and not says_what_tensorflow_says_as_it_loads(done)


def test_a_published_run_is_trained_again_beside_its_row():
    rows = results.read("how seconds grow")
    row = rows.loc[rows["seconds"].idxmin()]
    done = command("run", "--published", row["key"][:10], "--json")
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert found["published (last)"]["nll"] == row["nll_last"]
    assert found["trained here (last)"]["nll"] == pytest.approx(row["nll_last"], abs=0.01)
    assert Store().keys() == [row["key"]]


def test_what_a_terminal_cannot_show_is_replaced():
    done = command("datasets", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and "japanese_vowels" in done.stdout and "Traceback" not in done.stderr
