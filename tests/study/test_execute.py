"""Notebooks run in the project's own Python, whatever kernels the machine has; a kernel that dies is explained."""

import json
import os
import sys

import nbformat
import pytest

from bilstm_dropout.study.execute import execute


@pytest.fixture
def executed(tmp_path):
    def run(code):
        notebook, output = tmp_path / "one.ipynb", tmp_path / "out" / "one.ipynb"
        output.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        }), notebook)  # fmt: skip
        reason = execute(str(notebook), str(output), {}, {"BILSTM_DROPOUT_ROOT": str(tmp_path)})
        return reason, output.read_text("utf-8")

    return run


def test_a_notebook_s_environment_is_no_other_s(executed, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.delenv("BILSTM_DROPOUT_NOTEBOOK", raising=False)
    before = dict(os.environ)
    reason, output = executed("import os; print(os.environ['MPLBACKEND'], os.environ['BILSTM_DROPOUT_NOTEBOOK'][-9:])")
    assert not reason and "agg one.ipynb" in output and dict(os.environ) == before
    executed("1 / 0")
    assert dict(os.environ) == before


def test_a_foreign_python3_kernel_is_not_used(executed, tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    bogus = {"argv": ["/bin/false", "{connection_file}"], "display_name": "Python 3", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(bogus))
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_PATH"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    from jupyter_client.kernelspec import KernelSpecManager

    assert KernelSpecManager().get_kernel_spec("python3").argv[0] == "/bin/false"  # what its name would give
    reason, output = executed("import sys; print(sys.executable)")
    assert reason == "" and sys.executable in output


def test_a_kernel_that_is_killed_is_said_to_lack_memory(executed):
    reason, _ = executed("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert reason.startswith("the kernel was killed; lack of memory is the usual cause: ") and "\n" not in reason


def test_a_kernel_that_a_library_ends_is_tried_once_more_and_said_to_have_ended_by_its_signal(executed, tmp_path):
    ends = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    mark = str(tmp_path / "mark")
    once = f"import os\nif not os.path.exists({mark!r}):\n    open({mark!r}, 'w').close()\n    {ends}"
    parent = "open(f'/proc/{os.getppid()}/cmdline').read() if os.path.exists('/proc') else ''"
    reason, output = executed(f"{once}\nprint('came', 'through', 'serve()' in ({parent}))")
    assert reason == "" and "came through False" in output  # not forked a second time
    reason, _ = executed(f"import sys; print('last words', file=sys.__stderr__, flush=True); {ends}")
    where = "what it wrote is in one.log beside its notebook; give the same command again"
    assert reason == f"the kernel ended by SIGSEGV; {where}"
    assert (tmp_path / "out" / "one.log").read_text().count("last words") == 2
    assert executed("import os; os._exit(0)")[0] == f"the kernel ended with exit code 0; {where}"
    assert executed("import os; os.kill(os.getpid(), 15)")[0] == f"the kernel ended by SIGTERM; {where}"
