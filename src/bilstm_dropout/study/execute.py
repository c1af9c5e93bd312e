"""Execute one notebook with papermill, in a kernel of its own. Runs on a Dask worker."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import uuid
from pathlib import Path
from unittest.mock import patch

from ..dropout import uses
from ..runs import compiled
from ..runs.processes import ENVIRONMENT
from . import warm

RUNNING = "running"  # folder, beside the finished notebooks, of those that are being executed
_KERNEL = {**ENVIRONMENT, "MPLBACKEND": "agg", "PYTHONWARNINGS": "ignore"}
# An error's name would not help: the system kills what takes too much memory, and nothing of it can say so.
MEMORY = (
    "lack of memory is the usual cause: take fewer workers (--workers) or close other programs, and give the same "
    "command again"
)
_FAULTS = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE}  # of a library, not of a person
KILLED = f"the kernel was killed; {MEMORY}"


def execute(notebook: str, output: str, parameters: dict, environment: dict[str, str]) -> str:
    """Execute a notebook into `output` and give '' or, where a cell failed or the kernel died, the reason in one line.

    The output, failed or not, appears by atomic rename. parameters: injected by papermill. environment: added to the
    kernel's, which runs this process's Python with one thread in the project's folder.
    """
    # In a folder of its own: half a notebook must not be taken for a chapter, even after the study was killed.
    writing, log = Path(output).parent / RUNNING / Path(output).name, Path(output).with_suffix(".log")
    writing.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("", "utf-8")
    # In this process's environment, which papermill hands on; afterwards that is as before.
    more = {**_KERNEL, **environment, "BILSTM_DROPOUT_NOTEBOOK": notebook, uses.VARIABLE: str(used_by(output))}
    with _logged(log), patch.dict(os.environ, more):
        reason, ended = _executed(notebook, writing, parameters, environment["BILSTM_DROPOUT_ROOT"], log, warm.started)
        if ended is not None and (ended >= 0 or -ended in _FAULTS):  # it may be the fork's: once without
            reason, ended = _executed(notebook, writing, parameters, environment["BILSTM_DROPOUT_ROOT"], log, None)
    if ended is not None:
        reason = _said(ended, log)
    if writing.is_file():
        writing.replace(output)
    return reason


def _executed(
    notebook: str, writing: Path, parameters: dict, folder: str, log: Path, start
) -> tuple[str, int | None]:
    """The reason for which it failed, or '', and a dead kernel's exit code. start: as for `_kernel_manager`."""
    import papermill

    kernels: list = []
    try:
        Path(os.environ[uses.VARIABLE]).write_text("", "utf-8")
        compiled.keep()
        papermill.execute_notebook(
            notebook, str(writing), parameters=parameters, kernel_name="python3", progress_bar=False, cwd=folder,
            kernel_manager_class=_kernel_manager(Path(notebook), log, start, kernels),
        )
    except papermill.exceptions.PapermillExecutionError as error:
        return " ".join(f"{error.ename}: {error.evalue}".split())[:500], None
    except Exception as error:  # a kernel that died, a notebook that is none: the study goes on and says so
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        if "Kernel died" not in reason:
            return reason, None
        code = kernels[-1].poll() if kernels else None
        return reason, -signal.SIGKILL if code is None else code
    return "", None


def _said(ended: int, log: Path) -> str:
    """What to say of a kernel that died, by its exit code."""
    if ended == -signal.SIGKILL:
        return KILLED
    how = f"by {signal.Signals(-ended).name}" if -ended in set(signal.Signals) else f"with exit code {ended}"
    return f"the kernel ended {how}; what it wrote is in {log.name} beside its notebook; give the same command again"


def used_by(output: str | Path) -> Path:
    """The file in which a notebook's kernel notes what it reads of the table of placements (`dropout/uses.py`)."""
    return Path(output).parent / RUNNING / Path(output).with_suffix(".used").name


def _kernel_manager(notebook: Path, log: Path, start, kernels: list) -> type:
    """A manager that starts kernels with this process's Python, forked where that can be, and notes their processes.

    start: `warm.started`, or None for a kernel that is not forked. kernels: where the processes are noted.

    By its name a kernel is looked up in the folders of the user and of the system, where a `python3` may be anything.
    """
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.provisioning import LocalProvisioner

    class Warm(LocalProvisioner):
        async def launch_kernel(self, cmd, **options):
            environment, folder = dict(options.get("env") or os.environ), options.get("cwd") or str(Path.cwd())
            environment["JPY_PARENT_PID"] = str(os.getpid())  # as one that is started has it
            kernel = start and start(cmd[cmd.index("-m") + 1 :], log, notebook, environment, folder)
            if not kernel:
                told = await super().launch_kernel(cmd, **options)
                kernels.append(self.process)
                return told
            kernels.append(kernel)
            self.process, self.pid, self.pgid, self.cwd = kernel, kernel.pid, kernel.pid, folder
            return self.connection_info

    class OwnPython(AsyncKernelManager):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.kernel_id = str(uuid.uuid4())
            self.provisioner = Warm(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)

        @property
        def kernel_spec(self):
            # What libraries write by file descriptor goes where the kernel's own does, not into the notebook.
            return KernelSpec(**get_kernel_dict(["--IPKernelApp.capture_fd_output=False"]))

    return OwnPython


@contextlib.contextmanager
def _logged(file: Path):
    """Send what this process and the kernels it starts write to the terminal into a file instead.

    TensorFlow's libraries write there by file descriptor, whatever log level is set.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(descriptor) for descriptor in (1, 2)]
    with file.open("a") as log:  # the kernel writes to its end, too
        try:
            for descriptor in (1, 2):
                os.dup2(log.fileno(), descriptor)
            yield
        finally:
            for descriptor, saved in zip((1, 2), kept, strict=True):
                os.dup2(saved, descriptor)
                os.close(saved)
