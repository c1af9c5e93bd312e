"""What the parts of published results are about, in words: pages and code call them by these, files by letters."""

from __future__ import annotations

ABOUT = {
    "a1": "tuning",
    "a2": "tuned recipes",
    "a3": "one setting for all",
    "b": "every placement at several rates",
    "c": "long texts",
    "d": "fewer training rows",
    "e": "several sites at once",
    "f": "what shares a mask",
    "f2": "equal doses",
    "g": "schedules of the rate",
    "i": "two layers",
    "j": "controls",
    "k": "TREC's own test part",
    "l": "recipe or place",
    "m": "Monte Carlo dropout",
    "n": "tuning again",
    "o": "rows, length and learning rate",
    "p": "size of the network",
    "q": "recall, every placement",
    "r": "bootstrap samples and seeds",
    "s": "masks early or late in training",
    "t": "planted features, ten draws",
    "u": "every placement, with predictions",
    "v": "other regularisers",
    "claims": "the ledger's runs",
    "growth": "how seconds grow",
    "memory": "memory",
    "planted": "planted features",
    "position": "where the cue stands",
}
_FILE_NAMES = {words: part for part, words in ABOUT.items()}


def about(part: str) -> str:
    """A part in words; its name where nothing is said of it."""
    return ABOUT.get(part, part)


def file_name(part: str) -> str:
    """What the files of a part begin with: 'a2'. part: that, or the part in words, 'tuned recipes'."""
    return _FILE_NAMES.get(part, part)
