"""Parts of the page on what Keras really does: facts that are read from the installed Keras, and from earlier ones."""

from __future__ import annotations

from ...errors import UserError
from ...stock_keras.probe import Fact, differences
from ...stock_keras.probe.asked import installed_facts, published_facts
from ..markdown import table


def pages() -> dict[str, str]:
    """The generated files of the page, by name. UserError where the installed Keras is not as the book says."""
    facts = installed_facts()
    if wrong := differences(facts):
        raise UserError(wrong_libraries(wrong))
    probed = [facts_then for facts_then in published_facts() if facts_then[0].value != facts[0].value] + [facts]
    return {
        "keras-versions.md": _versions(facts),
        "keras-masks.md": _masks(values_of(facts)),
        "keras-behaviour.md": _behaviour(values_of(facts)),
        "keras-facts.md": _all(facts),
        "keras-history.md": _history(probed),
    }


def wrong_libraries(wrong: list[str]) -> str:
    """What to say where the installed libraries do not do what the book says of them."""
    more = f"; and {len(wrong) - 3} more" if len(wrong) > 3 else ""
    return (
        f"The installed libraries do not do what the book says of them: {'; '.join(wrong[:3])}{more}. Install the "
        "locked versions (make setup), or bring probe/expected.py, traps.py and the pages up to date."
    )


def values_of(facts: list[Fact]) -> dict[str, object]:
    """Value by name of facts."""
    return {fact.name: fact.value for fact in facts}


def _versions(facts: list[Fact]) -> str:
    values = values_of(facts)
    return (
        f"Read from Keras {values['versions.keras']} on {values['versions.backend']} "
        f"{values['versions.backend_version']}, on the CPU."
    )


# Layers whose masks are read: prefix of their facts, how they are written, and what is masked.
_ROWS = (
    ("dropout", "Dropout(p)", "x"),
    ("dropout.noise_1_t_1", "Dropout(p, noise_shape=(1, T, 1))", "x"),
    ("dropout.noise_1_1_f", "Dropout(p, noise_shape=(1, 1, F))", "x"),
    ("dropout.noise_none_1_1", "Dropout(p, noise_shape=(None, 1, 1))", "x"),
    ("dropout.noise_none_t_1", "Dropout(p, noise_shape=(None, T, 1))", "x"),
    ("dropout.noise_none_1_f", "Dropout(p, noise_shape=(None, 1, F))", "x"),
    ("spatial_dropout_1d", "SpatialDropout1D(p)", "x"),
    ("lstm.dropout", "LSTM(dropout=p)", "x"),
    ("lstm.recurrent_dropout", "LSTM(recurrent_dropout=p)", "h"),
    ("lstm.both.dropout", "LSTM(dropout=p, recurrent_dropout=q)", "x"),
    ("lstm.both.recurrent_dropout", "LSTM(dropout=q, recurrent_dropout=p)", "h"),
    ("gru.dropout", "GRU(dropout=p)", "x"),
    ("gru.recurrent_dropout", "GRU(recurrent_dropout=p)", "h"),
    ("gru.both.dropout", "GRU(dropout=p, recurrent_dropout=q)", "x"),
    ("gru.both.recurrent_dropout", "GRU(dropout=q, recurrent_dropout=p)", "h"),
)  # fmt: skip


def _shape(values: dict, prefix: str, masked: str) -> str:
    """The mask's shape, with 1 where an axis shares its draw: (B, 1, 4, F)."""
    gates = "3" if prefix.startswith("gru") else "4"
    axes = {"samples": "B", "steps": "T", "gates": gates, "features": "U" if masked == "h" else "F"}
    shares = {axis: values.get(f"{prefix}.{axis}_share") for axis in axes}
    return f"({', '.join('1' if shares[axis] else axes[axis] for axis in axes if shares[axis] is not None)})"


def _masks(values: dict) -> str:
    """A row a layer: a picture of which axes have draws of their own."""
    rows = []
    for prefix, code, masked in _ROWS:
        cells = [values.get(f"{prefix}.{axis}s_share", "") for axis in ("sample", "step", "gate", "feature")]
        drawn = ["" if cell == "" else "one" if cell is True else "own" if cell is False else cell for cell in cells]
        scaled = values[f"{prefix}.scaling"]
        rows.append([f"`{code}`", masked, f"`{_shape(values, prefix, masked)}`", *drawn, f"{scaled}"])
    header = ["layer", "masks", "shape", "sample", "step", "gate", "feature", "kept ×"]
    return table(header, rows)


def _behaviour(values: dict) -> str:
    """Questions that a reader has, answered by facts of LSTM and GRU."""
    rows = []
    for question, name in _QUESTIONS:
        answers = {kind: values[name.format(kind.lower())] for kind in ("LSTM", "GRU")}
        rows.append([question, *(_answer(answer) for answer in answers.values())])
    return table(["question", "LSTM", "GRU"], rows)


_QUESTIONS = (
    ("Do the two directions share input masks, without a seed?", "bidirectional.unseeded.{}.dropout.directions_share"),
    ("With an integer seed?", "bidirectional.seeded.{}.dropout.directions_share"),
    ("And recurrent masks, with a seed?", "bidirectional.seeded.{}.recurrent_dropout.directions_share"),
    ("Is the state itself ever masked (c of an LSTM, h of a GRU)?", "{}.both.recurrent_dropout.state_masked"),
    ("What do recurrent masks multiply?", "{}.recurrent_dropout.reads"),
    ("Does the input mask lie before the kernel?", "{}.dropout.before_kernel"),
    ("Is a second call given the first one's masks?", "{}.both.dropout.calls_share"),
    ("Is inference free of masks?", "{}.both.dropout.inference_silent"),
    ("Does inference move the generator of masks?", "{}.dropout.inference_moves_generator"),
    ("Do all gates share a mask with `dropout=p, implementation=1`?", "{}.implementation_1.gates_share"),
    ("With `use_cudnn=False` as well?", "{}.implementation_1_without_cudnn.gates_share"),
    ("The same in `Bidirectional`?", "{}.implementation_1_in_bidirectional.gates_share"),
    ("The same, saved and loaded?", "{}.implementation_1_saved_and_loaded.gates_share"),
    ("And recurrent masks with `implementation=2`?", "{}.implementation_2_with_recurrent_dropout.gates_share"),
    ("What does `dropout=1.0` do?", "{}.dropout.rate_one"),
)


def _answer(value) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _all(facts: list[Fact]) -> str:
    rows = [[f"`{fact.name}`", _answer(fact.value), fact.meaning] for fact in facts]
    return table(["fact", "value", "meaning"], rows)


def _history(probed: list[list[Fact]]) -> str:
    """A row a version of Keras that was run."""
    rows = []
    for values in map(values_of, probed):
        rows.append([
            f"{values['versions.keras']} ({values['versions.backend']} {values['versions.backend_version']})",
            _count(values["lstm.dropout.gates_share"]),
            _count(values["lstm.both.dropout.gates_share"]),
            _recurrent(values, "lstm.recurrent_dropout"),
            _recurrent(values, "lstm.both.recurrent_dropout"),
            _answer(values["gru.both.recurrent_dropout.state_masked"]),
        ])  # fmt: skip
    header = ["Keras", "input masks, `dropout` alone", "input masks, both",
              "recurrent masks, `recurrent_dropout` alone", "recurrent masks, both", "GRU: state masked"]  # fmt: skip
    return table(header, rows)


def _count(share) -> str:
    return {True: "1", False: "4"}.get(share, str(share))


def _recurrent(values: dict, prefix: str) -> str:
    rate = values[f"{prefix}.rate"]
    if rate == "nothing dropped":
        return "none: nothing is dropped"
    at = "" if rate == "recurrent_dropout" else f", at the rate of `{rate}`"
    return _count(values[f"{prefix}.gates_share"]) + at
