"""What people say of dropout, each claim with a verdict and the evidence that must carry it.

A verdict stands in the table (about_masks.py, about_training.py); `examine` holds it against the evidence, and names
what no longer supports it. The tests and the book's build call it, so that neither passes with a verdict that fails.
"""

from __future__ import annotations

from .about_masks import CLAIMS as _MASKS
from .about_training import CLAIMS as _TRAINING
from .claim import VERDICTS, Claim, Evidence, Measured, evidence_kinds, examine, mask_shape

__all__ = ["VERDICTS", "Claim", "Evidence", "Measured", "examine", "mask_shape", "rows", "table"]


def table() -> tuple[Claim, ...]:
    """All claims by number."""
    return tuple(sorted((*_MASKS, *_TRAINING), key=lambda claim: claim.number))


def rows() -> list[dict]:
    """A dictionary a claim for `bilstm-dropout claims`: nothing is examined."""
    return [
        {"name": str(claim.number), "claim": claim.text, "source": claim.source, "verdict": claim.verdict,
         "evidence": evidence_kinds(claim), "test": claim.test}
        for claim in table()
    ]  # fmt: skip
