"""What notebooks/comparison.ipynb shows of a reader's own runs, from the store alone."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pandas as pd

from ... import figures
from ...errors import UserError, unknown
from ...experiments import rivals
from ...results import tidy
from ...results.rows import SCHEMA, row_of
from ...runs.config import applies
from ...runs.sweep import Sweep
from ...stats import paired
from ...stats.metrics import MEASURES
from ...study.profiles import allowed
from ...wording import count, listed, markdown_safe, rate_text, signed
from .. import show
from .parameters import chosen_placements, table_order, without_aliases
from .runs import Results, data_of, differences_table, middle_rate, stored, test_labels


def check(**given: object) -> list[Sweep]:
    """A sweep for each placement that applies somewhere, in table order; what `book.parameters` hands its values to.

    given: fields of a Sweep but for its placement, `dataset` in place of a list of one, and ``placements``, a list of
    names, JSON text of one, a single name, or 'all' for the whole table. Data sets that a placement does not apply to,
    and rates it does not allow, are left out of its sweep. UserError for a name or value that is not allowed.
    """
    if "placement" in given:
        raise unknown("parameter", "placement", ["placements"])
    given = without_aliases(given)
    names = chosen_placements(given.pop("placements", "all"))
    base = Sweep.parse(placement="none", **given)
    sweeps = []
    for name in names:
        there = [
            dataset for dataset in base.datasets if applies(name, dataset, _layers(base, given, dataset))
        ]
        there, rates = allowed(name, base.rates, there)
        if there:
            sweeps.append(Sweep.parse(**{**given, "placement": name, "datasets": there, "rates": rates}))
    if not sweeps:
        raise UserError("None of these placements applies to these data sets at these rates; name others.")
    return sweeps


def _layers(base, given, dataset):
    """The layers a data set's networks have: where none are given, as many as the placement needs, at most
    two.
    """
    if "layers" not in given:
        return 2
    return (base.layers.get(dataset) or 1) if isinstance(base.layers, dict) else base.layers


def load(sweeps: list[Sweep]) -> Results:
    """The runs of all sweeps that the store has, and their baselines; trains nothing.

    A run that two placements share, such as a baseline, counts once. `frame.attrs["missing"]` has those that are not
    there, which may be all of them.
    """
    wanted, names = {}, {}
    for sweep in sweeps:
        names |= dict.fromkeys(sweep.datasets)
        for config in (*sweep.baselines(), *sweep.runs()):
            wanted[config.model_dump_json()] = config
    records, missing = stored(wanted.values())
    frame = tidy.tidy(records, test_labels)
    there = [name for name in names if name in set(frame["dataset"])]
    runs = Results(sweeps[0], tuple(there), {}, records, frame, len(missing))
    runs.frame.attrs["missing"] = missing
    return runs


def show_missing(runs: Results):
    """Say in one line what was asked for and is not in the store; nothing where `none` alone was."""
    missing = runs.frame.attrs["missing"]
    if any(config.placement != "none" for config in missing):
        names = listed([markdown_safe(name) for name in dict.fromkeys(config.dataset for config in missing)])
        show.text(f"Not in the store: {count(len(missing), 'run')} of yours on {names}. `make study` trains them.")


def own_rows(runs: Results, rate: float) -> pd.DataFrame:
    """Runs of the store as results.read has published ones, at one rate; data sets are named 'recall (your runs)'.

    rate: of the runs with dropout; the middle one of a data set's own rates where it has not this one, and its name
    says so.
    """
    rows = pd.DataFrame([row_of("own", record) for record in runs.records], columns=SCHEMA.names)
    chosen, named = {}, {}
    for name, mine in rows.groupby("dataset")["rate"]:
        chosen[name] = rate if rate in set(mine) else middle_rate(set(mine))
        other = "" if chosen[name] == rate else f", p = {rate_text(chosen[name])}"
        named[name] = f"{name} (your runs{other})"
    kept = (rows["rate"] == 0) | (rows["rate"] == rows["dataset"].map(chosen))
    return rows.assign(dataset=rows["dataset"].map(named))[kept]


def beyond(runs: Results, known: Collection[str]) -> Results:
    """The runs on data sets other than those known; its `names` are empty where there are none."""
    names = tuple(name for name in runs.names if name not in known)
    records = [record for record in runs.records if record.config.dataset in names]
    frame = runs.frame[runs.frame["dataset"].isin(names)]
    missing = sum(config.dataset in names for config in runs.frame.attrs["missing"])
    return replace(runs, names=names, records=records, frame=frame, missing=missing)


def show_comparison(runs: Results, measure: str = "nll"):
    """One figure a data set: every placement's paired difference from ``none``."""
    order = table_order(runs.frame["placement"])
    for name in runs.names:
        rows = runs.frame[runs.frame["dataset"] == name]
        if not (rows["rate"] > 0).any():
            continue
        column = figures.MEASURES[measure][0]
        means = rows[rows["rate"] > 0].groupby("placement")[column].mean().dropna()
        ends = (
            ""
            if means.empty
            else (
                f" Averaged over the rates it reaches from {signed(means.min())} ({means.idxmin()}) "
                f"to {signed(means.max())} ({means.idxmax()})."
            )
        )
        show.figure(
            figures.comparison(rows, order, measure),
            alt=f"{figures.MEASURES[measure][2]} on {name}, a row a placement, a mark a drop rate.{ends}",
            caption=f"{name}. Small dots are seeds, large marks their means; the line at 0 is none of the "
            "same seed, layers and embedding. A mark on the edge that points outwards lies beyond it.",
        )


def show_verdicts(runs: Results):
    """Which placements a test finds to differ from ``none``, which are unclear, and from how many seeds."""
    table = tidy.summary(runs.frame)
    if table.empty:
        show.text("There is nothing to compare yet.")
        return
    apart = table[table["verdict"] != "unclear"]
    seeds = sorted(table["n"].unique())
    pairs = str(seeds[0]) if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    show.text(
        f"Of {count(len(table), 'comparison')} with `none` in test NLL, each over {pairs} paired seeds, "
        f"a test finds {len(apart)}; the others are unclear. Finding one takes at least "
        f"{paired.LEAST_PAIRS} pairs, a p below {paired.ALPHA:g} and an interval without 0; "
        "p is not corrected for the number of comparisons here."
    )
    order = {name: index for index, name in enumerate(table_order(table["placement"]))}
    table = table.assign(_order=table["placement"].map(order)).sort_values(["_order", "dataset", "rate"])
    show.table(
        differences_table(table, with_placement=True),
        caption="Every placement and rate against none: paired differences in test NLL.",
        folded=True,
    )


def show_baselines(runs: Results):
    """What ``none`` alone reaches, a row a data set and number of layers."""
    rows = runs.frame[runs.frame["placement"] == "none"]
    groups = rows.groupby(["dataset", "layers"], sort=False)
    table = groups[[*MEASURES, "gap"]].mean().reset_index()
    table.insert(2, "seeds", groups["seed"].nunique().to_numpy())
    # A unit that a difference alone is written in, such as points, has no place beside a level.
    units = [f" ({measure.unit})" if measure.unit and measure.scale == 1 else "" for measure in MEASURES.values()]
    measures = [f"test {measure.label}{unit}" for measure, unit in zip(MEASURES.values(), units, strict=True)]
    table.columns = ["data set", "layers", "seeds", *measures, "confidence − accuracy"]
    show.table(table, caption="The baseline, none: means over the seeds.")


def show_rivals(runs: Results):
    """What the class shares and a linear model reach on each data set, fitted on as many rows as the networks."""
    rows, ahead = [], []
    for name in runs.names:
        whole = data_of(runs, name)
        if whole is None:
            continue
        configs = [record.config for record in runs.records if record.config.dataset == name]
        # With fewer training rows a seed chooses them, so there is a fit a seed.
        subsets = sorted({(config.train_rows, config.seed) for config in configs if config.train_rows is not None})
        fits = [rivals.rivals(whole.subset(*each)) for each in subsets] or [rivals.rivals(whole)]
        for same in zip(*fits, strict=True):
            ahead += _ahead(runs.frame[runs.frame["dataset"] == name], np.mean([each.nll for each in same]))
            strengths = sorted({each.strength for each in same if each.strength is not None})
            rows.append(
                {
                    "data set": name,
                    "rival": same[0].name,
                    "fits": len(same),
                    "test accuracy": np.mean([each.accuracy for each in same]),
                    "test NLL (nats)": np.mean([each.nll for each in same]),
                    "macro-F1": np.mean([each.macro_f1 for each in same]),
                    "C": ", ".join(f"{each:g}" for each in strengths) or "–",
                    "chosen on": same[0].chosen_on if strengths else "–",
                }
            )
    if rows:
        show.table(pd.DataFrame(rows), caption="For orientation: rivals without a recurrent network.")
    if ahead:
        show.text(" ".join(ahead))


def _ahead(runs: pd.DataFrame, nll: float) -> list[str]:
    """A sentence where a rival with this test NLL is ahead of none. runs: of one data set, as results.tidy has them."""
    means = runs.groupby(["placement", "rate", "layers"])["nll"].mean().dropna()
    none = means[means.index.get_level_values("placement") == "none"]
    if none.empty or nll >= none.min():
        return []
    name, rate, _ = means.idxmin()
    every = "lower than the mean of every placement and rate" if nll < means.min() else "not lower than every mean"
    return [
        f"On {markdown_safe(runs['dataset'].iloc[0])} a rival without a recurrent network has a test NLL of "
        f"{nll:.3f}, and `none` one of {none.min():.3f}. It is {every} here; the lowest of these is {means.min():.3f} "
        f"(`{name}`, p = {rate_text(rate)})."
    ]
