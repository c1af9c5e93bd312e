"""The table of placements as a mapping that notes which of its entries were read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from .terms import Placement, Term
from .uses import EVERY, note

_ABSENT = "absent"
_PLACE = "#"  # before a name: where in the table it stands


class Table(Mapping[str, Placement]):
    """Placements by name, in their order. What is looked up is noted by name; going through them notes EVERY."""

    def __init__(self, entries: Iterable[Placement]):
        self._entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> Placement:
        note(name)
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            note(name)
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        note(EVERY)
        return iter(self._entries)

    def __len__(self) -> int:
        note(EVERY)
        return len(self._entries)

    def in_order(self, names: Iterable[str]) -> list[str]:
        """These names, each once: entries in the table's order, what is no entry after them in the order given."""
        names = list(dict.fromkeys(names))
        for name in names:
            note(name)
        entries = [name for name in self._entries if name in names]
        return entries + [name for name in names if name not in self._entries]

    def number(self, name: str) -> int:
        """How many entries stand before this one. KeyError for what is no entry."""
        note(_PLACE + name)
        if name not in self._entries:
            raise KeyError(name)
        return list(self._entries).index(name)

    def name_of(self, terms: tuple[Term, ...]) -> str | None:
        """The entry that has exactly these terms; None where there is none."""
        found = next((name for name, entry in self._entries.items() if entry.terms == terms), None)
        note(EVERY if found is None else found)
        return found

    def state(self, names: Iterable[str]) -> dict[str, str]:
        """By name, as noted, what was read, as text that stays as long as that does. Notes nothing itself."""
        return {name: self._state(name) for name in sorted(names)}

    def _state(self, name: str) -> str:
        if name == EVERY:
            return "".join(map(_written, self._entries.values()))
        if name.startswith(_PLACE):
            before = list(self._entries)
            return str(before.index(name[1:])) if name[1:] in before else _ABSENT
        return _written(self._entries[name]) if name in self._entries else _ABSENT


def _written(entry: Placement) -> str:
    return json.dumps(asdict(entry), sort_keys=True, default=sorted)  # a set has no order of its own
