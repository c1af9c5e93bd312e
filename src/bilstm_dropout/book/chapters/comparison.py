"""What notebooks/comparison.ipynb shows of a reader's own runs, from the store alone."""

import pandas as pd

from ...errors import UserError, unknown
from ...results import tidy
from ...results.rows import SCHEMA, row_of
from ...runs.config import applies
from ...runs.sweep import Sweep
from ...study.profiles import allowed
from ...wording import count, listed, markdown_safe, rate_text
from .. import show
from .parameters import chosen_placements, without_aliases
from .runs import Results, middle_rate, stored, test_labels


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
