"""Small pictures of single examples: a panel a series, a line a feature."""

from math import ceil

from .style import PALETTE, new_figure, plain, style

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
