"""The archive of a commit: the same bytes twice, hashes that hold, nothing of anybody's own; and what publishes it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from bilstm_dropout.book.take import archive
from bilstm_dropout.book.take.zenodo import zenodo_json
from bilstm_dropout.errors import UserError
from bilstm_dropout.paths import project_root

ROOT = project_root()
WHO = {"GIT_AUTHOR_NAME": "Someone", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "Someone",
       "GIT_COMMITTER_EMAIL": "a@example.org", "GIT_CONFIG_GLOBAL": os.devnull}  # fmt: skip


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=os.environ | WHO)


@pytest.fixture
def project(tmp_path) -> Path:
    """A git clone with one commit, as small as can be, and data of somebody's own that git does not know."""
    root = tmp_path / "project"
    for name in ("book/_build", "data/own", "data/published"):
        (root / name).mkdir(parents=True)
    for name in ("CITATION.cff", ".gitignore", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    (root / "postBuild").write_text("#!/bin/sh\n", "utf-8")
    (root / "postBuild").chmod(0o755)
    (root / "data/published/manifest.json").write_text("{}", "utf-8")
    (root / "data/own/mine.csv").write_text("SECRET", "utf-8")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "All")
    return root


@pytest.fixture
def site(tmp_path) -> Path:
    folder = tmp_path / "site"
    (folder / "sub").mkdir(parents=True)
    (folder / "index.html").write_text("<p>A page</p>", "utf-8")
    (folder / "sub/page.html").write_text("<p>Another</p>", "utf-8")
    (folder / ".buildinfo").write_text("of a machine", "utf-8")
    return folder


def test_two_archives_of_a_commit_are_the_same_bytes(project, site, tmp_path):
    first = archive.write_archive(project, tmp_path / "a.zip", site=site).read_bytes()
    for file in [*project.rglob("*"), *site.rglob("*")]:
        os.utime(file, (1, 1))
    site.chmod(0o700)
    again = tmp_path / "again"
    subprocess.run(["git", "clone", "--quiet", str(project), str(again)], check=True)
    assert archive.write_archive(again, tmp_path / "b.zip", site=site).read_bytes() == first


def test_it_holds_the_commit_and_the_book_with_hashes_and_nothing_else(project, site):
    file = archive.write_archive(project, site=site)
    version = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"]
    folder = f"where-dropout-goes-{version}"
    assert file == project / "book/_build" / f"{folder}.zip"
    with zipfile.ZipFile(file) as whole:
        found = {each.filename.removeprefix(f"{folder}/"): whole.read(each) for each in whole.infolist()}
        modes = {each.filename.removeprefix(f"{folder}/"): each.external_attr >> 16 for each in whole.infolist()}
    assert found.keys() == {
        ".zenodo.json", "MANIFEST.json", "SHA256SUMS", "site/index.html", "site/sub/page.html", "source/.gitignore",
        "source/CITATION.cff", "source/data/published/manifest.json", "source/postBuild", "source/requirements.lock",
    }  # fmt: skip
    assert b"SECRET" not in b"".join(found.values()) and modes["source/postBuild"] == 0o100755
    sums = dict(reversed(line.split("  ")) for line in found["SHA256SUMS"].decode().splitlines())
    listed = {name: content for name, content in found.items() if name != "SHA256SUMS"}
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in listed.items()}
    manifest = json.loads(found["MANIFEST.json"])
    assert re.fullmatch("[0-9a-f]{40}", manifest["commit"]) and manifest["sha256"].keys() == {
        "requirements.lock", "data/published/manifest.json",
    }  # fmt: skip


@pytest.mark.parametrize("change", ["edited", "new"])
def test_a_tree_that_differs_from_its_commit_is_refused(project, site, change):
    (project / ("CITATION.cff" if change == "edited" else "new.txt")).write_text("x", "utf-8")
    name = "CITATION.cff" if change == "edited" else "new.txt"
    with pytest.raises(UserError, match=rf"1 files differ from it, the first is {re.escape(name)}\. Commit them"):
        archive.write_archive(project, site=site)
    assert not list((project / "book/_build").glob("*.zip"))


def test_a_folder_that_is_no_clone_is_refused(tmp_path, project, site):
    for folder in (tmp_path, project / "data"):
        with pytest.raises(UserError, match="no git clone"):
            archive.write_archive(folder, site=site)


def test_data_of_somebodys_own_is_refused_even_where_it_was_committed(project, site):
    git(project, "add", "--force", "data/own/mine.csv")
    git(project, "commit", "--quiet", "--message", "Mine")
    with pytest.raises(UserError, match=r"data/own/mine\.csv"):
        archive.write_archive(project, site=site)


def test_a_page_that_names_this_machine_is_refused(project, site):
    (site / "sub/page.html").write_text(f"<p>{project.resolve()}/book</p>", "utf-8")
    with pytest.raises(UserError, match=r"sub/page\.html has a path of this machine"):
        archive.write_archive(project, site=site)


def test_zenodo_is_told_what_the_citation_says(tmp_path):
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    told = json.loads(zenodo_json(ROOT / "CITATION.cff"))
    assert told["title"] == said["title"] and told["version"] == str(said["version"])
    assert told["publication_date"] == str(said["date-released"]) and told["license"] == said["license"].lower()
    assert told["keywords"] == said["keywords"] and [each["name"] for each in told["creators"]] == [
        author.get("name") or f"{author['family-names']}, {author['given-names']}" for author in said["authors"]
    ]  # fmt: skip
    assert told["description"] == " ".join(said["abstract"].split())
    more = said | {"url": "https://a.org/b", "authors": [
        {"family-names": "B", "given-names": "A", "orcid": "https://orcid.org/0000-0001-2345-6789"},
    ]}  # fmt: skip
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump(more), "utf-8")
    told = json.loads(zenodo_json(tmp_path / "CITATION.cff"))
    assert told["creators"] == [{"name": "B, A", "orcid": "0000-0001-2345-6789"}]
    assert told["related_identifiers"] == [{"identifier": "https://a.org/b", "relation": "isDocumentedBy"}]
    (tmp_path / "CITATION.cff").write_text(yaml.safe_dump({"title": "T"}), "utf-8")
    with pytest.raises(UserError, match="lacks abstract, authors, version"):
        zenodo_json(tmp_path / "CITATION.cff")


# ---- what publishes ----
WORKFLOW = ROOT / ".github/workflows/book.yml"


def test_the_workflow_runs_targets_that_are_there_and_publishes_tags_alone():
    text = WORKFLOW.read_text("utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    commands = " ".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    wanted = re.findall(r"make ([a-z-]+)", commands)
    targets = re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)
    assert set(wanted) <= set(targets) and {"lint", "test", "read", "test-browser", "pdf", "epub"} <= set(wanted)
    assert jobs["publish"]["if"] == "github.ref_type == 'tag'" and jobs["publish"]["needs"] == "build"


def test_the_workflow_pins_actions_and_asks_for_no_more_than_it_needs():
    text = WORKFLOW.read_text("utf-8")
    whole = yaml.safe_load(text)
    assert len(re.findall("uses:", text)) == len(re.findall(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d", text)) >= 4
    assert whole["permissions"] == {"contents": "read"} and "secrets" not in re.sub("#.*", "", text)
    assert whole["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert "permissions" not in whole["jobs"]["build"]
    assert "pull_request_target" not in text and "${{ github.event" not in text
