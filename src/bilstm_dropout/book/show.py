"""Show figures, tables and text in a notebook as HTML that reads in light and dark, on a phone and aloud.

Figures become inline SVG: their text takes the page's colour (``currentColor``), so nothing needs a pale box
behind it in dark mode, and their words stay words for search and screen readers. The same figure gives the
same bytes every time. Whatever comes from outside (class names, tokens, names of data sets) is escaped here,
and nowhere else.
"""


from __future__ import annotations

import gc

import numpy as np
import pandas as pd
from IPython.display import display

from ..figures.style import frame_of, settings
from ..figures.svg import figure_html
from ..wording import bdi, escape, isolated, minus
from .attached import FILE
from .findings import Finding
from .strip import csv_link, strip_html

_numbers: dict[str, int] = {}  # of this page's figures, by name


def begin() -> None:
    """Start a notebook: the project's look for all that seaborn draws, and figures numbered from 1."""
    import matplotlib

    # Libraries make half a million objects that stay. Looking for garbage among them took a tenth of a notebook's time.
    gc.set_threshold(200_000)
    matplotlib.rcParams.update(settings() | {"figure.figsize": (7, 4.2)})
    np.random.seed(0)  # seaborn puts dots beside each other by it: the same page has the same picture
    _numbers.clear()


def figure(
    picture,
    alt: str,
    caption: str = "",
    *,
    title: str | Finding = "",
    name: str = "",
    data: pd.DataFrame | None = None,
    runs: pd.DataFrame | None = None,
) -> None:
    """Display a picture in the notebook, with what says where it comes from.

    picture: a matplotlib Figure, or what seaborn gives (Axes or a grid). alt: a sentence that says what is seen, read
    aloud in the picture's place. caption: what to see, then how to read it. With a name the figure is numbered, fills
    the column and has a strip below it. title: what it shows; a claim is a `finding(..., shown=False)`. name: small
    letters and '-', of its link and its CSV file. data: what is drawn, as that file. runs: the published rows, or the
    frame of runs made here, that it rests on: how many, of which parts, on which machines. All text is plain.
    ValueError where alt is empty.
    """
    if not alt.strip():
        raise ValueError("a figure needs a description: alt is empty")
    picture = frame_of(picture)
    if not name:
        display_html(figure_html(picture, alt, caption, str(title)), alt)
        return
    number = _numbers.setdefault(name, len(_numbers) + 1)
    strip = strip_html(name, data, runs)
    # Glued under its id, so that another page can show it: `{glue}` with this page's path and the id.
    anchor = f"figure-{name}"
    page = figure_html(picture, alt, caption, str(title), strip, anchor, number)
    display_html(page, alt, {"scrapbook": {"name": anchor, "mime_prefix": ""}})


def _cell(value, digits=None):
    """One table cell as text: numbers with four significant digits or so many decimals, a dash where there is none."""
    if isinstance(value, float):
        return "–" if pd.isna(value) else minus(f"{value:.4g}" if digits is None else f"{value:.{digits}f}")
    if value is None or value is pd.NA:
        return "–"
    return str(value)


def table_html(frame, caption, digits=None, blocks=False):
    """Return a DataFrame as an accessible HTML table, a string.

    The first column names the rows (``<th scope="row">``), numbers align to the right, and on narrow screens
    the table scrolls inside its own box. digits: decimals of its numbers, four significant digits by default. blocks:
    there a row is a block instead, a line a cell with its column's name, so that nothing is off the screen.
    Index and column types do not matter; every cell is escaped.
    """
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]
    align = ["right" if right else "left" for right in numeric]
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{bdi(name)}</th>'
        for name, side in zip(frame.columns, align, strict=True)
    )
    rows = []
    for values in frame.itertuples(index=False, name=None):
        cells = [
            f'<td style="text-align:{side}" data-label="{escape(isolated(name))}">{bdi(_cell(value, digits))}</td>'
            if blocks else f'<td style="text-align:{side}">{bdi(_cell(value, digits))}</td>'
            for name, value, side in zip(frame.columns, values, align, strict=True)
        ]  # fmt: skip
        if values:
            cells[0] = (
                f'<th scope="row" style="text-align:left;font-weight:normal">{bdi(_cell(values[0]))}</th>'
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    label = escape(caption)
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}" style="overflow-x:auto">'
        f'<table class="table{" blocks" * blocks}"><caption>{label}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def table(frame, caption, folded=False, digits=None, blocks=False):
    """Display a DataFrame as an accessible table; see table_html. folded: behind its caption, for long ones."""
    html = table_html(frame, caption, digits, blocks)
    if folded:
        html = f"<details><summary>{escape(caption)}</summary>{html}</details>"
    display_html(html, frame.to_string(index=False))


def csv(frame, name):
    """Display a link to a DataFrame as a CSV file, which the book has beside the page.

    name: small letters, digits, '_' and '-', of the file.
    """
    file, rows = f"{name}.csv", f"{name}.csv: {len(frame):,} rows"
    display_html(f"<p>{csv_link(name, frame, rows)}</p>", rows, {FILE: file})


def text(markdown):
    """Display Markdown. Whatever comes from outside must have gone through ``markdown_safe`` first."""
    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def note(title, body):
    """Display a warning that stands out: a title and a paragraph, both plain text."""
    page = (
        '<div class="admonition warning" role="note">'
        f'<p class="admonition-title"><strong>{escape(title)}</strong></p>'
        f"<p>{escape(body)}</p></div>"
    )
    display_html(page, f"{title}. {body}")


def display_html(page, plain, metadata=None):
    """Display finished HTML, and `plain` where no HTML is shown. Whatever comes from outside is escaped in `page`."""
    display({"text/html": page, "text/plain": plain}, raw=True, metadata=metadata or {})
