"""From texts to token ids: tokens by a stated rule, a vocabulary of the training part alone, cut to a length."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import UserError
from ..dataset import PADDING, UNKNOWN, Dataset, Split
from ..options import Option, choice, whole
from ..synthetic import SPECIAL_NAMES
from .tokenizer import UNICODE, tokenize

TEXT_OPTIONS: dict[str, Option] = {
    "vocabulary": whole(20_000, "number of token ids, with padding and unknown", 3, 100_000),
    "max_tokens": whole(60, "tokens of a text that are read", 1, 1000),
    "keep": choice("first", "which tokens of a longer text are read", ("first", "last")),
}


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts with their labels, int32 (N,), and ids, each used once. ValueError where the three do not fit together."""

    texts: tuple[str, ...]
    labels: np.ndarray
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        rows = len(self.texts)
        fits = self.labels.shape == (rows,) and self.labels.dtype == np.int32
        if not fits or not len(self.ids) == len(set(self.ids)) == rows:
            raise ValueError(f"{rows} texts need int32 labels ({rows},) and {rows} different ids.")

    def __len__(self) -> int:
        """The number of texts."""
        return len(self.texts)

    def take(self, rows: Sequence[int] | np.ndarray) -> Texts:
        """These rows only, in this order."""
        rows = np.asarray(rows, dtype=np.int64)
        return Texts(tuple(self.texts[row] for row in rows), self.labels[rows], tuple(self.ids[row] for row in rows))


def normalised(text: str) -> str:
    """What two texts are compared by: one spelling of accents and case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def without_shared(train: Texts, others: Texts) -> Texts:
    """`train` less the texts that also stand in `others`, compared as `normalised` has them."""
    shared = {normalised(text) for text in others.texts}
    return train.take([row for row, text in enumerate(train.texts) if normalised(text) not in shared])


def text_dataset(
    name: str,
    train: Texts,
    validation: Texts,
    test: Texts,
    classes: Sequence[str],
    *,
    vocabulary: int,
    max_tokens: int,
    keep: str,
    rule: str = UNICODE,
    same_sizes: bool = False,
) -> Dataset:
    """The texts as a Dataset of token ids.

    rule: what a token is, as `tokenize` has it. Each text is cut to its first or last (`keep`) `max_tokens` tokens. The
    vocabulary has the commonest tokens that are left in the training part, ids from 2 by falling frequency (equally
    common ones alphabetically), at most `vocabulary` ids with 0 for padding and 1 for every other token; so each id can
    be learned. A text of no tokens is one unknown token. Texts that two parts share are the caller's matter: see
    `without_shared`. same_sizes: the vocabulary has as many ids as all parts' tokens would take, and all parts as many
    steps as their longest text, so that neither depends on which text is in which part; no text holds the ids that are
    left over, and their names are 'unused-17' and so on. UserError where a part has no texts.
    """
    parts = {"training": train, "validation": validation, "test": test}
    for part, texts in parts.items():
        if not len(texts):
            raise UserError(f"The {part} part of {name} has no texts. Give more texts, or another split.")
    tokens = {part: cut_tokens(texts.texts, rule, max_tokens, keep) for part, texts in parts.items()}
    counts = Counter(token for text in tokens["training"] for token in text)
    commonest = sorted(counts, key=lambda token: (-counts[token], token))[: vocabulary - len(SPECIAL_NAMES)]
    token_names = (*SPECIAL_NAMES, *commonest)
    ids = {token: number for number, token in enumerate(token_names) if number > UNKNOWN}
    steps = {part: max(1, *map(len, each)) for part, each in tokens.items()}
    if same_sizes:
        steps = dict.fromkeys(steps, max(steps.values()))
        different = {token for part in tokens.values() for text in part for token in text}
        size = min(vocabulary, len(SPECIAL_NAMES) + len(different))
        token_names += tuple(f"unused-{number}" for number in range(len(token_names), size))
    return Dataset(
        name,
        "tokens",
        *(_encoded(tokens[part], texts, ids, steps[part]) for part, texts in parts.items()),
        classes=tuple(classes),
        vocabulary=len(token_names),
        token_names=token_names,
    )


def cut_tokens(texts: Sequence[str], rule: str, max_tokens: int, keep: str) -> list[list[str]]:
    """The tokens of each text that are read: its first or last (`keep`) `max_tokens`, by `tokenize` and its rule."""
    cut = slice(max_tokens) if keep == "first" else slice(-max_tokens, None)
    return [tokenize(text, rule)[cut] for text in texts]


def _encoded(tokens: list[list[str]], texts: Texts, ids: dict[str, int], steps: int) -> Split:
    return Split(*encoded(tokens, ids, steps), texts.labels, texts.ids)


def encoded(tokens: Sequence[Sequence[str]], ids: dict[str, int], steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Tokens of N texts as their ids, int32 (N, steps), padding after the end, and lengths, int32 (N,).

    ids: token to id; a token without one is UNKNOWN, and so is a text of no tokens. steps: at least the longest text.
    """
    lengths = np.array([max(1, len(text)) for text in tokens], dtype=np.int32)
    inputs = np.full((len(tokens), steps), PADDING, dtype=np.int32)
    for row, text in enumerate(tokens):
        inputs[row, : lengths[row]] = [ids.get(token, UNKNOWN) for token in text] or [UNKNOWN]
    return inputs, lengths
