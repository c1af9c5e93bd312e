"""Kernels that are forked are like those that are started: their own folder, environment, numbers and end."""

import os
import signal
import sys
import time
from pathlib import Path

import nbformat
import pytest

from bilstm_dropout.study import warm
from bilstm_dropout.study.execute import execute

pytestmark = pytest.mark.skipif(not warm.ALLOWED, reason="kernels are started as ever where there is no fork")


@pytest.fixture
def executed(tmp_path):
    def run(code, name="one"):
        notebook, output = tmp_path / f"{name}.ipynb", tmp_path / "out" / f"{name}.ipynb"
        output.parent.mkdir(exist_ok=True)
        cell = nbformat.v4.new_code_cell(code)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        }), notebook)  # fmt: skip
        reason = execute(str(notebook), str(output), {}, {"BILSTM_DROPOUT_ROOT": str(tmp_path)})
        outputs = nbformat.read(output, 4).cells[0].outputs
        return reason, "".join(each.get("text", "") for each in outputs)

    return run


SAY = "import os, sys, random, numpy as np\nprint(os.getppid(), os.getcwd(), os.getsid(0) == os.getpid(), "


def test_two_kernels_have_one_server_and_share_nothing_else(executed, tmp_path):
    first, second = (
        executed(f"{SAY}globals().get('kept', 0), np.random.rand(), random.random())\nkept = 1", name)[1].split()
        for name in ("one", "two")
    )
    assert first[:4] == second[:4] == [str(warm._running[0]._process.pid), str(tmp_path), "True", "0"]
    assert first[4] != second[4] and first[5] != second[5]


def test_what_notebooks_import_is_there_already_and_tensorflow_is_not(executed):
    _, text = executed("import sys; print('seaborn' in sys.modules, 'tensor' + 'flow' in sys.modules)")
    assert text.split() == ["True", "False"]
    _, text = executed("import sys; print('tensorflow' in sys.modules)", "training")
    assert text.split() == ["True"]


def test_a_forked_kernel_computes_what_a_started_one_does(executed, monkeypatch):
    code = (
        "import numpy as np, tensorflow as tf\n"
        "f = tf.function(lambda x: tf.tanh(x @ x), jit_compile=True)\n"
        "print(f(tf.constant(np.random.default_rng(1).normal(size=(40, 40)))).numpy().sum().hex())"
    )
    forked = executed(code)
    monkeypatch.setattr(warm, "ALLOWED", False)
    assert executed(code) == forked and forked[0] == "" and forked[1].startswith(("0x", "-0x"))


def test_what_a_kernel_s_libraries_write_goes_into_its_log(executed, tmp_path):
    executed("import os; os.write(2, b'said by a library')")
    assert "said by a library" in (tmp_path / "out" / "one.log").read_text("utf-8")


def test_a_lost_server_is_replaced(executed):
    server = int(executed(SAY + ")")[1].split()[0])
    os.kill(server, signal.SIGKILL)
    reason, text = executed(SAY + ")")
    assert reason == "" and int(text.split()[0]) == os.getpid()  # started as ever
    assert int(executed(SAY + ")")[1].split()[0]) not in (server, os.getpid())


def test_a_kernel_ends_with_the_server(tmp_path):
    log = tmp_path / "log"
    connection = tmp_path / "connection.json"
    command = ["ipykernel_launcher", "-f", str(connection)]
    kernel = warm.started(command, log, tmp_path / "none.ipynb", dict(os.environ), str(tmp_path))
    until = time.monotonic() + 60
    while not connection.is_file() and time.monotonic() < until:
        time.sleep(0.1)
    assert connection.is_file() and kernel.poll() is None
    warm._running[0].close()
    assert not Path(f"/proc/{kernel.pid}").exists() or "Z" in Path(f"/proc/{kernel.pid}/stat").read_text()
    assert kernel.poll() == -signal.SIGKILL
    warm._server.cache_clear()
    warm._running.clear()


def test_another_environment_or_source_has_another_server(monkeypatch, tmp_path):
    made = []

    class Made:
        def __init__(self, environment):
            made.append(environment)

        def ask(self, **request):
            return {"pid": 1}

        def close(self):
            made.append("closed")

    monkeypatch.setattr(warm, "Server", Made)
    monkeypatch.setattr(warm, "_running", [])
    warm._server.cache_clear()
    for number, state in ((1, "a"), (1, "a"), (2, "a"), (2, "b")):
        monkeypatch.setattr(warm, "state_of", lambda package, state=state: (state,))
        environment = {"A": str(number), "BILSTM_DROPOUT_NOTEBOOK": str(len(made)), "JPY_PARENT_PID": str(len(made))}
        warm.started([], tmp_path, tmp_path / "x.ipynb", environment, str(tmp_path))
    assert made == [{"A": "1"}, "closed", {"A": "2"}, "closed", {"A": "2"}]
    warm._server.cache_clear()


def test_without_a_fork_kernels_start_as_ever(executed, monkeypatch):
    monkeypatch.setattr(warm, "ALLOWED", False)
    reason, text = executed(SAY + ")")
    assert reason == "" and int(text.split()[0]) == os.getpid() and sys.executable
