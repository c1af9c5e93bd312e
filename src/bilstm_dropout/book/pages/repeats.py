"""What repeats found, in words and as a table: for the page on running it again, and for the command."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence

from ...datasets import TITLES
from ...experiments.replication.repeats import Compared, Repeat, Repeats
from ...results.about import about
from ...wording import listed
from ..markdown import table


def page_part(found: Repeats | None = None) -> str:
    """Sentences, and a line for each part and data set. found: by default what is published, if anything is."""
    if found is None:
        if not Repeats.file().exists():
            return "No published run was trained again yet."
        found = Repeats.published()
    lines = []
    runs = sorted(found.runs, key=_place)
    for (part, dataset), group in itertools.groupby(runs, key=_place):
        group = list(group)
        alike = sum(run.same_device and run.same_source for run in group)
        counted = (len(group), alike, sum(run.identical for run in group))
        cells = [about(part), TITLES[dataset], *map(str, counted)]
        for compared in [run.chosen for run in group], [run.last for run in group]:
            known = any(each.within is not None for each in compared)
            cells.append(_furthest(compared) + (f" ({_within(compared, '/')})" if known else ""))
        lines.append(cells)
    header = ["runs on", "data set", "runs", "same machine and code", "same bits", "stopped early", "last epoch"]
    return f"{tolerance(found)}{' '.join(sentences(found))}\n\n{table(header, lines, 'llrrrrr')}"


def tolerance(found: Repeats) -> str:
    """A paragraph: how near a run comes on another kind of machine; empty where none was trained there."""
    elsewhere = [run for run in found.runs if not run.same_device]
    chosen, last = (
        [abs(each.difference) for each in compared if each.difference is not None]
        for compared in ([run.chosen for run in elsewhere], [run.last for run in elsewhere])
    )
    if not chosen or not last:
        return ""
    digits = math.floor(-math.log10(2 * max(max(chosen), 1e-12)))
    beyond = sorted({TITLES[run.dataset] for run in elsewhere if run.last.within is False})
    away = f", on {listed(beyond)} by more than the spread of seeds" if beyond else ""
    return (
        f"**On another kind of processor expect the published test loss to {digits} decimals where validation stopped "
        f"training. At the last epoch it can be another:** it moved by up to {max(last):.2g} nats{away}.\n\n"
    )


def sentences(found: Repeats) -> list[str]:
    """What repeats bit for bit, by what is the same, and how far the rest moved."""
    moved = [run for run in found.runs if not run.identical]
    text = [
        f"Of {len(found.runs)} published runs, drawn at random (seed {found.seed}), {len(found.runs) - len(moved)} "
        "gave the same numbers, bit for bit."
    ]
    for device, source in itertools.product((True, False), repeat=2):
        group = [run for run in found.runs if (run.same_device, run.same_source) == (device, source)]
        if group:
            text.append(
                f"On {'the same' if device else 'another'} kind of machine with {'the same' if source else 'other'} "
                f"code: {sum(run.identical for run in group)} of {len(group)}."
            )
    for where, compared in (
        ("chosen checkpoint", [run.chosen for run in moved]), ("last epoch", [run.last for run in moved])
    ):  # fmt: skip
        far = [abs(each.difference) for each in compared if each.difference is not None]
        if far:
            text.append(
                f"Where a number changed, the test NLL at the {where} moved by {statistics.median(far):.2g} nats in "
                f"the median and by {max(far):.2g} at most; within the spread of seeds, where that is known: "
                f"{_within(compared)}."
            )
    if found.left_out:
        text.append(f"Left out, because their files were not there: {', '.join(found.left_out)}.")
    return text


def _place(run: Repeat) -> tuple[str, str]:
    return run.part, run.dataset


def _furthest(compared: Sequence[Compared]) -> str:
    far = [abs(each.difference) for each in compared if each.difference is not None]
    return f"{max(far):.2g}" if far else "diverged"


def _within(compared: Sequence[Compared], of: str = " of ") -> str:
    known = [each.within for each in compared if each.within is not None]
    return f"{sum(known)}{of}{len(known)}"
