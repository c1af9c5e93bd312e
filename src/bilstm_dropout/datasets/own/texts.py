"""Texts of the reader's own: a file with a text column and a label column, read, folded and made into a Dataset."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..dataset import UNKNOWN, Dataset
from ..folds import FOLD_OPTION, REPEAT_OPTION, fold_numbers, fold_rows
from ..options import Option
from ..text.tokenizer import UNICODE, tokenize
from ..text.tokens import TEXT_OPTIONS, Texts, normalised, text_dataset
from .alike import reads_garbled, reads_missing, shown
from .content import Content, class_counts, identity, packed, unpacked
from .faults import ITEMS
from .giveaways import letters, near_copies, number_rule
from .groups import dealing, described, group_value, joined
from .labels import Classes, label_numbers, note_too_few
from .report import Finding, counted, first_few, in_general
from .table import OwnFile

MOST_TOKENS = 400
LENGTH_PERCENTILE = 95
# The share of texts that read like missing values, or garbled, above which they are no answers such as 'none'.
A_FEW = 0.01


def read_texts(
    path: str | os.PathLike, text: str, label: str, id: str | None = None, group: str | None = None
) -> Content:
    """Read a file of texts, one a row. text, label, id, group: column names; without an id, rows are numbered.

    UserError, one line, for everything that is not sound; see table, labels and the messages here. What is sound and
    yet may be of no use is in the report.
    """
    file = OwnFile(path, "texts")
    faults, classes = file.faults, Classes(file.faults, label)
    at = file.positions(text=text, label=label, id=id, group=group)
    columns = {part: file.columns[place] for part, place in at.items()}
    texts, labels, values, lines = [], [], [], {}
    for line, cells in file.rows():
        texts.append(cells[at["text"]].strip())
        labels.append(classes.add(cells[at["label"]], line))
        if not texts[-1]:
            faults.unsound(f"{shown(text)} is empty on {ITEMS}. Take these rows out.", f"line {line}")
        name = identity(faults, cells[at["id"]], line, id) if "id" in at else f"row-{len(texts):06d}"
        if name in lines:
            faults.unsound(
                f"each text needs an id of its own, and some stand there already: {ITEMS}. Leave the id column out to "
                "have rows numbered.",
                f"{shown(name)} on line {line} (and on line {lines[name]})",
            )
            name = f"{name}, line {line}"
        lines[name] = line
        if "group" in at:
            values.append(group_value(faults, cells[at["group"]], line, group))
    file.note_swallowed_rows(at["label"], classes.lines)
    classes.check()
    same = [normalised(each) for each in texts]
    groups = joined(same, values or None)
    note_too_few(faults, classes, labels, groups.tolist(), "texts", columns.get("group"))
    faults.raise_all()
    names, ids = classes.names(), list(lines)
    numbers = label_numbers(labels, names)
    lengths, bare = _read(texts)
    lines = list(lines.values())
    facts, arrays = _facts(classes, names, numbers, lengths), _arrays(texts, numbers, groups, ids, lines)
    repeated, contradicting = _repeated(same, labels, lines)
    facts |= {"repeated": len(repeated), "contradicting": len(contradicting), "grouped": group is not None}
    rules = [number_rule("number", texts, numbers, names), id and number_rule("ids", ids, numbers, names)]
    return Content(
        kind="tokens",
        columns=columns,
        classes=tuple(names),
        facts=facts,
        arrays=arrays,
        report=(
            *file.multiline(),
            *classes.findings(),
            *_few("missing-texts", texts, lines, reads_missing),
            *_few("garbled", texts, lines, reads_garbled),
            *_usable(file.name, names, facts, arrays, [lines[row] for row in np.flatnonzero(lengths == 0)]),
            *near_copies(bare, arrays["folds"], lines),
            *filter(None, rules),
            *([described(columns["group"], groups)] if group else []),
            *in_general(facts, {"repeated": repeated, "contradicting": contradicting}),
        ),
    )


def _read(texts: list[str]) -> tuple[np.ndarray, list[str]]:
    """How many tokens each text has, and what near copies are compared by."""
    lengths, bare = [], []
    for text in texts:
        tokens = tokenize(text, UNICODE)
        lengths.append(len(tokens))
        bare.append(letters(tokens))
    return np.array(lengths), bare


def _facts(classes: Classes, names: list[str], numbers: np.ndarray, lengths: np.ndarray) -> dict[str, object]:
    lengths = np.maximum(lengths, 1)
    shortest, middle, longest = (int(np.percentile(lengths, share, method="lower")) for share in (0, 50, 100))
    usual = int(np.percentile(lengths, LENGTH_PERCENTILE, method="higher"))
    return {
        "examples": len(numbers),
        "class_counts": class_counts(numbers, names),
        "classes_are_numbers": classes.numbers(),
        "lengths": [shortest, middle, usual, longest],
        "max_tokens": min(MOST_TOKENS, usual),
        "tokenizer": UNICODE,
    }


def _arrays(
    texts: list[str], numbers: np.ndarray, groups: np.ndarray, ids: list[str], lines: list[int]
) -> dict[str, np.ndarray]:
    return {
        "labels": numbers,
        "folds": fold_numbers(groups.tolist(), numbers),
        "groups": groups,
        "lines": np.array(lines, dtype=np.int64),
        "ids": packed(ids),
        "texts": packed(texts),
    }


def _repeated(same: list[str], labels: list[str], lines: list[int]) -> tuple[list[int], list[int]]:
    """The lines of texts that repeat an earlier one, and of the first of those that stand under several classes."""
    first, of_classes, repeated = {}, defaultdict(set), []
    for text, label, line in zip(same, labels, lines, strict=True):
        if first.setdefault(text, line) != line:
            repeated.append(line)
        of_classes[text].add(label)
    return repeated, [first[text] for text, each in of_classes.items() if len(each) > 1]


def _few(name: str, texts: list[str], lines: list[int], reads: Callable[[str], bool]) -> tuple[Finding, ...]:
    """The texts that read so, such as 'NaN': a warning where they are more than a few by chance."""
    found = [line for text, line in zip(texts, lines, strict=True) if reads(text)]
    if not found:
        return ()
    return (Finding(name, len(found) > A_FEW * len(texts), len(found), len(texts), first_few(found)),)


def _usable(name: str, classes: list[str], facts: dict, arrays: dict, empty: list[int]) -> tuple[Finding, Finding]:
    """How many texts have no token, and how many of the tokens that the study is tested on it cannot have learned."""
    options = {option: each.default for option, each in text_options(facts).items()}
    test = make_texts(name, tuple(classes), arrays, rule=UNICODE, **options).test
    real = np.arange(test.inputs.shape[1]) < test.lengths[:, None]
    unknown = int((real & (test.inputs == UNKNOWN)).sum())
    return counted("no-tokens", len(empty), facts["examples"], empty), counted("unknown", unknown, int(real.sum()))


def text_options(facts: dict) -> dict[str, Option]:
    """The options of an own text set: those of every text set, with a length that fits this one, fold and repeat."""
    longest = replace(TEXT_OPTIONS["max_tokens"], default=facts["max_tokens"])
    return TEXT_OPTIONS | {"max_tokens": longest, "fold": FOLD_OPTION, "repeat": REPEAT_OPTION}


def make_texts(
    name: str, classes: tuple[str, ...], arrays: dict[str, np.ndarray], *, rule: str, fold: int, repeat: int, **options
) -> Dataset:
    """The Dataset of a kept file; rule: of the tokenizer; the other options as `text_options` has them.

    Its sizes are those of all texts, so that they are the same for every fold and repeat. Format 2 kept no groups.
    """
    texts = Texts(tuple(unpacked(arrays["texts"])), arrays["labels"], tuple(unpacked(arrays["ids"])))
    if "groups" not in arrays:
        arrays = arrays | {"groups": joined([normalised(each) for each in texts.texts])}
    parts = (texts.take(rows) for rows in fold_rows(dealing(arrays, repeat), fold))
    return replace(text_dataset(name, *parts, classes, rule=rule, same_sizes=True, **options), room=len(texts))
