"""The ledger's measured differences in one picture."""

from __future__ import annotations

import numpy as np

from ..stats.paired import Difference, verdict
from .style import GREY, PALETTE, new_figure, plain, style

_LOOK = {"lower": (PALETTE[2], "v"), "higher": (PALETTE[1], "^"), "not told apart": (GREY, "o")}


def forest(found: dict[str, Difference]):
    """A row a contrast: mean paired difference in test NLL (nats), with its 95 % interval.

    found: label to Difference, from top to bottom.
    """
    with style():
        figure, axes = new_figure(0.26 * len(found) + 1.2, width=7.2)
        axis = axes[0, 0]
        axis.axvline(0, color=GREY, linewidth=1.2, zorder=0)
        heights = -np.arange(len(found))
        for height, each in zip(heights, found.values(), strict=True):
            colour, marker = _LOOK[verdict(each)]
            axis.plot([each.low, each.high], [height, height], color=colour, linewidth=2)
            axis.plot([each.mean], [height], marker, color=colour, markersize=6)
        axis.set_yticks(heights, [plain(label.replace("`", ""), 70) for label in found])
        axis.set_ylim(heights[-1] - 0.7, 0.7)
        axis.set_xlabel("difference in test NLL (nats)")
        axis.grid(axis="x")
        handles = [
            axis.plot([], [], marker, color=colour, label=word, linestyle="-")[0]
            for word, (colour, marker) in _LOOK.items()
        ]
        figure.legend(handles, list(_LOOK), loc="outside lower left", ncols=3)
    return figure


def forest_alt(found: dict[str, Difference]) -> str:
    """What the picture shows, in words."""
    groups: dict[str, list[str]] = {word: [] for word in _LOOK}
    for label, each in found.items():
        groups[verdict(each)].append(label.replace("`", ""))
    return "Differences in test NLL with 95 % intervals. " + " ".join(
        f"{word.capitalize()}: {'; '.join(labels)}." for word, labels in groups.items() if labels
    )
