"""What the installed Keras really does with dropout: read from the outputs of its layers, not from its source.

    python -m bilstm_dropout.stock_keras.probe [--json]

Needs Keras and NumPy alone, and runs unchanged under any Keras 3: it is meant to be pointed at other versions too.
A behaviour that cannot be read because the layer fails is a fact as well: its value says with which error.
"""

from __future__ import annotations

import json
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
    the layer failed. meaning: what the value says, in a sentence.
    """

    name: str
    value: bool | int | float | str
    meaning: str


def probe(seed: int = 0, sizes: tuple[int, int, int] = SIZES) -> list[Fact]:
    """Probe the installed Keras.

    seed: sets Keras' global seed, and the layers' own where a seed is probed. sizes: batch (16 or more), steps (4 to
    8) and features (8 or more) of the inputs. The facts are the same for all of them. Raises UserError for others, and
    where Keras cannot be imported.
    """
    try:
        from .layers import groups
    except ImportError as error:
        raise UserError(
            f"Keras cannot be imported ({error}). Install what it needs, or name another backend by KERAS_BACKEND or "
            "in Keras' file of settings, keras.json."
        ) from None
    batch, steps, features = sizes
    if batch < 16 or not 4 <= steps <= 8 or features < 8:
        raise UserError(f"sizes {sizes}: allowed are 16 samples or more, 4 to 8 steps, and 8 features or more.")
    return [fact for prefix, names, read in groups(seed, sizes) for fact in _facts(prefix, names, read)]


def _facts(prefix: str, meanings: Mapping[str, str] | Iterable[str], read: Callable[[], dict]) -> list[Fact]:
    """A group's facts; where reading them fails, each says with which error."""
    if not isinstance(meanings, Mapping):
        meanings = {name: MEANINGS[name] for name in meanings}
    try:
        values = read()
    except Exception as error:  # whatever a version of Keras raises is what is to be told
        values = dict.fromkeys(meanings, f"crashes: {type(error).__name__}")
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
        print(" ".join(str(error).splitlines()), file=sys.stderr)
        return 2
    if arguments:
        print(json.dumps([asdict(fact) for fact in facts], indent=1))
    else:
        width = max(len(fact.name) for fact in facts)
        for fact in facts:
            print(f"{fact.name:{width}}  {fact.value}")
    return 0
