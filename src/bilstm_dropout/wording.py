"""Texts and numbers as people read them: signs, counts in words, rates, and words from outside made safe."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence

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


def listed(words: Sequence[str]) -> str:
    """Words, at least one, as a sentence has them: 'a', 'a and b', 'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


# ---- words from outside ----
def printable(text: object) -> str:
    """Text without the control characters that neither XML nor HTML allows."""
    return "".join(character for character in str(text) if character.isprintable() or character in "\n\t")


def escape(text: object) -> str:
    """Text from outside, made safe for HTML: tags, quotes and control characters."""
    return html.escape(printable(text), quote=True)


def markdown_safe(value: object) -> str:
    """Text from outside for use inside Markdown: HTML is escaped, and every character with a meaning is quoted."""
    quoted = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", printable(value).replace("\n", " "))
    return html.escape(quoted, quote=False)
