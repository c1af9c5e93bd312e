"""What the installed Keras really does with dropout: read from the outputs of its layers, not from its source.

    python -m bilstm_dropout.stock_keras.probe [--json]

Needs Keras, NumPy and a backend alone, and runs unchanged under any Keras 3 and any backend: it is meant to be pointed
at others too. A layer that fails is a fact as well: its value says with which error. What fails in the reading is none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass

from ...errors import UserError
from .expected import EXPECTED
from .readings import MEANINGS, SIZES


@dataclass(frozen=True)
class Fact:
    """One thing that was read back.

    name: stable and dotted, `lstm.dropout.gates_share`. value: bool, int, float or text; 'crashes: TypeError' where
    the layer itself failed. meaning: what the value says, in a sentence.
    """

    name: str
    value: bool | int | float | str
    meaning: str


def probe(seed: int = 0, sizes: tuple[int, int, int] = SIZES) -> list[Fact]:
    """Probe the installed Keras.

    seed: sets Keras' global seed, and the layers' own where a seed is probed. sizes: batch (16 or more), steps (4 to
    8) and features (8 or more) of the inputs. The facts are the same for all of them. Keras' number types are set to
    float32 meanwhile. Raises UserError for other sizes, and where Keras or its backend cannot be imported.
    """
    batch, steps, features = sizes
    if batch < 16 or not 4 <= steps <= 8 or features < 8:
        raise UserError(f"sizes {sizes}: allowed are 16 samples or more, 4 to 8 steps, and 8 features or more.")
    _import_keras()
    from .asking import in_float32
    from .layers import groups

    with in_float32():
        return [fact for prefix, names, read in groups(seed, sizes) for fact in _facts(prefix, names, read)]


def _import_keras() -> None:
    try:
        import keras
    except (ImportError, ValueError) as error:
        named = " ".join(os.environ.get("KERAS_BACKEND", "").split())[:80]
        said = " ".join(str(error).split())[:200].rstrip(".")
        raise UserError(
            f"Keras cannot be imported{f' with KERAS_BACKEND={named}' if named else ''}: {said}. Install Keras and a "
            "backend (tensorflow, jax or torch), and let KERAS_BACKEND, or keras.json, name one that is installed."
        ) from None


def _facts(prefix: str, meanings: Mapping[str, str] | Iterable[str], read: Callable[[], dict]) -> list[Fact]:
    """A group's facts; where its layer fails, each says with which error."""
    from .asking import Refused

    if not isinstance(meanings, Mapping):
        meanings = {name: MEANINGS[name] for name in meanings}
    try:
        values = read()
    except Refused as error:
        values = dict.fromkeys(meanings, f"crashes: {error}")
    return [Fact(f"{prefix}.{name}", values[name], meaning) for name, meaning in meanings.items()]


def differences(facts: Iterable[Fact], expected: Mapping[str, object] | None = None) -> list[str]:
    """A line for each fact that is not as the book has it; the versions are no part of it.

    expected: name to value, EXPECTED by default.
    """
    expected = EXPECTED if expected is None else expected
    facts = {fact.name: fact.value for fact in facts}
    version = facts.get("versions.keras", "of unknown version")
    found = {name: value for name, value in facts.items() if not name.startswith("versions.")}
    return [
        f"{name}: the book says {expected.get(name, 'nothing')!r}, Keras {version} says {found.get(name, 'nothing')!r}"
        for name in dict.fromkeys([*expected, *found])
        if name not in expected or name not in found or expected[name] != found[name]
    ]


def main(arguments: list[str] | None = None) -> int:
    """Print the facts, as a table or, with --json, as an array of objects; give the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if set(arguments) - {"--json"}:
        print("usage: python -m bilstm_dropout.stock_keras.probe [--json]", file=sys.stderr)
        return 2
    try:
        facts = probe()
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments:
        print(json.dumps([asdict(fact) for fact in facts], indent=1))
    else:
        width = max(len(fact.name) for fact in facts)
        for fact in facts:
            print(f"{fact.name:{width}}  {fact.value}")
    return 0
