"""The ledger's page: a row a claim, its evidence printed once, and no page where evidence fails."""

import re

import pytest

from bilstm_dropout.book.pages import claims as page
from bilstm_dropout.claims import table
from bilstm_dropout.errors import UserError


def made_up(**changed):
    """What an examination gives, with texts that name their claim."""
    found = {
        str(claim.number): {
            "wrong": [], "why": f"why {claim.number}", "more": f"more {claim.number}", "instead": "do this.",
            "worth": "" if claim.reason else f"worth {claim.number}", "lines": [f"line {claim.number}"],
        }
        for claim in table()
    }  # fmt: skip
    for number, values in changed.items():
        found[number.removeprefix("claim")] |= values
    return found


@pytest.fixture
def text(monkeypatch):
    monkeypatch.setattr(page, "examined", made_up)
    return "\n".join(page.pages().values())


def test_every_claim_has_a_row_that_its_first_cell_names_and_a_fold(text):
    assert text.count(":stub-columns: 1") == 2
    for claim in table():
        label = f"claim-{claim.number:02d}"
        assert text.count(f"* - [{claim.number}](#{label}). {claim.text}\n") == 1
        assert text.count(f":::{{dropdown}} {claim.number}. {claim.text}\n\n({label})=\n") == 1
        assert len(re.findall(rf"\bwhy {claim.number}\n", text)) == 1
        assert len(re.findall(rf"- Line {claim.number}\.\n", text)) == 1
        assert f"`pytest '{claim.test}'`" in text
        assert claim.reason or f"do this. *Worth {claim.number}.*\n" in text


def test_a_verdict_stands_with_its_version(text):
    assert "  - **true**, Keras 3.8 and later\n" in text and "  - **false**, every Keras 3\n" in text
    assert "  - **not settled**\n" in text


def test_a_claim_that_shares_its_evidence_leads_to_it(text):
    shared = [claim for claim in table() if claim.same]
    assert shared
    for claim in shared:
        assert f"[claim {claim.same}](#claim-{claim.same:02d})" in text


def test_no_page_is_made_where_evidence_fails(monkeypatch):
    monkeypatch.setattr(
        page, "examined", lambda: made_up(claim3={"wrong": ["it fell"]}, claim9={"wrong": ["so did this"]})
    )
    with pytest.raises(UserError, match="claim 3: it fell; claim 9: so did this"):
        page.pages()
