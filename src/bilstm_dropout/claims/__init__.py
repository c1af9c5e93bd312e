"""What people say of dropout, each claim with a verdict and the evidence that must carry it.

A verdict stands in the table (about_masks.py, about_training.py); `examine` holds it against the evidence, and names
what no longer supports it. The tests and the book's build call it, so that neither passes with a verdict that fails.
"""

from __future__ import annotations

from .about_masks import CLAIMS as _MASKS
from .about_training import CLAIMS as _TRAINING
from .claim import VERDICTS, Claim, Evidence, Measured, evidence_kinds, examine, mask_shape
from .comparisons import worth_of

__all__ = ["VERDICTS", "Claim", "Evidence", "Measured", "examine", "groups", "mask_shape", "rows", "said", "table"]


def table() -> tuple[Claim, ...]:
    """All claims by number."""
    return tuple(sorted((*_MASKS, *_TRAINING), key=lambda claim: claim.number))


def groups() -> dict[str, tuple[Claim, ...]]:
    """The claims by what they are about."""
    return {"What is masked": _MASKS, "What it does to a network": _TRAINING}


def said(claim: Claim, found: Measured, evidence: Evidence) -> dict[str, str | list[str]]:
    """What a row says, with its numbers: why, more, instead, worth; and lines, the measured evidence.

    found: from `examine`. KeyError where a sentence asks for a number that was not measured.
    """
    words = {name: getattr(claim, name).format_map(found.data) for name in ("why", "more", "instead", "worth")}
    lines = list(found.lines)
    if claim.pair is not None:
        words["worth"], more = worth_of(evidence, *claim.pair)
        lines += more
    return {**words, "lines": [] if claim.same else lines}


def rows() -> list[dict]:
    """A dictionary a claim for `bilstm-dropout claims`: nothing is examined."""
    return [
        {"name": str(claim.number), "claim": claim.text, "source": claim.source, "verdict": claim.verdict,
         "evidence": evidence_kinds(claim), "test": claim.test}
        for claim in table()
    ]  # fmt: skip
