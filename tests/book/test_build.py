"""The book without a browser: chapters from executions, and one strict build of a small copy."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pybtex.database import parse_file
from support.book_results import results
from support.executed import executed_pages
from support.twins import keep_records

from bilstm_dropout.book import build, notebooks, run_explorer
from bilstm_dropout.book.compile import Sources, _failures, compile_chapters, profile_sources
from bilstm_dropout.book.findings import GLUE_PREFIX, IN_SHORT, METADATA, findings_of
from bilstm_dropout.book.pages import claims as book_claims
from bilstm_dropout.book.pages import live, rerun, scale, status
from bilstm_dropout.book.pages import repeats as book_repeats
from bilstm_dropout.dropout import placements
from bilstm_dropout.dropout.table import Table
from bilstm_dropout.dropout.terms import Placement, Term
from bilstm_dropout.paths import project_root
from bilstm_dropout.study import profiles
from bilstm_dropout.study.profile_files import load_profile
from bilstm_dropout.study.profiles import CHAPTERS

HOSTILE = "hostile {{ 7*7 }} <script>alert(1)</script>"
MADE_UP = Placement(
    "made-up",
    (Term("output", frozenset({"sample"})),),
    r"[h_T] \leftarrow m\,[h_T]",
    "A placement made up by a test.",
    "srivastava2014",
    why_not_keras="It is made up.",
)


# ---- chapters ----
def executed(placement: str, start: str = "10:00", failed: bool = False) -> nbformat.NotebookNode:
    """A made-up execution as papermill leaves it."""
    figure = '<figure><svg role="img" aria-label="A dot" viewBox="0 0 9 9"><circle r="3"/></svg></figure>'
    outputs = [
        new_output("stream", name="stderr", text=f"warned at {start}"),
        new_output("stream", text=HOSTILE),
        new_output("display_data", {"text/html": figure, "text/plain": "A dot"}),
        new_output("display_data", {"text/markdown": "**{{ 7*7 }}**"}),
    ]
    if failed:
        outputs = [
            new_output(
                "error", ename="ValueError", evalue="<b>bad</b> {{ 7*7 }}\nsecond line", traceback=["…"]
            )
        ]
    cell = new_code_cell("show()", outputs=outputs, execution_count=3)
    cell.metadata["papermill"] = {"start_time": start, "duration": 1.0}
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# One placement\n\nIn a notebook {{ 7*7 }} stays."),
            new_code_cell("placement = 'none'", metadata={"tags": ["parameters"]}),
            new_code_cell(f"placement = {placement!r}", metadata={"tags": ["injected-parameters"]}),
            cell,
        ]
    )
    notebook.metadata["papermill"] = {
        "parameters": {"placement": placement},
        "start_time": start,
        "output_path": "/a/b",
    }
    return notebook


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the book's sources beside made-up executions: a chapter, runs, and some that failed."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(
        project_root() / "book", root / "book", ignore=shutil.ignore_patterns("_build", "generated")
    )
    (root / "notebooks").mkdir()
    nbformat.write(
        new_notebook(cells=[new_markdown_cell("# One placement")]), root / "notebooks" / "placement.ipynb"
    )
    executions = root / "executions"
    executions.mkdir()
    nbformat.write(executed("input"), executions / "chapter-input.ipynb")
    nbformat.write(executed("input"), executions / "input.ipynb")
    nbformat.write(executed("recurrent", failed=True), executions / "recurrent.ipynb")
    nbformat.write(executed("input+recurrent"), executions / "input+recurrent.ipynb")
    (executions / "none.ipynb").write_text("{", "utf-8")
    (executions / "between.json").write_text(json.dumps({"failed": "DeadKernelError: it died"}), "utf-8")
    return root


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    return executed_pages(tmp_path_factory)


@pytest.fixture(scope="module")
def small_table(pages, tmp_path_factory):
    """A table of five entries, one of which is made up: adding an entry is all it takes to get a chapter."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("status")
    with patch.context() as own:
        own.setenv("BILSTM_DROPOUT_RUNS", str(folder))
        keep_records("recurrent", nll=0.5)
        runs = status.page_part("quick", {})
    patch.setattr(status, "page_part", lambda profile, documents: runs)
    patch.setattr(status, "notes", lambda profile, placements: {"input": "VERDICT of input"})
    # Published runs have placements of the whole table.
    claims = book_claims.pages()
    patch.setattr(book_claims, "pages", lambda: claims)
    times, growth = scale.page_part(), scale.growth_part()
    patch.setattr(scale, "page_part", lambda: times)
    patch.setattr(scale, "growth_part", lambda: growth)
    repeats, reimplementation = book_repeats.page_part(), rerun.page_part()
    patch.setattr(book_repeats, "page_part", lambda: repeats)
    patch.setattr(rerun, "page_part", lambda: reimplementation)
    runs_data, runs_static = run_explorer.script(), run_explorer.static_part()
    patch.setattr(run_explorer, "script", lambda: runs_data)
    patch.setattr(run_explorer, "static_part", lambda: runs_static)
    networks, networks_static = live.script(), live.static_part()
    patch.setattr(live, "script", lambda: networks)
    patch.setattr(live, "static_part", lambda: networks_static)
    kept = [placements.TABLE[name] for name in ("none", "input", "recurrent", "between")]
    patch.setattr(placements, "TABLE", Table([*kept, MADE_UP]))
    yield placements.TABLE
    patch.undo()


def sources(project: Path) -> Sources:
    """Chapters of the small table but the made-up entry, of which nothing is published; runs of all and of one more."""
    folder = project / "executions"
    chapters = {name: folder / f"chapter-{name}.ipynb" for name in placements.TABLE if name != MADE_UP.name}
    runs = {name: folder / f"{name}.ipynb" for name in [*placements.TABLE, "input+recurrent"]}
    return Sources(chapters, runs, {"comparison": folder / "comparison.ipynb"})


def compiled(project: Path) -> list[build.Chapter]:
    """Compile the small book, without the pages."""
    return compile_chapters(
        "quick", book=project / "book", sources=sources(project), results=results(range(1, 4)), executed={}
    )


@pytest.fixture(scope="module")
def built(project, small_table, pages, tmp_path_factory) -> Path:
    """The small book, built strictly; once, where several workers share the tests."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _build(project, pages)
    shared = tmp_path_factory.getbasetemp().parent
    with FileLock(shared / "book.lock"):
        made = shared / "book.txt"
        if not made.is_file():
            made.write_text(str(_build(project, pages)), "utf-8")
        return Path(made.read_text("utf-8"))


def _build(project: Path, pages: dict[str, Path]) -> Path:
    book = project / "book"
    return build.build("quick", book=book, sources=sources(project), results=results(range(1, 4)), executed=pages)


def test_the_page_on_own_runs_shows_what_drifted(built):
    page = (built.parent / "status.html").read_text("utf-8")
    assert re.search(r'class="warning admonition|class="admonition-drifted warning admonition', page)
    assert "3 same bits, 1 drifted" in page and re.search(r"<details>\s*<summary>.*?<table", page, re.DOTALL)
    assert "elsewhere &lt;b&gt;" in page


def test_every_entry_has_a_chapter_in_table_order_and_every_run_a_page(project, small_table):
    chapters = compiled(project)
    published, runs = chapters[:4], chapters[4:10]
    assert [chapter.name for chapter in published] == [name for name in small_table if name != MADE_UP.name]
    assert [chapter.name for chapter in runs] == [*small_table, "input+recurrent"]
    assert [chapter.name for chapter in chapters[10:]] == ["comparison", *CHAPTERS]
    assert [chapter.document for chapter in published][:2] == [
        "generated/placement-00-none", "generated/placement-01-input",
    ]  # fmt: skip
    assert runs[1].document == "generated/runs-01-input" and runs[4].document == "generated/runs-04-made-up"
    assert runs[5].document == "generated/runs-05-input-plus-recurrent"
    assert [chapter.state for chapter in published] == ["not run", "executed", "not run", "not run"]
    assert [chapter.state for chapter in runs] == ["failed", "executed", "failed", "failed", "not run", "executed"]
    assert [chapter.state for chapter in chapters[10:]] == ["not run"] * (1 + len(CHAPTERS))
    assert "cannot be read" in runs[0].reason and runs[3].reason == "DeadKernelError: it died"
    for chapter in chapters:
        page = nbformat.read(project / "book" / f"{chapter.document}.ipynb", as_version=4)
        nbformat.validate(page)
        assert page.metadata["orphan"] == (chapter in [*published, *runs])


def test_a_link_goes_to_what_is_published_where_there_is_both(project, small_table):
    compiled(project)
    table = (project / "book" / "generated" / "recipes.md").read_text("utf-8")
    assert "(/generated/placement-01-input.ipynb)" in table and "runs-01-input" not in table


def test_chapter_and_runs_lead_to_each_other(project, small_table):
    compiled(project)
    generated = project / "book" / "generated"
    chapter, runs, own = (
        "\n".join(cell.source for cell in nbformat.read(generated / f"{name}.ipynb", as_version=4).cells)
        for name in ("placement-01-input", "runs-01-input", "runs-04-made-up")
    )
    assert "VERDICT of input" in chapter and "VERDICT of input" in runs
    assert "<runs-01-input>" in chapter and "study/gallery" in chapter
    assert "<placement-01-input>" in runs and "placement-" not in own


def test_stale_chapters_are_removed_and_unchanged_ones_keep_their_time(project, small_table):
    compiled(project)
    generated = project / "book" / "generated"
    stale, kept = generated / "runs-99-gone.ipynb", generated / "runs-01-input.ipynb"
    stale.write_text("{}", "utf-8")
    before = kept.stat().st_mtime_ns
    compiled(project)
    assert not stale.exists() and kept.stat().st_mtime_ns == before


def test_the_same_results_give_the_same_bytes():
    first, second = (
        notebooks.clean(executed("input", start), "input", "") for start in ("10:00", "11:11")
    )
    assert nbformat.writes(first) == nbformat.writes(second)
    assert "papermill" not in nbformat.writes(first) and "/a/b" not in nbformat.writes(first)


def test_what_differs_from_run_to_run_is_not_on_a_page():
    def page(address: str, *printed: str) -> str:
        notebook = executed("input")
        notebook.cells[-1].outputs = [
            *(new_output("stream", text=text) for text in printed), new_output("stream", name="stderr", text="warned"),
            new_output("execute_result", {"text/plain": f"<Grid at {address}>"}), new_output("stream", text="last"),
        ]  # fmt: skip
        return nbformat.writes(notebooks.clean(notebook, "input", ""))

    first, second = page("0x7ff1d6c7ee90", "one\n", "two\n"), page("0x7fb804235650", "one\ntwo\n")
    assert first == second and "<Grid>" in first and first.count('"stream"') == 2


def test_a_chapter_keeps_its_title_cell_and_leaves_its_parameters_out():
    page = notebooks.clean(executed("input"), "input", "The end.")
    assert page.cells[0].source.startswith("# input\n")
    assert [cell.metadata.get("tags") for cell in page.cells[1:3]] == [
        ["parameters", "remove-cell"],
        ["injected-parameters", "remove-cell"],
    ]
    assert page.cells[-1].source == "The end."


@pytest.mark.parametrize("shown", [True, False])
def test_the_answer_in_short_stands_below_the_question(shown):
    notebook = executed("input")
    notebook.cells[0].source = "# input\n\nDoes it?\n\nHere is\nhow.\n\nMore."
    before = notebooks.clean(notebook, "input", "").cells[0].source
    kind = ("" if shown else GLUE_PREFIX) + "text/markdown"
    record = {"name": IN_SHORT}
    where = {"name": IN_SHORT, "mime_prefix": kind.removesuffix("text/markdown")}
    notebook.cells[-1].outputs = [
        new_output("display_data", {kind: text}, metadata={METADATA: named, "scrapbook": where})
        for text, named in (("> **Not this.**", {"name": "other"}), ("> **It does.**", record))
    ]
    after = notebooks.clean(notebook, "input", "").cells[0].source
    assert before == "# input\n\nDoes it?\n\nHere is\nhow.\n\nMore."
    assert after == "# input\n\nDoes it?\n\n> **It does.**\n\nHere is\nhow.\n\nMore."


def test_a_folded_page_shows_the_code_that_is_tagged():
    notebook = executed("input")
    notebook.cells += [new_code_cell("1 + 1", metadata={"tags": ["in-view"]}), new_code_cell("2 + 2")]
    for folded, hidden in ((True, ["2 + 2"]), (False, [])):
        tags = {cell.source: cell.metadata.get("tags", ()) for cell in notebooks.clean(notebook, "", "", folded).cells}
        assert [source for source in ("1 + 1", "2 + 2") if "hide-input" in tags[source]] == hidden


def test_code_behind_buttons_shares_one_where_nothing_is_seen_between():
    notebook = executed("input")
    kept = [new_output("display_data", {f"{GLUE_PREFIX}text/markdown": "kept for another page"})]
    seen = [new_output("stream", text="seen")]
    notebook.cells[-1:] = [new_code_cell(text, outputs=outputs) for text, outputs in
                           (("a", []), ("b", kept), ("c", seen), ("d", []), ("e", []))]  # fmt: skip
    in_view = new_code_cell("e", metadata={"tags": ["in-view"]})
    notebook.cells[-1:] = [in_view, new_markdown_cell("f"), new_code_cell("g")]
    cells = notebooks.clean(notebook, "", "", folded=True).cells[3:]
    assert [cell.source for cell in cells] == ["a\n\nb\n\nc", "d", "e", "f", "g"]
    assert [output.output_type for output in cells[0].outputs] == ["display_data", "stream"]
    assert len(notebooks.clean(notebook, "", "").cells) == len(notebook.cells)


def test_a_cell_that_may_say_nothing_is_left_out_where_it_does():
    notebook = executed("input")
    said = [new_output("stream", text="said")]
    notebook.cells += [new_code_cell(text, outputs=outputs, metadata={"tags": ["if-shown"]})
                       for text, outputs in (("1 + 1", said), ("2 + 2", []))]  # fmt: skip
    tags = {cell.source: cell.metadata.get("tags", ()) for cell in notebooks.clean(notebook, "", "").cells}
    assert "remove-cell" in tags["2 + 2"] and "remove-cell" not in tags["1 + 1"]


def test_a_failed_execution_becomes_a_page_that_says_why(project, small_table):
    chapter = next(each for each in compiled(project) if each.document == "generated/runs-02-recurrent")
    assert chapter.reason == "ValueError: <b>bad</b> {{ 7*7 }} second line"
    text = (project / "book" / f"{chapter.document}.ipynb").read_text("utf-8")
    assert "<b>" not in text and "&lt;b&gt;bad" in text


def test_every_source_is_in_the_bibliography():
    from bilstm_dropout.datasets import NAMES, describe

    keys = set(parse_file(project_root() / "book" / "references.bib").entries)
    for entry in placements.TABLE.values():
        assert {key.strip() for key in entry.source.split(",") if key.strip()} <= keys, entry.name
    assert {describe(name).citation for name in NAMES} - {""} <= keys


# ---- the built site ----
class _Resources(HTMLParser):
    """What a page loads by itself: scripts, styles, pictures, frames."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in ("script", "img", "iframe", "source", "video", "audio", "embed"):
            self.found.append(values.get("src") or "")
        if tag == "link" and values.get("rel") not in ("canonical", "license"):
            self.found.append(values.get("href") or "")


def _pages(built: Path) -> list[Path]:
    return [page for page in built.parent.rglob("*.html") if "_static" not in page.parts]


def test_the_build_is_strict_and_has_every_page(built):
    names = {page.relative_to(built.parent).as_posix() for page in _pages(built)}
    assert {
        "index.html",
        "generated/understand/bilstm.html",
        "generated/placement-01-input.html",
        "generated/runs-04-made-up.html",
        "generated/comparison.html",
    } <= names


def test_the_home_page_quotes_what_the_pages_conclude(built, pages):
    page = built.read_text("utf-8")
    home = html.unescape(re.sub(r"<[^>]+>", "", page))  # terms of the glossary in a sentence are links
    predictions = [f"predictions/{name}" for name in ("confidence", "stability", "ensembles", "selective")]
    for name in ("study/use_it", "study/early_stopping", "study/performance", *predictions):
        said = {each["name"]: each["sentence"] for each in findings_of(nbformat.read(pages[name], 4))}
        assert said[IN_SHORT] in home, name
    assert page.count('id="figure-all-placements"') == 1


def test_text_from_notebooks_stays_text(built):
    page = (built.parent / "generated" / "runs-01-input.html").read_text("utf-8")
    assert "hostile {{ 7*7 }} &lt;script&gt;" in page and "<script>alert(1)" not in page
    assert page.count("{{ 7*7 }}") >= 3 and "warned at" not in page
    assert "injected" not in page and "placement = &#39;" not in page


def test_nothing_is_loaded_from_another_host(built):
    for page in _pages(built):
        resources = _Resources()
        resources.feed(page.read_text("utf-8"))
        assert resources.found
        assert not [each for each in resources.found if re.match(r"(?i)(https?:)?//", each)], page.name
    for style in built.parent.rglob("*.css"):
        assert not re.search(
            r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", style.read_text("utf-8", "replace")
        ), style.name


def test_the_executed_notebook_can_be_downloaded(built):
    page = (built.parent / "generated" / "runs-01-input.html").read_text("utf-8")
    targets = re.findall(r'href="(\.\./_downloads/[^"]+\.ipynb)"', page)
    assert {Path(target).name for target in targets} == {"runs-01-input.ipynb", "placement.ipynb"}
    for target in targets:
        assert json.loads((built.parent / "generated" / target).read_text("utf-8"))["cells"]


def test_data_that_cannot_be_had_leave_pages_that_say_so(tmp_path, monkeypatch):
    path = tmp_path / "mine.yaml"
    path.write_text("datasets: [mr]\nplacements: [none, input]\n")
    absent = {"mr": "The file of mr is not here: put <it> there."}
    monkeypatch.setattr(profiles.Profile, "absent", absent)
    found = profile_sources(str(path))
    assert not found.runs and list(found.chapters) == list(profiles.TABLE) and "comparison" in found.others
    said = _failures([], load_profile(str(path)).absent)
    assert said == "- The data set `mr` is left out. The file of mr is not here: put &lt;it&gt; there."
    assert _failures([], {}).startswith("Every chapter")
