"""What is wrong with a file: collected while it is read, and said all at once."""

from __future__ import annotations

from ...errors import UserError

MOST_ITEMS = 20
# Where the cases of a fault stand in its sentence: a sign that no text of a file brings into a message.
ITEMS = "\0"


class Faults:
    """The faults of one file, by what is wrong, in the order in which they were met.

    file: its name for messages.
    """

    def __init__(self, file: str):
        self.file = file
        self._items: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._counts)

    def unsound(self, sentence: str, item: str = "") -> None:
        """Note a fault. sentence: what is wrong and what to do, with ITEMS where its cases stand; item: this one."""
        self._counts[sentence] = self._counts.get(sentence, 0) + 1
        items = self._items.setdefault(sentence, [])
        if len(items) < MOST_ITEMS:
            items.append(item)

    def error(self) -> UserError:
        """All that was noted, in one line."""
        said = [
            sentence.replace(ITEMS, listed(self._items[sentence], count))
            for sentence, count in self._counts.items()
        ]
        if len(said) == 1:
            return UserError(f"{self.file}: {said[0]}")
        numbered = " ".join(f"({number}) {each}" for number, each in enumerate(said, 1))
        return UserError(f"{self.file} has {len(said)} faults. {numbered}")

    def raise_all(self) -> None:
        """UserError where anything was noted."""
        if self:
            raise self.error()


def listed(items: list[str], count: int) -> str:
    """The first items of so many, with commas, and how many more there are."""
    more = count - len(items)
    return ", ".join(items) + (f" and {more:,} more" if more > 0 else "")
