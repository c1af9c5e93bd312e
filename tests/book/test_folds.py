"""Placements behind their names: each has its equation, its code and what shares a draw, and no text becomes HTML."""

from dataclasses import replace

import pytest
from support.html import Page

from bilstm_dropout.book import folds
from bilstm_dropout.book.reading.formula import mathml
from bilstm_dropout.dropout.placements import TABLE
from bilstm_dropout.figures import sharing


def shown(monkeypatch, names, heading="a family") -> str:
    pages = []
    monkeypatch.setattr(folds, "display_html", lambda page, plain: pages.append(page))
    folds.folds({heading: names})
    return pages[0]


@pytest.mark.parametrize("name", TABLE)
def test_a_fold_has_equation_code_sharing_and_source(monkeypatch, name):
    html = shown(monkeypatch, [name])
    page, entry = Page(html), TABLE[name]
    assert name in page.text and entry.sentence in page.text
    assert mathml(entry.equation, display=True) in html
    assert (entry.keras or f'"{name}"') in page.text and (bool(entry.keras) or entry.why_not_keras in page.text)
    assert all(sharing(term) in page.text for term in entry.terms) and "Source: " in page.text
    (link,) = page.of("a")
    assert link["href"].startswith("../placement-") and len(page.of("svg")) == 1


def test_folds_come_in_the_order_asked_for(monkeypatch):
    page = shown(monkeypatch, ["output", "input"], "a < b")
    assert page.startswith("<h3>a &lt; b</h3>")
    assert page.count("<details") == page.count("</details>") == 2
    assert page.index("<code>output</code>") < page.index("<code>input</code>")


def test_text_stays_text(monkeypatch):
    hostile = "<script>alert(1)</script>"
    entry = replace(TABLE["cell"], sentence=hostile, equation=hostile, why_not_keras=hostile, source=hostile)
    monkeypatch.setattr(folds, "resolve", lambda name: entry)
    page = shown(monkeypatch, ["cell"])
    assert "<script" not in page and page.count("&lt;script&gt;") == 3  # the equation is set
