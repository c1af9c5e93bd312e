"""Figures of results for one placement: learning curves, dose and response, how predictions change.

Each takes a tidy DataFrame (results.tidy makes them) and returns a matplotlib Figure. Runs that diverged have
values that are not finite; they are left out here and counted in the text beside the figure.
"""

from math import ceil

import numpy as np

from ..wording import rate_text
from .style import GREY, PALETTE, legend_below, looks, new_figure, plain, style

NONE_LOOK = (GREY, "X", "-")


def log_axis(axes):
    """A logarithmic y axis with plain numbers at as many ticks as fit."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    ratio = high / max(low, 1e-12)
    steps = (1,) if ratio > 200 else (1, 2, 5) if ratio > 8 else (1, 1.5, 2, 3, 4, 5, 6, 8)
    axes.yaxis.set_major_locator(LogLocator(subs=steps, numticks=9))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())


def _finite(frame, column):
    return frame[np.isfinite(frame[column].to_numpy(dtype=float))]


def learning_curves(curves, watched):
    """Training and watched NLL against the epoch, on one data set.

    Parameters: ``curves``, columns rate (0 is ``none``), seed, epoch, train_nll, watch_nll; ``watched``, the
    name of the split that was watched, 'validation' or 'test'. A line is the mean over the seeds, its band
    reaches from the lowest to the highest seed; the NLL axes are logarithmic.
    """
    rates = sorted(curves["rate"].unique())
    look = {rate: NONE_LOOK for rate in rates if rate == 0} | looks(rate for rate in rates if rate > 0)
    with style():
        figure, grid = new_figure(5.4, rows=2, sharex=True)
        for axes, column, title in (
            (grid[0, 0], "train_nll", "training"),
            (grid[1, 0], "watch_nll", watched),
        ):
            for rate in rates:
                rows = _finite(curves[curves["rate"] == rate], column)
                rows = rows[rows[column] > 0]
                if rows.empty:
                    continue
                summary = rows.groupby("epoch")[column].agg(["mean", "min", "max"])
                colour, _, line = look[rate]
                axes.fill_between(
                    summary.index, summary["min"], summary["max"], color=colour, alpha=0.2, linewidth=0
                )
                axes.plot(
                    summary.index,
                    summary["mean"],
                    color=colour,
                    linestyle=line,
                    label="none" if rate == 0 else f"p = {rate_text(rate)}",
                )
            axes.set(title=title, ylabel="NLL (nats)")
            log_axis(axes)
        grid[1, 0].set_xlabel("epoch")
        legend_below(figure, *grid[0, 0].get_legend_handles_labels(), columns=4)
    return figure


def _against_rate(axes, frame, column, scale=1.0):
    """Dots for seeds and a line through the means of the rates above 0; rate 0 (``none``) as dots and a level
    band.
    """
    frame = _finite(frame, column)
    none, dropped = frame[frame["rate"] == 0], frame[frame["rate"] > 0]
    if len(none):
        values = scale * none[column]
        axes.axhspan(values.min(), values.max(), color=GREY, alpha=0.2, linewidth=0)
        axes.axhline(values.mean(), color=GREY, linewidth=1.2)
        axes.plot(
            np.zeros(len(none)), values, NONE_LOOK[1], color=GREY, markeredgewidth=0, label="none, a seed"
        )
    if len(dropped):
        means = scale * dropped.groupby("rate")[column].mean()
        axes.plot(means.index, means, "-", color=PALETTE[0], label="mean")
        axes.plot(
            dropped["rate"],
            scale * dropped[column],
            "o",
            color=PALETTE[0],
            markeredgewidth=0,
            alpha=0.75,
            label="a seed",
        )
    axes.set_xlim(-0.04, max(0.1, float(frame["rate"].max()) if len(frame) else 0.1) * 1.08 + 0.01)


def _by_dataset(frame, names, left, right):
    """A row of two panels for each data set; ``left`` and ``right`` draw them, given axes and the set's
    rows.
    """
    with style():
        figure, grid = new_figure(0.5 + 2.15 * len(names), rows=len(names), columns=2, sharex="row")
        handles = {}
        for row, name in zip(grid, names, strict=True):
            rows = frame[frame["dataset"] == name]
            left(row[0], rows, name)
            right(row[1], rows, name)
            row[0].set_title(plain(name, 24))
            for axes in row:
                axes.locator_params(nbins=5)
                handles |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        for axes in grid[-1]:
            axes.set_xlabel("drop rate p")
        legend_below(figure, list(handles.values()), list(handles), columns=3)
    return figure


def dose_response(frame, names):
    """Test NLL and accuracy against the drop rate: a row a data set, all seeds as dots, ``none`` as the band
    at rate 0.

    Parameters: ``frame``, columns dataset, rate (0 is ``none``), seed, nll, accuracy; ``names``, the data
    sets in order.
    """

    def left(axes, rows, name):
        _against_rate(axes, rows, "nll")
        axes.set_ylabel("test NLL (nats)")

    def right(axes, rows, name):
        _against_rate(axes, rows, "accuracy", scale=100)
        axes.set_ylabel("test accuracy (%)")

    return _by_dataset(frame, names, left, right)


def prediction_changes(frame, between_seeds, names):
    """How predictions change: churn against ``none`` of the same seed, beside the churn that another seed
    alone brings; and the signed calibration gap, mean confidence minus accuracy.

    Parameters: ``frame``, columns dataset, rate (0 is ``none``), seed, churn (NaN at rate 0), gap;
    ``between_seeds``, for each data set the churn between every two seeds of ``none``, an array; ``names``,
    the data sets in order.
    """

    def left(axes, rows, name):
        _against_rate(axes, rows[rows["rate"] > 0], "churn", scale=100)
        pairs = 100 * np.asarray(between_seeds.get(name, ()), dtype=float)
        if pairs.size:
            axes.axhspan(pairs.min(), pairs.max(), color=GREY, alpha=0.2, linewidth=0)
            axes.axhline(pairs.mean(), color=GREY, linewidth=1.2)
            axes.plot(
                np.zeros(pairs.size), pairs, "+", color=GREY, markeredgewidth=1.5, label="none, two seeds"
            )
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
        axes.set_ylabel("predictions\nchanged (%)")

    def right(axes, rows, name):
        _against_rate(axes, rows, "gap", scale=100)
        axes.axhline(0, linewidth=0.8, linestyle=(0, (2, 2)), color=PALETTE[1], label="calibrated")
        axes.set_ylabel("confidence −\naccuracy (%)")

    return _by_dataset(frame, names, left, right)


_COLUMNS = 2


def series_examples(inputs, lengths, titles):
    """Series as they are read, the features as lines against the step.

    Parameters: ``inputs``, (N, T, F); ``lengths``, (N,), the steps to draw of each; ``titles``, a text a series. All
    panels share their axes.
    """
    rows = ceil(len(titles) / _COLUMNS)
    with style():
        figure, grid = new_figure(
            0.5 + 1.3 * rows, rows=rows, columns=min(_COLUMNS, len(titles)), sharex=True, sharey=True
        )
        panels = grid.ravel()
        for axes, series, length, title in zip(panels, inputs, lengths, titles, strict=False):
            steps = range(1, int(length) + 1)
            for feature, values in enumerate(series[:length].T):
                colour, marker = PALETTE[feature % len(PALETTE)], "." if length == 1 else None
                axes.plot(steps, values, color=colour, marker=marker, linewidth=0.9)
            axes.set_title(plain(title, 34), weight="normal")
            axes.locator_params(nbins=4)
        for axes in panels[len(titles) :]:
            axes.set_visible(False)
        for axes in panels[max(0, len(titles) - grid.shape[1]) : len(titles)]:  # the lowest of each column
            axes.set_xlabel("step")
            axes.tick_params(labelbottom=True)
        for axes in grid[:, 0]:
            axes.set_ylabel("value")
    return figure
