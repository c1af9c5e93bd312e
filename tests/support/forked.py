"""Cells of notebooks, each list run in a process of its own that has what every notebook begins with imported already.

One process imports that, and is forked for each list: what a list imports or sets, no other sees. Without a kernel to
start and libraries to import, a notebook takes a third of the time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bilstm_dropout.runs.processes import ENVIRONMENT

# Imported once. None of it starts a thread, which a forked process would not have.
READY = """
import IPython.core.interactiveshell
import seaborn as sns
from bilstm_dropout import datasets, dropout, results, stats
from bilstm_dropout.book import begin, figure, finding, one_of, parameters, table
"""


def run_cells(cells: Iterable[str], environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Run cells in an IPython shell, until one fails, as a kernel does; every one is kept in its history.

    environment: added to that of the tests. folder: the working folder. Gives `displayed`, by cell the list of what it
    displayed, each with data and metadata; `error`, None or name and text of what the last of these cells raised;
    `loaded`, the modules that are imported afterwards.
    """
    server = _server()
    whole = {**os.environ, **ENVIRONMENT, "MPLBACKEND": "agg", "PYTHONWARNINGS": "ignore", **environment}
    server.stdin.write(json.dumps([list(cells), whole, str(folder)]) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer.strip(), "the process that runs the cells has died"
    return json.loads(answer)


@cache
def _server() -> subprocess.Popen:
    """The process that is forked, one for each process that tests."""
    environment = {**os.environ, **ENVIRONMENT, "MPLBACKEND": "agg", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "support.forked"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def close() -> None:
    """End that process, where one was started."""
    if _server.cache_info().currsize:
        _server().communicate()
        _server.cache_clear()


def _serve() -> None:
    exec(READY, {})
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            answer = _answer(*json.loads(line))
            with os.fdopen(writing, "w") as stream:
                stream.write(json.dumps(answer))
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as stream:
            said = stream.read()
        os.waitpid(child, 0)
        print(said, flush=True)


def _answer(cells: list[str], environment: dict[str, str], folder: str) -> dict[str, Any]:
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    # What the cells print belongs to nobody, and must not be taken for the answer.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    InteractiveShell.display_pub_class = CapturingDisplayPublisher
    shell = InteractiveShell.instance()
    displayed, error = [], None
    for cell in cells:
        shell.display_pub.outputs = []
        ran = shell.run_cell(cell, store_history=True)
        displayed.append([{"data": each["data"], "metadata": each["metadata"]} for each in shell.display_pub.outputs])
        raised = ran.error_before_exec or ran.error_in_exec
        if raised is not None:
            error = [type(raised).__name__, str(raised)]
            break
    return {"displayed": displayed, "error": error, "loaded": sorted(sys.modules)}


if __name__ == "__main__":
    _serve()
