"""The page on a reader's own runs, and what a chapter says of them: true, loud where something drifted, and safe."""

import re

import pytest
from support.twins import TEXT, keep_records, small_profile

from bilstm_dropout.book.pages import repeats, rerun
from bilstm_dropout.book.pages.status import chapter_note, page_part
from bilstm_dropout.experiments.replication.repeats import Repeats
from bilstm_dropout.experiments.twins import WORDS
from bilstm_dropout.paths import project_root
from bilstm_dropout.study.verdicts import PAGE, verdicts_of


@pytest.fixture
def profile(tmp_path):
    return small_profile(tmp_path)


def page(tmp_path) -> str:
    return page_part(str(tmp_path / "mine.yaml"), {})


def test_without_runs_the_page_says_so_and_chapters_nothing(profile, tmp_path):
    text = page(tmp_path)
    assert text.startswith("Nothing was trained for this book.") and "There is none yet." in text
    assert "| `00-none` | missing | 0 of 2 | – |" in text and "<details>" not in text
    assert chapter_note("recurrent", verdicts_of(profile)) == ""


def test_runs_of_the_same_bits_are_counted_and_listed(profile, tmp_path):
    keep_records()
    text = page(tmp_path)
    assert text.startswith("**4 of 4 runs have a published twin**: 4 same bits.") and "warning" not in text
    (folded,) = re.findall(r"<details>.*?</details>", text, re.DOTALL)
    lines = [line for line in folded.splitlines() if "same bits" in line]
    assert len(lines) == 4 and lines[0].startswith("| none | japanese\\_vowels | 0 | 1 | 1.5 | ")
    assert all("| a3 |" in line and "| 0 | same bits" in line for line in lines)
    note = chapter_note("recurrent", verdicts_of(profile))
    assert note.startswith("Your runs of this placement: 2 of 2 have a published twin; all same bits. [Status of your")


def test_a_tampered_record_has_drifted_on_the_page_and_in_its_chapter_alone(profile, tmp_path):
    keep_records("recurrent", nll=0.5)
    text, found = page(tmp_path), verdicts_of(profile)
    assert text.startswith(":::{admonition} Drifted\n:class: warning\n")
    assert "3 same bits, 1 drifted" in text.split(":::")[1]
    table = text.partition("<details>")[2]
    first = next(line for line in table.splitlines() if line.startswith("| recurrent") or line.startswith("| none"))
    assert first.startswith("| recurrent | japanese\\_vowels | 0.25 | 1 |") and "| drifted: " in first
    note = chapter_note("recurrent", found)
    assert note.startswith(":::{admonition} Drifted\n:class: warning\n") and "1 same bits, 1 drifted" in note
    assert chapter_note("none", found).startswith("Your runs of this placement: 2 of 2 have a published twin; all same")
    assert PAGE in note


def test_a_notebook_with_runs_leads_to_its_page(profile, tmp_path):
    text = page_part(str(tmp_path / "mine.yaml"), {"recurrent": "generated/runs-10-recurrent"})
    assert "| [`10-recurrent`](/generated/runs-10-recurrent.ipynb) | missing | 0 of 4 |" in text
    assert text.count("](/generated/") == 1


def test_nothing_of_a_record_is_taken_for_markup(tmp_path, profile):
    keep_records("recurrent", nll=1e-9)
    text = page(tmp_path)
    assert "elsewhere &lt;b&gt;" in text and "<b>" not in text
    assert "3 same bits, 1 within the spread of seeds" in text and "| below 0.01 | within the spread of" in text


def test_what_has_no_twin_is_said(tmp_path):
    small_profile(tmp_path, f"{TEXT.replace('[recurrent]', '[input+cell]')}added: {{seeds: [1], rates: [0.1]}}")
    assert "- input\\+cell: nothing of it is published" in page(tmp_path)


def test_the_other_checks_say_what_their_page_says(profile, tmp_path):
    text = page(tmp_path)
    assert repeats.sentences(Repeats.published())[0] in text
    assert "trained again in PyTorch" in text and rerun.page_part().partition("- ")[2].partition("\n")[0] in text


def test_the_page_explains_every_word_and_has_the_part():
    text = (project_root() / "book" / "status.md").read_text("utf-8")
    assert text.startswith(f"# {PAGE}\n") and "{include} generated/status.md" in text
    assert all(f"\n{word}\n: " in text for word in WORDS)
    toc = (project_root() / "book" / "_toc.yml").read_text("utf-8")
    assert re.search(r"do it yourself.*file: rerun\s+(?:sections:\s+)?- file: status\b", toc, re.DOTALL)
