"""Whether an own file looks usable: what was found in it at import, all at once, kept with it and said with its card.

Texts of the file stay texts: a finding holds them apart from its sentence, which is written here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from ..folds import FOLDS

# A share above which a finding that counts becomes a warning.
TOO_MUCH = 1 / 3
MOST_LINES = 3
_MOST_NAMES = 20
_MOST_RANGES = 4
# With fewer examples than this, only differences in accuracy of several points can be shown.
FEW = 300
_ACCURACY = 0.8
_WAY_OUT = "Name the feature columns (FEATURES= or --feature-column) to choose otherwise."
# By name: what is said. {what}: texts or series; {points}: see `least_points`; other fields are Finding's, in words.
_SENTENCES = {
    "size": "A test part has about {count} {what}, so one of them is a step in accuracy.",
    "resolution": "With all {count} {what} tested, differences in accuracy below about {points} cannot be told from "
    "chance.",
    "unequal": "Classes are unequal: always naming the largest is right for {share} of the {what}.",
    "repeated": "{count} {what} repeat another{lines}.",
    "contradicting": "{count} {what} stand there under different classes{lines}.",
    "numbers": "The classes look like numbers; they are treated as names, not as amounts, so being off by one is as "
    "wrong as being far off.",
    "unread": "Columns that are not read: {names}.",
    "dependence": "Whether examples depend on each other (one author, one device, one day) is not known here; if they "
    "do, the test flatters every placement.",
    "groups": "Rows with the same value in {names} lie in one fold, as equal {what} do: these are {count} groups, and "
    "the largest has {of} {what}.",
    "number": "The first number of a text tells its class: {rule}; right for {count} of {of} texts with a number.",
    "ids": "The first number of an id tells the class: {rule}; right for {count} of {of} ids with a number. A network "
    "is not given ids, so this matters only where the {what} hold the same number.",
    "near": "{count} of {of} texts ({share}) differ from a text of another fold in digits, signs or spacing "
    "alone{lines}, so the test part repeats what was trained on.",
    "no-tokens": "{count} of {of} texts ({share}) hold no token, that is, no word, sign or character{lines}.",
    "garbled": "{count} of {of} texts ({share}) hold letters that were lost (U+FFFD) or read in another encoding, as "
    "é in place of which Ã© stands{lines}.",
    "unknown": "{count} of {of} tokens of the test part ({share}) are unknown, since the training part lacks them.",
    "broken": "{count} cells hold commas and line breaks{lines}; each was read as one cell.",
    "features": "No features were named, so all other columns of numbers are features: {names}.",
    "copy": "Columns with a value of their own for each class, which gives it away: {names}.",
    "counter": "Columns that count the file's rows or series, which can give the class away: {names}.",
    "tells": "Columns each value of which stands with one class alone, so that they may be made from it: {names}.",
    "apart": "Columns with other values in each series, as a clock or a series' number has, which can give the class "
    "away: {names}.",
    "copy-left-out": f"Left out, because each class has a value of its own there: {{names}}. {_WAY_OUT}",
    "counter-left-out": f"Left out, because they count the file's rows or series: {{names}}. {_WAY_OUT}",
    "missing": "{count} of {of} labels read like missing values: {names}{lines}. They are a class of their own here.",
    "missing-texts": "{count} of {of} texts ({share}) read like missing values{lines}.",
    "capitals": "Classes of one letter that differ in capitals alone: {names}{lines}. They are classes of their own.",
    "hardly": "{names} has another value than its commonest in {count} of {of} series only{lines}, so in some trials "
    "training sees one value there and the feature is 0 throughout.",
    "outliers": "{count} of {of} values of {names} lie far from all others{lines}, as a number that stands for a "
    "missing one does; the others shrink to nothing beside them when features are standardised.",
}


# What a warning of that name adds.
_THEREFORE = {
    "resolution": " Give more examples, or expect most differences to stay unclear.",
    "groups": " That is more than a tenth of all, so the ten folds differ in size.",
    "number": " Where that number is an id, a page or a date, take it out: a network may learn it instead of the "
    "words.",
    "near": " Name a column whose equal values belong together (GROUP= or --group-column), or take such texts out.",
    "missing": " Take these rows out, unless that is what the class is called.",
    "missing-texts": " Take these rows out.",
    "capitals": " Write them alike, unless two are meant.",
    "unknown": " Nothing is learned of them: give more texts, or texts of words.",
    "garbled": " Export the file again in UTF-8 from where it was still sound.",
    "no-tokens": " There is nothing in them to learn from: look at the text column.",
}


@dataclass(frozen=True)
class Finding:
    """Something that was found in a file. name: one of the sentences above.

    warning: results are likely to mean less than they seem. count, of: how many, of how many. lines: where, the first
    few. names: columns that it is about, as the file has them. rule: classes and the cuts between them in turn: ('a',
    '500', 'b') is 'a' below 500 and 'b' from there on.
    """

    name: str
    warning: bool = False
    count: int = 0
    of: int = 0
    lines: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()

    def plain(self) -> dict:
        """The finding as plain JSON, from which `read` makes it again."""
        return asdict(self) | {field: list(getattr(self, field)) for field in ("lines", "names", "rule")}

    def said(self, kind: str, quote: Callable[[str], str]) -> str:
        """The finding in a sentence or two, with 'Warning: ' before it where it is one.

        kind: 'tokens' or 'series'. quote: makes a text of the file safe for where it is shown.
        """
        lines = ", ".join(f"{line:,}" for line in self.lines[:MOST_LINES])
        first = "first on " if len(self.lines) < self.count else "on "
        names = ", ".join(f"“{quote(name)}”" for name in self.names[:_MOST_NAMES])
        more = len(self.names) - _MOST_NAMES
        sentence = _SENTENCES[self.name].format(
            what="texts" if kind == "tokens" else "series",
            count=f"{self.count:,}",
            of=f"{self.of:,}",
            share=f"{self.count / self.of if self.of else 0:.0%}",
            lines=f" ({first}line{'s' if len(self.lines) > 1 else ''} {lines})" if lines else "",
            names=names + (f" and {more} more" if more > 0 else ""),
            points=f"{(points := f'{least_points(self.count):.2g}')} point{'' if points == '1' else 's'}",
            rule=self._ranges(quote),
        )
        return f"Warning: {sentence}{_THEREFORE.get(self.name, '')}" if self.warning else sentence

    def _ranges(self, quote: Callable[[str], str]) -> str:
        classes, cuts = [f"“{quote(label)}”" for label in self.rule[::2]], self.rule[1::2]
        if not cuts:
            return ""
        others = (f"from {cut} {label}" for cut, label in zip(cuts, classes[1:], strict=True))
        said = [f"below {cuts[0]} {classes[0]}", *others]
        return ", ".join(said[:_MOST_RANGES]) + (", and so on" if len(said) > _MOST_RANGES else "")


def least_points(examples: int) -> float:
    """About the least difference in accuracy, in points, that so many tested examples can show; infinite for none.

    1.96 · √(2 a (1 − a) (1 − r) / N) · 100, half the width of a 95 % interval for the difference of two networks that
    are right for a = 0.8 of the same N examples, where r = 1/2 says that their errors are half shared: a rough guess,
    made before anything is trained.
    """
    return 196 * math.sqrt(_ACCURACY * (1 - _ACCURACY) / examples) if examples else math.inf


def first_few(lines: Iterable[int]) -> tuple[int, ...]:
    """The first of these lines, as many as are said."""
    return tuple(int(line) for line in islice(lines, MOST_LINES))


def counted(name: str, count: int, of: int, lines: Iterable[int] = ()) -> Finding:
    """A finding of so many of so many, on these lines: a warning above the share TOO_MUCH."""
    return Finding(name, count > TOO_MUCH * of, count, of, first_few(lines))


def read(content: Sequence[dict]) -> tuple[Finding, ...]:
    """Findings from plain JSON. ValueError, TypeError or KeyError where it is none; unknown names are refused."""
    found = tuple(
        Finding(**each | {"lines": tuple(each["lines"]), "names": tuple(each["names"]), "rule": tuple(each["rule"])})
        for each in ({"rule": ()} | each for each in content)  # which came later than the others
    )
    if not {each.name for each in found} <= _SENTENCES.keys():
        raise ValueError("it has findings of another version")
    return found


def in_general(facts: dict, lines: dict[str, list[int]] | None = None) -> tuple[Finding, ...]:
    """What the card's facts alone say, so also for a data set that was kept before there were reports.

    lines: by name of a finding, where it was found, if that is known.
    """
    lines = lines or {}
    counts, examples = facts["class_counts"], facts["examples"]
    found = [Finding("size", count=round(examples / FOLDS)), Finding("resolution", examples < FEW, examples)]
    if max(counts) >= 2 * min(counts):
        found.append(Finding("unequal", count=max(counts), of=sum(counts)))
    for name in ("repeated", "contradicting"):
        if facts.get(name):
            found.append(counted(name, facts[name], examples, lines.get(name, ())))
    if facts["classes_are_numbers"]:
        found.append(Finding("numbers"))
    if facts.get("left_out"):
        found.append(Finding("unread", names=tuple(facts["left_out"])))
    return (*found, *(() if facts.get("grouped") else (Finding("dependence"),)))
