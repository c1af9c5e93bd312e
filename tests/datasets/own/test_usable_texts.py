"""Texts that are sound as a file and of no use as data are said: at import, with counts and lines, on the card."""

import csv
import json
import random

import pytest

from bilstm_dropout import datasets
from bilstm_dropout.datasets.own import imported as own
from bilstm_dropout.datasets.own.importing import import_file
from bilstm_dropout.datasets.own.texts import read_texts

NAMES = ["anna", "bert", "carl", "dora", "emil", "finn", "gina", "hans", "ida", "jana", "kurt", "lena"]
FILLER = [[f"plain text of {name} {label},{label}", label] for label in ("pos", "neg") for name in NAMES]
# Seven words of each language, as its texts join them: no blanks between them.
WORDS = {
    "Chinese": ("电影 故事 演员 非常 精彩 无聊 喜欢 讨厌 音乐 画面 感人 糟糕", "。"),
    "Japanese": ("映画 とても ストーリー 俳優 面白い つまらない 好き 嫌い 音楽 最高", "。"),
    "Thai": ("ภาพยนตร์ เรื่อง นี้ ดี มาก แย่ นักแสดง เพลง สนุก น่าเบื่อ", ""),
    "Khmer": ("ភាពយន្ត នេះ ល្អ ណាស់ អាក្រក់ តួ ចម្រៀង រីករាយ", "។"),
    "Burmese": ("ရုပ်ရှင် ဒီ ကောင်း တယ် ဆိုး သရုပ်ဆောင် သီချင်း", "။"),
    "Lao": ("ຮູບເງົາ ນີ້ ດີ ຫຼາຍ ບໍ່ ນັກສະແດງ ເພງ ມ່ວນ", ""),
}


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["text", "label"], *rows])
    return path


def found(tmp_path, rows) -> dict:
    return {each.name: each for each in read_texts(write(tmp_path / "a.csv", rows), "text", "label").report}


def warnings(report) -> set[str]:
    """The findings that are warnings, but for the one that these files are small."""
    return {name for name, each in report.items() if each.warning} - {"resolution"}


def texts_like(make):
    return [[make(n), label] for n, (_, label) in enumerate(FILLER)]


@pytest.mark.parametrize("language", WORDS)
def test_scripts_without_blanks_are_read_by_characters(language, tmp_path):
    rng, (words, end) = random.Random(language), WORDS[language]
    rows = [["".join(rng.choices(words.split(), k=7)) + end, ("pos", "neg")[n % 2]] for n in range(60)]
    report = found(tmp_path, rows)
    assert not warnings(report)
    assert report["unknown"].count <= 0.1 * report["unknown"].of and report["no-tokens"].count == 0


def test_sound_texts_have_the_shares_said_and_no_warning(tmp_path):
    report = found(tmp_path, FILLER)
    assert not warnings(report)
    said = [each.said("tokens", str) for each in report.values()]
    assert "0 of 24 texts (0%) hold no token, that is, no word, sign or character." in said
    assert any("tokens of the test part" in each and "are unknown" in each for each in said)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: str(100 + n),
        lambda n: f"{n * 7919:032x}",
        lambda n: f"id{n}q",
        lambda n: "".join(random.Random(n).choices("abcdefgh", k=9)),
        lambda n: f"Donaudampfschifffahrts{n}gesellschaft",
    ],
    ids=["numbers", "hashes", "ids", "noise", "a word each"],
)
def test_a_test_part_of_unknown_tokens_is_a_warning(make, tmp_path):
    report = found(tmp_path, texts_like(make))
    assert report["unknown"].warning and report["unknown"].said("tokens", str).startswith("Warning: ")


@pytest.mark.parametrize("unseen", ["\u200b", "\u200d\u200c", "\ufeff", "\xad", "\u3164", "\u2060\u200e", "\ufe0f"])
def test_texts_without_a_token_are_a_warning_with_their_lines(unseen, tmp_path):
    report = found(tmp_path, texts_like(lambda n: "a" + unseen * (n + 1) if n > 20 else unseen * (n + 1)))
    empty = report["no-tokens"]
    assert (empty.warning, empty.count, empty.of, empty.lines) == (True, 21, 24, (2, 3, 4))
    assert "21 of 24 texts (88%)" in empty.said("tokens", str) and "first on lines 2, 3, 4" in empty.said("tokens", str)
    assert report["unknown"].warning


def test_few_texts_without_a_token_are_said_and_no_warning(tmp_path):
    rows = [list(row) for row in FILLER]
    rows[7][0], rows[9][0] = "\u200b", "\u200b\u200b"
    empty = found(tmp_path, rows)["no-tokens"]
    assert (empty.warning, empty.count, empty.lines) == (False, 2, (9, 11))
    assert "(8%)" in empty.said("tokens", str) and "(on lines 9, 11)" in empty.said("tokens", str)


def test_lines_of_copies_and_contradictions_are_said(tmp_path):
    rows = [*FILLER, ["Same  text", "pos"], ["same text", "neg"], ["plain text of dora pos,pos", "pos"]]
    report = found(tmp_path, rows)
    assert report["repeated"].lines == (27, 28) and report["contradicting"].lines == (26,)
    assert report["repeated"].said("tokens", str) == "2 texts repeat another (on lines 27, 28)."


# ---- on the card, and kept ----
def test_warnings_stand_first_on_the_card_and_everything_found_is_there(project):
    rows = [*texts_like(lambda n: str(100 + n)), ["100", "pos"]]
    name = import_file(write(project / "a.csv", rows), text="text", label="label").name
    flaws = datasets.describe(name).flaws
    pointless, unknown, *_ = flaws.split(". ")
    assert pointless.startswith("Warning: A study of this file would be pointless") and "are unknown" in unknown
    assert "1 texts repeat another (on line 26)" in flaws and "0 of 25 texts (0%) hold no token" in flaws


def as_first_format(name):
    """The description as the first version wrote it."""
    file = own.folder(name) / own.DESCRIPTION
    content = json.loads(file.read_text("utf-8")) | {"format": 1}
    del content["report"], content["facts"]["tokenizer"], content["checksum"]
    content["checksum"] = own.checksum_of(content)
    file.write_text(json.dumps(content, indent=1))
    datasets._make.cache_clear()


def test_data_that_an_earlier_version_kept_are_read_as_then_until_they_are_imported_again(project):
    rows = [[f"यह फिल्म बहुत अच्छी है {text}", label] for text, label in FILLER]
    file = write(project / "a.csv", rows)
    name = import_file(file, text="text", label="label").name
    now = datasets.load(name)
    as_first_format(name)
    before = datasets.load(name)
    assert "फिल्म" in now.token_names and "ल" in before.token_names and before.fingerprint != now.fingerprint
    assert "step in accuracy" in datasets.describe(name).flaws and own.kept(name).report
    assert import_file(file, text="text", label="label").state == "reread"
    assert datasets.load(name).fingerprint == now.fingerprint
    assert import_file(file, text="text", label="label").state == "unchanged"


def test_english_texts_stay_the_same_data(project):
    file = write(project / "a.csv", FILLER)
    name = import_file(file, text="text", label="label").name
    now = datasets.load(name).fingerprint
    as_first_format(name)
    assert datasets.load(name).fingerprint == now


def test_a_report_that_cannot_be_read_is_damage(project):
    name = import_file(write(project / "a.csv", FILLER), text="text", label="label").name
    file = own.folder(name) / own.DESCRIPTION
    for report in ([{"name": "nothing known", "lines": [], "names": []}], [3], {"a": 1}, [{"name": "size"}]):
        content = json.loads(file.read_text("utf-8"))
        del content["checksum"]
        content["report"] = report
        file.write_text(json.dumps(content | {"checksum": own.checksum_of(content)}))
        with pytest.raises(own.UserError, match=r"damaged.*Import the file again"):
            own.kept(name)
