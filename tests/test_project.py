"""The project's own promises: locked packages in step, no addresses, notebooks and folders as announced."""

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent


LOCKS = ("requirements.lock", "requirements-lab.lock")
OF_BACKENDS = {"jax": ["requirements-jax.lock"], "torch": ["requirements-torch.lock", "requirements-torch-cpu.lock"]}
MORE_THAN = {**dict.fromkeys(LOCKS, 100), **{lock: 1 for locks in OF_BACKENDS.values() for lock in locks}}


@pytest.mark.parametrize("lock", MORE_THAN)
def test_a_lock_has_a_hash_for_every_package_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    pinned = re.findall(r"^([a-z0-9._-]+)==.*?(?=^[a-z]|\Z)", text, flags=re.M | re.S | re.I)
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.M | re.I)[1:]
    assert len(pinned) > MORE_THAN[lock] and all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_direct_requirement_is_locked_at_a_version_that_it_allows(lock):
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["develop"]]
    wanted += project["optional-dependencies"]["lab"] if lock == "requirements-lab.lock" else []
    lines = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / lock).read_text(), flags=re.M)
    locked = {}
    for name, version in lines:
        locked.setdefault(canonicalize_name(name), []).append(version)
    for text in wanted:
        requirement = Requirement(text)
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert any(requirement.specifier.contains(version) for version in versions), text


def test_jupyterlab_is_added_to_the_same_packages():
    versions = [
        dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / lock).read_text(), flags=re.M)) for lock in LOCKS
    ]
    assert {name: versions[1].get(name) for name in versions[0]} == versions[0]
    assert "jupyterlab" in versions[1].keys() - versions[0].keys()


def pinned_in(*locks):
    """Each package's versions in some locks, as 'name==version'."""
    text = "\n".join((ROOT / lock).read_text() for lock in locks)
    return set(re.findall(r"^[A-Za-z0-9._-]+==[^ ;\\]+", text, flags=re.M))


@pytest.mark.parametrize("backend", OF_BACKENDS)
def test_a_backend_has_its_own_packages_beside_those_of_the_study(backend):
    import tomllib

    pins, study = pinned_in(*OF_BACKENDS[backend]), pinned_in("requirements.lock")
    names, of_the_study = ({pin.partition("==")[0] for pin in each} for each in (pins, study))
    assert {pin for pin in pins if pin.partition("==")[0] in of_the_study} <= study
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    assert {re.match(r"[a-z0-9-]+", wanted)[0] for wanted in groups[backend]} <= names
    assert {"keras", "numpy", "pytest", backend} <= names and "tensorflow" not in names
    assert {pin for pin in pins if pin.startswith("torch==")} <= {"torch==2.13.0+cpu", "torch==2.13.0"}
    assert not [name for name in names if name.startswith(("nvidia", "cuda"))]


def planned(folder, target):
    """The commands that make would run for a target, in a folder with stamps of its own."""
    command = ["make", "--dry-run", target, "PYTHON=python3"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_jupyterlab_is_added_for_its_own_target_alone_and_again_after_setting_up_anew(tmp_path):
    files = ["Makefile", "requirements.lock", "requirements-lab.lock", "pyproject.toml", ".venv/.ready"]
    (tmp_path / ".venv").mkdir()
    for moment, file in enumerate(files):
        (tmp_path / file).write_text((ROOT / file).read_text() if file == "Makefile" else "")
        os.utime(tmp_path / file, (moment, moment))
    adds = "--require-hashes -r requirements-lab.lock"
    assert adds in planned(tmp_path, "lab")
    for target in ("setup", "book", "test", "study", "lint"):
        assert "requirements-lab.lock" not in planned(tmp_path, target)
    stamp = tmp_path / ".venv/.ready-lab"
    stamp.touch()
    later = planned(tmp_path, "lab")
    assert adds not in later and "jupyter lab --ip 127.0.0.1 --ServerApp.root_dir . " in later
    # Setting up anew removes what requirements.lock lacks, and touches its stamp.
    os.utime(stamp, (10, 10))
    os.utime(tmp_path / ".venv/.ready", (20, 20))
    assert adds in planned(tmp_path, "lab")


def test_reading_studies_and_builds_the_profile_that_trains_nothing(tmp_path):
    for file in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    for target, profile in (("read", "read"), ("book", "quick")):
        commands = re.findall(r"bilstm-dropout (\w+) --profile (\w+)", planned(tmp_path, target))
        assert commands == [("study", profile), ("book", profile)]


def test_backends_and_another_python_are_tested_in_environments_of_their_own(tmp_path):
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / ".venv").mkdir()
    for file in ("pyproject.toml", *MORE_THAN, ".venv/.ready"):
        (tmp_path / file).touch()
    plan = planned(tmp_path, "test-backends")
    for backend, locks in OF_BACKENDS.items():
        assert all(f"--require-hashes -r {lock}" in plan.replace("\\\n", "") for lock in locks)
        assert f"--python .venv-{backend}/bin/python --require-hashes {locks[0]}" in plan
    assert "for backend in jax torch; do" in plan and "KERAS_BACKEND=$backend" in plan
    for file in ("tests/dropout/test_backends.py", "tests/stock_keras/test_probe_backends.py"):
        assert file in plan and (ROOT / file).is_file()
    assert "No Python newer than that of .venv is here" in plan
    ignored = [".venv-jax/", ".venv-torch/", ".venv-newest/", ".venv-pytorch/"]
    checked = subprocess.run(["git", "check-ignore", *ignored], cwd=ROOT, capture_output=True, text=True)
    assert checked.stdout.split() == ignored
    assert "--require-hashes requirements.lock" in planned(tmp_path, ".venv-newest/.ready")
    assert "make test-backends" in (ROOT / ".ci/run").read_text()


def test_conda_and_binder_install_the_same_lock_and_then_the_package():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = [each["pip"] for each in environment["dependencies"] if isinstance(each, dict)]
    assert pip == [["--requirement requirements.lock"]]
    after = "--no-deps --no-build-isolation --editable ."
    assert after in (ROOT / "postBuild").read_text() and after in (ROOT / "Makefile").read_text()


def test_make_alone_lists_every_target_with_a_line():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(), flags=re.M)
    for target in targets:
        assert re.search(rf"^  make {target} +\S", listed, flags=re.M), target
    for target in ("book", "test", "test-browser", "study", "serve", "bench", "lab", "lint", "help"):
        assert target in targets


def test_another_python_gets_one_line_naming_those_that_serve(tmp_path):
    for file in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / file).write_text((ROOT / file).read_text())
    ran = subprocess.run(["make", "setup", "PYTHON="], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode != 0 and "3.11, 3.12 or 3.13" in ran.stdout + ran.stderr


def test_modules_stay_small():
    for file in (ROOT / "src").rglob("*.py"):
        assert len(file.read_text().splitlines()) <= 350, file


MARKDOWN = [ROOT / name for name in subprocess.run(
    ["git", "ls-files", "*.md", "*.ipynb"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split() if name != "CHANGELOG.md"]  # fmt: skip


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_module_and_path_that_a_text_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    if page.name == "method.md":  # what stands above its notes never changes; a note says where its modules are now
        text = text[text.index("\n## Notes\n") :]
    for module in re.findall(r"(?:python -m|from|import) (bilstm_dropout[\w.]*)", text):
        place = ROOT / "src" / Path(*module.strip(".").split("."))
        assert place.is_dir() or place.with_suffix(".py").is_file(), module
    for path in re.findall(r"`((?:src|tests|bench|book|notebooks|data)/[\w./-]+\.\w+)`", text):
        assert (ROOT / path).exists() or "generated" in path or "PART" in path, path


def test_the_command_of_the_method_page_still_works():
    (line,) = re.findall(r"^\$ \.venv/bin/python -c \"(.*)\"$", (ROOT / "book/method.md").read_text(), flags=re.M)
    ran = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.fullmatch("[0-9a-f]{64}", ran.stdout.strip())


FOLDERS = sorted((ROOT / "src/bilstm_dropout").rglob("__init__.py"))


@pytest.mark.parametrize("package", FOLDERS, ids=lambda file: file.parent.name)
def test_every_public_name_of_a_folder_is_there(package):
    module = importlib.import_module(".".join(package.parent.relative_to(ROOT / "src").parts))
    assert module.__doc__ and module.__doc__.strip(". ")
    body = ast.parse(package.read_text(encoding="utf-8")).body
    handed_on = [each for block in body if isinstance(block, ast.If) for each in block.body]  # what is heavy
    for statement in body + handed_on:
        for each in statement.names if isinstance(statement, ast.ImportFrom) and statement.level else ():
            assert hasattr(module, each.asname or each.name)
    entries = [*package.parent.glob("*.py"), *package.parent.glob("*/__init__.py")]
    assert len(entries) <= 21, f"{package.parent} has {len(entries)} entries: make folders of it"


LIGHT = (
    "dropout", "datasets", "stats", "runs.config", "results", "study", "cli", "claims", "experiments", "book.build",
)  # fmt: skip


@pytest.mark.parametrize("module", LIGHT)
def test_what_only_reads_loads_no_keras(module):
    code = f"import sys, bilstm_dropout.{module}; print({{'keras', 'tensorflow', 'sklearn'}} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


def test_the_layer_is_a_public_name_and_an_unknown_one_is_refused():
    import bilstm_dropout
    from bilstm_dropout import DropoutLSTM
    from bilstm_dropout.dropout.lstm import DropoutLSTM as same

    assert DropoutLSTM is same
    with pytest.raises(AttributeError, match="has no attribute 'Dropout'"):
        _ = bilstm_dropout.Dropout


def test_no_module_has_a_name_of_the_standard_library():
    names = {file.stem for file in (ROOT / "src/bilstm_dropout").rglob("*.py")} | {file.parent.name for file in FOLDERS}
    assert not names & sys.stdlib_module_names


def test_what_make_selects_of_the_tests_is_there():
    (selected,) = re.findall(r'-k "([^"]+)" (tests/\S+) (tests/\S+)', (ROOT / "Makefile").read_text(encoding="utf-8"))
    names, *files = selected
    there = [line for file in files for line in (ROOT / file).read_text(encoding="utf-8").splitlines()]
    assert all(any(line.startswith("def test_") and name in line for line in there) for name in names.split(" or "))
