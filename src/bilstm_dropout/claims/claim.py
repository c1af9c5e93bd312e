"""One claim of the ledger: what it says, its verdict, and the evidence that must carry it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from ..dropout.placements import resolve
from ..experiments.robustness import Shift
from ..results.published import read
from ..stock_keras.probe.asked import installed_facts, published_facts

VERDICTS = ("true", "false", "depends", "out of scope", "not settled")


@dataclass(frozen=True)
class Measured:
    """What a measurement says.

    holds: whether it supports the verdict. lines: the evidence, a number or a few each. data: by field, the texts that
    a row's sentences quote.
    """

    holds: bool
    lines: tuple[str, ...] = ()
    data: dict[str, str] = field(default_factory=dict)


Side = tuple[str, float]  # a placement and its drop rate


@dataclass(frozen=True)
class Claim:
    """One row.

    number: stable. source: a key of references.bib. text: the claim in our words. verdict: one of VERDICTS. why: one
    sentence. instead: what to do. more: what a second look needs. worth: what the advice changes, with fields. pair: or
    two placements, whose difference says it. `{fields}` of all these are filled from what `measure` gives. version: of
    Keras, for which the verdict holds; '' where it is about no version. Evidence, at least one: facts, of the probe,
    with the values that the verdict needs; earlier, the same for published probes of other versions; shapes, of the
    table's masks as mask_shape gives them, by placement; measure, a function from Evidence to Measured; cites, keys
    with the equation or section; reason, why it is out of scope. same: the number of a claim whose evidence this one
    shares, so that it is printed once.
    """

    number: int
    source: str
    text: str
    verdict: str
    why: str
    instead: str
    version: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    earlier: dict[str, dict[str, object]] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    measure: Callable[[Evidence], Measured] | None = None
    cites: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    more: str = ""
    worth: str = ""
    pair: tuple[Side, Side] | None = None
    same: int = 0

    @property
    def test(self) -> str:
        """The row's test, as pytest takes it."""
        return f"tests/claims/test_claims.py::test_claim[{self.number:02d}]"


class Evidence:
    """What claims are held against: facts of the installed Keras and of earlier ones, and published runs."""

    def __init__(self, facts: dict[str, object] | None = None):
        self._given = facts

    @cached_property
    def facts(self) -> dict[str, object]:
        """Value by fact, of the installed Keras."""
        return self._given if self._given is not None else {fact.name: fact.value for fact in installed_facts()}

    @cached_property
    def earlier(self) -> dict[str, dict[str, object]]:
        """Value by fact, by version of Keras."""
        return {str(facts[0].value): {fact.name: fact.value for fact in facts} for facts in published_facts()}

    def runs(self, part: str) -> pd.DataFrame:
        """Published runs of a part, checked."""
        if part not in self._runs:
            self._runs[part] = read(part)
        return self._runs[part]

    @cached_property
    def shift(self):
        """The published measurement on spoilt inputs, checked."""
        return Shift.published()

    @cached_property
    def _runs(self) -> dict[str, pd.DataFrame]:
        return {}


def mask_shape(placement: str) -> str:
    """The masks of a placement: each term's site and the axes that draw for themselves, joined by ' + '."""
    return " + ".join(term.text for term in resolve(placement).terms)


def examine(claim: Claim, evidence: Evidence) -> tuple[list[str], Measured]:
    """What of the evidence no longer supports the verdict, a line each, and what was measured, if anything."""
    wrong = []
    known = [("the installed Keras", evidence.facts, claim.facts)] if claim.facts else []
    known += [
        (f"Keras {version}", evidence.earlier.get(version, {}), facts) for version, facts in claim.earlier.items()
    ]
    for whose, facts, needed in known:
        wrong += [
            f"{name} of {whose} is {facts.get(name, 'not there')!r}, and the verdict needs {value!r}"
            for name, value in needed.items()
            if facts.get(name) != value
        ]
    for placement, shape in claim.shapes.items():
        if mask_shape(placement) != shape:
            wrong.append(f"the masks of {placement} are {mask_shape(placement)}, and the verdict needs {shape}")
    found = claim.measure(evidence) if claim.measure is not None else Measured(True)
    if not found.holds:
        wrong.append(f"the measurement does not carry it: {'; '.join(found.lines)}")
    return wrong, found


def evidence_kinds(claim: Claim) -> list[str]:
    """What a claim's verdict rests on, in words."""
    kinds = [f"probe: {name} = {value}" for name, value in claim.facts.items()]
    kinds += [
        f"probe of Keras {version}: {name} = {value}"
        for version, facts in claim.earlier.items()
        for name, value in facts.items()
    ]
    kinds += [f"masks of {placement}: {shape}" for placement, shape in claim.shapes.items()]
    kinds += [f"measured: {claim.measure.__name__.replace('_', ' ')}"] if claim.measure is not None else []
    kinds += [f"source: {key}, {where}" for key, where in claim.cites]
    return kinds + ([f"reason: {claim.reason}"] if claim.reason else [])
