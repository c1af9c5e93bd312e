"""Conclusions that guard themselves: a sentence, the numbers in it, and the condition that carries it, in one cell.

A finding is shown where it is drawn and glued under its name, so that other pages quote it with `{glue:text}`. What it
says of published results has to hold, or the book is not built; of a reader's own runs it says that it does not hold.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral
from types import SimpleNamespace
from typing import Literal

from ..errors import UserError
from ..wording import listed, markdown_safe, minus, printable, signed

METADATA = "finding"  # of an output: what it says and whether it holds, for whoever compiles the book
IN_SHORT = "in-short"  # the name of a page's answer, which the book shows under the page's question
GLUE_PREFIX = "application/papermill.record/"  # of a MIME type that is kept and not shown
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_LEVEL = "95 % interval "
_ENDS = ("interval", "range", "ends")  # formats that show the ends of an interval
_SPECIFICATION = re.compile(r"(?:(size|interval|range|ends) ?|(\+))?(\d?)")


@dataclass(frozen=True)
class Finding:
    """What `finding` has shown. text: the sentence with its numbers, or what stands in its place. holds: whether."""

    name: str
    text: str
    holds: bool

    def __str__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        """Nothing: it was shown when it was made."""


def finding(
    sentence: str,
    *,
    name: str,
    data: Mapping[str, object],
    holds: Callable[[SimpleNamespace], bool],
    rests_on: Literal["published", "here"] = "published",
    shown: bool = True,
) -> Finding:
    """Show a conclusion, and glue it under its name.

    sentence: one literal sentence; every number in it is a field of `data`. `{runs}` is a count or a word. `{loss:3}`
    is a number with three digits, or an estimate (it has mean, low and high) with its sign; `{loss:+3}` has the sign
    always, `{loss:size 3}` never, `{loss:interval 3}` adds the 95 % interval, `{loss:range 3}` is that alone,
    `{loss:ends 3}` its ends.
    name: small letters, digits and '-'; each once on a page; the book shows IN_SHORT at its top. data: by field.
    holds: the condition, of the data as attributes: `lambda d: d.loss.high < 0`. rests_on: 'published' results, on
    which the book stops where the condition fails, or runs made 'here', where it says so. shown: False where a figure
    shows it as its title.

    UserError for another name, for a field that the data lack, and for a number in the sentence that is typed.
    """
    from IPython.display import display

    if not _NAME.fullmatch(name):
        raise UserError(f"The finding {name!r} needs a name of small letters, digits and '-'.")
    if rests_on not in ("published", "here"):
        raise UserError(f"rests_on: {rests_on!r} is not allowed. Allowed: published, here.")
    typed = re.search(r"\d", "".join(part for part, *_ in string.Formatter().parse(sentence)))
    if typed:
        raise UserError(f"The finding {name!r} has the number {typed[0]} in its sentence: give it as a field of data.")
    good = bool(holds(SimpleNamespace(**data)))
    values = {field: filled(f"{{{field}}}", data) for field in data}
    # What is glued is pasted as it is, and a title is plain text: words from outside are quoted in the Markdown alone.
    shown_as, said = (filled(sentence, data, markdown) for markdown in (True, False))
    text = said if good else f"What stood here does not hold with these runs ({_listed(values)})."
    instead = f"What stood here does not hold with these runs ({markdown_safe(_listed(values))})."
    bundle = {"text/markdown": f"> **{shown_as}**" if good else f"> *{instead}*", "text/plain": text}
    prefix = "" if shown else GLUE_PREFIX
    record = {"name": name, "sentence": said, "holds": good, "rests_on": rests_on, "values": values}
    display(
        {prefix + kind: each for kind, each in bundle.items()},
        metadata={METADATA: record, "scrapbook": {"name": name, "mime_prefix": prefix}},
        raw=True,
    )
    return Finding(name, text, good)


def findings_of(notebook: Mapping) -> Iterator[dict]:
    """What each `finding` of an executed notebook left: name, sentence, holds, rests_on, values (texts by field)."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if METADATA in output.get("metadata", {}):
                yield output["metadata"][METADATA]


def in_short(notebook: Mapping) -> str:
    """The Markdown of a page's answer in short, as its cell left it, or ''."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            record = output.get("metadata", {}).get(METADATA, {})
            if record.get("name") == IN_SHORT:
                return output["data"][output["metadata"]["scrapbook"]["mime_prefix"] + "text/markdown"]
    return ""


def check_findings(findings: Iterable[Mapping], notebook: str) -> None:
    """UserError, with notebook, sentence and values, where one that rests on published results does not hold.

    findings: as findings_of gives them. notebook: its name, for the reader.
    """
    failed = [each for each in findings if each["rests_on"] == "published" and not each["holds"]]
    if failed:
        first, others = failed[0], [each["name"] for each in failed[1:]]
        more = f" Neither do they carry {listed(others)}." if others else ""
        raise UserError(
            f"The published results do not carry what {notebook} concludes: {first['name']}: {first['sentence']!r} "
            f"({_listed(first['values'])}).{more} Restore data/published from a release and install the locked "
            "libraries (make setup), or correct the sentence."
        )


def quote(page: str, name: str) -> str:
    """Markdown that quotes a finding of another page. page: its document, 'generated/study/gallery'."""
    return f"{{glue:text}}`/{page}.ipynb::{name}:s`"


def filled(sentence: str, data: Mapping[str, object], markdown: bool = False) -> str:
    """A sentence with its fields written out; see `finding`. UserError for one that the data lack.

    markdown: whether texts among the data are quoted, for a sentence that is read as Markdown.
    """
    try:
        return _Words(markdown).vformat(sentence, (), data)
    except (KeyError, IndexError, AttributeError) as error:
        raise UserError(f"The sentence {sentence[:60]!r} asks for {error}; the data have {', '.join(data)}.") from None


def _listed(values: Mapping[str, str]) -> str:
    return ", ".join(f"{field} {value}" for field, value in values.items())


class _Words(string.Formatter):
    """Formats numbers as print has them, and texts as they are, or with what has a meaning in Markdown quoted."""

    def __init__(self, markdown: bool) -> None:
        super().__init__()
        self.markdown = markdown

    def format_field(self, value: object, specification: str) -> str:
        """A number or an estimate by its specification, text as it is."""
        asked = _SPECIFICATION.fullmatch(specification)
        if asked is None:
            allowed = "3, +3, size 3, interval 3, range 3, ends 3"
            raise UserError(f"The format {specification!r} is not allowed. Allowed: {allowed}.")
        kind, plus, digits = asked.groups()
        if isinstance(value, bool | str):
            return markdown_safe(value) if self.markdown else printable(value).replace("\n", " ")
        if isinstance(value, list) or type(value) is tuple:  # an estimate may be a tuple with names
            return "; ".join(self.format_field(each, specification) for each in value)
        estimate = all(hasattr(value, part) for part in ("mean", "low", "high"))
        number = value.mean if estimate else value
        number = abs(number) if kind == "size" else number
        if kind in _ENDS and not estimate:
            raise UserError(f"The format {specification!r} needs an estimate, which has an interval.")
        if isinstance(number, Integral) and not estimate:
            return minus(f"{number:+,}" if plus else f"{number:,}")
        places = int(digits) if digits else 3

        if kind == "size" or not (estimate or plus):
            return minus(f"{number:.{places}f}") if math.isfinite(number) else "–"
        if not estimate:
            return signed(number, places)
        ends = f"{_LEVEL}{signed(value.low, places)} to {signed(value.high, places)}"
        if kind in ("range", "ends"):
            return ends if kind == "range" else ends.removeprefix(_LEVEL)
        return f"{signed(number, places)} ({ends})" if kind == "interval" else signed(number, places)
