"""Which names of a file are one name: classes, ids, groups and columns are compared here, and by nothing else.

Two names that a reader cannot tell apart, or that a program spelt differently on the way, must not become two things in
silence. They are compared by `alike`; what a name is kept and shown as is its own text, as `cleaned` has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable
from decimal import Decimal

# A decimal number as files have it. Python's own float() also takes 1_000, which is no number in a file.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Of signs beside a number's digits: those of thousands and decimals, of percent, of currencies, and blanks.
_BESIDE_DIGITS = re.compile(r"[\s,'’\u066b\u066c%‰]|^[$€£¥₹]|[$€£¥₹]$")
PLAIN_NUMBERS = (
    "Write decimals with a point, and numbers without signs of thousands, percent or currency, in the digits 0 to 9 "
    "and with a hyphen as minus."
)
# Never seen, and not what tells two names apart: soft hyphens, marks of direction, zero-width signs, selectors, letters
# that fill a place; and tags, but for those after a flag, which say of which region it is.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\U000e0100-\U000e01ef]|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+"
)
# What keyboards and programs write for one sign: typographic quotes and dashes, the stretched line of Arabic script,
# its forms of kaf and yeh. `_one_spelling` adds digits of other scripts.
_SPELT_ALIKE = {
    **dict.fromkeys(map(ord, "‘’‚‛ʼ′`´"), "'"), **dict.fromkeys(map(ord, "“”„‟″«»"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    0x640: None, 0x643: "\u06a9", 0x64a: "\u06cc",
}  # fmt: skip
# At a name's ends they come from a joined file (U+FEFF) or from writing to the left, and belong to nothing.
_OUTER = "\u200b\u200e\u200f\u061c\u2060\ufeff"
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONGEST_EXPONENT = 4
_MISSING = {
    "nan", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "none", "null", "nil", "nat", "missing", "undefined",
    "#ref!", "#value!", "#name?", "#div/0!", "#num!", "#null!", "#n/a n/a", "(null)", "(none)", "(blank)",
}  # fmt: skip

_NO_VALUE = {"-", "--", "–", "—", ".", "..", "?", "*"}


def exact(text: str) -> Decimal | None:
    """The number that a text writes, as large and as long as it is; None where it writes none."""
    found = NUMBER.fullmatch(text.strip())
    if not found or len(found[2] or "") > _LONGEST_EXPONENT + 2:
        return None
    return Decimal(found[0])


def otherwise_written(cell: str) -> bool:
    """Whether a cell is a number to its reader, though not as `exact` reads them; see PLAIN_NUMBERS."""
    digits = "".join(str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", cell.strip()))
    bare = _BESIDE_DIGITS.sub("", digits.replace("\u2212", "-"))
    return exact(cell) is None and exact(bare) is not None


def cleaned(cell: str) -> str:
    """A name as it is kept: without blanks and unseen signs at its ends; '' where nothing of it is seen."""
    before = None
    if not cell.isascii() and not seen(cell):
        return ""
    while cell != before:
        before, cell = cell, cell.strip().strip(_OUTER)
    return cell


def seen(name: str) -> str:
    """What a reader sees of a name: accents in one spelling, no unseen signs, any white space one blank."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", name)).split())


def alike(name: str) -> Hashable:
    """What two names are compared by: equal for names that differ in spelling alone.

    Numbers are compared by value, exactly, whatever the script of their digits. Other names by what is seen, in
    compatibility form (NFKC), with quotes, dashes and Arabic letters in one form each, and without regard to capitals;
    but for names of one letter, which may well be classes of their own.
    """
    text = _one_spelling(" ".join(unicodedata.normalize("NFKC", seen(name)).split()))
    value = exact(text)
    if value is not None:
        return value
    return text if len(text) == 1 else unicodedata.normalize("NFKC", text.casefold())


def _one_spelling(text: str) -> str:
    if text.isascii():
        return text
    digits = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    folded = digits.translate(_SPELT_ALIKE)
    return folded if len(folded) > 1 else digits  # a dash alone may be a class beside a hyphen


def reads_missing(name: str) -> bool:
    """Whether a text is one that programs write where a value is missing ('NaN', 'None', '#REF!')."""
    return len(name) < 40 and seen(name).casefold() in _MISSING


def reads_garbled(text: str) -> bool:
    """Whether letters of a text were lost (U+FFFD), or were UTF-8 that was read as Windows-1252 ('Ã©' for 'é')."""
    if text.isascii():
        return False
    if "\ufffd" in text:
        return True
    try:
        text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return True


def reads_infinite(name: str) -> bool:
    """Whether a cell stands where a number is missing or too large: it reads missing, or infinite ('-inf')."""
    return reads_missing(name) or seen(name).casefold().lstrip("+-") in ("inf", "infinity")


def says_nothing(cell: str) -> bool:
    """Whether a cell does not say what its column holds: it is empty, or stands where a number is missing."""
    return not cleaned(cell) or seen(cell) in _NO_VALUE or reads_infinite(cell)


def unfit(name: str) -> str | None:
    """The first sign of a name that no class may hold, as people can look it up; None where all are fit.

    Unfit are control characters, line breaks, and what turns the order of the text around it.
    """
    for sign in name:
        if unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs", "Co") or _REORDERING.match(sign):
            return f"U+{ord(sign):04X}" + (f" ({title})" if (title := unicodedata.name(sign, "")) else "")
    return None


def shown(text: str, most: int = 60) -> str:
    """A text of the file for a message: in quotes, at most so many characters, unseen signs spelt out."""
    return repr(text[:most]) if text.isascii() else f"'{''.join(map(_spelt, text[:most]))}'"


def told_apart(text: str, other: str) -> str:
    """A text for a message beside another: as `shown`, but with its accents spelt out where both look the same."""
    same = unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", other)
    return ascii(text[:60]) if same else shown(text)


def _spelt(sign: str) -> str:
    plain = sign.isprintable() and not _UNSEEN.match(sign) and sign != "\\"
    return sign if plain else ascii(sign)[1:-1]
