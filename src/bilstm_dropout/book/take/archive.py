"""One file for a place that keeps things: the source of a commit with its published results, and the book built of it.

The book is built in a clean clone, from what the commit has and nothing else: no data of anybody's own, no runs, no
downloads. Two archives of one commit are the same bytes, as long as Python and zlib are the same.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

from ...errors import UserError
from ...files import sha256, write_text
from .zenodo import zenodo_json
from .zipped import write_zip

NAME = "where-dropout-goes"
_SOURCE, _SITE = "source", "site"
_OWN = ("data/own/", "data/runs/", "data/cache/", "data/executions/")  # never, even where somebody committed them
_LEFT_OUT = (".buildinfo",)  # a hash of settings, paths among them; only a further build reads it
_TEXT = (".html", ".js", ".css", ".ipynb", ".md", ".txt", ".json", ".svg", ".csv")
_START = "from bilstm_dropout.cli import main; main()"


def write_archive(root: Path, target: Path | None = None, *, site: Path | None = None) -> Path:
    """Write the archive of the commit that is checked out; return the file.

    root: the project, a git clone. target: by default book/_build/where-dropout-goes-VERSION.zip. site: a built book of
    this commit; by default it is built in a clean clone below build/archive, once for each commit.

    In it: source/, every file of the commit; site/, the built book; MANIFEST.json; .zenodo.json; SHA256SUMS, which
    `sha256sum --check` reads. UserError where the tree has changes, is no git clone, holds somebody's own data, where
    the book cannot be built, or where one of its pages has a path of this machine.
    """
    commit = clean_commit(root)
    source, programs = _committed(root, commit)
    own = [name for name in source if name.startswith(_OWN)]
    if own:
        raise UserError(f"The commit holds {own[0]}, which is yours alone. To take it out: git rm --cached {own[0]}")
    site = site if site is not None else _built(root, commit)
    pages = {file.relative_to(site).as_posix(): file.read_bytes() for file in site.rglob("*") if file.is_file()}
    pages = {name: content for name, content in pages.items() if name not in _LEFT_OUT}
    _check_paths(pages, root)
    citation = source["CITATION.cff"]
    version = str(yaml.safe_load(citation)["version"])
    files = {f"{_SOURCE}/{name}": content for name, content in source.items()}
    files |= {f"{_SITE}/{name}": content for name, content in pages.items()}
    files[".zenodo.json"] = zenodo_json(root / "CITATION.cff").encode()
    files["MANIFEST.json"] = _manifest(commit, version, source, pages).encode()
    sums = "".join(f"{sha256(content)}  {name}\n" for name, content in sorted(files.items()))
    files["SHA256SUMS"] = sums.encode()
    folder = f"{NAME}-{version}"
    target = target or root / "book" / "_build" / f"{folder}.zip"
    marked = {f"{folder}/{_SOURCE}/{name}" for name in programs}
    write_zip(target, ((f"{folder}/{name}", content) for name, content in sorted(files.items())), programs=marked)
    return target


def clean_commit(root: Path) -> str:
    """The full hash of the commit that is checked out. UserError where the tree differs from it, or there is none."""
    found = _git(root, "rev-parse", "--verify", "HEAD")
    top = _git(root, "rev-parse", "--show-toplevel")
    if found is None or top is None or Path(top.decode().strip()).resolve() != root.resolve():
        raise UserError(f"An archive is of a commit, and {root} is no git clone that has one. To get one: git clone.")
    listed = _git(root, "status", "--porcelain", "--untracked-files=all") or b""
    changed = listed.decode(errors="replace").splitlines()
    if changed:
        raise UserError(
            f"An archive is of a commit, and {len(changed)} files differ from it, the first is {changed[0][3:]}. "
            "Commit them, or put them aside: git stash --include-untracked."
        )
    return found.decode().strip()


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git says; None where it fails or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True)
    except FileNotFoundError:
        raise UserError("An archive needs git, which was not found. Install it.") from None
    return done.stdout if done.returncode == 0 else None


def _committed(root: Path, commit: str) -> tuple[dict[str, bytes], set[str]]:
    """Every file of a commit, as it stands there, and which of them may be run."""
    files, programs = {}, set()
    with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", commit) or b"")) as whole:
        for entry in whole.getmembers():
            if entry.isfile():
                files[entry.name] = whole.extractfile(entry).read()
                programs |= {entry.name} if entry.mode & 0o100 else set()
    return files, programs


def _built(root: Path, commit: str) -> Path:
    """The book of a commit, built in a clone of its own; kept until the archive of another commit is made."""
    kept = root / "build" / "archive"
    clone, whole = kept / commit, kept / f"{commit}.whole"
    site = clone / "book" / "_build" / "html"
    if whole.is_file() and (site / "index.html").is_file():
        return site
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    if _git(root, "clone", "--quiet", "--no-checkout", str(root), str(clone)) is None:
        raise UserError(f"{root} could not be cloned to {clone}. See that there is space, and try again.")
    if _git(clone, "checkout", "--quiet", "--detach", commit) is None:
        raise UserError(f"The commit {commit[:12]} could not be checked out in {clone}. Remove build/, and try again.")
    # Nobody's files and settings, and one order of sets in every build.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BILSTM_DROPOUT_")}
    environment |= {"PYTHONPATH": str(clone / "src"), "BILSTM_DROPOUT_ROOT": str(clone), "PYTHONHASHSEED": "0"}
    for command in ("study", "book"):
        done = subprocess.run([sys.executable, "-c", _START, command, "--profile", "read"], cwd=clone, env=environment)
        if done.returncode:
            raise UserError(f"The book of commit {commit[:12]} was not built in {clone}; what was wrong stands above.")
    write_text(whole, "")
    return site


def _check_paths(pages: dict[str, bytes], root: Path) -> None:
    """UserError for a page that has a path of this machine: it tells who built it, and differs elsewhere."""
    told = {str(place).encode() for place in (root.resolve(), Path.home()) if len(place.parts) > 1}
    for name, content in sorted(pages.items()):
        if name.endswith(_TEXT) and (here := [place for place in told if place + b"/" in content]):
            raise UserError(
                f"The page {name} has a path of this machine, {here[0].decode()}, so it is the same nowhere else. Mend "
                "the notebook or page that shows it."
            )


def _manifest(commit: str, version: str, source: dict[str, bytes], pages: dict[str, bytes]) -> str:
    told = ("requirements.lock", "data/published/manifest.json")
    hashes = {name: sha256(source[name]) for name in told if name in source}
    said = {"commit": commit, "version": version, "sha256": hashes, "files of the commit": len(source),
            "files of the book": len(pages)}  # fmt: skip
    return json.dumps(said, indent=2) + "\n"
