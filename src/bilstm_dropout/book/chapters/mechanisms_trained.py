"""What the last cells of notebooks/mechanisms.ipynb show: mechanisms measured on networks trained in seconds."""

import numpy as np
import pandas as pd

from ...dropout.placements import resolve
from ...experiments.mechanisms import dose, monte_carlo
from ...experiments.mechanisms.tables import TRAINED, Tables, passes
from ...figures import mechanisms
from ...wording import rate_text
from .. import show
from .mechanisms import say_source


def show_gradients(tables: Tables):
    """Gradient norms by step: as initialised, after training without dropout, and with it."""
    given, both = tables.settings, tables["gradients"]
    frames = [(network, both[both["network"] == network]) for network in TRAINED]
    margin = frames[0][1].query("quantity == 'margin'")
    none = margin[margin["form"] == "none"]["median"].to_numpy()
    forget = 1 / (1 + np.exp(-1))
    reference = none[-1] * forget ** np.arange(given.steps - 1, -1, -1)
    show.figure(
        mechanisms.gradients(frames, reference),
        alt="Norm of the margin's gradient at the input of each step, logarithmic. As initialised, at step 0, medians: "
        + "; ".join(
            f"{mechanisms.curve_name(row.form, row.rate)} {row.median:.1e}"
            for row in margin[margin["step"] == 0].itertuples()
        )
        + ".",
        caption=f"Median over {given.draws} draws for each of {len(given.seeds)} networks; the band reaches up to the "
        f"95th percentile. Dots: f^(T − 1 − t) with f = {forget:.2f}, the way through the cell alone.",
    )
    first = both[both["step"] == 0]
    wide = first.pivot(index=["network", "form", "rate"], columns="quantity", values=["median", "high"])
    wide = wide.reindex(pd.MultiIndex.from_frame(first[["network", "form", "rate"]].drop_duplicates()))
    show.table(
        pd.DataFrame(
            {
                "masks": [mechanisms.curve_name(form, rate) for _, form, rate in wide.index],
                "network": [network for network, _, _ in wide.index],
                "loss: median": wide[("median", "loss")].to_numpy(),
                "loss: 95 %": wide[("high", "loss")].to_numpy(),
                "margin: median": wide[("median", "margin")].to_numpy(),
                "margin: 95 %": wide[("high", "margin")].to_numpy(),
            }
        ),
        caption=f"Gradient norms at the cue, {given.steps - 1} steps before the last.",
    )
    _say_gradients(tables, both[both["quantity"] == "margin"], none, reference)


def _say_gradients(tables, margin, none, reference):
    given = tables.settings
    high = given.high_rates[0]
    at = margin[margin["step"] == 0].set_index(["network", "form", "rate"])
    start = at.loc["as initialised"]
    base = start.loc[("none", 0.0), "median"]
    lines = []
    for rate in given.high_rates:
        row = start.loc[("recurrent", rate)]
        grows = "is larger than" if row["high"] > none[-1] else "stays below"
        lines.append(
            f"at p = {rate_text(rate)} the median at the cue is {_times(row['median'], base)} (medians of single "
            f"networks reach from {row['least']:.1e} to {row['most']:.1e}), and the 95th percentile, "
            f"{row['high']:.2g}, {grows} the norm at the last step, {none[-1]:.2g}"
        )
    stepwise = _times(start.loc[("recurrent-stepwise", high), "median"], base)
    wiped = _times(start.loc[("cell-stepwise", given.rate), "median"], base)
    trained = at.loc["trained without dropout, masks put on"]
    masked, plain = trained.loc[("recurrent", high)], trained.loc[("none", 0.0)]
    accuracies = {name: rows.to_list() for name, rows in tables["recalled"].groupby("trained_with")["accuracy"]}
    show.text(
        f"Recurrent masks that hold for the sequence, as initialised: {'; '.join(lines)}. Drawn anew at each step the "
        f"median is {stepwise} (p = {rate_text(high)}), and where masks wipe the cell it is {wiped} (p = "
        f"{rate_text(given.rate)})."
    )
    apart = ((none > 2 * reference) | (none < reference / 2))[::-1]
    near = int(np.argmax(apart)) if apart.any() else len(apart)
    show.text(
        f"The way through the cell alone gives {reference[0]:.1e} at the cue; measured without dropout it is "
        f"{base:.1e}. They stay within a factor of two of each other over the last {near} steps. The difference is "
        "the ways through h, which the formula leaves out."
    )
    shares = accuracies["none"] + accuracies["recurrent"]
    kept = "A small gradient is no lost memory: on" if min(shares) > 0.9 else "On"
    show.text(
        f"After training without dropout, with recurrent masks at p = {rate_text(high)} the median at the cue is "
        f"{_times(masked['median'], plain['median'])}, and the 95th percentile is "
        f"{_times(masked['high'], plain['high'])}. {kept} {given.steps} steps the trained networks name the cue in "
        f"{_percent(accuracies['none'])} (without dropout) and {_percent(accuracies['recurrent'])} (with it) of the "
        "test sequences, one number a seed."
    )


def _times(value, base):
    if base == 0:  # a gradient too small for single precision
        return f"{value:.1e} (without dropout single precision leaves nothing)"
    return f"{value / base:.3g} times that without dropout"


def _percent(shares):
    return ", ".join(f"{100 * share:.0f} %" for share in shares)


def show_dose(tables: Tables):
    """Spread of a trained network's logits by placement and rate, and the rates of equal spread."""
    frame = tables["doses"]
    table = dose.matched(frame)
    name, rate = dose.REFERENCE
    level = frame[(frame["placement"] == name) & (frame["rate"] == rate)]["spread"].iloc[0]
    output = frame[frame["placement"] == "output"]
    expected = tables["doses at output"]["expected"].to_numpy()
    off = np.abs(output["spread"] / expected - 1).max()
    same = frame[np.isclose(frame["rate"], rate)].sort_values("spread")
    least, most = same.iloc[0], same.iloc[-1]
    show.figure(
        mechanisms.dose(frame, level, expected),
        alt="Spread of the logits against the drop rate, both logarithmic, a line a placement. At p = "
        f"{rate_text(rate)} it reaches from {least['spread']:.2g} ({least['placement']}) to {most['spread']:.2g} "
        f"({most['placement']}).",
        caption="Standard deviation of the centred logits over mask draws, on one network trained without dropout. "
        f"The level line is the spread of {name} at p = {rate_text(rate)}.",
    )
    show.table(
        pd.DataFrame(
            {
                "placement": table["placement"],
                f"p with the spread of {name} at {rate_text(rate)}": table["rate"],
                "least spread": table["least"],
                "greatest spread": table["most"],
            }
        ),
        caption="Rates of equal dose, interpolated; a dash where the spread lies outside what the rates reach.",
    )
    falling = [
        each
        for each, rows in frame.groupby("placement", sort=False)
        if rows.sort_values("rate")["spread"].idxmax() != rows.sort_values("rate").index[-1]
    ]
    text = (
        f"At the same p = {rate_text(rate)} the spread differs by a factor of {most['spread'] / least['spread']:.2g} "
        f"between `{least['placement']}` and `{most['placement']}`."
    )
    zero_one = all(term.scaling != "inverted" for each in falling for term in resolve(each).terms)
    if falling:
        names = ", ".join(f"`{each}`" for each in falling)
        why = ": their 0/1 masks make what they mask smaller as well as noisier" if zero_one else ""
        text += f" It need not grow with p: the largest rate does not give the largest spread of {names}{why}."
    text += f" At the output, where the head is linear, the measured spread is within {100 * off:.0f} % of the formula."
    show.text(text + " One trained network is behind these numbers; another has others.")


def show_monte_carlo(tables: Tables):
    """Mutual information with masks once a sequence and with masks at each step, on one trained network."""
    given, frame = tables.settings, tables["monte carlo"]
    means = frame.groupby("sharing")[["spread", "entropy", "mutual_information"]].mean()
    ratios = {column: monte_carlo.ratio(frame, column) for column in means.columns}
    value, low, high = ratios["mutual_information"]
    show.figure(
        mechanisms.monte_carlo(frame),
        alt="Mutual information of every example, masks at each step against masks once a sequence. Mean: "
        f"{means.loc['each step', 'mutual_information']:.3f} against "
        f"{means.loc['once a sequence', 'mutual_information']:.3f} nats.",
        caption=f"One network trained with variational dropout at p = {rate_text(given.rate)}; {passes(given)} "
        "draws; a dot is a test example of JapaneseVowels.",
    )
    show.table(
        pd.DataFrame(
            {
                "measure": ["spread of the logits", "predictive entropy (nats)", "mutual information (nats)"],
                **{sharing: means.loc[sharing].to_numpy() for sharing in monte_carlo.SHARINGS},
                "ratio": [f"{ratio:.2f} ({least:.2f} to {most:.2f})" for ratio, least, most in ratios.values()],
            }
        ),
        caption="Means over the test examples; the ratio is each step over once a sequence, with a 95 % bootstrap "
        "interval.",
    )
    verdict = "less" if high < 1 else "more" if low > 1 else "no clearly different amount of"
    show.text(
        f"Masks at each step give {verdict} mutual information than masks once a sequence: {value:.2f} of it "
        f"({low:.2f} to {high:.2f}). Network, sites, rate and number of draws are the same. The interval is over "
        "examples; with one network it says nothing of others."
    )
    say_source("gal2016", "Masks that stay, and their draws as a sample of networks, are from")
