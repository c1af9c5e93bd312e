"""What a token is: one stated rule for the published text sets, and one for every other text, by Unicode's properties.

The published sets keep the rule that their fingerprints were made with. It cuts words at combining marks and takes
Chinese for one long word, which English does not show; texts of any language are read by the other one.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

PUBLISHED = "published"
UNICODE = "unicode"
RULES = (PUBLISHED, UNICODE)

# A word is a run of letters and digits, or several joined by an apostrophe, a hyphen, or a point or comma between
# digits: "don't", "twenty-two", "3.5", "10,000". Every other mark that is seen stands alone; control characters and
# marks that only turn the direction of writing are no tokens.
TOKEN_PATTERN = (
    r"[^\W_]+(?:(?:['’-]|(?<=\d)[.,](?=\d))[^\W_]+)*"
    r"|[^\w\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|_"
)

# ---- the rule by Unicode's properties: pieces of character classes ----
# Scripts that put no blank between words. Their digits are taken out again: a number is one token.
_UNSPACED = (
    # Han with its signs of repetition, kana, Bopomofo
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
    "\U0001aff0-\U0001b16f\U00020000-\U0003fffd"
    # Thai, Lao, Myanmar, Khmer, Tai Le, New Tai Lue, Tai Tham, Tai Viet: those that UAX 14 gives to a dictionary
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf"
    "\uaa80-\uaadf\ua980-\ua9df\u1b00-\u1b7f"  # and Javanese, Balinese
)
# Never seen, and never a token: control characters, and what Unicode calls ignorable by default.
_UNSEEN = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Of these, the ones that stand inside words without cutting them. A zero-width space (U+200B) does cut.
_INSIDE = "\xad\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
# Belongs to what it follows, though no combining mark: the vowel am of Thai and Lao, voiced marks of narrow kana, skin
# tones, and the letters that tell flags of regions apart.
_FOLLOWING = "\u0e33\u0eb3\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
_JOINERS = "\u200c\u200d"
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
# Between letters: apostrophes, hyphens, the Catalan point, the Hebrew geresh and gershayim; between digits: points,
# commas and their Arabic forms.
_LINKS, _DIGIT_LINKS = "'’·\u2010\u2011\u05f3\u05f4-", ".,\u066b\u066c"
# Texts of these characters have the same tokens by both rules, and the older pattern is faster.
_PUBLISHED = re.compile(TOKEN_PATTERN)
_ALIKE = re.compile("[\x00-\xac\xae-\xb6\xb8-\u012f\u0131-\u02ff‘’“”–—…€]*")


def tokenize(text: str, rule: str = UNICODE) -> list[str]:
    """The tokens of a text, in lower case, in order; a text without a token gives an empty list.

    rule: UNICODE or PUBLISHED. Accents are brought to one spelling first (Unicode NFC). By both, a word is a run of
    letters and digits, also across an apostrophe, a hyphen, or a point or comma between digits, and every other mark
    that is seen stands alone. By UNICODE, furthermore, combining marks belong to the letter or sign that they follow,
    joiners (U+200C, U+200D) join, a flag or a composed emoji is one token, and scripts that are written without blanks
    become characters. By PUBLISHED it is scikit-learn's word analyser with TOKEN_PATTERN. KeyError for another rule.
    """
    return {PUBLISHED: _published, UNICODE: _unicode}[rule](text)


def _published(text: str) -> list[str]:
    return _analyser()(unicodedata.normalize("NFC", text))


def _unicode(text: str) -> list[str]:
    if _ALIKE.fullmatch(text):
        return _PUBLISHED.findall(unicodedata.normalize("NFC", text.lower()))
    inside, token = _patterns()
    # Lower case first: that of some letters is a letter and a mark, which may have one spelling together.
    return token.findall(inside.sub("", unicodedata.normalize("NFC", text.lower())))


@lru_cache(maxsize=1)
def _analyser():
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(token_pattern=TOKEN_PATTERN, lowercase=True).build_analyzer()


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern, re.Pattern]:
    """What is taken out of a text, and what a token is in the rest. Half a second: it asks for every character."""
    letters, unspaced, signs, marks = map(_ranges, _kinds())
    follows = f"[{marks}{_FOLLOWING}]"
    # A joiner with nothing after it joins nothing, and is not seen.
    word = f"[{letters}]+(?:(?:{follows}|[{_JOINERS}]+(?=[{letters}{marks}{_FOLLOWING}]))+[{letters}]*)*"
    sign = f"[{signs}]{follows}*"
    token = "|".join(
        (
            rf"{word}(?:(?:[{_LINKS}]|(?<=\d)[{_DIGIT_LINKS}](?=\d)){word})*",
            f"[{unspaced}]{follows}*",
            f"[{_FLAG_LETTERS}]{{2}}",
            f"{sign}(?:\u200d+{sign})*",
            f"(?![{_UNSEEN}]){follows}+",  # with nothing before it: a token, where it is seen
        )
    )
    return re.compile(f"[{_INSIDE}]"), re.compile(token)


def _kinds() -> tuple[list[int], list[int], list[int], list[int]]:
    """All characters that tokens are made of: letters and digits, those of unspaced scripts, signs, marks."""
    unspaced, unseen, following = (re.compile(f"[{each}]") for each in (_UNSPACED, _UNSEEN, _FOLLOWING))
    kinds = [], [], [], []
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        category = unicodedata.category(character)
        if category[0] == "M":
            kinds[3].append(code)
        elif category == "Nd":
            kinds[0].append(code)
        elif not (character.isspace() or unseen.match(character) or following.match(character)):
            kinds[2 if not character.isalnum() else 1 if unspaced.match(character) else 0].append(code)
    return kinds


def _ranges(codes: list[int]) -> str:
    """Ascending codes as ranges of a character class."""
    starts = [code for code, before in zip(codes, [-2, *codes], strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -2], strict=True) if code != after - 1]
    return "".join(
        f"{re.escape(chr(start))}-{re.escape(chr(end))}" for start, end in zip(starts, ends, strict=True)
    )
