"""Commands that list: placements, data sets, and the facts of the installed Keras."""

from __future__ import annotations

from dataclasses import asdict

from .. import datasets as data
from ..datasets import own
from ..dropout.placements import TABLE
from ..errors import UserError
from ..stock_keras.probe import probe as read_facts
from ..wording import isolated
from .base import Json, app, show


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
    """List the data sets and their options; of one that cannot be read, why."""
    rows = []
    for name in data.names():
        try:
            card, mine = data.describe(name), own.kept(name)
        except UserError as error:
            rows.append({"name": name, "kind": "unreadable", "what": str(error), "options": {}, "licence": ""})
            continue
        what = mine.card(quote=isolated).what if mine else card.what
        options = {option: {"default": default, "meaning": text} for option, (default, text) in card.options.items()}
        rows.append({"name": name, "kind": card.kind, "what": what, "options": options, "licence": card.licence})
    show(rows, as_json, ["name", "kind", "what"])


@app.command()
def probe(as_json: Json = False) -> None:
    """Read from the installed Keras' layers what they do with dropout (about 20 seconds)."""
    show([asdict(fact) for fact in read_facts()], as_json, ["name", "value", "meaning"])
