"""The project's own promises: locked packages in step, no addresses, notebooks and folders as announced."""

import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent


def test_the_lock_has_a_hash_for_every_package_and_no_address():
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    pinned = re.findall(r"^([a-z0-9._-]+)==.*?(?=^[a-z]|\Z)", text, flags=re.M | re.S | re.I)
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", text, flags=re.M | re.I)[1:]
    assert len(pinned) > 100 and all("--hash=sha256:" in block for block in blocks)


def test_every_direct_requirement_is_locked_at_a_version_that_it_allows():
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["develop"]]
    lines = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(), flags=re.M)
    locked = {}
    for name, version in lines:
        locked.setdefault(canonicalize_name(name), []).append(version)
    for text in wanted:
        requirement = Requirement(text)
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert any(requirement.specifier.contains(version) for version in versions), text


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
    for target in ("book", "test", "test-browser", "study", "serve", "bench", "lint", "help"):
        assert target in targets


def test_another_python_gets_one_line_naming_those_that_serve(tmp_path):
    for file in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / file).write_text((ROOT / file).read_text())
    ran = subprocess.run(["make", "setup", "PYTHON="], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode != 0 and "3.11, 3.12 or 3.13" in ran.stdout + ran.stderr


def test_modules_stay_small():
    for file in (ROOT / "src").rglob("*.py"):
        assert len(file.read_text().splitlines()) <= 350, file
