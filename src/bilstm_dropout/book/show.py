"""Show figures, tables and text in a notebook as HTML that reads in light and dark, on a phone and aloud.

Figures become inline SVG: their text takes the page's colour (``currentColor``), so nothing needs a pale box
behind it in dark mode, and their words stay words for search and screen readers. The same figure gives the
same bytes every time. Whatever comes from outside (class names, tokens, names of data sets) is escaped here,
and nowhere else.
"""

import html
import io
import re
from collections import Counter
from hashlib import sha256
from xml.etree import ElementTree

import pandas as pd

# Figures draw text, axes and ticks in this colour; it stands for the page's own text colour.
TEXT_COLOUR = "#010203"
# Where the column is narrower than a figure the SVG shrinks, but never so far that its smallest text falls
# below this.
LEAST_TEXT_PIXELS = 9.0
# A figure whose least width fits here never scrolls, on any phone.
PHONE_PIXELS = 340
PIXELS_PER_POINT = 96 / 72

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)\"']+)\)")
_FONT = re.compile(r"(font:[^;']*?\d+(?:\.\d+)?px) [^;]*")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT_SIZE = re.compile(r"font:[^;']*?(\d+(?:\.\d+)?)px")
# Characters that a label may carry and XML may not.
_NOT_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufffe\\uffff]")
# How often the same picture was shown by this process: a second copy on a page needs ids of its own.
_shown = Counter()


def _raw_svg(figure):
    """The figure as matplotlib writes it: text as text, no date, ids from a fixed salt."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "bilstm-dropout"}):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return _NOT_XML.sub("", buffer.getvalue())


def _with_own_ids(root, prefix):
    """Drop ids that nothing refers to and rename the others, so that two figures on one page never share
    one.
    """
    names = {}
    for element in root.iter():
        for value in element.attrib.values():
            for name in _REFERENCE.findall(value):
                names.setdefault(name, f"{prefix}-{len(names)}")
        link = element.get(_LINK, "")
        if link.startswith("#"):
            names.setdefault(link[1:], f"{prefix}-{len(names)}")
    for element in root.iter():
        link = element.attrib.pop(_LINK, None)
        if link is not None:  # a plain href: the xlink form is deprecated, and needs a namespace
            element.set("href", f"#{names[link[1:]]}" if link.startswith("#") else link)
        if "id" in element.attrib:
            name = element.attrib.pop("id")
            if name in names:
                element.set("id", names[name])
        for key, value in element.attrib.items():
            element.set(key, _REFERENCE.sub(lambda match: f"url(#{names[match[1]]})", value))


def svg(figure, alt):
    """Return the figure as one ``<svg role="img">`` element, a string without an XML prolog.

    Parameters: ``figure``, a matplotlib Figure; ``alt``, what it shows in words, read aloud in its place.
    The element fills its column up to its natural width, keeps its viewBox, and has ids that no other figure
    has.
    """
    source = _raw_svg(figure)
    root = ElementTree.fromstring(source)
    for parent in list(root.iter()):
        for child in list(parent):
            # matplotlib's <style> would apply to the whole page; its two rules move to the root element
            # below.
            if child.tag in (f"{_SVG}metadata", f"{_SVG}style") or child.tag.endswith("}metadata"):
                parent.remove(child)
    digest = sha256((source + alt).encode()).hexdigest()[:10]
    _shown[digest] += 1
    _with_own_ids(root, f"f{digest}" if _shown[digest] == 1 else f"f{digest}-{_shown[digest]}")
    sizes = []
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if "d" in element.attrib:  # a hundredth of a point is finer than any screen, and halves the size
            element.set("d", _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.2f}", element.get("d")))
        style = element.get("style")
        if style:
            sizes += [float(size) for size in _FONT_SIZE.findall(style)]
            style = style.replace(TEXT_COLOUR, "currentColor")
            element.set("style", _FONT.sub(r"\1 var(--pst-font-family-base, sans-serif)", style))
    natural = float(root.get("width").removesuffix("pt")) * PIXELS_PER_POINT
    least = natural * min(1.0, LEAST_TEXT_PIXELS / (min(sizes) * PIXELS_PER_POINT)) if sizes else 0.0
    least = 0.0 if least <= PHONE_PIXELS else least
    box = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update(
        {
            "role": "img",
            "aria-label": _printable(alt),
            "viewBox": box,
            "width": "100%",
            "style": f"max-width:{natural:.0f}px;min-width:{least:.0f}px;height:auto;"
            "stroke-linejoin:round;stroke-linecap:butt",
        }
    )
    root.tail = None
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def figure_html(figure, alt, caption=""):
    """Return ``<figure>`` with the SVG, its description and its caption (plain text, escaped) as an HTML
    string.
    """
    drawing = svg(figure, alt)
    scrolls = "min-width:0px" not in drawing
    focus = f' tabindex="0" role="region" aria-label="{escape(alt)}"' if scrolls else ""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure role="group" style="margin:1rem 0"><div style="overflow-x:auto"{focus}>{drawing}</div>'
        f"{below}</figure>"
    )


def show(figure, alt, caption=""):
    """Display a matplotlib Figure in the notebook.

    Parameters: ``alt``, a sentence saying what is seen (required: it is read aloud in the picture's place);
    ``caption``, shown below. Both are plain text. Raises ValueError where ``alt`` is empty.
    """
    if not alt.strip():
        raise ValueError("a figure needs a description: alt is empty")
    _display(figure_html(figure, alt, caption), alt)


def _printable(text):
    """Text without the control characters that neither XML nor HTML allows."""
    return "".join(character for character in str(text) if character.isprintable() or character in "\n\t")


def escape(text):
    """Text from outside, made safe for HTML: tags, quotes and control characters."""
    return html.escape(_printable(text), quote=True)


def _cell(value):
    """One table cell as text: numbers with four significant digits, a dash where there is nothing."""
    if isinstance(value, float):
        return "–" if pd.isna(value) else f"{value:.4g}".replace("-", "−")
    if value is None or value is pd.NA:
        return "–"
    return str(value)


def table_html(frame, caption):
    """Return a DataFrame as an accessible HTML table, a string.

    The first column names the rows (``<th scope="row">``), numbers align to the right, and on narrow screens
    the table scrolls inside its own box. Index and column types do not matter; every cell is escaped.
    """
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]
    align = ["right" if right else "left" for right in numeric]
    head = "".join(
        f'<th scope="col" style="text-align:{side}">{escape(name)}</th>'
        for name, side in zip(frame.columns, align, strict=True)
    )
    rows = []
    for values in frame.itertuples(index=False, name=None):
        cells = [
            f'<td style="text-align:{side}">{escape(_cell(value))}</td>'
            for value, side in zip(values, align, strict=True)
        ]
        if values:
            cells[0] = (
                f'<th scope="row" style="text-align:left;font-weight:normal">{escape(_cell(values[0]))}</th>'
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    label = escape(caption)
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}" style="overflow-x:auto">'
        f'<table class="table"><caption>{label}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def table(frame, caption, folded=False):
    """Display a DataFrame as an accessible table; see table_html. folded: behind its caption, for long ones."""
    html = table_html(frame, caption)
    if folded:
        html = f"<details><summary>{escape(caption)}</summary>{html}</details>"
    _display(html, frame.to_string(index=False))


def text(markdown):
    """Display Markdown. Whatever comes from outside must have gone through ``markdown_safe`` first."""
    from IPython.display import display

    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


def note(title, body, kind="warning"):
    """Display a box that stands out: a title and a paragraph, both plain text. ``kind``: 'warning' or
    'note'.
    """
    page = (
        f'<div class="admonition {kind}" role="note">'
        f'<p class="admonition-title"><strong>{escape(title)}</strong></p>'
        f"<p>{escape(body)}</p></div>"
    )
    _display(page, f"{title}. {body}")


def markdown_safe(value):
    """Text from outside for use inside Markdown: HTML is escaped, and every character with a meaning is
    quoted.
    """
    quoted = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", _printable(value).replace("\n", " "))
    return html.escape(quoted, quote=False)


def _display(page, plain):
    from IPython.display import display

    display({"text/html": page, "text/plain": plain}, raw=True)
