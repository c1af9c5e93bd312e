"""The data sets by name. Adding one is one entry in `REGISTRY`: its card, its options, and a function that makes it;
a text set is an entry of `text.corpora.CORPORA`.

    >>> from bilstm_dropout import datasets
    >>> datasets.NAMES[:5]
    ('japanese_vowels', 'digits', 'pendigits', 'recall', 'order')
    >>> datasets.load("recall", steps=60).train.inputs.shape
    (250, 60)

Libraries that hold data (aeon, scikit-learn) are imported only when such a set is loaded; TensorFlow never
is. Text sets and PenDigits are read from files (see `files`); everything but `load` works without them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..errors import UserError, unknown
from ..paths import project_root
from . import own, pendigits, planted, series, synthetic
from .dataset import Card, Dataset, Split
from .files import SourceFile, find
from .options import Option, complete
from .text import corpora


@dataclass(frozen=True)
class Entry:
    """A data set of the registry.

    card: what a reader should know; its name is the data set's name, its `options` are filled in from here.
    make: takes every option by name, already checked, and returns the Dataset. options: by name, in order.
    version: changes where data of the same name and options do; '' for what never changes. training: what a
    sweep takes for this data set where a parameter is not given, by parameter. files: what it is read from.
    fingerprint: of the set with default options where it is read from files, else ''.
    """

    card: Card
    make: Callable[..., Dataset]
    options: dict[str, Option] = field(default_factory=dict)
    version: str = ""
    training: dict[str, object] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()
    fingerprint: str = ""


REGISTRY: dict[str, Entry] = {
    entry.card.name: entry
    for entry in (
        Entry(series.JAPANESE_VOWELS_CARD, series.japanese_vowels),
        Entry(series.DIGITS_CARD, series.digits),
        Entry(
            pendigits.CARD,
            pendigits.pendigits,
            pendigits.OPTIONS,
            files=pendigits.FILES,
            fingerprint=pendigits.FINGERPRINT,
        ),
        Entry(synthetic.RECALL_CARD, synthetic.recall, synthetic.RECALL_OPTIONS),
        Entry(synthetic.ORDER_CARD, synthetic.order, synthetic.ORDER_OPTIONS),
        Entry(planted.CARD, planted.planted, planted.OPTIONS),
        *(
            Entry(
                each.card,
                each.make,
                each.options,
                training=each.training,
                files=each.files,
                fingerprint=each.fingerprint,
            )
            for each in corpora.CORPORA
        ),
    )
}
NAMES: tuple[str, ...] = tuple(REGISTRY)
# Of the published study's sets: how they are spelt in tables and sentences, and how many classes they have.
TITLES = {name: entry.card.short for name, entry in REGISTRY.items() if entry.card.short}
CLASSES = {name: entry.card.classes for name, entry in REGISTRY.items() if entry.card.classes}


def names() -> tuple[str, ...]:
    """The data sets of the registry, then the reader's own that were imported."""
    return (*NAMES, *own.names())


def canonical_options(name: str, options: dict[str, object] | None = None) -> dict[str, object]:
    """Every option of the data set, defaults spelt out (but for options that are `later`), as plain int, float and str
    in a fixed order.

    Two spellings of the same data give equal results, so this is what a run's identity is made of.
    UserError for an unknown data set, an option it does not have, and a value that is not allowed; each
    names what is.
    """
    return complete(name, _entry(name).options, {} if options is None else options)


def load(name: str, **options: object) -> Dataset:
    """The data set `name` with these options; made once a process, so equal options give the same object.

    Errors as in `canonical_options`, all raised before anything is read or made.
    """
    return _make(name, tuple(canonical_options(name, options).items()), _entry(name).version)


def describe(name: str) -> Card:
    """The data card of `name`, without loading the data. UserError for an unknown data set."""
    entry = _entry(name)
    meanings = {
        option_name: (option.default, f"{option.meaning}; {option.allowed}")
        for option_name, option in entry.options.items()
    }
    card = replace(entry.card, options=meanings)
    if not card.files:
        return card
    files = " and ".join(f"`{file}`" for file in card.files)
    where = "in the folder that `BILSTM_DROPOUT_DATA` names or in `data/cache`, else downloaded into the latter"
    return replace(card, source=f"{card.source} Read from {files}, {where}; the content is checked.")


def sizes(name: str) -> dict[str, str]:
    """Rows of each part, classes, steps and width at default options, as data/README.md states them, by what it is.

    So nothing is loaded, and no file of the set need be here. {} where that page does not say. UserError for an unknown
    name.
    """
    _entry(name)
    page = project_root() / "data" / "README.md"
    lines = page.read_text("utf-8").splitlines() if page.is_file() else []
    stated = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith(f"| {name} | ")]
    titles = ("rows for training", "rows for validation", "rows for the test", "classes", "steps", "width")
    return dict(zip(titles, stated[0][1:], strict=False)) if stated else {}


def training(name: str) -> dict[str, object]:
    """What a sweep takes for this data set where a parameter is not given: a copy, by parameter, empty for none.

    UserError for an unknown data set.
    """
    return dict(_entry(name).training)


def shared_options(name: str) -> dict[str, object]:
    """Options of the data set, with their defaults, that choose among its rows and leave all sizes as they are.

    So one compiled program serves all their values: the folds of the reader's own data; {} for other sets.
    """
    table = _entry(name).options if name not in REGISTRY else {}
    return {option: table[option].default for option in ("fold", "repeat") if option in table}


def missing_files(name: str) -> tuple[SourceFile, ...]:
    """The files of the data set that are not here, so that loading it downloads them; empty where none is needed.

    UserError for an unknown data set.
    """
    return tuple(file for file in _entry(name).files if find(file) is None)


def _entry(name: str) -> Entry:
    if isinstance(name, str) and name in REGISTRY:
        return REGISTRY[name]
    kept = own.kept(name)
    if kept is None:
        error = unknown("data set", name, names())
        if isinstance(name, str) and name.startswith(own.PREFIX):
            error = UserError(f"{error} A study takes a file of your own in: bilstm-dropout study --data FILE.")
        raise error
    return Entry(kept.card(), kept.make, kept.options(), version=kept.checksum, training=kept.training)


@lru_cache(maxsize=32)
def _make(name: str, options: tuple[tuple[str, object], ...], version: str) -> Dataset:
    return replace(_entry(name).make(**dict(options)), options=dict(options))
