"""How seconds grow with the length of a sequence, the size of a network and the number of rows."""


from .style import GREY, MARKERS, PALETTE, new_figure, style


def growth(found, titles):
    """A panel for each size that grows: median seconds of a run, with a line in proportion to the size.

    found: rows of scaling.seconds. titles: of its axes.
    """
    panels = list(dict.fromkeys(found["axis"]))
    with style():
        figure, axes = new_figure(2.9, 1, len(panels), sharey=True)
        for number, (axis, name) in enumerate(zip(axes[0], panels, strict=True)):
            mine = found[found["axis"] == name]
            axis.plot(mine["value"], mine["seconds"], marker=MARKERS[number], color=PALETTE[number])
            middle = len(mine) // 2
            ratio = mine["value"] / mine["value"].iloc[middle]
            axis.plot(mine["value"], ratio * mine["seconds"].iloc[middle], color=GREY, linestyle=(0, (4, 2)), zorder=0)
            axis.set_xscale("log", base=2)
            axis.set_yscale("log")
            axis.set_xticks(mine["value"], [str(value) for value in mine["value"]], rotation=90)
            axis.set_xlabel(titles[name])
        axes[0, 0].set_ylabel("seconds a run")
    return figure
