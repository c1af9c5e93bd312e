"""The data sets by name. Adding one is one entry in `REGISTRY`: its card, its options, and a function that
makes it.

    >>> from bilstm_dropout import datasets
    >>> datasets.NAMES
    ('japanese_vowels', 'digits', 'recall', 'order')
    >>> datasets.load("recall", steps=60).train.inputs.shape
    (250, 60)

Libraries that hold data (aeon, scikit-learn) are imported only when such a set is loaded; TensorFlow never
is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..errors import unknown
from . import series, synthetic
from .dataset import Card, Dataset, Split
from .options import Option, complete

__all__ = ["NAMES", "REGISTRY", "Card", "Dataset", "Entry", "Split", "canonical_options", "describe", "load"]


@dataclass(frozen=True)
class Entry:
    """A data set of the registry.

    card: what a reader should know; its name is the data set's name, its `options` are filled in from here.
    make: takes every option by name, already checked, and returns the Dataset. options: by name, in order.
    """

    card: Card
    make: Callable[..., Dataset]
    options: dict[str, Option] = field(default_factory=dict)


REGISTRY: dict[str, Entry] = {
    entry.card.name: entry
    for entry in (
        Entry(series.JAPANESE_VOWELS_CARD, series.japanese_vowels),
        Entry(series.DIGITS_CARD, series.digits),
        Entry(synthetic.RECALL_CARD, synthetic.recall, synthetic.RECALL_OPTIONS),
        Entry(synthetic.ORDER_CARD, synthetic.order, synthetic.ORDER_OPTIONS),
    )
}
NAMES: tuple[str, ...] = tuple(REGISTRY)


def canonical_options(name: str, options: dict[str, object] | None = None) -> dict[str, object]:
    """Every option of the data set, defaults spelt out, as plain int, float and str in a fixed order.

    Two spellings of the same data give equal results, so this is what a run's identity is made of.
    UserError for an unknown data set, an option it does not have, and a value that is not allowed; each
    names what is.
    """
    return complete(name, _entry(name).options, {} if options is None else options)


def load(name: str, **options: object) -> Dataset:
    """The data set `name` with these options; made once a process, so equal options give the same object.

    Errors as in `canonical_options`, all raised before anything is read or made.
    """
    return _make(name, tuple(canonical_options(name, options).items()))


def describe(name: str) -> Card:
    """The data card of `name`, without loading the data. UserError for an unknown data set."""
    entry = _entry(name)
    meanings = {
        option_name: (option.default, f"{option.meaning}; {option.allowed()}")
        for option_name, option in entry.options.items()
    }
    return replace(entry.card, options=meanings)


def _entry(name: str) -> Entry:
    if not isinstance(name, str) or name not in REGISTRY:
        raise unknown("data set", name, NAMES)
    return REGISTRY[name]


@lru_cache(maxsize=32)
def _make(name: str, options: tuple[tuple[str, object], ...]) -> Dataset:
    return replace(REGISTRY[name].make(**dict(options)), options=dict(options))
