"""What a profile's finished runs are beside their published twins, run by run, counted, and as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property

from ..experiments.parts import PARTS
from ..experiments.twins import ALONE, DRIFTED, WORDS, Twins, Verdict, drifted_together
from ..results import published
from ..runs.store import Record, Store
from ..wording import count
from .notebooks import published_hash
from .profiles import Profile
from .run import finished, wanted

PAGE = "Status of your runs"  # of the book
_NAMED = ("placement", "rate", "seed", "dataset")


@dataclass(frozen=True)
class Judged:
    """A finished run with what it is beside its twin."""

    record: Record
    verdict: Verdict

    def row(self) -> dict:
        """As plain values: key, placement, rate, seed, dataset, parameters (what else a run is), seconds, device (its
        class), twin (the part where it is published, or ''), verdict, distances in standard deviations over seeds, and
        reason.
        """
        config, verdict = self.record.config.model_dump(), self.verdict
        named = {name: config.pop(name) for name in _NAMED}
        return {
            "key": self.record.key, **named, "parameters": config, "seconds": self.record.seconds,
            "device": self.record.provenance.get("device"), "twin": verdict.part, "verdict": verdict.word,
            "distances": dict(verdict.distances), "reason": verdict.reason,
        }  # fmt: skip


@dataclass(frozen=True)
class Verdicts:
    """Runs beside their twins. runs: those that are finished. total: how many there are to be."""

    runs: tuple[Judged, ...]
    total: int

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many runs each of twins.WORDS has."""
        found = Counter(run.verdict.word for run in self.runs)
        return {word: found[word] for word in WORDS}

    @property
    def twins(self) -> int:
        """How many runs have a twin."""
        return len(self.runs) - self.counts[ALONE]

    @cached_property
    def together(self) -> bool:
        """Whether the runs as a whole lie to one side of their twins."""
        return drifted_together(run.verdict for run in self.runs)

    @property
    def drifted(self) -> bool:
        """Whether a run drifted, or all together."""
        return self.together or self.counts[DRIFTED] > 0

    def of(self, placement: str) -> Verdicts:
        """The runs of one placement, by its canonical name; `total` are those that are finished."""
        runs = tuple(run for run in self.runs if run.record.config.placement == placement)
        return replace(self, runs=runs, total=len(runs))

    def words(self) -> str:
        """The counts of what has a twin: '120 same bits, 24 within the spread of seeds'."""
        return ", ".join(f"{number} {word}" for word, number in self.counts.items() if number and word != ALONE)

    def line(self) -> str:
        """All of it in one line, for a terminal: loud where anything drifted."""
        if not self.runs:
            return f"None of {count(self.total, 'run')} is done." if self.total else "This profile trains nothing."
        done = len(self.runs)
        left = f" ({self.total - done} more are not done)" if self.total > done else ""
        if not self.twins:
            return f"{count(done, 'run')} done{left}; no published run has the same settings, to compare them with."
        said = f"{self.twins} of {done} runs have a twin: {self.words()}{left}"
        if not self.drifted:
            return said
        whole = ", and the profile as a whole" if self.together else ""
        return f"DRIFTED: {self.counts[DRIFTED]} of {done} runs{whole}; see the page {PAGE}. {said}"

    def as_json(self) -> dict:
        """For programs: runs, verdicts (word to count) and drifted."""
        return {"runs": [run.row() for run in self.runs], "verdicts": self.counts, "drifted": self.drifted}


def verdicts_of(profile: Profile, store: Store | None = None) -> Verdicts:
    """What the finished runs of a profile are beside their twins. UserError where published results are damaged."""
    return Verdicts(tuple(judged(finished(profile, store))), len(wanted(profile)))


def judged(records: Iterable[Record]) -> list[Judged]:
    """Each record with its verdict."""
    records = list(records)
    if not records:  # nothing published has to be read
        return []
    twins = _twins(published_hash(), tuple(sorted({record.config.dataset for record in records})))
    return [Judged(record, twins.verdict(record)) for record in records]


@cache
def _twins(_published: str, names: tuple[str, ...]) -> Twins:
    """The published runs on some data sets: seconds to read, and asked for again by each page of one book."""
    listed = published.listed()
    there = set(listed.loc[listed["dataset"].isin(names), "part"])
    return Twins([part for part in PARTS if part in there], names)
