"""Figures of the mechanisms: what was measured as lines, what a formula says as dots of the same colour.

Each takes a DataFrame of the package mechanisms and returns a matplotlib Figure.
"""

import numpy as np

from ..wording import rate_text
from .style import GREY, PALETTE, legend_below, looks, new_figure, plain, style

_DOTS = 9  # of a formula along a curve


def _formula(axes, x, y, colour, logarithmic=True):
    """A formula's values at a few places along the axis."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    places = np.geomspace(1, len(x), _DOTS) if logarithmic else np.linspace(1, len(x), _DOTS)
    chosen = np.unique(places.round().astype(int) - 1)
    axes.plot(x[chosen], y[chosen], "o", color=colour, markerfacecolor="none", markersize=6, markeredgewidth=1.3)


def _key(figure, lines, columns, formula=True):
    """The legend: the measured lines, as axes or a dictionary of handles, and one open dot for all formulas."""
    from matplotlib.lines import Line2D

    if isinstance(lines, dict):
        labels, handles = list(lines), list(lines.values())
    else:
        handles, labels = lines.get_legend_handles_labels()
    if formula:
        handles.append(Line2D([], [], marker="o", linestyle="", color=GREY, markerfacecolor="none"))
        labels.append("formula")
    legend_below(figure, handles, labels, columns)


def averaging(frame):
    """Per-step over per-sequence variance against the number of steps, a panel a signal; bands are 95 % intervals."""
    look = looks(frame["reader"].unique())
    with style():
        figure, grid = new_figure(5.4, rows=2, sharex=True)
        for axes, (signal, rows) in zip(grid[:, 0], frame.groupby("signal", sort=False), strict=True):
            for reader, (colour, _, line) in look.items():
                of = rows[rows["reader"] == reader]
                axes.fill_between(of["steps"], of["low"], of["high"], color=colour, alpha=0.2, linewidth=0)
                axes.plot(of["steps"], of["ratio"], color=colour, linestyle=line, label=reader)
                if of["formula"].notna().all() and (signal == "constant" or reader == "average"):
                    _formula(axes, of["steps"], of["formula"], colour)
            axes.set(title=f"{signal} signal", ylabel="variance ratio (1)", xscale="log", yscale="log")
        grid[1, 0].set(xlabel="steps T", ylim=grid[0, 0].get_ylim())
        _key(figure, grid[0, 0], 2)
    return figure


def survival(frame):
    """Share of units that still hold the cue against the steps; forms with equal expectations share a line."""
    with style():
        figure, grid = new_figure(4.4)
        axes = grid[0, 0]
        groups = {}
        for form, rows in frame.groupby("form", sort=False):
            groups.setdefault(tuple(rows["expected"].round(12)), []).append((form, rows))
        colours = iter(PALETTE)
        for group in groups.values():
            colour = next(colours)
            for (form, rows), (_, _, line) in zip(group, looks([form for form, _ in group]).values(), strict=True):
                axes.plot(rows["steps"], rows["share"], color=colour, linestyle=line, label=plain(form))
            _formula(axes, rows["steps"], rows["expected"], colour, logarithmic=False)
        axes.set(xlabel="steps T since the cue, its own included", ylabel="share of units that hold it (1)")
        axes.set(ylim=(-0.03, 1.05))
        _key(figure, axes, 2)
    return figure


def gradients(frames, reference):
    """Norm of the margin's gradient by step, a panel for each (title, frame); line: median, band up to the 95th
    percentile. A frame has one curve for each form and rate. reference: a formula's values (T,), for the first panel.
    """
    names = dict.fromkeys(curve_name(*key) for _, frame in frames for key, _ in _curves(frame))
    look = looks(names)
    with style():
        figure, grid = new_figure(0.6 + 2.3 * len(frames), rows=len(frames), sharex=True)
        handles = {}
        for axes, (title, frame) in zip(grid[:, 0], frames, strict=True):
            for key, rows in _curves(frame):
                colour, _, line = look[curve_name(*key)]
                rows = rows[np.isfinite(rows["high"])]
                axes.fill_between(rows["step"], rows["median"], rows["high"], color=colour, alpha=0.15, linewidth=0)
                (handles[curve_name(*key)],) = axes.plot(rows["step"], rows["median"], color=colour, linestyle=line)
            axes.set(title=title, yscale="log", ylabel="norm (logits per input)")
        _formula(grid[0, 0], np.arange(len(reference)), reference, GREY, logarithmic=False)
        grid[-1, 0].set_xlabel("step t (0: the cue)")
        _key(figure, handles, 2)
    return figure


def _curves(frame):
    rows = frame[frame["quantity"] == "margin"]
    return rows.groupby(["form", "rate"], sort=False)


def curve_name(form, rate):
    """'recurrent, p = 0.5', and 'none' alone."""
    return plain(form) if rate == 0 else f"{plain(form)}, p = {rate_text(rate)}"


def moments(frame, enough=10):
    """Second moment of c_T / c_0 with held gates; lines end where fewer than `enough` survivors are expected."""
    look = looks(frame["form"].unique())
    with style():
        figure, grid = new_figure(4.2)
        axes = grid[0, 0]
        for form, (colour, _, line) in look.items():
            rows = frame[frame["form"] == form]
            seen = rows[rows["survivors"] >= enough]
            axes.plot(seen["steps"], seen["second"], color=colour, linestyle=line, label=plain(form))
            _formula(axes, rows["steps"], rows["expected_second"], colour, logarithmic=False)
        axes.set(yscale="log", xlabel="steps T since the cue, its own included", ylabel="second moment of c / c₀ (1)")
        _key(figure, axes, 2)
    return figure


def largest_cell(frame):
    """The largest |c| so far, a panel a forget bias; line: median, band up to the 95th percentile."""
    look = looks(frame["form"].unique())
    with style():
        figure, grid = new_figure(5.2, rows=2, sharex=True)
        for axes, (bias, panel) in zip(grid[:, 0], frame.groupby("bias", sort=False), strict=True):
            for form, (colour, _, line) in look.items():
                rows = panel[panel["form"] == form]
                rows = rows[np.isfinite(rows["median"])]
                band = rows[np.isfinite(rows["high"])]
                axes.fill_between(band["steps"], band["median"], band["high"], color=colour, alpha=0.2, linewidth=0)
                axes.plot(rows["steps"], rows["median"], color=colour, linestyle=line, label=plain(form))
            axes.set(title=f"forget bias {bias:g}", yscale="log", ylabel="largest |c| so far (1)")
        grid[1, 0].set_xlabel("step")
        _key(figure, grid[0, 0], 2, formula=False)
    return figure


def scaling(frame):
    """Mean training output over inference output, a panel a rate; bars are ± two standard errors."""
    rates, sites = list(frame["rate"].unique()), list(frame["site"].unique())
    look = looks(frame["scaling"].unique())
    with style():
        figure, grid = new_figure(3.6, columns=len(rates), sharey=True)
        for axes, rate in zip(grid[0], rates, strict=True):
            for shift, (scale, (colour, marker, _)) in enumerate(look.items()):
                rows = frame[(frame["rate"] == rate) & (frame["scaling"] == scale)]
                place = np.arange(len(sites)) + 0.22 * (shift - 1)
                axes.errorbar(
                    place, rows["slope"], 2 * rows["error"], fmt=marker, color=colour, linestyle="", label=scale
                )
                axes.plot(place, rows["formula"], "_", color=colour, markersize=16)
            axes.axhline(1, color=GREY, linewidth=0.8)
            axes.set(title=f"p = {rate_text(rate)}", xticks=range(len(sites)), xlabel="site")
            axes.set_xticklabels(sites)
        grid[0, 0].set_ylabel("training over inference (1)")
        _key(figure, grid[0, 0], 3, formula=False)
    return figure


def dose(frame, reference, expected):
    """Spread of the logits against the rate, a line a placement; the level is the reference's.

    expected: the formula's values for `output`, one a rate.
    """
    look = looks(frame["placement"].unique())
    with style():
        figure, grid = new_figure(5.2)
        axes = grid[0, 0]
        for name, (colour, marker, line) in look.items():
            rows = frame[frame["placement"] == name]
            axes.plot(rows["rate"], rows["spread"], color=colour, marker=marker, linestyle=line, label=plain(name))
        output = frame[frame["placement"] == "output"]
        axes.plot(output["rate"], expected, "o", color=look["output"][0], markerfacecolor="none", markersize=11)
        axes.axhline(reference, color=GREY, linewidth=0.9)
        axes.set(xscale="log", yscale="log", xlabel="drop rate p", ylabel="spread of the logits")
        rates = sorted(frame["rate"].unique())
        axes.set_xticks(rates, [rate_text(rate) for rate in rates])
        axes.minorticks_off()
        _key(figure, axes, 2)
    return figure


def monte_carlo(frame):
    """Mutual information of every example: masks at each step against masks once a sequence."""
    table = frame.pivot(index="example", columns="sharing", values="mutual_information")
    wrong = frame.groupby("example")["error"].any().reindex(table.index).to_numpy()
    with style():
        figure, grid = new_figure(3.8)
        axes = grid[0, 0]
        for chosen, marker, colour, label in (
            (~wrong, "o", PALETTE[0], "right both times"),
            (wrong, "X", PALETTE[4], "wrong at least once"),
        ):
            rows = table[chosen]
            axes.plot(rows["once a sequence"], rows["each step"], marker, color=colour, alpha=0.7, label=label)
        most = float(table.to_numpy().max())
        axes.plot([0, most], [0, most], color=GREY, linewidth=0.9, label="equal")
        axes.set(xlabel="mutual information, masks once a sequence (nats)", ylabel="masks at each step (nats)")
        _key(figure, axes, 3, formula=False)
    return figure
