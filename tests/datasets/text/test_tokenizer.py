"""What a token is: one rule that published results were made with, and one for texts of any language."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilstm_dropout.datasets.text import tokenize
from bilstm_dropout.datasets.text.tokenizer import PUBLISHED, RULES


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't be well-known, o’clock!", ["don't", "be", "well-known", ",", "o’clock", "!"]),
        ("3.5 of 10,000, 2nd.", ["3.5", "of", "10,000", ",", "2nd", "."]),
        ("'so' -- end-", ["'", "so", "'", "-", "-", "end", "-"]),
        ("mail a@b, snake_case", ["mail", "a", "@", "b", ",", "snake", "_", "case"]),
        ("CAFE\u0301 Straße", ["caf\u00e9", "straße"]),
        ("one\x85two\x96three\x00 \u200b\u202e", ["one", "two", "three"]),
        ("<padding>", ["<", "padding", ">"]),
        ("한국어 영화, привет мир; ½ of 2²", ["한국어", "영화", ",", "привет", "мир", ";", "½", "of", "2²"]),
        (" \n\t ", []),
    ],
)
def test_what_a_token_is_by_both_rules(text, tokens, rule):
    assert tokenize(text, rule) == tokens


def test_the_published_rule_stays_as_it_was():
    """The published text sets have their fingerprints by it."""
    assert tokenize("漢字 र्स I ❤\ufe0f a\u0301b\u0301 x\xady", PUBLISHED) == [
        "漢字", "र", "्", "स", "i", "❤", "\ufe0f", "áb", "\u0301", "x", "\xad", "y",
    ]  # fmt: skip


# Each text as it is meant to be read: a blank, or a bar where the script or the sign has none, between its tokens.
READ = {
    "Hindi": "यह फिल्म बहुत अच्छी है",
    "Arabic with vowel signs": "قَلَمٌ جَدِيدٌ",
    "heart": "I ❤️ it",
    "Tamil": "இந்த படம் மிகவும் நன்றாக உள்ளது",
    "Bengali": "ছবিটি খুব ভালো ।",
    "Telugu": "సినిమా చాలా బాగుంది !",
    "Sinhala with a joiner": "ශ්\u200dරී ලංකා",
    "Malayalam": "നല്ല സിനിമ",
    "Gurmukhi": "ਬਹੁਤ ਵਧੀਆ ਫਿਲਮ",
    "Tibetan": "བོད|་|སྐད",
    "Hebrew with points": "שָׁלוֹם עֲלֵיכֶם",
    "Hebrew acronym": "צה״ל גדול",
    "Persian with a joiner": "می\u200cخواهم فیلم خوب",
    "Urdu": "یہ فلم بہت اچھی ہے",
    "Syriac": "ܫܠܳܡܳܐ ܠܟ",
    "Yoruba": "ọmọdé kékeré ńlá ẹ̀kọ́",
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "phim này rất hay"),
    "no letter of its own for it": "J\u030cx q\u0303",
    "Catalan": "col·legi d'art",
    "Turkish": "İstanbul çok güzel",
    "soft hyphen": "co\xadoperate",
    "Arabic digits": "٣٫٥ من ١٠٬٠٠٠",
    "Chinese": "这|部|电|影|很|好|看|。",
    "Chinese with Latin and digits": "用|iPhone|手|机|2024|年|看",
    "rare Han": "𠮷|野|家",
    "Japanese": "ス|ー|パ|ー|で|時|々|買|う|！",
    "narrow kana": "ﾊﾞ|ｶ",
    "decomposed kana": unicodedata.normalize("NFD", "が|ぎ"),
    "Korean and Hanja": "한국어 大|韓",
    "Thai": "ดี|ม|า|ก ๒๕๖๗",
    "Thai with am": "น้ำ|ใ|ส ทำ|ดี",
    "Lao with am": "ນ້ຳ|ສຳ",
    "Lao": "ດີ|ຫ|ຼ|າ|ຍ".replace("|ຼ", "ຼ"),
    "Khmer": "ភា|ព|យ|ន្|ត",
    "Burmese": "ရု|ပ်|ရှ|င်",
    "Javanese": "ꦲ|ꦏ꧀|ꦱ",
    "composed emoji": "👩\u200d💻 👍🏽 👨\u200d👩\u200d👧 ok",
    "emoji side by side": "😀|😀|👍🏽|👍",
    "flags": "🇩🇪|🇫🇷 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "keycaps": "1\ufe0f\u20e3 #\ufe0f\u20e3",
    "a heart on fire": "so ❤\ufe0f\u200d🔥 !",
    "text style": "☺\ufe0e ok",
}


@pytest.mark.parametrize("case", READ)
def test_texts_of_every_script_have_the_words_or_characters_that_they_are_read_by(case):
    expected = unicodedata.normalize("NFC", READ[case].replace("co\xado", "coo").lower().replace("|", " ")).split()
    assert tokenize(READ[case].replace("|", "")) == expected


@pytest.mark.parametrize(
    ("text", "count"), [("यह फिल्म बहुत अच्छी है", 5), ("قَلَمٌ جَدِيدٌ", 2), ("I ❤️ it", 3)]
)
def test_the_counts_of_the_first_reports(text, count):
    assert len(tokenize(text)) == count


@pytest.mark.parametrize(
    "unseen",
    ["\u200b" * 5, "\u200c\u200d", "\ufe0f", "\xad\u2060\ufeff", "\u3164 \u115f", "\u200e\u200f", "\U000e0101"],
)  # fmt: skip
def test_what_is_never_seen_is_no_token(unseen):
    assert tokenize(unseen) == []
    assert tokenize(f"a {unseen} b") == ["a", "b"]


def test_a_joiner_that_joins_nothing_makes_no_other_word():
    assert tokenize("می\u200c می\u200d می") == ["می"] * 3
    assert tokenize("a\u200bb") == ["a", "b"]  # a zero-width space does part


def test_a_mark_with_nothing_before_it_stands_alone():
    assert tokenize(" \u0301a \u0301") == ["\u0301", "a", "\u0301"]


@given(st.text(st.characters(max_codepoint=0x2FF) | st.sampled_from("‘’“”–—…€"), max_size=40))
def test_western_texts_have_the_same_tokens_by_both_rules(text):
    """Bar four characters: a soft hyphen joins, a point between letters too, and a dotted İ is not torn."""
    text = text.translate(dict.fromkeys(map(ord, "\xad·İ\u0130")))
    assert tokenize(text) == tokenize(text, PUBLISHED)


@given(st.text(max_size=60))
def test_no_letter_is_lost_and_tokens_stay_themselves(text):
    tokens = tokenize(text)
    read = unicodedata.normalize("NFC", text.lower())
    seen = [c for c in read if c.isalnum() and c not in "\u115f\u1160\u3164\uffa0"]
    assert [c for c in "".join(tokens) if c.isalnum()] == seen
    assert all(token and not any(c.isspace() for c in token) for token in tokens)


@pytest.mark.parametrize("text", ["\u200d" * 20_000, "a" + "\u200d" * 20_000, "a\u0301" * 20_000, "a\u200d" * 20_000,
                                  "😀\u200d" * 20_000, "'" * 20_000 + "é"])  # fmt: skip
def test_no_text_takes_long(text):
    start = time.process_time()
    tokenize(text + "य")
    assert time.process_time() - start < 5
