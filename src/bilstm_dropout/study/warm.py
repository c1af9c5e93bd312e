"""Kernels that start in a moment: forked from a process that has imported already what notebooks import.

    a Dask worker ── a line of JSON ──► the server (`serve`, in a process of its own), one a worker
                                           └── fork ──► a kernel: a session, environment and folder of its own

Importing takes some seconds, starting a kernel one: more than most pages take to compute, and the book has dozens. A
forked process shares what was imported and nothing else: it has no thread, no TensorFlow context and no open socket
of another. Where there is no fork, or the server is lost, kernels start as ever.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from ..dropout import uses
from ..isolated import PACKAGE, modules_of_code
from ..isolated import state as state_of
from ..paths import project_root

# What loads where it is first used would load in every kernel.
_KERNEL = ("ipykernel.kernelapp", "ipykernel.ipkernel", "matplotlib.pyplot", "pyarrow.parquet", "scipy.stats")
_TRAINING = ("tensorflow", "keras")  # for notebooks that name them; importing them starts nothing
_MANY = 4  # kernels, from which on it pays to read what is published, and to load what some need, once for all
_OF_SOME = ("statsmodels.stats.multitest", "statsmodels.stats.proportion", "statsmodels.stats.power")
_TRAINS = re.compile(r"\b(keras|tensorflow|DropoutLSTM|run_sweep)\b")
_OF_A_KERNEL = ("BILSTM_DROPOUT_NOTEBOOK", uses.VARIABLE, "JPY_")  # variables that differ from kernel to kernel
ALLOWED = sys.platform == "linux"  # elsewhere system libraries do not bear a fork


class Server:
    """The process that forks, started at once; it ends with its parent, and its kernels with it."""

    def __init__(self, environment: dict[str, str]):
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {__name__} import serve; serve()"], env=environment, text=True,
            bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def ask(self, **request) -> dict:
        """What the server answers. OSError where it is lost."""
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        except ValueError as error:  # an empty line, or a closed pipe
            raise OSError("the server that starts kernels has ended") from error
        return answer

    def close(self) -> None:
        """End it and its kernels."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class Forked:
    """A kernel's process, with what a jupyter_client provisioner asks of a subprocess.Popen."""

    stdin = stdout = stderr = None

    def __init__(self, server: Server, pid: int):
        self.pid, self.returncode, self._server = pid, None, server

    def poll(self) -> int | None:
        """Its exit code, negative where a signal ended it; None while it runs."""
        if self.returncode is None:
            try:
                self.returncode = self._server.ask(poll=self.pid)["code"]
            except OSError:  # with the server its kernels go
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self) -> int | None:
        """The same, once it has ended: whoever calls this has seen that."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def started(command: list[str], log: Path, notebook: Path, environment: dict[str, str], folder: str) -> Forked | None:
    """A kernel of this command line, forked; None where kernels cannot be forked here.

    log: the file that takes what it writes by file descriptor. notebook: what it will execute. folder: where it works.
    """
    if not ALLOWED:
        return None
    modules = _TRAINING if _TRAINS.search(_code(notebook)) else ()
    request = {"first": _imported(), "modules": modules, "command": command, "log": str(log),
               "folder": folder, "environment": environment}  # fmt: skip
    common = {name: value for name, value in environment.items() if not name.startswith(_OF_A_KERNEL)}
    try:
        server = _server(tuple(sorted(common.items())), state_of(PACKAGE))
        return Forked(server, server.ask(**request)["pid"])
    except OSError:
        _server.cache_clear()
        return None


_running: list[Server] = []


@lru_cache(maxsize=1)
def _server(environment: tuple[tuple[str, str], ...], _state: tuple) -> Server:
    """This process's server; another one where the environment or the package's source have changed."""
    while _running:
        _running.pop().close()
    _running.append(Server(dict(environment)))
    return _running[0]


def _imported() -> list[str]:
    """What the project's notebooks import, but for those that train."""
    codes = [_code(file) for file in sorted((project_root() / "notebooks").rglob("*.ipynb"))]
    found = (modules_of_code(code) for code in codes if not _TRAINS.search(code))
    return list(dict.fromkeys(name for names in found for name in names))


def _code(notebook: Path) -> str:
    with suppress(OSError, ValueError, KeyError, TypeError):
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return ""


def serve() -> None:
    """What the server does: import, then fork a kernel for each line that asks for one, until its input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print as they are imported is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started the study
    _import(_KERNEL)
    running: set[int] = set()
    forked = 0
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            answer = {"code": _ended(request["poll"], running)}
        else:
            _import([*request["first"], *request["modules"]])
            forked += 1
            if forked == _MANY:
                _import(_OF_SOME)
                _read_published()
            gc.collect()
            gc.freeze()  # else the kernels' collectors would copy all that they share
            if not (pid := os.fork()):
                answers.close()
                _be_kernel(request)
            running.add(pid)
            answer = {"pid": pid}
        print(json.dumps(answer), file=answers)
    for pid in running:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


_tried: set[str] = set()


def _read_published() -> None:
    """Read what is published, so that every kernel from now on has it checked."""
    from ..results import published
    from ..results.about import ABOUT

    for part in ABOUT:
        with suppress(Exception):  # whoever shows it says what is wrong
            published.read(part)


def _import(modules) -> None:
    for name in modules:
        if name not in _tried:
            _tried.add(name)
            with suppress(Exception):  # a name that is no module; what is broken the notebook that needs it says
                importlib.import_module(name)


def _ended(pid: int, running: set[int]) -> int | None:
    """The exit code of a kernel; None while it runs."""
    if pid not in running:
        return -signal.SIGKILL
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    running.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _be_kernel(request: dict) -> None:
    """Become the kernel that was asked for, and never return."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        log, nothing = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT), os.open(os.devnull, os.O_RDONLY)
        for opened, descriptor in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(opened, descriptor)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        uses.tell()  # what was read before the fork is read for this kernel too
        import numpy
        from ipykernel.kernelapp import IPKernelApp

        numpy.random.seed()  # else every kernel would draw the same
        sys.argv = request["command"]
        # It ends with the server, whatever ends that.
        IPKernelApp.launch_instance(argv=[*request["command"][1:], f"--IPKernelApp.parent_handle={os.getppid()}"])
        code = 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
