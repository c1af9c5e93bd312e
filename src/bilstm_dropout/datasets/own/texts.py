"""Texts of the reader's own: a file with a text column and a label column, read, folded and made into a Dataset."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace

import numpy as np

from ...errors import UserError
from ..dataset import Dataset
from ..folds import FOLD_OPTION, fold_numbers, fold_rows
from ..options import Option
from ..text.tokens import TEXT_OPTIONS, Texts, normalised, text_dataset, tokenize
from .content import Content, class_counts, identity, packed, unpacked
from .labels import Classes, label_numbers, require_enough
from .table import OwnFile, shown

MOST_ROWS = 200_000
MOST_TOKENS = 400
LENGTH_PERCENTILE = 95


def read_texts(path: str | os.PathLike, text: str, label: str, id: str | None = None) -> Content:
    """Read a file of texts, one a row. text, label, id: column names; without an id, rows are numbered.

    UserError, one line, for everything that is not sound; see own_file, own_labels and the messages here.
    """
    file = OwnFile(path, MOST_ROWS)
    at_text, at_label = file.position(text, "text column"), file.position(label, "label column")
    at_id = None if id is None else file.position(id, "id column")
    chosen = [text.strip(), label.strip(), *([] if id is None else [id.strip()])]
    if len(set(chosen)) < len(chosen):
        raise UserError(f"{file.name}: one column was named twice; texts, labels and ids each need their own.")
    classes = Classes(file.name, label)
    texts, labels, ids, empty, lines = [], [], [], [], {}
    for line, cells in file.rows():
        texts.append(cells[at_text].strip())
        labels.append(classes.add(cells[at_label], line))
        if not texts[-1]:
            empty.append(line)
        name = f"row-{len(texts):06d}" if at_id is None else identity(file.name, cells[at_id], line, id)
        if name in lines:
            raise UserError(
                f"{file.name}, line {line}: the id {shown(name)} stands on line {lines[name]} already. Each text needs "
                "an id of its own; leave the id column out to have rows numbered."
            )
        lines[name] = line
        ids.append(name)
    if empty:
        raise UserError(
            f"{file.name}: {shown(text)} is empty in {len(empty):,} rows, first on line {empty[0]}. Take these rows "
            "out."
        )
    names = classes.names()
    groups = [normalised(each) for each in texts]
    require_enough(classes, labels, groups, "texts")
    numbers = label_numbers(labels, names)
    lengths = np.array([max(1, len(tokenize(each))) for each in texts])
    labels_of = defaultdict(set)
    for group, label_of in zip(groups, labels, strict=True):
        labels_of[group].add(label_of)
    shortest, middle, longest = (int(np.percentile(lengths, share, method="lower")) for share in (0, 50, 100))
    usual = int(np.percentile(lengths, LENGTH_PERCENTILE, method="higher"))
    return Content(
        kind="tokens",
        columns={"text": text.strip(), "label": label.strip()} | ({} if id is None else {"id": id.strip()}),
        classes=tuple(names),
        facts={
            "examples": len(texts),
            "class_counts": class_counts(numbers, names),
            "classes_are_numbers": classes.numbers(),
            "lengths": [shortest, middle, usual, longest],
            "max_tokens": min(MOST_TOKENS, usual),
            "repeated": len(texts) - len(labels_of),
            "contradicting": sum(len(each) > 1 for each in labels_of.values()),
        },
        arrays={
            "labels": numbers,
            "folds": fold_numbers(groups, numbers),
            "ids": packed(ids),
            "texts": packed(texts),
        },
    )


def text_options(facts: dict) -> dict[str, Option]:
    """The options of an own text set: those of every text set, with a length that fits this one, and the fold."""
    longest = replace(TEXT_OPTIONS["max_tokens"], default=facts["max_tokens"])
    return TEXT_OPTIONS | {"max_tokens": longest, "fold": FOLD_OPTION}


def make_texts(name: str, classes: tuple[str, ...], arrays: dict[str, np.ndarray], *, fold: int, **options) -> Dataset:
    """The Dataset of a kept file; options as `text_options` has them."""
    texts = Texts(tuple(unpacked(arrays["texts"])), arrays["labels"], tuple(unpacked(arrays["ids"])))
    parts = (texts.take(rows) for rows in fold_rows(arrays["folds"], fold))
    return text_dataset(name, *parts, classes, **options)
