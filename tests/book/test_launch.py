"""A book with public addresses and one without: buttons, what other sites read, and that all of it leads somewhere."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
import yaml
from nbformat.v4 import new_markdown_cell, new_notebook

from bilstm_dropout.book import notebooks
from bilstm_dropout.book.build import build_site
from bilstm_dropout.book.public import launch, sharing
from bilstm_dropout.book.public.addresses import public
from bilstm_dropout.book.take.card import CARD, COVER, card, cover
from bilstm_dropout.paths import project_root
from bilstm_dropout.study import profiles
from bilstm_dropout.study.notebooks import NUMBERS, source_of

BOOK, REPOSITORY = "https://read.example.org/drop", "https://github.com/someone/where-dropout"
ROOT = project_root()


def give(root: Path, **addresses: str) -> None:
    """Write a CITATION.cff with these and no others."""
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    said = {key: value for key, value in said.items() if key not in ("url", "repository-code")}
    (root / "CITATION.cff").write_text(yaml.safe_dump(said | addresses), "utf-8")


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A small project: a book of a notebook and a text, the notebook for Colab, no address yet."""
    for name in ("pyproject.toml", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(ROOT / "colab", tmp_path / "colab")
    book = tmp_path / "book"
    book.mkdir()
    for name in ("_config.yml", "references.bib"):
        shutil.copy(ROOT / "book" / name, book / name)
    for name in ("_static", "_templates", "assets"):
        shutil.copytree(ROOT / "book" / name, book / name)
    contents = "format: jb-book\nroot: index\nchapters:\n- file: generated/study/gallery\n"
    (book / "_toc.yml").write_text(contents, "utf-8")
    (book / "index.md").write_text('# Home & "more"\n\nWhere dropout \\<b> goes "in" a & classifier.\n', "utf-8")
    page = new_notebook(cells=[new_markdown_cell("# Gallery\n\nOne finding for each placement is here.")])
    notebooks.write(notebooks.clean(page, "", ""), book / "generated" / "study" / "gallery.ipynb")
    for name in ("runs-data.js", "live-data.js"):  # _config.yml lists them; compiling makes them
        (book / "generated" / name).write_text("", "utf-8")
    give(tmp_path)
    monkeypatch.setenv("BILSTM_DROPOUT_ROOT", str(tmp_path))
    sharing.foot.cache_clear()
    yield tmp_path
    sharing.foot.cache_clear()


def test_a_book_shows_addresses_where_they_are_given_and_nothing_where_they_are_not(root):
    site = build_site(root / "book").parent
    texts = [file.read_text("utf-8") for file in (site / "index.html", site / "generated/study/gallery.html")]
    for text in texts:
        assert "og:" not in text and "canonical" not in text and "mybinder" not in text and "fa-rocket" not in text
    assert not (site / "sitemap.xml").exists() and not (site / "_static/card.png").exists()
    give(root, url=f"{BOOK}/", **{"repository-code": REPOSITORY})
    launch.write_address(root)
    site = build_site(root / "book").parent
    home, page = ((site / name).read_text("utf-8") for name in ("index.html", "generated/study/gallery.html"))
    assert f'<link rel="canonical" href="{BOOK}/index.html">' in home and "mybinder" not in home
    assert 'content="Where dropout &lt;b&gt; goes &quot;in&quot; a &amp; classifier."' in home
    assert 'property="og:title" content="Home &amp; &quot;more&quot;"' in home
    assert f'property="og:image" content="{BOOK}/_static/card.png"' in page
    binder, colab = (re.search(rf'href="({address}[^"]+)"', page)[1] for address in (launch.BINDER, launch.COLAB))
    there = "someone/where-dropout/HEAD?urlpath=lab/tree/notebooks/study/gallery.ipynb"
    assert unquote(binder) == f"{launch.BINDER}/v2/gh/{there}"
    assert colab == f"{launch.COLAB}/github/someone/where-dropout/blob/HEAD/colab/start.ipynb"
    assert (site / "_static/card.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    tree = ElementTree.parse(site / "sitemap.xml").getroot()
    assert [each[0].text for each in tree] == [f"{BOOK}/generated/study/gallery.html", f"{BOOK}/index.html"]


def test_every_page_of_the_book_that_is_a_notebook_opens_one_that_is_there():
    contents = yaml.safe_load((ROOT / "book/_toc.yml").read_text("utf-8"))
    documents = [each["file"] for part in contents["parts"] for each in part["chapters"]]
    documents += ["generated/placement-03-input-steps", "generated/runs-03-input-steps", "generated/numbers/mr"]
    found = {document: launch.notebook_of(document) for document in documents}
    assert all(bool(notebook) == document.startswith("generated/") for document, notebook in found.items())
    assert all((ROOT / notebook).is_file() for notebook in found.values() if notebook)
    assert launch.notebook_of(f"generated/{profiles.OWN}") == ""
    assert launch.notebook_of("generated/placement-03-x") == f"notebooks/{profiles.CHAPTER}.ipynb"
    assert launch.notebook_of("generated/numbers/mr") == f"notebooks/{source_of(f'{NUMBERS}/mr')}"


def test_what_buttons_open_installs_what_is_locked():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert {"pip": ["--requirement requirements.lock"]} in environment["dependencies"]
    assert (ROOT / "requirements.lock").is_file() and (ROOT / "postBuild").stat().st_mode & 0o100
    start = json.loads((ROOT / launch.START).read_text("utf-8"))
    code = ["".join(cell["source"]) for cell in start["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        ast.parse(cell)
    assert '"make", "setup"' in code[1] and "shell=True" not in "".join(code)
    (page,) = re.findall(r'PAGE = "(.+)"', code[0])
    assert (ROOT / f"notebooks/{page}.ipynb").is_file()


def test_the_notebook_for_colab_fetches_the_repository_of_the_citation():
    given, there = public(ROOT).repository, launch.address_in(ROOT / launch.START)
    assert there == given, "Bring it up to date: .venv/bin/python -m bilstm_dropout.book.public.launch"


@pytest.mark.parametrize(
    ("repository", "shown"),
    [("", []), ("https://example.org/r", []), ("https://github.com/someone", []), (REPOSITORY, ["Binder"])],
)
def test_there_are_buttons_for_a_repository_on_github_alone(root, repository, shown):
    give(root, **({"repository-code": repository} if repository else {}))
    assert [each["text"] for each in launch.buttons("generated/study/gallery", root)] == shown
    assert launch.buttons("index", root) == []


def test_colab_has_a_button_once_its_notebook_knows_the_repository(root):
    give(root, **{"repository-code": REPOSITORY})
    launch.write_address(root)
    assert launch.address_in(root / launch.START) == REPOSITORY
    assert [each["text"] for each in launch.buttons("generated/study/gallery", root)] == ["Binder", "Colab"]


def test_a_description_is_the_first_paragraph_in_whole_words():
    body = "<h1>T</h1><p>Too short.</p><p>Now <em>this</em> one &amp; its words do.</p><p>No.</p>"
    assert sharing.first_words(body) == "Now this one & its words do."
    long = sharing.first_words(f"<p>{'word ' * 100}</p>")
    assert len(long) <= 200 and long.endswith("word…")


def test_pictures_are_the_same_bytes_each_time_and_as_large_as_they_say():
    for draw, size in ((card, CARD), (cover, COVER)):
        first = draw(ROOT / "book", "Where $x Goes", "Below it")
        assert first == draw(ROOT / "book", "Where $x Goes", "Below it")
        assert tuple(int.from_bytes(first[start : start + 4]) for start in (16, 20)) == size
