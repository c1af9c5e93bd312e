"""What the first cells of notebooks/mechanisms.ipynb show: mechanisms that need no trained network.

The numbers are those of experiments.mechanisms.tables, published or measured; what is read off them is computed here.
"""

import numpy as np
import pandas as pd

from ... import figures
from ...experiments.mechanisms import averaging, survival
from ...experiments.mechanisms.settings import Settings
from ...experiments.mechanisms.tables import Mechanisms, Tables, cell_rate
from ...figures import mechanisms
from ...wording import count, listed, rate_text
from .. import show
from ..bibliography import citation

_POWERS = {"0": "1", "1": "1 − p", "T": "(1 − p)^T"}
_ENOUGH = 10  # survivors that a sample must expect before its moments say anything


def load(settings: Settings) -> Tables:
    """The tables of the page's settings; says whether they are the published ones."""
    tables = Tables(settings)
    published = f"Read from `data/published/{Mechanisms.FILE}`, measured beforehand with these parameters."
    show.text(published if tables.published else "Measured here and now: the published tables have other parameters.")
    return tables


def say_source(keys: str, lead: str = "Where it comes from"):
    """Cite, after a few words. keys: of book/references.bib, separated by commas."""
    show.text(f"{lead}: {citation(keys)}.")


def show_equations(tables: Tables):
    """The map of the sites, and how far the written equations are from the layer, for every placement."""
    show.figure(figures.site_map(), alt=figures.site_map_alt(), caption="Every site at which a dropout mask can sit.")
    given, frame = tables.settings, tables["equations"]
    show.text(
        f"Equations and layer were given the same weights, inputs and masks, at p = {rate_text(given.rate)}. Over "
        f"{count(len(frame), 'placement')} their last outputs differ by at most {frame['difference'].max():.1g}, "
        "which is single precision's rounding; leaving the masks out would change them by at least "
        f"{frame.loc[frame['placement'] != 'none', 'unmasked'].min():.2g}."
    )
    show.table(
        pd.DataFrame(
            {
                "placement": frame["placement"],
                "largest difference": frame["difference"],
                "what the masks change": frame["unmasked"],
                "largest output": frame["size"],
            }
        ),
        caption="Equations against layer, last outputs of a small BiLSTM.",
        folded=True,
    )


def show_averaging(tables: Tables):
    """Variance under per-step masks over variance under per-sequence masks, against the length."""
    given, frame = tables.settings, tables["averaging"]
    at = frame[frame["steps"] == given.long_steps].set_index(["reader", "signal"])

    def said(reader, signal):
        row = at.loc[(reader, signal)]
        return f"{row['ratio']:.2g} ({row['low']:.2g} to {row['high']:.2g})"

    held = frame[frame["formula"].notna() & (frame["signal"] == "constant")]
    inside = ((held["low"] <= held["formula"]) & (held["formula"] <= held["high"])).mean()
    show.figure(
        mechanisms.averaging(frame),
        alt="Variance of the cell under masks at each step over that under masks once a sequence, against the number "
        f"of steps. At {given.long_steps} steps of a constant signal: average {said('average', 'constant')}, "
        f"forgetting {said('forgetting', 'constant')}, as initialised {said('as initialised', 'constant')}. With "
        f"an independent signal: average {said('average', 'independent')}.",
        caption=f"Input masks at p = {rate_text(given.rate)}. Average: f = 1. Forgetting: f held at "
        f"{averaging.forget_of('forgetting'):.2f}, where Keras starts it. As initialised: no gate is held. "
        "Bands are 95 % bootstrap intervals over networks.",
    )
    free = [at.loc[(reader, "independent")] for reader in ("average", "as initialised")]
    one = all(row["low"] <= 1 <= row["high"] for row in free)
    show.text(
        f"After {given.long_steps} steps of a constant signal the ratio of the averaging reader is "
        f"{said('average', 'constant')}, where 1/T is {1 / given.long_steps:.2g}. The forgetting one ends at "
        f"{said('forgetting', 'constant')}, its formula at {at.loc[('forgetting', 'constant'), 'formula']:.2g}. The "
        f"formulas lie within the measured intervals at {100 * inside:.0f} % of the lengths (points of one curve "
        "share their draws, so they miss together). The network as initialised, whose gates are free, ends at "
        f"{said('as initialised', 'constant')}. Where the signal is new at each step the ratio ends at "
        f"{said('average', 'independent')} for the averaging reader and {said('as initialised', 'independent')} for "
        f"the network as initialised, {'both' if one else 'not both'} with 1 in their interval."
    )


def show_survival(tables: Tables):
    """The share of units that still hold a cue, form by form, beside powers of 1 - p."""
    given, frame = tables.settings, tables["survival"]
    last = frame[frame["steps"] == given.steps].set_index("form")
    at_ten = frame[frame["steps"] == 10].set_index("form")
    off = (frame["share"] - frame["expected"]).abs()
    show.figure(
        mechanisms.survival(frame),
        alt=f"Share of units that still hold the cue, against the steps, at p = {rate_text(given.rate)}. After "
        f"{given.steps} steps: " + "; ".join(f"{form} {row.share:.2g}" for form, row in last.iterrows()) + ".",
        caption=f"Gates are held open, p = {rate_text(given.rate)}. Forms in one colour have the same formula, and "
        "most of their lines lie on each other.",
    )
    table = pd.DataFrame(
        {
            "form": last.index,
            "formula": [_POWERS[survival.EXPONENTS[form]] for form in last.index],
            "after 10 steps": [f"{row.share:.3f} ± {row.error:.3f}" for row in at_ten.itertuples()],
            "formula there": [f"{value:.3f}" for value in at_ten["expected"]],
            f"after {given.steps} steps": [f"{row.share:.3f} ± {row.error:.3f}" for row in last.itertuples()],
        }
    )
    show.table(
        table, caption="Share of units that hold more than half of what they hold without dropout (± standard error)."
    )
    show.text(
        f"The largest gap between measured and expected share over all forms and lengths is {off.max():.3f}; the "
        f"largest standard error is {frame['error'].max():.3f}."
    )
    say_source("moon2015, semeniuta2016, cheng2017, krueger2017", "The forms that act inside the cell are from")


def show_explosion(tables: Tables):
    """Second moments of scaled and 0/1 masks on the cell, and the largest cell of ordinary networks."""
    given, frame = tables.settings, tables["held cells"]
    seen = frame[frame["survivors"] >= _ENOUGH]
    apart = ((seen["second"] / seen["expected_second"] - 1).abs() / seen["error"]).max()
    stepwise = seen[seen["form"] == "scaled, each step"].iloc[-1]
    show.figure(
        mechanisms.moments(frame, _ENOUGH),
        alt="Second moment of the cell over its first value, logarithmic, against the steps. After "
        f"{stepwise['steps']:.0f} steps with scaled masks at each step: {stepwise['second']:.3g}, by the formula "
        f"{stepwise['expected_second']:.3g}.",
        caption=f"Held gates, p = {rate_text(given.rate)}. A measured line ends where fewer than {_ENOUGH} units of "
        "the sample are expected to be left; beyond it a sample sees none and its moment is zero.",
    )
    show.text(
        f"Where at least {_ENOUGH} survivors are expected, the second moment is within {apart:.1f} standard errors of "
        f"the formula. With scaled masks at each step the last such length is {stepwise['steps']:.0f}: the mean is "
        f"{stepwise['mean']:.2g} of the first value, by the formula {stepwise['expected_mean']:.2g}, and the second "
        f"moment {stepwise['second']:.3g}, by the formula {stepwise['expected_second']:.3g} (relative standard error "
        f"{100 * stepwise['error']:.0f} %)."
    )
    rate, ordinary = cell_rate(given), tables["ordinary cells"]
    last = ordinary[ordinary["steps"] == given.long_steps]
    show.figure(
        mechanisms.largest_cell(ordinary),
        alt=f"Largest absolute cell so far against the step, at p = {rate_text(rate)}, in networks as initialised. "
        f"After {given.long_steps} steps the medians are: "
        + "; ".join(f"{row.form} with forget bias {row.bias:g}: {row.median:.2g}" for row in last.itertuples())
        + ".",
        caption=f"Nothing is held; p = {rate_text(rate)}, standard normal inputs. A line that stops has become "
        "infinite in single precision.",
    )
    show.table(
        pd.DataFrame(
            {
                "masks on c": last["form"],
                "forget bias": last["bias"],
                "median of the largest |c|": last["median"],
                "95th percentile": last["high"],
                "share of sequences with an infinite cell": last["nonfinite"],
            }
        ),
        caption=f"After {given.long_steps} steps at p = {rate_text(rate)}.",
    )
    forget = 1 / (1 + np.exp(-last["bias"].unique()))
    conditions = "; ".join(
        f"at f = {f:.2f}, f²/(1 − p) is {f * f / (1 - rate):.2f} and f/(1 − p) is {f / (1 - rate):.2f}" for f in forget
    )
    show.text(f"With the forget gates at their bias: {conditions}.")


def show_identity(tables: Tables):
    """The rnnDrop identity: largest differences over random weights and masks."""
    frame = tables["identity"]
    worst = frame.groupby("sharing", sort=False)["difference"].max()
    least = frame[frame["sharing"] == "each step"]["difference"].min()
    show.text(
        f"Over {count(frame['network'].nunique(), 'network')} with random weights, inputs and masks, at p = "
        f"{listed([*map(rate_text, frame['rate'].unique())])}, the last outputs differ by at most "
        f"{worst['once a sequence']:.2g} when the masks hold for the sequence; the outputs themselves reach "
        f"{frame['size'].max():.2g}. With masks drawn anew at each step the largest difference of a network is "
        f"between {least:.2g} and {worst['each step']:.2g}: the identity is one of locked masks."
    )
    say_source("moon2015", "rnnDrop is from")


def show_scaling(tables: Tables):
    """How the mean output in training compares with the output in inference, by site and scaling."""
    frame = tables["scaling"]
    high = frame["rate"].max()
    linear = frame[frame["formula"].notna()]
    off = ((linear["slope"] - linear["formula"]).abs() / linear["error"]).max()
    curved = frame[frame["formula"].isna() & (frame["scaling"] == "inverted") & (frame["rate"] == high)]
    show.figure(
        mechanisms.scaling(frame),
        alt="Mean training output as a multiple of the inference output. "
        + "; ".join(
            f"{row.site}, {row.scaling}, p = {rate_text(row.rate)}: {row.slope:.2f}" for row in frame.itertuples()
        )
        + ".",
        caption="Marks are means over networks as initialised, bars two standard errors to either side. A level dash "
        "is the formula, where there is one.",
    )
    show.text(
        f"At the output the measured multiples are within {off:.1f} standard errors of the formula. Where a "
        f"recurrence follows, inverted masks at p = {rate_text(high)} give "
        + " and ".join(f"{row.slope:.3f} ± {row.error:.3f} at the site {row.site}" for row in curved.itertuples())
        + " (standard errors): how far inference is from the mean of the thinned networks there."
    )
    say_source("srivastava2014")
