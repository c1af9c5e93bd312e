"""The facts of the installed Keras, asked for in a process of its own, and those of other versions and backends."""

from __future__ import annotations

import json
from pathlib import Path

from ...dropout.uses import EVERY, note
from ...errors import UserError, brief
from ...isolated import output_of
from ...paths import published_folder
from . import Fact


def installed_facts() -> list[Fact]:
    """The facts of the installed Keras."""
    note(EVERY)  # what is kept was printed by a process that read what it liked
    said = output_of("bilstm_dropout.stock_keras.probe", "--json")
    return [Fact(**each) for each in said]


def published_facts() -> list[list[Fact]]:
    """The facts of other versions of Keras that were probed, oldest first: data/published/probe/."""
    probed = _published("keras-*.json").values()
    return sorted(probed, key=lambda facts: [int(part) for part in str(facts[0].value).split(".")[:3]])


def published_backends() -> dict[str, list[Fact]]:
    """The facts of the locked Keras under other backends than TensorFlow, by the backend's name: from there, too."""
    return {name.removeprefix("backend-"): facts for name, facts in _published("backend-*.json").items()}


def _published(pattern: str) -> dict[str, list[Fact]]:
    return {path.stem: _read(path) for path in sorted((published_folder() / "probe").glob(pattern))}


def _read(path: Path) -> list[Fact]:
    """At least one fact. UserError for a file that holds something else."""
    try:
        facts = [Fact(**each) for each in json.loads(path.read_text("utf-8"))]
    except (ValueError, TypeError) as error:
        raise UserError(f"The published file {path.name} is damaged: {brief(error)}. Get it again.") from None
    if not facts:
        raise UserError(f"The published file {path.name} is damaged: it holds no facts. Get it again.")
    return facts
