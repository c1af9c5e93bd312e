"""Figures as inline SVG that reads in light and dark, on a phone and aloud."""

from __future__ import annotations

import io
import re
from collections import Counter
from hashlib import sha256
from xml.etree import ElementTree

from ..wording import escape, isolated

# Figures draw text, axes and ticks in this colour; it stands for the page's own text colour.
TEXT_COLOUR = "#010203"
# Each family of sites (figures.colours) has its own; the page may give it another by this variable, as in dark mode.
SITE_COLOURS = {"input": "#1f74b8", "recurrent": "#b05e00", "output": "#0b8468", "cell and gates": "#7a1f62"}
ON_SITE = "#fffffe"  # what is written on a mark of such a colour
# The page's variable for each, and what it is where the page has none. A picture defines short names for them once.
VARIABLES = {ON_SITE: ("on-site", "#ffffff")} | {
    colour: (f"site-{name.replace(' ', '-')}", colour) for name, colour in SITE_COLOURS.items()
}
_SHORT = {colour: f"--c{number}" for number, colour in enumerate(VARIABLES)}

# Where the column is narrower than a figure the SVG shrinks, but never so far that its smallest text falls
# below this.
LEAST_TEXT_PIXELS = 7.0
# A figure whose least width fits here keeps to the column; style.css gives long ones more on a phone.
PHONE_PIXELS = 355
PIXELS_PER_POINT = 96 / 72
COLUMN_PIXELS = 760  # the book's column
_LONG = 130  # letters of a title, about two lines on a screen
_FIRST = re.compile(r".{30,}?[.;:](?= )", re.DOTALL)  # the first sentence or half of one
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_REFERENCE = re.compile(r"url\(#([^)\"']+)\)")
_NEEDLESS = re.compile(r"(font-family: [^;]*|text-anchor: start|stroke-dashoffset: 0)(; *|$)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_COORDINATES = {"d", "x", "y", "transform"}
_FONT_SIZE = re.compile(r"font-size: (\d+(?:\.\d+)?)px")
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


def _unwrap(element):
    """Put what groups without attributes hold in their place: matplotlib wraps each mark in one or two."""
    children = []
    for child in list(element):
        _unwrap(child)
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    element[:] = children


def svg(figure, alt, widest=None):
    """Return the figure as one ``<svg role="img">`` element, a string without an XML prolog.

    Parameters: ``figure``, a matplotlib Figure; ``alt``, what it shows in words, read aloud in its place; ``widest``,
    pixels up to which it may grow beyond its natural width.
    The element fills its column up to its natural width, keeps its viewBox, and has ids that no other figure
    has.
    """
    source = _raw_svg(figure)
    root = ElementTree.fromstring(source)
    for parent in list(root.iter()):
        for child in list(parent):
            # matplotlib's <style> would apply to the whole page; its two rules move to the root element
            # below. What is neither filled nor drawn, such as a masked cell of a grid, is not there.
            unseen = child.tag == f"{_SVG}path" and child.get("style") == "fill: none"
            if unseen or child.tag in (f"{_SVG}metadata", f"{_SVG}style") or child.tag.endswith("}metadata"):
                parent.remove(child)
    digest = sha256((source + alt).encode()).hexdigest()[:10]
    _shown[digest] += 1
    _with_own_ids(root, f"f{digest}" if _shown[digest] == 1 else f"f{digest}-{_shown[digest]}")
    sizes, used = [], {}
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        for key in _COORDINATES & element.attrib.keys():
            short = _LONG_NUMBER.sub(_short, element.get(key))
            element.set(key, " ".join(short.split()))
        if element.get("transform", "").startswith("rotate(-0 "):  # level text, which is most of it
            del element.attrib["transform"]
        if element.tag != "text" and not (element.text or "").strip():
            element.text = None  # line ends and blanks between elements
        if element.text:
            element.text = isolated(element.text)
        if not (element.tail or "").strip():
            element.tail = None
        style = element.get("style")
        if style:
            sizes += [float(size) for size in _FONT_SIZE.findall(style)]
            style = style.replace(TEXT_COLOUR, "currentColor")
            for colour, name in _SHORT.items():
                if colour in style:
                    style, used[colour] = style.replace(colour, f"var({name})"), name
            element.set("style", _NEEDLESS.sub("", style))  # the whole picture has one font, the page's
    _unwrap(root)
    natural = float(root.get("width").removesuffix("pt")) * PIXELS_PER_POINT
    least = natural * min(1.0, LEAST_TEXT_PIXELS / (min(sizes) * PIXELS_PER_POINT)) if sizes else 0.0
    least = 0.0 if least <= PHONE_PIXELS else least
    own = "".join(f";{name}:var(--{','.join(VARIABLES[colour])})" for colour, name in sorted(used.items()))
    box = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update(
        {
            "role": "img",
            "aria-label": isolated(alt),
            "viewBox": box,
            "width": "100%",
            "style": f"max-width:{max(natural, widest or 0):.0f}px;min-width:{least:.0f}px;height:auto;"
            "stroke-linejoin:round;stroke-linecap:butt;font-family:var(--pst-font-family-base,sans-serif)" + own,
        }
    )
    root.tail = None
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def figure_html(figure, alt, caption="", title="", strip="", anchor="", number=0):
    """Return ``<figure>`` with the SVG, its description and its caption as an HTML string.

    ``caption`` and ``title`` (above the picture) are plain text, escaped here; ``strip`` is finished HTML, below all.
    ``anchor``: an id that links can name; a figure with one fills the column. ``number``: before the title; 0 for none.
    """
    drawing = svg(figure, alt, COLUMN_PIXELS if anchor else None)
    scrolls = "min-width:0px" not in drawing
    focus = f' tabindex="0" role="region" aria-label="{escape(alt)}"' if scrolls else ""
    before = f'<span class="figure-number">Figure {number}. </span>' if number else ""
    above = f'<p class="figure-title">{before}{_title(title)}</p>' if title or number else ""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    named = f' id="{escape(anchor)}" class="study-figure"' if anchor else ""
    return (
        f'<figure role="group"{named} style="margin:1rem 0">{above}<div style="overflow-x:auto"{focus}>{drawing}</div>'
        f"{below}{strip}</figure>"
    )


def _title(text: str) -> str:
    """A title as HTML. What follows the first sentence, or half of one, of a long title is marked to stand out less."""
    end = _FIRST.match(text)
    if len(text) <= _LONG or not end:
        return escape(text)
    return f'{escape(end[0])}<span class="figure-more">{escape(text[end.end():])}</span>'


def _short(match: re.Match) -> str:
    """A number as short as a screen needs it: a tenth of a point, and a hundredth within what is as small as a mark."""
    value = float(match[0])
    return f"{value:.{2 if abs(value) < 10 else 1}f}"
