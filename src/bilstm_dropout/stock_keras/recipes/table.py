"""The models that public pages show, each by a name: where from, the stock Keras model, its task, its own terms.

`bilstm-dropout run --recipe s0-combined` trains one. What is left open by a page (data, rates, epochs) is this
project's choice, and each recipe says so in `differs`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from ...errors import unknown
from ...files import sha256
from . import models
from .tasks import TASKS, Task

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Recipe:
    """One model of a page.

    name: what --recipe takes. source: a key of book/references.bib. sentence: what it is, in Markdown. build: from
    keras, steps and width to an uncompiled model (models.py). task: a name in TASKS. optimizer: as Keras names
    it, at its default rate. placement, rate: the same dropout in the placement table's terms, as placements.resolve
    takes them; '' with the reason in why_no_placement. differs: in what it is not the page's, in Markdown.
    """

    name: str
    source: str
    sentence: str
    build: Callable
    task: str
    optimizer: str
    epochs: int
    batch_size: int
    placement: str
    rate: float
    differs: str
    why_no_placement: str = ""

    @property
    def question(self) -> Task:
        """The task."""
        return TASKS[self.task]

    @property
    def code(self) -> str:
        """The stock model's source, as the package has it."""
        return inspect.getsource(self.build).rstrip()

    def definition(self) -> str:
        """16 hexadecimal digits that change with the model's code, the way it is trained, and the data."""
        parts = (self.code, self.task, self.optimizer, str(self.batch_size), self.question.fingerprint())
        return sha256("\0".join(parts).encode())[:16]


_GROUPS_DIFFER = "Data, optimiser and epochs are chosen here; utterances are padded, hence `Masking`."
_article = partial(
    Recipe, source="article2025", task="speaker-groups", optimizer="adam", epochs=10, batch_size=32,
    differs=_GROUPS_DIFFER,
)  # fmt: skip
_on_text = partial(
    _article, task="film-sentences", epochs=8,
    differs="The page's input is a series; here its features are 100 numbers that are learnt for each word of MR, a "
    "small text set of two classes, as many as the page's head has. Optimiser, epochs and batches are chosen here; "
    "sentences are padded, hence `mask_zero`.",
)  # fmt: skip
_forecast = partial(
    Recipe, source="stackoverflow2019", task="next-frame", optimizer="adam", epochs=20, batch_size=32, rate=0.3
)
_NO_CUDNN = (
    "The page's `CuDNNLSTM` is gone from Keras; `LSTM` takes its place. Data, optimiser, loss and epochs are chosen "
    "here. The head is the page's: it gives no negative number, and once it gives 0 for every example it is stuck."
)
_NO_RATE = f"{_NO_CUDNN} The rate is that of `s1-before`."
_arguments = partial(
    Recipe, source="stackoverflow2018", task="speaker-groups", optimizer="adam", epochs=10, batch_size=32, rate=0.2,
    differs=f"Only the arguments are the page's: units, rate and head are chosen here. {_GROUPS_DIFFER}",
)  # fmt: skip
_long = partial(
    Recipe, source="stackoverflow2020", task="long-series", optimizer="adam", epochs=6, batch_size=32, rate=0.5,
    differs="The page tells of GRU layers that read 1,000 steps; the LSTM, units, rate, data, optimiser and epochs "
    "are chosen here.",
)  # fmt: skip
_characters = partial(
    Recipe, source="stackoverflow2019b", task="two-chains", optimizer="rmsprop", epochs=4, batch_size=16, rate=0.5,
    differs="Data and epochs are chosen here. `input_length` is left out, which Keras 3 ignores.",
)  # fmt: skip
_A_GRU = "A GRU has other gates; the table's placements are those of an LSTM."

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        _article(
            "s0-input", sentence="Dropout on the inputs, then a BiLSTM.", build=models.s0_input,
            placement="input", rate=0.2,
        ),
        _article(
            "s0-output", sentence="A BiLSTM, then dropout on its last output.", build=models.s0_output,
            placement="output", rate=0.3,
        ),
        _article(
            "s0-combined", sentence="Both arguments of the LSTM, and dropout on the last output at twice their rate.",
            build=models.s0_combined, placement="combined@own", rate=0.2,
        ),
        _on_text(
            "s0-text-input", sentence="`s0-input` on text: dropout on the embedded words, then a BiLSTM.",
            build=models.s0_text_input, placement="input", rate=0.2,
        ),
        _on_text(
            "s0-text-output", sentence="`s0-output` on text: a BiLSTM, then dropout on its last output.",
            build=models.s0_text_output, placement="output", rate=0.3,
        ),
        _on_text(
            "s0-text-combined", sentence="`s0-combined` on text: both arguments, and the last output.",
            build=models.s0_text_combined, placement="combined@own", rate=0.2,
        ),
        _forecast(
            "s1-before", sentence="Dropout before an LSTM of one direction.", build=models.s1_before,
            placement="input", differs=_NO_CUDNN,
        ),
        _forecast(
            "s1-after", sentence="Dropout after an LSTM of one direction.", build=models.s1_after,
            placement="output", differs=_NO_CUDNN,
        ),
        _forecast(
            "s1-steps", sentence="`noise_shape` drops whole steps, the same in the whole batch.",
            build=models.s1_steps, placement="input-steps", differs=_NO_RATE,
        ),
        _forecast(
            "s1-features", sentence="`noise_shape` drops features at all steps, the same in the whole batch.",
            build=models.s1_features, placement="input-features", differs=_NO_RATE,
        ),
        _forecast(
            "s1-samples", sentence="`noise_shape` drops whole samples.", build=models.s1_samples,
            placement="input-samples", differs=_NO_RATE,
        ),
        _forecast(
            "s1-spatial", sentence="`SpatialDropout1D` drops a sample's features at all steps.",
            build=models.s1_spatial, placement="input-spatial", differs=_NO_RATE,
        ),
        _arguments(
            "s2-dropout", sentence="The argument `dropout` alone.", build=models.s2_dropout, placement="lstm-dropout"
        ),
        _arguments(
            "s2-recurrent", sentence="The argument `recurrent_dropout` alone.", build=models.s2_recurrent,
            placement="recurrent",
        ),
        Recipe(
            "s3-imdb", source="stackoverflow2020", build=models.s3_imdb, task="film-reviews", optimizer="adam",
            sentence="Keras' own example on IMDB: embedded words, a BiLSTM, then dropout on its last output.",
            epochs=4, batch_size=32, placement="output", rate=0.5,
            differs="Tokens and their ids are this book's; the number of ids, 100 tokens, padding before a review "
            "that no mask hides, optimiser, epochs and batches are the example's. A tenth of its training reviews "
            "is left aside, as everywhere in this book, and so are those that also stand in the test part. "
            "`input_length` is left out, which Keras 3 ignores.",
        ),
        _long(
            "s3-long-gru-steps", sentence="Before a GRU, a new mask at every step.", build=models.s3_long_gru_steps,
            placement="", why_no_placement=_A_GRU,
        ),
        _long(
            "s3-long-gru-sequence", sentence="In a GRU, one input mask for the whole sequence.",
            build=models.s3_long_gru_sequence, placement="", why_no_placement=_A_GRU,
        ),
        _long(
            "s3-long-lstm-steps", sentence="Before an LSTM, a new mask at every step.",
            build=models.s3_long_lstm_steps, placement="input",
        ),
        _long(
            "s3-long-lstm-sequence", sentence="In an LSTM, one input mask for the whole sequence.",
            build=models.s3_long_lstm_sequence, placement="lstm-dropout",
        ),
        _characters(
            "s4-arguments", sentence="Both arguments of an LSTM that reads embedded characters.",
            build=models.s4_arguments, placement="lstm-dropout-gates+recurrent",
        ),
        _characters(
            "s4-both", sentence="The same, with dropout after the embedding at half the rate.",
            build=models.s4_both, placement="embedding-and-arguments@own",
        ),
    )
}  # fmt: skip

# Names that stand for several recipes, to be compared with each other.
GROUPS: dict[str, tuple[str, ...]] = {
    "s0-text": tuple(name for name in RECIPES if name.startswith("s0-text-")),
    "s2-arguments": ("s2-dropout", "s2-recurrent"),
    "s3-long": tuple(name for name in RECIPES if name.startswith("s3-long-")),
}


def recipes_named(names: Iterable[str]) -> list[Recipe]:
    """The recipes that names mean, each once, in the order given; a name of GROUPS means all of its recipes.

    Raises UserError for an unknown name, with near matches and all names.
    """
    chosen: dict[str, Recipe] = {}
    for name in names:
        members = GROUPS.get(name, (name,))
        if members[0] not in RECIPES:
            raise unknown("recipe", name, [*RECIPES, *GROUPS])
        chosen |= {member: RECIPES[member] for member in members}
    return list(chosen.values())
