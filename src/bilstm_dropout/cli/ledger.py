"""The command that lists what people say of dropout, with the verdicts."""

from __future__ import annotations

from .. import claims as ledger
from .base import Json, app, show


@app.command()
def claims(as_json: Json = False) -> None:
    """List the claims of the ledger: verdict, evidence, and the test that fails if the evidence stops carrying it."""
    found = ledger.rows()
    if not as_json:
        found = [{**row, "evidence": "; ".join(row["evidence"])} for row in found]
    show(found, as_json, ["name", "claim", "verdict", "evidence", "test"])
