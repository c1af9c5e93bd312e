"""Compile executed notebooks, records and the placement table into book/generated/."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import nbformat
import pandas as pd
from nbformat.v4 import new_markdown_cell

from ..datasets import NAMES, names
from ..errors import UserError
from ..figures.sites import site_map, site_map_alt
from ..figures.svg import figure_html
from ..files import write_text
from ..paths import book_folder
from ..results.tidy import frame
from ..stock_keras.recipes.results import kept_results
from ..study.notebooks import pages
from ..study.profiles import CHAPTERS, COMPARISON, load_profile
from ..study.run import records
from ..wording import markdown_safe
from . import notebooks
from .findings import check_findings, findings_of, quote
from .markdown import link
from .notebooks import GENERATED, Chapter, document_name
from .pages import answer, claims, keras, map, recipes, repeats, rerun, scale, tables, traps
from .pages import findings as book_findings

GALLERY = "study/gallery"  # the page with a finding for each placement, which opens its chapter
_FOLDED = "study/"  # pages that are read for what they show


def profile_sources(profile: str) -> dict[str, Path]:
    """Where a profile's executed notebooks lie, or would: by placement in chapter order, others by name last."""
    loaded = load_profile(profile)
    found = {
        execution.parameters.get("placement", execution.name): loaded.folder / f"{execution.name}.ipynb"
        for execution in loaded.executions()
    }
    if not found.keys() - CHAPTERS.keys():  # none of its data is here: pages say so
        found |= {name: loaded.folder / f"{name}.ipynb" for name in loaded.placements}
    return found


def profile_absent(profile: str) -> dict[str, str]:
    """The data sets of a profile whose files are not to be had, with what to do."""
    return load_profile(profile).absent


def profile_results(profile: str) -> pd.DataFrame:
    """The store's frame of every finished record of a profile."""
    return frame(records(profile))


def compile_chapters(
    profile: str = "quick",
    *,
    book: Path | None = None,
    sources: Mapping[str, Path] | None = None,
    results: pd.DataFrame | None = None,
    executed: Mapping[str, Path] | None = None,
) -> list[Chapter]:
    """Write book/generated/ from a profile's executed notebooks and records; return its chapters in order.

    profile: a profile's name, or the path of its YAML file. book: the book's sources. sources: placement (or
    'comparison') to executed notebook, in chapter order; one that is not there gives a page that says so.
    results: the store's frame of the profile's records. executed: the book's pages by name ('study/gallery'), where
    they lie executed. Each is the project's own by default. Stale files in generated/ are removed.

    UserError for a page that failed or was not executed, and for one whose finding the published results do not carry.
    """
    book = book if book is not None else book_folder()
    absent = profile_absent(profile) if sources is None else {}
    sources = sources if sources is not None else profile_sources(profile)
    results = results if results is not None else profile_results(profile)
    generated = book / GENERATED
    others = {COMPARISON: "All placements side by side"} | {name: chapter.title for name, chapter in CHAPTERS.items()}
    placements = [name for name in sources if name not in others]
    executed = executed if executed is not None else {page.name: page.output for page in pages()}
    concluded = {each["name"] for each in _pages(executed, book).get(GALLERY, ())}
    chapters, findings = [], book_findings.published_notes()
    for number, name in enumerate(placements):
        document = document_name(number, name)
        opening = f"> **{quote(f'{GENERATED}/{GALLERY}', name)}**" if name in concluded else ""
        note = "\n\n".join(filter(None, (opening, findings.get(name, ""))))
        chapters.append(_chapter(name, name, document, sources[name], "placement.ipynb", profile, book, profile, note))
    for name, title in others.items():
        source = sources.get(name, generated / "none")
        # A profile without this notebook cannot run it; the quick one has them all.
        retry = profile if name in sources else "quick"
        document, note = f"{GENERATED}/{name}", findings.get(name, "")
        chapter = _chapter(name, title, document, source, f"{name}.ipynb", profile, book, retry, note)
        chapters.append(chapter)
    documents = {chapter.name: chapter.document for chapter in chapters}
    texts = {
        "book.json": json.dumps({"profile": Path(profile).stem, "chapters": documents}, indent=1),
        "results.csv": results.to_csv(index=False),
        "masks.md": tables.masks_table(documents),
        "sites.md": tables.sites_table(),
        "equations.md": tables.equations(documents),
        "data-cards.md": tables.data_cards(_own_data(results)),
        "data-introduction.md": _data_introduction(book),
        "site-map.html": _site_map(),
        "explorer.html": map.page_part(documents),
        "scale.md": scale.page_part(),
        "growth.md": scale.growth_part(),
        "workers.md": scale.workers_part(),
        "repeats.md": repeats.page_part(),
        "reimplementation.md": rerun.page_part(),
        "recipes.md": recipes.page_part(documents, kept_results()),
        "failures.md": _failures(chapters, absent),
        **keras.pages(),
        **traps.pages(),
        **answer.pages(documents),
        **claims.pages(),
    }
    for name, text in texts.items():
        _write(generated / name, text.rstrip("\n") + "\n")
    kept = {book / f"{chapter.document}.ipynb" for chapter in chapters} | {generated / name for name in texts}
    kept |= {generated / f"{name}.ipynb" for name in executed}
    for path in generated.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    return chapters


def _pages(executed: Mapping[str, Path], book: Path) -> dict[str, list[dict]]:
    """Write the pages of the book that are notebooks; give the findings of each."""
    found = {}
    for name, source in executed.items():
        reason = notebooks.failure(source)
        if reason or not source.is_file():
            said = f"failed ({reason})" if reason else "was not executed"
            raise UserError(f"The page notebooks/{name}.ipynb {said}. To execute it: `make study`.")
        notebook = nbformat.read(source, as_version=4)
        found[name] = list(findings_of(notebook))
        check_findings(found[name], f"notebooks/{name}.ipynb")
        document = f"{GENERATED}/{name}"
        page = notebooks.clean(notebook, "", _downloads(document, f"{name}.ipynb", book), name.startswith(_FOLDED))
        notebooks.write(page, book / f"{document}.ipynb")
    return found


def _write(path: Path, text: str) -> None:
    """Write a text only where it differs: a file that keeps its time is not read again by Sphinx."""
    if not path.is_file() or path.read_text("utf-8") != text:
        write_text(path, text)


def _chapter(
    name: str, title: str, document: str, source: Path, template: str, profile: str, book: Path, retry: str, note: str
) -> Chapter:
    """Write one chapter in the state its execution is in. retry: the profile that can run it again. note: Markdown."""
    retry = f"make study PROFILE={retry}"
    reason = notebooks.failure(source)
    if reason:
        state, page = "failed", notebooks.failed_page(title, reason, retry)
    elif not source.is_file():
        state, page = "not run", notebooks.not_run_page(title, Path(profile).stem, retry)
    else:
        notebook = nbformat.read(source, as_version=4)
        state, page = "executed", notebooks.clean(notebook, title, _downloads(document, template, book))
    if note:
        page.cells.insert(1, new_markdown_cell(note, id="study"))
    notebooks.write(page, book / f"{document}.ipynb")
    return Chapter(name, document, state, reason)


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


def _site_map() -> str:
    return figure_html(
        site_map(), alt=site_map_alt(), caption="Every site at which a dropout mask can sit."
    )


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
