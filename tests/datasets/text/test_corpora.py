"""Text sets from files in their published formats, written here with invented sentences."""

import io
import tarfile
from dataclasses import replace

import numpy as np
import pytest

from bilstm_dropout.datasets import cache, files
from bilstm_dropout.datasets.text import corpora, formats
from bilstm_dropout.datasets.text.formats import content_digest, labelled_lines, reviews
from bilstm_dropout.datasets.text.tokens import Texts, normalised
from bilstm_dropout.errors import UserError

BY_NAME = {each.card.name: each for each in corpora.CORPORA}


def written(tmp_path, content: bytes):
    (tmp_path / "file").write_bytes(content)
    return tmp_path / "file"


def test_lines_with_a_label_before_the_sentence(tmp_path):
    file = written(tmp_path, b"0 caf\xe9 one\x85two\x0bthree \n1 1 2 3\r\n")
    read = labelled_lines(file, "latin-1", "01", "tiny")
    assert read.texts == ("café one\x85two\x0bthree", "1 2 3")
    assert (read.labels.tolist(), read.ids) == ([0, 1], ("tiny-00000", "tiny-00001"))


def test_lines_with_a_label_after_the_sentence(tmp_path):
    file = written(tmp_path, "Mail a@b rose to 5 € .@good\nA fall .@bad\r\n".encode())
    read = labelled_lines(file, "utf-8", ("bad", "good"), "tiny", separator="@", label_first=False)
    assert (read.texts, read.labels.tolist()) == (("Mail a@b rose to 5 € .", "A fall ."), [1, 0])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"0 fine\n2 secret\n", "line 2 has no text with one of the labels 0, 1"),
        (b"0 fine\n1 \n", "line 2"),
        (b"0 fine\n\n1 fine\n", "line 2"),
        (b"secret", "line 1"),
        (b"0 fine\n1 caf\xe9 secret\n", "byte 12 is not utf-8"),
    ],
)
def test_lines_of_another_format_are_refused_without_showing_them(tmp_path, content, what):
    with pytest.raises(UserError, match=what) as caught:
        labelled_lines(written(tmp_path, content), "utf-8", "01", "tiny")
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


REVIEWS = {
    "aclImdb/train/neg/10_2.txt": b"Bad.<br /><br />Very.",
    "aclImdb/train/neg/9_1.txt": "Naïf.".encode(),
    "aclImdb/train/pos/0_9.txt": b"Good.",
    "aclImdb/test/pos/0_10.txt": b"Fine.",
}
OTHERS = {"aclImdb/train/unsup/0_0.txt": b"?", "aclImdb/README": b"?", "../../evil/neg/1_1.txt": b"?"}


def archive(tmp_path, members, links=()):
    path = tmp_path / "reviews.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for name in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
            tar.addfile(entry)
    return path


def test_reviews_are_read_from_the_stream_whatever_else_the_archive_holds(tmp_path):
    expected = content_digest(REVIEWS)
    path = archive(tmp_path, [*OTHERS.items(), *reversed(REVIEWS.items())], links=["aclImdb/train/neg/7_1.txt"])
    read = reviews(path, expected)
    assert read["train"].ids == ("imdb-train-neg-9", "imdb-train-neg-10", "imdb-train-pos-0")
    assert read["train"].texts == ("Naïf.", "Bad.  Very.", "Good.")
    assert read["train"].labels.tolist() == [0, 0, 1] and read["test"].labels.tolist() == [1]
    assert [path.name for path in tmp_path.rglob("*")] == ["reviews.tar.gz"]


def test_the_content_is_checked_and_not_the_archive(tmp_path):
    expected = content_digest(REVIEWS)
    changed = {**REVIEWS, "aclImdb/test/pos/0_10.txt": b"Dull."}
    renamed = {name.replace("0_9", "0_8"): content for name, content in REVIEWS.items()}
    for members in (changed, renamed, {}):
        with pytest.raises(UserError, match=f"expected {expected}"):
            reviews(archive(tmp_path, members.items()), expected)


def test_a_hostile_or_damaged_archive_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "LARGEST_REVIEW", 100)
    monkeypatch.setattr(formats, "LARGEST_ARCHIVE", 10_000)
    name = "aclImdb/train/neg/1_1.txt"
    sound = archive(tmp_path, REVIEWS.items()).read_bytes()
    cases = {
        "a review has 101 bytes": [(name, b"x" * 101)],
        "unpacks to more than 10,000": [("aclImdb/other", b"x" * 10_001)],
        "there twice": [(name, b"x"), (name, b"y")],
    }
    for message, members in cases.items():
        with pytest.raises(UserError, match=message):
            reviews(archive(tmp_path, members), "")
    for content in (b"", b"no archive", sound[: len(sound) // 2]):
        with pytest.raises(UserError, match="damaged") as caught:
            reviews(written(tmp_path, content), "")
        assert "\n" not in str(caught.value)


def many(prefix: str, rows: int) -> Texts:
    """Invented texts, two classes, in which every tenth repeats the one before it in capitals."""
    words = [f"{prefix} number {row - (row % 10 == 9) * 2} says yes" for row in range(rows)]
    words = [text.upper() if row % 10 == 9 else text for row, text in enumerate(words)]
    return Texts(tuple(words), (np.arange(rows) % 2).astype(np.int32), tuple(f"{prefix}-{row}" for row in range(rows)))


def joined(*parts: Texts) -> Texts:
    ids = tuple(f"row-{row}" for row in range(sum(map(len, parts))))
    return Texts(sum((part.texts for part in parts), ()), np.concatenate([part.labels for part in parts]), ids)


def compared(texts: Texts) -> set[str]:
    return {normalised(text) for text in texts.texts}


def test_folds_are_disjoint_and_every_text_is_tested_once():
    whole, tested = many("film", 200), []
    for fold in range(10):
        train, validation, test = corpora.split_all(whole, fold)
        assert not compared(train) & (compared(validation) | compared(test))
        assert not compared(validation) & compared(test)
        tested += test.ids
        assert validation.ids == corpora.split_all(whole, (fold + 1) % 10)[2].ids
    assert sorted(tested) == sorted(whole.ids)


def test_texts_of_the_given_test_part_are_dropped_from_the_others():
    given, test = many("film", 200), many("play", 40)
    train = joined(given, test.take(range(7)))
    for fold in (0, 9):
        rest, validation, tested = corpora.split_given(train, test, fold, "official")
        assert tested is test
        assert compared(rest) | compared(validation) == compared(given)
        assert not compared(rest) & compared(validation)
    whole = corpora.split_given(train, test, 3, "fold")
    assert sum(map(len, whole)) == len(train) and whole[2].ids == corpora.split_all(train, 3)[2].ids


def test_counts_that_differ_are_refused():
    trec = BY_NAME["trec"]
    texts = many("film", 30)
    with pytest.raises(UserError, match=r"TREC.train.all.*train has \(15, 15, 0, 0, 0, 0\).*expected \(1162, "):
        trec.check({"train": texts})


def tiny(tmp_path, monkeypatch, rows=200):
    """The set mr, from an invented file of so many sentences."""
    texts = many("film", rows)
    lines = "".join(f"{label} {text}\n" for label, text in zip(texts.labels, texts.texts, strict=True)).encode()
    (tmp_path / "rt-polarity.all").write_bytes(lines)
    monkeypatch.setenv("BILSTM_DROPOUT_DATA", str(tmp_path))
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache")
    file = replace(BY_NAME["mr"].files[0], sha256=files.sha256(tmp_path / "rt-polarity.all"))
    return replace(BY_NAME["mr"], files=(file,), counts={"all": (rows // 2, rows // 2)})


def defaults(corpus, **changes):
    return {name: option.default for name, option in corpus.options.items()} | changes


def test_a_set_is_made_from_its_file_and_then_from_the_kept_arrays(tmp_path, monkeypatch):
    corpus = tiny(tmp_path, monkeypatch)
    made = corpus.make(**defaults(corpus))
    assert (made.name, made.kind, made.classes) == ("mr", "tokens", ("negative", "positive"))
    assert made.token_names[2:6] == ("film", "number", "says", "yes") and len(made.test) == 20
    assert made.train.ids[0].startswith("mr-00")
    (tmp_path / "rt-polarity.all").unlink()
    again = corpus.make(**defaults(corpus))
    for field in ("name", "kind", "classes", "token_names", "vocabulary", "fingerprint"):
        assert getattr(again, field) == getattr(made, field)
    assert [part.ids for part in again.splits().values()] == [part.ids for part in made.splits().values()]


@pytest.mark.parametrize("change", ["options", "source", "code", "damage", "flip", "array", "pickle"])
def test_a_stale_or_damaged_copy_is_made_again(tmp_path, monkeypatch, change):
    corpus = tiny(tmp_path, monkeypatch)
    made = corpus.make(**defaults(corpus))
    (kept,) = (tmp_path / "cache" / "encoded").glob("*.npz")
    options = defaults(corpus)
    if change == "options":
        options["max_tokens"] = 3
    elif change == "source":
        corpus = replace(tiny(tmp_path, monkeypatch, rows=240))
    elif change == "code":
        monkeypatch.setattr(cache, "version", lambda name: "another")
    elif change == "damage":
        kept.write_bytes(kept.read_bytes()[:500])
    elif change == "flip":  # in the middle of what is compressed
        content = bytearray(kept.read_bytes())
        for place in range(200, len(content) - 200, 50):
            content[place] ^= 255
        kept.write_bytes(content)
    else:
        with np.load(kept) as stored:
            arrays = {name: array.copy() for name, array in stored.items()}
        arrays["train_inputs"][0, 0] += 1
        if change == "pickle":
            arrays["train_inputs"] = arrays["train_inputs"].astype(object)
        np.savez(kept, **arrays)
    called = []
    read = corpus.read
    corpus = replace(corpus, read=lambda paths: called.append(1) or read(paths))
    again = corpus.make(**options)
    assert called == [1]
    assert (again.fingerprint == made.fingerprint) == (change not in ("options", "source"))
    assert corpus.make(**options).fingerprint == again.fingerprint and called == [1]


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch):
    corpus = tiny(tmp_path, monkeypatch)
    (tmp_path / "cache").write_text("a file where the folder would be")
    assert corpus.make(**defaults(corpus)).name == "mr"


def test_defaults_of_each_set():
    limits = ("max_tokens", "keep")
    chosen = {name: tuple(each.options[limit].default for limit in limits) for name, each in BY_NAME.items()}
    assert chosen == {
        "imdb": (100, "last"),
        "mr": (60, "first"),
        "trec": (40, "first"),
        "subj": (60, "first"),
        "phrasebank": (60, "first"),
        "phrasebank-allagree": (60, "first"),
    }
    assert [name for name, each in BY_NAME.items() if "test" in each.options] == ["imdb", "trec"]
    for each in BY_NAME.values():
        assert all(len(counts) == len(each.classes) for counts in each.counts.values())
        assert tuple(file.path for file in each.files) == each.card.files and not each.card.small
        assert all(file.sha256 or each.content for file in each.files)


def test_training_and_validation_rows_may_be_taken_otherwise_and_all_else_stays(tmp_path, monkeypatch):
    corpus = tiny(tmp_path, monkeypatch)
    plain = corpus.make(**defaults(corpus))
    other = corpus.make(**defaults(corpus, resample=1, validation=8))
    assert len(other.train) == len(plain.train) and set(other.train.inputs[:, 2]) < set(plain.train.inputs[:, 2])
    assert len(other.validation) == 8 and set(other.validation.ids) < set(plain.validation.ids)
    assert other.test.ids == plain.test.ids and np.array_equal(other.test.inputs, plain.test.inputs)
    assert other.token_names == plain.token_names  # so a seed gives a word the same first vector
    originals = {identity.split("/")[0] for identity in other.train.ids}
    assert originals < set(plain.train.ids) and not originals & {*plain.validation.ids, *plain.test.ids}
    assert len({plain.fingerprint, other.fingerprint, corpus.make(**defaults(corpus, resample=2)).fingerprint}) == 3
    assert corpus.make(**{name: value for name, value in defaults(corpus).items() if name not in ("resample",
                          "validation")}).fingerprint == plain.fingerprint  # fmt: skip
