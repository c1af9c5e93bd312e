"""Texts and numbers as people read them: signs, counts in words, rates, and words from outside made safe."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence

_TO = "\xa0to\xa0"  # between the ends of an interval, where no line of a table is to break
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


# ---- numbers ----
def in_words(count: int) -> str:
    """A count as prose has it: words up to twelve, figures beyond."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"


def count(number: int, noun: str) -> str:
    """A count with its noun: 'three seeds', 'one run', '1,200 runs'."""
    return f"{in_words(number)} {noun}{'' if number == 1 else 's'}"


def rate_text(rate: float) -> str:
    """A drop rate as the book writes it: 0, 0.1, 0.25."""
    return f"{rate:g}"


def minus(number: str) -> str:
    """A number that is written already, with the minus sign of print: −0.003 for -0.003."""
    return number.replace("-", "−")


def signed(value: float, digits: int = 3) -> str:
    """A difference with its sign: +0.012, −0.003, or a dash where there is none."""
    return minus(f"{value:+.{digits}f}") if math.isfinite(value) else "–"


def with_both(
    found, column: str, digits: int = 2, scale: float = 1, marked: Iterable[bool] | None = None, level: bool = False
) -> list[str]:
    """A column of a table and its two intervals as text: '+1.2 (+0.1 to +2.3; +0.4 to +2.0)', the wider one first.
    A dash where all of them are 0, as of a difference to itself.

    found: a table with the columns `loss`, `loss_low`, `loss_high`, `loss_other_low` and `loss_other_high` for a column
    loss, the last two NaN where there is one interval. scale: what values are multiplied by. marked: whether a star
    follows, a value a row; none does by default. level: whether values are levels, without a plus, or differences.
    """
    ends = [f"{column}{end}" for end in ("", "_low", "_high", "_other_low", "_other_high")]
    stars, texts = [False] * len(found) if marked is None else list(marked), []
    for row, star in zip(found[ends].to_numpy(dtype=float) * scale, stars, strict=True):
        if not any(row[:3]):
            texts.append("–")
            continue
        mean, low, high, *other = (
            signed(each, digits).removeprefix("+" if level else "") for each in row
        )  # fmt: skip
        rest = f"; {other[0]}{_TO}{other[1]}" if math.isfinite(row[3]) else ""
        texts.append(f"{mean} ({low}{_TO}{high}{rest}){'*' * bool(star)}")
    return texts


def listed(words: Sequence[str]) -> str:
    """Words, at least one, as a sentence has them: 'a', 'a and b', 'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


# ---- words from outside ----
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# What XML and HTML do not allow, and what turns all words behind it: embeddings, overrides, their older kin.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_SET_APART = re.compile("[\u2066-\u2068][^\u2066-\u2069]*\u2069")


def printable(text: object) -> str:
    """Text without what neither XML nor HTML allows; line breaks of every kind are line feeds.

    Joiners and unusual spaces stay, for words are not the same without them. Characters that turn the direction of
    writing stay where they end within the text.
    """
    shown = _UNSHOWN.sub("", _BREAKS.sub("\n", str(text)))
    return _ISOLATES.sub("", shown) if _ISOLATES.search(_SET_APART.sub("", shown)) else shown


def isolated(text: object) -> str:
    """Text from outside where there are no tags, as in a picture or a terminal: on one line, a blank for each control
    character, and set apart by U+2068 and U+2069 where it runs from right to left, so that it and what stands beside it
    keep their places.
    """
    shown = printable(_CONTROLS.sub(" ", str(text)))
    return f"\u2068{shown}\u2069" if _turns(shown) else shown


def escape(text: object) -> str:
    """Text from outside, made safe for HTML: tags, quotes and control characters."""
    return html.escape(printable(text), quote=True)


def bdi(text: object) -> str:
    """The same between tags, not in an attribute: in `<bdi>` where it runs from right to left."""
    return f"<bdi>{escape(text)}</bdi>" if _turns(printable(text)) else escape(text)


def markdown_safe(value: object) -> str:
    """Text from outside for use inside Markdown: HTML is escaped, and every character with a meaning is quoted. In
    `<bdi>` where it runs from right to left.
    """
    quoted = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", printable(value).replace("\n", " "))
    safe = html.escape(quoted, quote=False)
    return f"<bdi>{safe}</bdi>" if _turns(quoted) else safe


def _turns(text: str) -> bool:
    """Whether something that is not set apart runs from right to left: Hebrew, Arabic, Arabic figures."""
    if text.isascii():
        return False
    return any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in _SET_APART.sub("", text))
