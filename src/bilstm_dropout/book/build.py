"""The book: compile executed notebooks into chapters, then build the site strictly.

executions ─┐
records ────┼─► compile_chapters ─► book/generated/ ─► build ─► book/_build/html/index.html
the table ──┘
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import yaml

from ..errors import UserError
from ..files import hash_files, write_text
from ..isolated import hash_of, sources_of
from ..paths import book_folder, project_root
from ..study.profiles import OWN
from .compile import compile_chapters
from .notebooks import GENERATED, Chapter
from .reading.foot import cited

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PROBLEM = re.compile(r"\b(WARNING|ERROR|CRITICAL|Exception occurred|Extension error)\b")


def build(profile: str = "quick", *, book: Path | None = None, **others) -> Path:
    """Compile and build the book strictly; return the path of its first page.

    others: what else compile_chapters takes. Raises what it raises, and UserError as build_site does.
    """
    book = (book if book is not None else book_folder()).resolve()
    chapters = compile_chapters(profile, book=book, **others)
    page = build_site(book)
    _report(chapters)
    return page


def build_site(book: Path) -> Path:
    """Build the site of a compiled book strictly, reading anew only pages that changed; return its first page.

    Raises UserError, in one line, with the page and line of the first problems; the last good site stays where it was,
    and the next build reads every page, since a warning is not repeated for one that is not read. The whole output is
    in book/_build/build.log.
    """
    kept, built, fresh = (book / "_build" / name for name in ("kept", "html", "fresh"))
    stamp = kept / "stamp"
    if not stamp.is_file() or stamp.read_text("utf-8") != _whole(book):
        shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    # Jupyter Book 1 has no __main__, and its console script may lie outside PATH.
    start = "from jupyter_book.cli.main import main; main()"
    contents = _contents(book)
    command = [sys.executable, "-c", start, "build", str(book), "--path-output", str(kept), "--toc", str(contents)]
    strictly = ["-W", "-n", "--keep-going"]
    # Colours and the width of a terminal have no place in a log.
    environment = os.environ | {"NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(command + strictly, env=environment, capture_output=True, text=True, errors="replace")
    output = _ANSI.sub("", done.stdout + "\n" + done.stderr)
    (book / "_build" / "build.log").write_text(output, "utf-8")
    made = kept / "_build" / "html"
    if done.returncode or not (made / "index.html").is_file():
        shutil.rmtree(kept, ignore_errors=True)
        raise UserError(_complaint(output, book))
    write_text(stamp, _whole(book))
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(made, fresh)
    shutil.rmtree(built, ignore_errors=True)
    fresh.rename(built)
    return built / "index.html"


def _contents(book: Path) -> Path:
    """The table of contents: the book's own, or one that begins with the reader's data where it has a page on these."""
    contents = book / "_toc.yml"
    if not (book / f"{GENERATED}/{OWN}.ipynb").is_file():
        return contents
    whole = yaml.safe_load(contents.read_text("utf-8"))
    whole["parts"].insert(0, {"caption": "Your data", "chapters": [{"file": f"{GENERATED}/{OWN}"}]})
    file = book / "_build" / "toc.yml"
    write_text(file, yaml.safe_dump(whole, sort_keys=False))
    return file


def _whole(book: Path) -> str:
    """A hash over what every page depends on: where it changes, all are built anew."""
    files = [_contents(book), *(book / name for name in ("_config.yml", "references.bib", "glossary.md"))]
    files += cited(project_root())
    files += [file for folder in ("_static", "_templates", "assets") for file in sorted((book / folder).rglob("*"))]
    libraries = [
        f"{name} {version(name)}" for name in ("jupyter-book", "sphinx", "sphinx-book-theme", "myst-nb", "math-core")
    ]
    own = hash_of(sources_of("bilstm_dropout.book.sphinx"))
    return "\n".join([hash_files(file for file in files if file.is_file()), own, *libraries])


def _complaint(output: str, book: Path) -> str:
    """What was wrong, in one line: the first three problems with page and line, and where the rest is."""
    problems = [line.strip().replace(f"{book}{os.sep}", "") for line in output.splitlines() if _PROBLEM.search(line)]
    problems = list(dict.fromkeys(problems)) or output.split("\n")[-3:]
    shown = "; ".join(problem[:300] for problem in problems[:3])
    more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
    return f"The book was not built: {shown}{more}. Everything it said is in {book.name}/_build/build.log."


def _report(chapters: list[Chapter]) -> None:
    """Say on the error stream which chapters have no results, one line each."""
    for chapter in chapters:
        if chapter.state != "executed":
            print(
                f"{chapter.name}: {chapter.state}{': ' + chapter.reason if chapter.reason else ''}",
                file=sys.stderr,
            )
