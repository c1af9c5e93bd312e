"""What a placement is made of: terms, each a site, the axes that have own draws, an operation, a share of the rate.

A mask has up to five axes: direction, sample, step, gate and feature. Where an axis is in a term's `axes`, every
index along it has a draw of its own; where it is not, all indices share one draw and the mask has size 1 there.
Two sites have an axis that no other has: the embedding table its word `type`, the recurrent weights their `row`.
With the type shared (`embedding:sample`) a sample's words go all together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..errors import UserError, not_allowed, unknown

OPERATIONS = ("multiply", "keep")
SCALINGS = ("inverted", "expectation", "expectation-on-hidden", "gaussian")


@dataclass(frozen=True)
class Site:
    """A place in the network where a mask can sit.

    axes: the mask's axes, in the order of its shape. symbol: what it masks, in LaTeX. meaning: for the reader.
    scaling: what an own term at this site uses unless it says otherwise. needs: 'embedding', 'second layer' or ''.
    """

    axes: tuple[str, ...]
    symbol: str
    meaning: str
    scaling: str = "inverted"
    needs: str = ""


_IN_TIME = ("direction", "sample", "step", "feature")
_WITH_GATES = ("direction", "sample", "step", "gate", "feature")
SITES = {
    "embedding": Site(("sample", "type"), r"E", "rows of the embedding table", needs="embedding"),
    "input": Site(_WITH_GATES, r"x_t", "what the first recurrent layer reads at each step"),
    "recurrent": Site(_WITH_GATES, r"h_{t-1}", "the previous hidden output, as the gates read it"),
    "candidate": Site(_IN_TIME, r"g_t", "the candidate that is written into the cell"),
    "gates": Site(_WITH_GATES, r"i_t, f_t, o_t", "the input, forget and output gates", "expectation"),
    "cell": Site(_IN_TIME, r"c_t", "the memory cell", "expectation"),
    "hidden": Site(_IN_TIME, r"h_t", "the hidden output, before anything reads it"),
    "weights": Site(("direction", "row", "gate", "feature"), r"\mathbf{U}", "the recurrent weights"),
    "between": Site(
        ("sample", "step", "feature"), r"[h^{(1)}_t]", "the sequence between two stacked layers", needs="second layer"
    ),
    "output": Site(("sample", "feature"), r"[h_T]", "the last output, as the classifier's head reads it"),
}
OUTSIDE = tuple(name for name, site in SITES.items() if site.needs)  # sites that lie outside one layer


@dataclass(frozen=True)
class Term:
    """One mask of a placement.

    site: a name in SITES. axes: which of the site's axes have their own draw; the rest share one.
    operation: 'multiply' (0 drops) or 'keep' (0 keeps the last value: zoneout). factor: its rate is factor × rate.
    scaling: 'inverted' divides by 1-p in training; 'expectation' leaves 0/1 in training and uses the mean 1-p in
    inference; 'expectation-on-hidden' leaves 0/1 in training and multiplies h by 1-p in inference; 'gaussian' draws
    normal numbers of the mean and variance of inverted ones, 1 and p/(1-p) (Srivastava et al. 2014, section 10).
    optional: the term applies only where the network has what its site needs, instead of demanding it.
    """

    site: str
    axes: frozenset[str]
    operation: str = "multiply"
    scaling: str = "inverted"
    factor: float = 1.0
    optional: bool = False

    def __post_init__(self):
        if self.site not in SITES:
            raise unknown("site", self.site, SITES)
        for axis in sorted(self.axes - set(SITES[self.site].axes)):
            raise unknown(f"axis of the site {self.site}", axis, SITES[self.site].axes)
        if not (isinstance(self.factor, int | float) and 0 < self.factor < math.inf):
            raise not_allowed("factor", self.factor, "a finite number above 0")
        if not self.axes:
            raise UserError(f"A term at {self.site} needs at least one axis of {', '.join(SITES[self.site].axes)}.")
        if self.operation not in OPERATIONS or (self.operation == "keep" and self.site not in ("cell", "hidden")):
            raise UserError(f"'keep' is for the sites cell and hidden; elsewhere a mask can only multiply, not {self}.")
        if self.scaling not in SCALINGS:
            raise unknown("scaling", self.scaling, SCALINGS)
        if self.site == "embedding" and self.scaling == "expectation-on-hidden":
            raise UserError(
                "The scaling 'expectation-on-hidden' needs a site in a layer, whose hidden output it scales; at the "
                "site embedding write 'expectation', 'inverted' or 'gaussian'."
            )
        if self.site == "gates" and ("gate" not in self.axes or self.scaling != "expectation"):
            raise UserError("At the site gates the axis gate needs its own draw, and the scaling is 'expectation'.")

    @property
    def key(self) -> str:
        """The name under which its mask is handed to the layer: 'cell', or 'cell:keep' where it keeps."""
        return self.site if self.operation == "multiply" else f"{self.site}:keep"

    @property
    def text(self) -> str:
        """The term as one can type it: `recurrent:sample,gate,feature`."""
        axes = ",".join(axis for axis in SITES[self.site].axes if axis in self.axes)
        if self.operation == "keep":
            return f"{self.site}:{axes}:keep"
        return f"{self.site}:{axes}" + ("" if self.scaling == SITES[self.site].scaling else f":{self.scaling}")

    @property
    def limit(self) -> float:
        """The largest rate this term allows, for itself: gates take up to .5 (i and f are never both off)."""
        return 0.5 if self.site == "gates" else 1.0

    def shape(self, sizes: dict[str, int]) -> tuple[int, ...]:
        """The mask's shape, from the size of every axis of its site; a shared axis has size 1."""
        return tuple(sizes[axis] if axis in self.axes else 1 for axis in SITES[self.site].axes)


@dataclass(frozen=True)
class Placement:
    """A named list of terms, with what a reader needs to know of it.

    equation: LaTeX, without dollars. keras: runnable Keras code that maps x (and the names keras, rate, units, steps
    and features) to h, or '' with the reason in why_not_keras. source: keys of book/references.bib,
    separated by commas. sentence: one sentence for the reader. own_rate: the rate that gives the rates of the page
    the placement comes from (`name@own`). also_needs: what the network must have, beyond what the sites ask for.
    """

    name: str
    terms: tuple[Term, ...]
    equation: str
    sentence: str
    source: str
    keras: str = ""
    why_not_keras: str = ""
    own_rate: float | None = None
    also_needs: frozenset[str] = field(default_factory=frozenset)

    @property
    def needs(self) -> frozenset[str]:
        """'embedding' and 'second layer', where the placement cannot do without them."""
        return self.also_needs | {SITES[term.site].needs for term in self.terms if not term.optional} - {""}

    @property
    def layers(self) -> int:
        """How many layers its network has at least: two where it masks what lies between them."""
        return 2 if "second layer" in self.needs else 1

    @property
    def maximum_rate(self) -> float:
        """The rate that no term may pass, .5 itself being allowed for gates and 1 itself never."""
        return min([1.0] + [term.limit / term.factor for term in self.terms])

    @property
    def fixed_rate(self) -> float | None:
        """The one rate this placement has, where a sweep over rates makes no sense."""
        if not self.terms:
            return 0.0
        return self.own_rate if self.name.endswith("@own") else None

    def allows(self, rate: float) -> bool:
        """Whether 0 <= rate < 1 and no term's own rate passes its limit or comes to 1."""
        return 0 <= rate < 1 and all(rate * term.factor <= term.limit and rate * term.factor < 1 for term in self.terms)

    def check_rate(self, rate: float) -> None:
        """Raise UserError unless 0 <= rate < 1, and at most .5 where gates are dropped."""
        if not self.terms and rate != 0:
            raise UserError("The placement none drops nothing: its rate is 0.")
        if not self.allows(rate):
            allowed = "0 up to .5" if self.maximum_rate <= 0.5 else "0 up to, but not including, 1"
            raise UserError(f"The rate {rate!r} is not allowed for {self.name}: give a rate from {allowed}.")
        if self.name.endswith("@own") and rate != self.own_rate:
            raise UserError(f"{self.name} has the rate {self.own_rate}; for another, leave out '@own'.")

    def applies(self, embedding: bool, layers: int) -> bool:
        """Whether a network with or without an embedding, of so many layers, has what the placement needs."""
        return not (("embedding" in self.needs and not embedding) or ("second layer" in self.needs and layers < 2))


def parse_term(text: str) -> Term:
    """Read an own term: `site:axis,axis` with an optional third part, a scaling or 'keep'.

    Raises UserError naming the sites, the site's axes or the scalings that are allowed.
    """
    site, *rest = text.split(":")
    if site not in SITES:
        raise unknown("site", site, SITES)
    if not 1 <= len(rest) <= 2:
        raise UserError(f"{text[:80]!r} is no term. Write site:axis,axis or site:axis,axis:scaling.")
    axes = frozenset(axis.strip() for axis in rest[0].split(",") if axis.strip())
    third = rest[1] if len(rest) == 2 else SITES[site].scaling
    if third == "keep":
        return Term(site, axes, "keep", "expectation")
    if third not in SCALINGS:
        raise unknown("scaling", third, (*SCALINGS, "keep"))
    return Term(site, axes, scaling=third)
