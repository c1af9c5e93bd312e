"""What the parts of published results are about, in words: pages call them by these, files and commands by letters."""

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
    "q": "recall, every placement",
    "s": "masks early or late in training",
    "t": "planted features, ten draws",
    "u": "every placement again, with predictions",
    "v": "other regularisers",
    "claims": "the ledger's runs",
    "growth": "how seconds grow",
    "memory": "memory",
    "planted": "planted features",
    "position": "where the cue stands",
}


def about(part: str) -> str:
    """A part in words; its name where nothing is said of it."""
    return ABOUT.get(part, part)
