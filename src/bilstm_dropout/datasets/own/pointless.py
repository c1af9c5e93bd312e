"""The one plain warning: that a study of a file would be pointless as the file is, and why."""

from __future__ import annotations

from collections.abc import Sequence

from .report import Finding, least_points

# By name of a finding: the share of what it counts from which nothing is left to find, and how the reason is said.
_SHARES = {
    "no-tokens": (1 / 2, "most texts hold nothing to read"),
    "missing-texts": (1 / 2, "most texts read like missing values"),
    "unknown": (1 / 2, "most of what is tested was never trained on"),
    "repeated": (1 / 2, "most rows repeat another"),
    "near": (1 / 2, "most texts of the test are copies of texts that are trained on, but for digits and signs"),
    "contradicting": (1 / 3, "the same texts stand under different classes"),
    "number": (0, "a number in the text gives the class away"),
}
_GIVEN_AWAY = ("copy", "tells", "counter", "apart")
# Above so many points, no difference between placements that anyone has published could be seen.
POINTS = 10


def reasons(report: Sequence[Finding], features: int = 0) -> list[str]:
    """Why a study of a file with this report would be pointless; empty where it would not. features: how many."""
    found = []
    for each in report:
        if each.name in _SHARES and each.warning and each.of:
            share, reason = _SHARES[each.name]
            found += [reason] if each.count >= share * each.of else []
        if each.name == "resolution" and least_points(each.count) > POINTS:
            points = least_points(each.count)
            found.append(f"with {each.count:,} examples no difference below {points:.0f} points shows")
    given_away = sum(len(each.names) for each in report if each.name in _GIVEN_AWAY)
    if features and given_away >= features:
        found.append("every feature counts, or gives the class away")
    return found


def warning(report: Sequence[Finding], features: int = 0) -> str:
    """The warning, '' where there is none to give."""
    found = reasons(report, features)
    return f"Warning: A study of this file would be pointless as it is: {'; '.join(found)}." if found else ""
