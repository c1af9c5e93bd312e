"""The page of the live network: published networks and the table's masks as a script, and what stands without scripts.

data/published/networks.json ─┐
placements.TABLE, SITES ──────┴─► generated/live-data.js ─► book/assets/live.js
"""

from __future__ import annotations

import numpy as np

from ...datasets import TITLES
from ...dropout.terms import SITES
from ...experiments.live import Data, Network, Networks
from ..explorer import START, as_json, table
from ..markdown import table as markdown_table

DATA = "live-data.js"  # in generated/, and at the top of the built book
_TITLES = TITLES | {"recall": "Recall, a made-up task"}


def script() -> str:
    """The text of DATA: what the page needs to run each published network under any mask that fits one layer."""
    known, networks = table(), Networks.published()
    sites = {
        name: site | {"needs": SITES[name].needs, "scaling": SITES[name].scaling}
        for name, site in known["sites"].items()
    }
    single = [each for each in known["placements"] if "second layer" not in each["needs"]]
    placements = [{name: each[name] for name in ("name", "needs", "sentence", "terms")} for each in single]
    data = [each.model_dump(mode="json") | {"title": _TITLES[each.dataset]} for each in networks.data]
    everything = {
        "units": networks.units, "start": START["placement"], "sites": sites, "placements": placements, "data": data,
    }  # fmt: skip
    return f"window.liveData = {as_json(everything)};"


def static_part() -> str:
    """Markdown where scripts are off: what each network answers to the twenty inputs, without a mask."""
    lines = [
        [_TITLES[data.dataset], f"`{network.placement}`", *_score(data, network)]
        for data in Networks.published().data
        for network in data.networks
    ]
    return markdown_table(["data", "trained with", "right, of 20", "mean probability of the right class"], lines)


def _score(data: Data, network: Network) -> tuple[str, str]:
    labels = [each.label for each in data.inputs]
    probabilities = np.array(network.probabilities)
    right = (probabilities.argmax(1) == labels).sum()
    return str(right), f"{probabilities[range(len(labels)), labels].mean():.2f}"
