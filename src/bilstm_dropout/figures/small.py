"""A small drawing of a BiLSTM classifier with the sites of one placement marked: what a card has room for.

From left to right: words become vectors, a cell reads them and its own last output, a second layer may follow, and a
head decides. Written as SVG by hand, some hundred bytes a site, because a page has one for each placement.
"""

from __future__ import annotations

from ..dropout.terms import SITES, Placement
from ..wording import escape, listed
from .colours import family_of_site
from .svg import SITE_COLOURS

WIDTH, HEIGHT = 300, 118
# Where each site lies, in pixels; a test holds this against terms.SITES.
PLACES = {
    "embedding": (22, 74), "input": (58, 74), "weights": (100, 20), "recurrent": (132, 20), "gates": (102, 62),
    "candidate": (102, 86), "cell": (134, 62), "hidden": (134, 86), "between": (190, 74), "output": (252, 74),
}  # fmt: skip
_FRAME = (
    '<path d="M30 74H78M156 74H206M238 74H276"/><path d="M156 50V20H86V50" stroke-dasharray="3 3"/>'
    '<rect x="78" y="46" width="78" height="56" rx="6"/>'
    '<rect x="206" y="58" width="32" height="32" rx="5" stroke-dasharray="3 3"/><path d="M276 62v24"/>'
)
_RADIUS, _MASKED_RADIUS = 3, 6.5


def small_map(place: Placement) -> str:
    """One `<svg role="img">` of WIDTH x HEIGHT pixels: a coloured mark and a name on each site that is masked."""
    masked = list(dict.fromkeys(term.site for term in place.terms))
    alt = f"Masked in the network: {listed(masked)}." if masked else "Nothing in the network is masked."
    dots, names = [], []
    for site in SITES:
        x, y = PLACES[site]
        if site not in masked:
            dots.append(f'<circle cx="{x}" cy="{y}" r="{_RADIUS}" fill="#80868f"/>')
            continue
        family = family_of_site(site)
        colour = f"var(--site-{family.replace(' ', '-')},{SITE_COLOURS[family]})"
        dots.append(f'<circle cx="{x}" cy="{y}" r="{_MASKED_RADIUS}" fill="{colour}"/>')
        crowded = any(PLACES[each][1] == y and 0 < x - PLACES[each][0] < 45 for each in masked)
        below = y + 20 if y > 70 and not crowded else y - 9
        anchor = "start" if x < 30 else "middle"  # a name that would begin left of the picture
        names.append(f'<text x="{x - 18 * (x < 30)}" y="{below}" text-anchor="{anchor}">{escape(site)}</text>')
    return (
        f'<svg role="img" aria-label="{escape(alt)}" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" class="small-map">'
        f'<g fill="none" stroke="currentColor">{_FRAME}</g>{"".join(dots)}'
        f'<g fill="currentColor" font-size="11">{"".join(names)}</g></svg>'
    )
