"""Compile executed notebooks, records and the placement table into book/generated/."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_markdown_cell

from ..datasets import NAMES, TITLES, names
from ..dropout import placements
from ..errors import UserError
from ..files import write_text
from ..isolated import kept_text
from ..paths import book_folder
from ..results.tidy import frame
from ..stock_keras.recipes.results import kept_results
from ..study.notebooks import NUMBERS, pages, published_hash, source_of
from ..study.own.predictions import predictions
from ..study.profile_files import load_profile
from ..study.profiles import CHAPTER, CHAPTERS, COMPARISON, OWN
from ..study.run import records
from ..wording import markdown_safe
from . import notebooks, run_explorer
from .attached import attach
from .findings import check_findings, findings_of, quote
from .markdown import link
from .notebooks import GENERATED, PLACEMENT, RUNS, Chapter, document_name
from .pages import claims, data, live, recipes, repeats, rerun, scale, status
from .reading.foot import how_to_cite
from .strip import csv_text

GALLERY = "study/gallery"  # the page with a finding for each placement, which opens its chapter
PREDICTIONS = "predictions.csv"  # every prediction on the reader's own data
_FOLDED = ("study/", "keras/", "predictions/", f"{NUMBERS}/")  # pages that are read for what they show
_FOLDED_CHAPTERS = tuple(f"{name}.ipynb" for name in ("placement", OWN, CHAPTER, COMPARISON, *CHAPTERS))  # and chapters


@dataclass(frozen=True)
class Sources:
    """Where executed notebooks lie, or would.

    chapters: what is published of each placement of the table, in its order. runs: a profile's runs of each placement
    that it trains, in its order. others: the comparison and the experiments, by name.
    """

    chapters: Mapping[str, Path]
    runs: Mapping[str, Path]
    others: Mapping[str, Path]


def profile_sources(profile: str) -> Sources:
    """The executed notebooks of a profile."""
    loaded = load_profile(profile)
    chapters, runs, others = {}, {}, {}
    for execution in loaded.executions():
        if execution.notebook.stem == CHAPTER:
            chapters[execution.parameters["placement"]] = execution.output
        elif execution.sweep is not None:
            runs[execution.parameters["placement"]] = execution.output
        else:
            others[execution.name] = execution.output
    return Sources(chapters, runs, others)


def compile_chapters(
    profile: str = "quick",
    *,
    book: Path | None = None,
    sources: Sources | None = None,
    results: pd.DataFrame | None = None,
    executed: Mapping[str, Path] | None = None,
) -> list[Chapter]:
    """Write book/generated/ from a profile's executed notebooks and records; return its chapters in order.

    profile: a profile's name, or the path of its YAML file. book: the book's sources. sources: where the executed
    notebooks lie; one that is not there gives a page that says so. results: the store's frame of the profile's records.
    executed: the book's pages by name ('study/gallery'), where they lie executed. Each is the project's own by default.
    Stale files in generated/ are removed.

    UserError for a page that failed or was not executed, and for one whose finding the published results do not carry.
    """
    book = book if book is not None else book_folder()
    absent = load_profile(profile).absent if sources is None else {}
    sources = sources if sources is not None else profile_sources(profile)
    results = results if results is not None else frame(records(profile))
    generated = book / GENERATED
    executed = executed if executed is not None else {page.name: page.output for page in pages()}
    findings, files = _pages(executed, book)
    concluded = {each["name"] for each in findings.get(GALLERY, ())}
    chapters = _placements(profile, book, sources, concluded, status.notes(profile, sources.runs))
    others = {COMPARISON: "All placements side by side"} | {name: chapter.title for name, chapter in CHAPTERS.items()}
    for name, title in others.items():
        # A profile without this notebook cannot run it; the quick one has them all.
        retry = profile if name in sources.others else "quick"
        source, document = sources.others.get(name, generated / "none"), f"{GENERATED}/{name}"
        chapters.append(_chapter(name, title, document, source, f"{name}.ipynb", profile, book, retry))
    mine = _own(profile, book, sources.others.get(OWN))
    chapters += [mine] if mine else []
    documents: dict[str, str] = {}
    for chapter in chapters:  # of a placement that has both, what is published before the runs made here
        documents.setdefault(chapter.name, chapter.document)
    texts = {
        "data-cards.md": data.data_cards(_own_data(results)),
        "data-introduction.md": _data_introduction(book),
        "scale.md": kept_text(scale.page_part, published_hash()),
        "growth.md": kept_text(scale.growth_part, published_hash()),
        "workers.md": kept_text(scale.workers_part, published_hash()),
        "repeats.md": kept_text(repeats.page_part, published_hash()),
        "reimplementation.md": kept_text(rerun.page_part, published_hash()),
        "status.md": status.page_part(profile, {each.name: each.document for each in chapters if _is_of_runs(each)}),
        "recipes.md": recipes.page_part(documents, kept_results()),
        "failures.md": _failures(chapters, absent),
        run_explorer.DATA: kept_text(run_explorer.script, published_hash()),
        live.DATA: live.script(),
        "live-static.md": live.static_part(),
        "runs-static.md": kept_text(run_explorer.static_part, published_hash()),
        "own.md": _own_answer(mine, sources.others.get(OWN)),
        **claims.pages(),
        "cite.md": how_to_cite(),
        "get.md": rerun.get_part(),
    }
    for name, text in texts.items():
        _write(generated / name, text.rstrip("\n") + "\n")
    kept = {book / f"{chapter.document}.ipynb" for chapter in chapters} | {generated / name for name in texts}
    kept |= {generated / PREDICTIONS} if mine else set()
    kept |= files | {generated / f"{name}.ipynb" for name in executed}
    for path in generated.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    return chapters


def _placements(
    profile: str, book: Path, sources: Sources, concluded: set[str], verdicts: Mapping[str, str]
) -> list[Chapter]:
    """A chapter for each placement with published runs, and a page for each that the profile trains.

    They are reached from the gallery, from each other and from the status page, and stand in no table of contents.
    concluded: the placements with a finding in the gallery, which opens their chapter. verdicts: by placement, what its
    runs are beside their twins, in Markdown.
    """
    names = dict.fromkeys([*placements.TABLE, *sources.chapters, *sources.runs])
    numbers = {name: number for number, name in enumerate(names)}
    found = []
    for name, source in sources.chapters.items():
        opening = f"> **{quote(f'{GENERATED}/{GALLERY}', name)}**" if name in concluded else ""
        below = document_name(numbers[name], name, RUNS) if name in sources.runs else ""
        more = f"{{doc}}`The runs made here, step by step <{Path(below).name}>`." if below else ""
        back = f"{{doc}}`All placements, a card each <{GALLERY}>`. {more}".strip()
        document = document_name(numbers[name], name)
        notes = (opening, back, verdicts.get(name, ""))
        found.append(_chapter(name, name, document, source, f"{CHAPTER}.ipynb", profile, book, profile, *notes))
    for name, source in sources.runs.items():
        document = document_name(numbers[name], name, RUNS)
        title, above = f"Runs made here: {name}", ""
        if name in sources.chapters:
            above = f"What the published runs say: {{doc}}`{name} <{Path(document_name(numbers[name], name)).name}>`."
        notes = (above, verdicts.get(name, ""))
        found.append(_chapter(name, title, document, source, "placement.ipynb", profile, book, profile, *notes))
    return found


def _own(profile: str, book: Path, source: Path | None) -> Chapter | None:
    """The page of the reader's own data, with its file of predictions; None where the profile is of no such study."""
    if source is None:
        return None
    design = load_profile(profile).own
    title = f"Your data: {markdown_safe(design.dataset.removeprefix('own-'))}"
    chapter = _chapter(OWN, title, f"{GENERATED}/{OWN}", source, f"{OWN}.ipynb", profile, book, profile)
    _write(book / GENERATED / PREDICTIONS, csv_text(predictions(design)))
    return chapter


def _own_answer(mine: Chapter | None, source: Path | None) -> str:
    """What the home page begins with where the book is of the reader's own data: the findings on its page."""
    if mine is None or mine.state != "executed":
        return ""
    notebook = nbformat.read(source, as_version=4)
    said = [f"- {quote(mine.document, each['name'])}" for each in findings_of(notebook) if each["holds"]]
    more = f"The whole answer: {{doc}}`/{GENERATED}/{OWN}`. Below it the published study, on other data."
    return "\n".join(["## Your data", "", *said, "", more])


def _is_of_runs(chapter: Chapter) -> bool:
    return Path(chapter.document).name.startswith(f"{RUNS}-")


def _pages(executed: Mapping[str, Path], book: Path) -> tuple[dict[str, list[dict]], set[Path]]:
    """Write the pages of the book that are notebooks; give the findings of each, and the files beside them."""
    found, files = {}, set()
    for name, source in executed.items():
        reason = notebooks.failure(source)
        if reason or not source.is_file():
            said = f"failed ({reason})" if reason else "was not executed"
            raise UserError(f"The page notebooks/{name}.ipynb {said}. To execute it: `make study`.")
        notebook = nbformat.read(source, as_version=4)
        found[name] = list(findings_of(notebook))
        check_findings(found[name], f"notebooks/{source_of(name)}")
        document = f"{GENERATED}/{name}"
        of_set = name.removeprefix(f"{NUMBERS}/")
        title = f"All numbers: {TITLES.get(of_set, of_set)}" if of_set != name else ""
        for file, text in attach(notebook).items():
            files.add((book / document).with_name(file))
            _write((book / document).with_name(file), text)
        downloads = _downloads(document, source_of(name), book)
        page = notebooks.clean(notebook, title, downloads, name.startswith(_FOLDED))
        page.metadata["orphan"] = name.startswith(f"{NUMBERS}/")  # reached from the page of all numbers
        notebooks.write(page, book / f"{document}.ipynb")
    return found, files


def _write(path: Path, text: str) -> None:
    """Write a text only where it differs: a file that keeps its time is not read again by Sphinx."""
    if not path.is_file() or path.read_text("utf-8") != text:
        write_text(path, text)


def _chapter(
    name: str, title: str, document: str, source: Path, template: str, profile: str, book: Path, retry: str,
    *notes: str,
) -> Chapter:  # fmt: skip
    """Write one chapter in the state its execution is in. retry: the profile that can run it again. notes: Markdown
    cells below its title.
    """
    retry = f"make study PROFILE={retry}"
    reason = notebooks.failure(source)
    if reason:
        state, page = "failed", notebooks.failed_page(title, reason, retry)
    elif not source.is_file():
        state, page = "not run", notebooks.not_run_page(title, Path(profile).stem, retry)
    else:
        downloads, folded = _downloads(document, template, book), template in _FOLDED_CHAPTERS
        notebook = nbformat.read(source, as_version=4)
        check_findings(list(findings_of(notebook)), f"notebooks/{template}")
        state, page = "executed", notebooks.clean(notebook, title, downloads, folded)
    for place, note in enumerate((note for note in notes if note), start=1):
        page.cells.insert(place, new_markdown_cell(note, id=f"note-{place}"))
    page.metadata["orphan"] = _is_orphan(document)
    notebooks.write(page, book / f"{document}.ipynb")
    return Chapter(name, document, state, reason)


def _is_orphan(document: str) -> bool:
    """Whether a document stands in no table of contents, which Sphinx is told, since it would warn."""
    return Path(document).name.startswith((f"{PLACEMENT}-", f"{RUNS}-"))


def _downloads(document: str, template: str, book: Path) -> str:
    """The last lines of a chapter: itself with its results, and the notebook to run with other parameters."""
    lines = [
        "## Download",
        "",
        f"- {{download}}`This chapter as an executed notebook <{Path(document).name}.ipynb>`, with results",
    ]
    source = book.parent / "notebooks" / template
    if source.is_file():
        relative = os.path.relpath(source, (book / document).parent).replace(os.sep, "/")
        lines.append(
            f"- {{download}}`The notebook to run with other parameters <{relative}>`, without results"
        )
    return "\n".join(lines)


def _own_data(results: pd.DataFrame) -> list[str]:
    """The reader's own data sets among the results. Those of other books are not shown."""
    return [name for name in names() if name not in NAMES and name in set(results["dataset"])]


def _data_introduction(book: Path) -> str:
    """What data/README.md says of all data sets, above its first section, and of those that are read from files."""
    path = book.parent / "data" / "README.md"
    first, *sections = (path.read_text("utf-8") if path.is_file() else "").split("\n## ")
    of_files = [f"## {section}" for section in sections if section.startswith("Data sets that are read from files\n")]
    return "\n".join([first.partition("\n")[2], *of_files]).strip()


def _failures(chapters: list[Chapter], absent: Mapping[str, str]) -> str:
    """A list of the chapters and data sets that have no results, with the reason, or one sentence that all have."""
    lines = [f"- The data set `{name}` is left out. {markdown_safe(absent[name])}" for name in absent]
    lines += [
        f"- {link(chapter.name, {chapter.name: chapter.document})}: {chapter.state}"
        + (f" ({markdown_safe(chapter.reason)})" if chapter.reason else "")
        for chapter in chapters
        if chapter.state != "executed"
    ]
    return "\n".join(lines) if lines else "Every chapter of this book was executed without an error."
