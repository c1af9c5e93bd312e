"""Commands that list: placements, data sets, linear models, claims, and the facts of the installed Keras."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from .. import claims as ledger
from .. import datasets as data
from ..dropout.placements import TABLE
from ..experiments.rivals import rivals
from ..stock_keras.probe import probe as read_facts
from .app import Json, app, rounded, show


@app.command()
def placements(as_json: Json = False) -> None:
    """List every placement: its sites, which axes draw for themselves, scaling, Keras equivalent, source."""
    rows = [
        {"name": entry.name, "terms": " + ".join(term.text for term in entry.terms), "sentence": entry.sentence,
         "needs": sorted(entry.needs), "maximum_rate": entry.maximum_rate, "own_rate": entry.own_rate,
         "equation": entry.equation, "keras": entry.keras, "why_not_keras": entry.why_not_keras, "source": entry.source}
        for entry in TABLE.values()
    ]
    show(rows, as_json, ["name", "terms", "sentence"])


@app.command()
def datasets(as_json: Json = False) -> None:
    """List the data sets and their options."""
    rows = []
    for name in data.names():
        card = data.describe(name)
        options = {option: {"default": default, "meaning": text} for option, (default, text) in card.options.items()}
        rows.append({"name": name, "kind": card.kind, "what": card.what, "options": options, "licence": card.licence})
    show(rows, as_json, ["name", "kind", "what"])


@app.command()
def baselines(
    dataset: Annotated[list[str] | None, typer.Option(help="A data set; repeat for more.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the majority class and a linear model reach in the test, for orientation (seconds to minutes)."""
    names = dataset or [name for name in data.NAMES if data.describe(name).small]
    loaded = [data.load(name) for name in names]
    rows = [{"name": each.name, "rival": found.name, **found.model_dump(exclude={"name"})}
            for each in loaded for found in rivals(each)]
    rows = rows if as_json else rounded(rows)
    show(rows, as_json, ["name", "rival", "accuracy", "nll", "macro_f1", "strength", "chosen_on"])


@app.command()
def claims(as_json: Json = False) -> None:
    """List the claims of the ledger: verdict, evidence, and the test that fails if the evidence stops carrying it."""
    found = ledger.rows()
    if not as_json:
        found = [{**row, "evidence": "; ".join(row["evidence"])} for row in found]
    show(found, as_json, ["name", "claim", "verdict", "evidence", "test"])


@app.command()
def probe(as_json: Json = False) -> None:
    """Read from the installed Keras' layers what they do with dropout (about 20 seconds)."""
    show([asdict(fact) for fact in read_facts()], as_json, ["name", "value", "meaning"])
