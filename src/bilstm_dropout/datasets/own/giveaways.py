"""What makes a test on texts easier than it should be: numbers that tell the class, and near copies among the folds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from .report import Finding, first_few

# A rule on numbers tells the class where it is right for so many, and for so many more than always the largest class.
RIGHT, MORE = 0.95, 0.20
# How many of the examples hold a number, at least, for a rule on it to matter.
HOLDING = 0.5
# The share of near copies above which a test says little of new texts.
NEAR = 0.05
_NUMBER = re.compile(r"\d{1,18}(?:\.\d{1,18})?")
_WITHIN_WORDS = re.compile(r"[\d'’·\u2010\u2011.,-]")


def first_number(text: str) -> float:
    """The first number in a text, without its sign; NaN where there is none."""
    found = _NUMBER.search(text)
    return float(found[0]) if found else float("nan")


def number_rule(name: str, texts: Iterable[str], labels: np.ndarray, classes: Sequence[str]) -> Finding | None:
    """A finding of that name where the first number in a text tells the class by a rule of few ranges, else None.

    labels: int (N,), places in `classes`. Ranges of numbers are cut as a decision tree does, at most as many as there
    are classes: one cut for two. The rule counts where it is right for RIGHT of the texts that hold a number, and for
    MORE of them beyond the largest class; and where HOLDING of all texts hold one. count: for how many it is right; of:
    how many hold one; rule: its classes and cuts in turn.
    """
    from sklearn.tree import DecisionTreeClassifier

    numbers = np.array([first_number(text) for text in texts])
    held = ~np.isnan(numbers)
    of = labels[held]
    if held.mean() < HOLDING or len(np.unique(of)) < 2:
        return None
    different, ranks = np.unique(numbers[held], return_inverse=True)
    ranks = ranks.reshape(-1, 1)  # the tree reads float32, which long numbers do not fit
    tree = DecisionTreeClassifier(max_leaf_nodes=len(np.unique(of)), random_state=0).fit(ranks, of)
    right = int((tree.predict(ranks) == of).sum())
    if right < max(RIGHT, np.bincount(of).max() / len(of) + MORE) * len(of):
        return None
    cuts = np.sort(tree.tree_.threshold[tree.tree_.feature >= 0])
    said = tree.predict(np.concatenate(([0], np.ceil(cuts)))[:, None])
    rule = [classes[said[0]]]
    for cut, label in zip(cuts, said[1:], strict=True):
        rule += [f"{different[int(np.ceil(cut))]:.15g}", classes[label]]
    return Finding(name, name == "number", right, len(of), rule=tuple(rule))


def letters(tokens: Iterable[str]) -> str:
    """What is left of a text's tokens without digits and punctuation."""
    bare = (_WITHIN_WORDS.sub("", token) for token in tokens)
    return " ".join(token for token in bare if token[:1].isalpha())


def near_copies(bare: Sequence[str], folds: np.ndarray, lines: Sequence[int]) -> tuple[Finding, ...]:
    """How many texts have a near copy in another fold, and where: a finding, a warning above NEAR; () for none.

    bare: of each text, as `letters` has it; those of which nothing is left are no copies. folds: of each, (N,).
    """
    among: dict[str, set[int]] = defaultdict(set)
    for text, fold in zip(bare, folds.tolist(), strict=True):
        among[text].add(fold)
    found = [line for text, line in zip(bare, lines, strict=True) if text and len(among[text]) > 1]
    return (Finding("near", len(found) > NEAR * len(bare), len(found), len(bare), first_few(found)),) if found else ()
