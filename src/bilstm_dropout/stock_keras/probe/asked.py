"""The facts of the installed Keras, asked for in a process of its own, and those of earlier versions."""

from __future__ import annotations

import json

from ...isolated import output_of
from ...paths import published_folder
from . import Fact


def installed_facts() -> list[Fact]:
    """The facts of the installed Keras."""
    said = output_of("bilstm_dropout.stock_keras.probe", "--json")
    return [Fact(**each) for each in said]


def published_facts() -> list[list[Fact]]:
    """The facts of other versions of Keras that were probed, oldest first: data/published/probe/."""
    probed = [
        [Fact(**each) for each in json.loads(path.read_text("utf-8"))]
        for path in (published_folder() / "probe").glob("keras-*.json")
    ]
    return sorted(probed, key=lambda facts: [int(part) for part in str(facts[0].value).split(".")[:3]])
