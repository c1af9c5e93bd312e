"""Result numbers for the book's prose: looked up among the results, never typed.

A page writes `{{ value('nll', 'recurrent', 'japanese_vowels', 0.25) }}`; `sphinx` renders it
through the functions here. What is not among the results raises MissingNumber, which says what there is, and
fails the build.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from ..dropout import placements
from ..errors import UserError, unknown
from ..stats import metrics
from ..stats import paired as statistics
from ..wording import in_words, rate_text, signed

METRICS = {name: measure.words for name, measure in metrics.MEASURES.items()} | {"seconds": "seconds"}
STATISTICS = {
    "mean": np.mean,
    "median": np.median,
    "lowest": np.min,
    "highest": np.max,
    "deviation": lambda values: np.std(values, ddof=1) if len(values) > 1 else math.nan,
}
# 'chosen' is the best epoch where a validation split could choose one, else the last.
SELECTED = ("last", "best", "chosen")


class MissingNumber(UserError):
    """A page asks for a number that is not among the results."""


@dataclass(frozen=True)
class Numbers:
    """The results of one profile, as the expressions on pages ask for them; see also `expressions`.

    results: the store's frame, one row a record and selection (columns placement, rate, seed, dataset,
    layers, units, train_rows, selected, diverged and the metrics). profile: its name. chapters: placement
    name -> the chapter's document in the book ('generated/placement-11-recurrent').
    """

    results: pd.DataFrame
    profile: str
    chapters: Mapping[str, str] = field(default_factory=dict)

    # ---- what there is ----
    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """The data sets among the results, in the profile's order."""
        return tuple(dict.fromkeys(self.results["dataset"])) if len(self.results) else ()

    def rates(self, dataset: str | None = None) -> list[float]:
        """The drop rates among the results, of one data set or of all, 0 left out."""
        rows = self.results if dataset is None else self.results[self.results["dataset"] == dataset]
        return sorted(float(rate) for rate in rows["rate"].unique() if rate > 0)

    def runs(self) -> str:
        """How many runs the results hold."""
        return f"{self.results['key'].nunique():,}"

    def seed_count(self) -> int:
        """How many seeds the baseline has on the first data set."""
        if not len(self.results):
            return 0
        first = self.results[self.results["dataset"] == self.datasets[0]]
        return int(first["seed"].nunique())

    def seeds(self) -> str:
        """The number of seeds, in words."""
        return in_words(self.seed_count())

    def networks(self) -> str:
        """The size of the networks and how long they were trained, by data set where that differs."""
        sizes = self.results.groupby(["units", "epochs"], sort=False)["dataset"].unique() if len(self.results) else {}
        said = [
            f"{units} units a direction, trained for {epochs} epochs"
            + (f" on {', '.join(f'`{name}`' for name in names)}" if len(sizes) > 1 else "")
            for (units, epochs), names in sizes.items()
        ]
        return "; ".join(said) or "no finished run"

    def value(
        self,
        metric,
        placement,
        dataset=None,
        rate=0.0,
        selected="last",
        statistic="mean",
        digits=3,
        layers=None,
    ):
        """One number: a statistic over the seeds of a metric on the test split.

        metric: a key of METRICS. placement: as `placements.resolve` reads it. dataset: a name, or the
        profile's first. rate: at 0 every placement is `none`. selected: 'last' epoch or 'best' by validation.
        statistic: a key of STATISTICS. digits: after the point. layers: where a placement ran with several;
        else the fewest.
        """
        if statistic not in STATISTICS:
            raise unknown("statistic", statistic, STATISTICS)
        rows = self.rows(metric, placement, dataset, rate, selected, layers)
        values = rows[metric].to_numpy(dtype=float)
        finite = values[np.isfinite(values)]
        if not finite.size:
            return "diverged"
        return f"{STATISTICS[statistic](finite):.{int(digits)}f}"

    def _selected(self, dataset: str, selected: str) -> pd.DataFrame:
        """The results with one row a run: those of the selection that counts on this data set."""
        if selected == "chosen":
            there = set(self.results.loc[self.results["dataset"] == dataset, "selected"])
            selected = "best" if "best" in there else "last"
        return self.results[self.results["selected"] == selected]

    def rows(self, metric, placement, dataset, rate, selected="last", layers=None) -> pd.DataFrame:
        """The rows of one placement, data set and rate, one a seed, by seed; MissingNumber for none."""
        if metric not in METRICS:
            raise unknown("metric", metric, METRICS)
        if selected not in SELECTED:
            raise unknown("selection", selected, SELECTED)
        # Without a rate every placement is the baseline, and the baseline has no other rate.
        name = placements.resolve(placement).name if rate else "none"
        rate = 0.0 if name == "none" else rate
        if not self.datasets:
            raise MissingNumber(f"The {self.profile} profile has no finished run; run the study first.")
        dataset = dataset if dataset is not None else self.datasets[0]
        frame = self._selected(dataset, selected)
        for column, wanted in (("dataset", dataset), ("placement", name), ("rate", float(rate))):
            left = (
                frame[np.isclose(frame[column], wanted)]
                if column == "rate"
                else frame[frame[column] == wanted]
            )
            if not len(left):
                there = ", ".join(str(each) for each in dict.fromkeys(frame[column]))
                asked = f"{placement} on {dataset} at rate {rate_text(float(rate))}"
                raise MissingNumber(
                    f"No result for {asked}: the {column} {wanted!r} is not there. There is: {there}."
                )
            frame = left
        depth = layers if layers is not None else frame["layers"].min()
        frame = frame[frame["layers"] == depth].sort_values("seed")
        if not len(frame):
            raise MissingNumber(f"No result for {placement} on {dataset} with {layers} layers.")
        if frame["seed"].duplicated().any():
            raise MissingNumber(
                f"Several runs of {placement} on {dataset} at rate {rate_text(float(rate))} share a seed: "
                "they differ in something else, such as units or train_rows; prose needs one run a seed."
            )
        return frame

    # ---- two placements ----
    def paired(self, a, b, metric="nll", dataset=None, rate=0.25, selected="last") -> statistics.Difference:
        """The paired difference a - b over the seeds both have; `none` has the layers of the other."""
        first, second = (self.rows(metric, name, dataset, rate, selected) for name in (a, b))
        if a == "none":
            first = self.rows(metric, a, dataset, rate, selected, int(second["layers"].iloc[0]))
        elif b == "none":
            second = self.rows(metric, b, dataset, rate, selected, int(first["layers"].iloc[0]))
        both = first.set_index("seed")[[metric]].join(
            second.set_index("seed")[[metric]], how="inner", rsuffix="_b"
        )
        generator = np.random.default_rng(0)
        return statistics.paired_difference(
            both[metric].to_numpy(), both[f"{metric}_b"].to_numpy(), generator
        )

    def compare(self, a, b, metric="nll", dataset=None, rate=0.25, selected="last") -> str:
        """'lower', 'higher' or 'not told apart': how a's metric lies beside b's over paired seeds."""
        return statistics.verdict(self.paired(a, b, metric, dataset, rate, selected))

    def difference(self, a, b, metric="nll", dataset=None, rate=0.25, selected="last", digits=3) -> str:
        """The mean paired difference a - b with its 95 % interval, as text."""
        found = self.paired(a, b, metric, dataset, rate, selected)
        low, mean, high = (signed(each, int(digits)) for each in (found.low, found.mean, found.high))
        return f"{mean} (95 % interval {low} to {high})"
