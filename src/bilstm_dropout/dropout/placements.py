"""The table of placements, the only one: layers, tests, sweeps, notebooks, chapters and pictures derive from it.

To add a placement, add one entry. An entry's `keras` code sees x (the layer's input), rate, units, steps, features
and keras, and must set h to the (batch, 2 × units) output.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import UserError, unknown
from .table import Table
from .terms import Placement, Term, parse_term


def _term(site: str, axes: str, **options) -> Term:
    return Term(site, frozenset(axes.split()), **options)


_BILSTM = "h = keras.layers.Bidirectional(keras.layers.LSTM(units))(x)"


def _before(layer: str) -> str:
    return f"x = {layer}(x)\n{_BILSTM}"


def _arguments(arguments: str) -> str:
    return f"h = keras.layers.Bidirectional(keras.layers.LSTM(units, {arguments}))(x)"


_NO_STEP = "Keras draws recurrent masks once a sequence; it has no argument for a new draw each step."
_NO_SITE = "Keras' LSTM offers no mask at this site; a cell of one's own is needed."
_TWO = "x = keras.layers.Bidirectional(keras.layers.LSTM(units, return_sequences=True))(x)\n"
_INPUT = _term("input", "sample step feature")
_INPUT_GATES = _term("input", "direction sample gate feature")
_RECURRENT = _term("recurrent", "direction sample gate feature")
_OUTPUT = _term("output", "sample feature")

_ENTRIES = [
    Placement(
        "none", (), r"h_t = \mathrm{LSTM}(x_t, h_{t-1})",
        "The baseline: nothing is dropped.", "keras", _BILSTM,
    ),
    Placement(
        "input", (_INPUT,), r"x_t \leftarrow m_t \odot x_t,\quad m \in \{0, \tfrac{1}{1-p}\}^{B \times T \times F}",
        "Every number of the input is dropped on its own, anew at each step, the same for both directions.",
        "zaremba2014, pham2014", _before("keras.layers.Dropout(rate)"),
    ),
    Placement(
        "input-spatial", (_term("input", "sample feature"),), r"x_t \leftarrow m \odot x_t,\quad m: (B, 1, F)",
        "A feature is off for a whole sequence, the same for both directions.",
        "tompson2015", _before("keras.layers.SpatialDropout1D(rate)"),
    ),
    Placement(
        "input-steps", (_term("input", "step"),), r"x_t \leftarrow m_t\,x_t,\quad m: (1, T, 1)",
        "Whole steps are off, the same steps for every sample of the batch.",
        "stackoverflow2019", _before("keras.layers.Dropout(rate, noise_shape=(1, None, 1))"),
    ),
    Placement(
        "input-features", (_term("input", "feature"),), r"x_t \leftarrow m \odot x_t,\quad m: (1, 1, F)",
        "A feature is off for all steps and the whole batch; with probability p to the power F nothing is left.",
        "stackoverflow2019", _before("keras.layers.Dropout(rate, noise_shape=(1, 1, None))"),
    ),
    Placement(
        "input-samples", (_term("input", "sample"),), r"x_t \leftarrow m\,x_t,\quad m: (B, 1, 1)",
        "A negative control: a sample is seen whole and scaled, or not at all.",
        "stackoverflow2019", _before("keras.layers.Dropout(rate, noise_shape=(None, 1, 1))"),
    ),
    Placement(
        "input-words", (_term("input", "sample step"),), r"x_t \leftarrow m_t\,x_t,\quad m: (B, T, 1)",
        "Whole words or steps are off, drawn for each sample: word dropout.",
        "iyyer2015", _before("keras.layers.Dropout(rate, noise_shape=(None, None, 1))"),
    ),
    Placement(
        "embedding-types", (_term("embedding", "sample type"),), r"E_w \leftarrow m_w\,E_w,\quad m: (B, V)",
        "Rows of the embedding table are off for a sample: all occurrences of a word go together.",
        "gal2016", why_not_keras="Keras' Embedding has no dropout; a mask per word type needs a lookup of its own.",
    ),
    Placement(
        "lstm-dropout", (_term("input", "direction sample feature"),),
        r"x_t \leftarrow m \odot x_t,\quad m: (2, B, 1, F)",
        "Keras' LSTM(dropout=) alone: a feature is off for the sequence, drawn for each direction apart.",
        "keras", _arguments("dropout=rate"),
    ),
    Placement(
        "lstm-dropout-gates",
        (_INPUT_GATES,), r"x_t \leftarrow m_k \odot x_t \ \text{for gate } k,\quad m: (2, B, 1, 4, F)",
        "Each gate reads the input through a mask of its own, as Keras draws once recurrent dropout is on.",
        "gal2016, keras",
        # A rate of recurrent dropout that drops nothing: implementation=1 would be reset by Bidirectional.
        _arguments("dropout=rate, recurrent_dropout=1e-9"),
    ),
    Placement(
        "recurrent",
        (_RECURRENT,), r"h_{t-1} \leftarrow m_k \odot h_{t-1} \ \text{for gate } k,\quad m: (2, B, 1, 4, U)",
        "Each gate reads the previous output through a mask of its own, the same at every step of a sequence.",
        "gal2016, keras", _arguments("recurrent_dropout=rate"),
    ),
    Placement(
        "recurrent-tied", (_term("recurrent", "direction sample feature"),),
        r"h_{t-1} \leftarrow m \odot h_{t-1},\quad m: (2, B, 1, U)",
        "All gates read the previous output through one mask, the same at every step of a sequence.",
        "gal2016",
        why_not_keras="Keras 3.8 and later draw a mask for each gate. Keras 2.3 and 3.2 to 3.7 drew this one, 3.0 and "
        "3.1 at the rate of `dropout`; tf.keras 2 drew four.",
    ),
    Placement(
        "recurrent-stepwise", (_term("recurrent", "direction sample step feature"),),
        r"h_{t-1} \leftarrow m_t \odot h_{t-1},\quad m: (2, B, T, U)",
        "What the gates read of the previous output is dropped anew at each step.",
        "article2025", why_not_keras=_NO_STEP,
    ),
    Placement(
        "candidate", (_term("candidate", "direction sample step feature"),),
        r"c_t = f_t \odot c_{t-1} + i_t \odot (m_t \odot g_t),\quad m: (2, B, T, U)",
        "Only what is newly written into the cell is dropped: a new number can go missing, what the cell holds cannot.",
        "semeniuta2016", why_not_keras=_NO_SITE,
    ),
    Placement(
        "gates", (_term("gates", "direction sample step gate", scaling="expectation"),),
        r"i_t \leftarrow m^i_t i_t,\ f_t \leftarrow m^f_t f_t,\ o_t \leftarrow m^o_t o_t,\quad m: (2, B, T, 3, 1),\ "
        r"m^i_t + m^f_t \ge 1",
        "Whole gates close for a step, input and forget never together; in inference they are multiplied by 1 - p.",
        "cheng2017", why_not_keras=_NO_SITE,
    ),
    Placement(
        "cell", (_term("cell", "direction sample feature", scaling="expectation-on-hidden"),),
        r"c_t = m \odot (f_t \odot c_{t-1} + i_t \odot g_t),\quad m \in \{0, 1\}: (2, B, 1, U)",
        "A memory cell is off for the whole sequence; in inference the output is multiplied by 1 - p.",
        "moon2015", why_not_keras=_NO_SITE,
    ),
    Placement(
        "cell-stepwise", (_term("cell", "direction sample step feature", scaling="expectation"),),
        r"c_t = m_t \odot (f_t \odot c_{t-1} + i_t \odot g_t),\quad m \in \{0, 1\}: (2, B, T, U)",
        "Cells are wiped anew at each step, so a memory survives T steps with probability (1 - p) to the power T.",
        "semeniuta2016", why_not_keras=_NO_SITE,
    ),
    Placement(
        "zoneout",
        (
            _term("cell", "direction sample step feature", operation="keep", scaling="expectation"),
            _term("hidden", "direction sample step feature", operation="keep", scaling="expectation", factor=0.1),
        ),
        r"\tilde c_t = f_t \odot c_{t-1} + i_t \odot g_t,\ "
        r"c_t = d^c_t \odot \tilde c_t + (1 - d^c_t) \odot c_{t-1},\ h_t = d^h_t \odot o_t \odot \tanh \tilde c_t "
        r"+ (1 - d^h_t) \odot h_{t-1},\quad d: (2, B, T, 2, U)",
        "Cells (rate p) and outputs (rate p/10) keep their last value instead of being zeroed.",
        "krueger2017", why_not_keras=_NO_SITE,
    ),
    Placement(
        "weights", (_term("weights", "direction row gate feature"),),
        r"\mathbf{U} \leftarrow M \odot \mathbf{U},\quad M: (2, U, 4U)",
        "Single recurrent weights are dropped, one draw for the whole batch and all steps.",
        "merity2018", why_not_keras="Keras' LSTM has no mask on its weights; a wrapper of one's own is needed.",
    ),
    Placement(
        "between",
        (_term("between", "sample step feature"),), r"[h^{(1)}_t] \leftarrow m_t \odot [h^{(1)}_t],\quad m: (B, T, 2U)",
        "Every number between two stacked layers is dropped on its own, anew at each step.",
        "zaremba2014", _TWO + _before("keras.layers.Dropout(rate)"),
    ),
    Placement(
        "between-spatial",
        (_term("between", "sample feature"),), r"[h^{(1)}_t] \leftarrow m \odot [h^{(1)}_t],\quad m: (B, 1, 2U)",
        "A unit between two stacked layers is off for a whole sequence.",
        "tompson2015", _TWO + _before("keras.layers.SpatialDropout1D(rate)"),
    ),
    Placement(
        "output", (_OUTPUT,), r"[h_T] \leftarrow m \odot [h_T],\quad m: (B, 2U)",
        "Units of the last output are dropped before the classifier's head reads them.",
        "srivastava2014", _BILSTM + "\nh = keras.layers.Dropout(rate)(h)",
    ),
    Placement(
        "combined",
        (replace(_INPUT_GATES, factor=0.5), replace(_RECURRENT, factor=0.5), _OUTPUT),
        r"x_t \leftarrow m^x_k \odot x_t,\ h_{t-1} \leftarrow m^h_k \odot h_{t-1}\ (p/2),\ "
        r"[h_T] \leftarrow m \odot [h_T]\ (p)",
        "Both arguments of Keras' LSTM at half the rate, and dropout on the last output at the rate itself.",
        "article2025",
        _arguments("dropout=rate / 2, recurrent_dropout=rate / 2") + "\nh = keras.layers.Dropout(rate)(h)",
        own_rate=0.2,
    ),
    Placement(
        "embedding-and-arguments",
        (_term("input", "sample step feature", factor=0.5), _INPUT_GATES, _RECURRENT),
        r"x_t \leftarrow m_t \odot x_t\ (p/2),\ "
        r"x_t \leftarrow m^x_k \odot x_t,\ h_{t-1} \leftarrow m^h_k \odot h_{t-1}\ (p)",
        "Dropout after the embedding at half the rate, and both arguments of Keras' LSTM at the rate itself.",
        "stackoverflow2019b",
        "x = keras.layers.Dropout(rate / 2)(x)\n" + _arguments("dropout=rate, recurrent_dropout=rate"),
        own_rate=0.5, also_needs=frozenset({"embedding"}),
    ),
    Placement(
        "variational",
        (
            _term("input", "direction sample feature"),
            _term("recurrent", "direction sample feature"),
            _term("embedding", "sample type", optional=True),
        ),
        r"x_t \leftarrow m^x \odot x_t,\ h_{t-1} \leftarrow m^h \odot h_{t-1},\ E_w \leftarrow m_w E_w,\quad "
        r"\text{constant in } t",
        "One rate on inputs, states and word types, each mask drawn once a sequence and shared by the gates: the "
        "paper's tied form, without its mask on outputs.",
        "gal2016", why_not_keras="Keras 3.8 and later draw a mask for each gate once recurrent dropout is on.",
    ),
]

TABLE = Table(_ENTRIES)


def resolve(name: str) -> Placement:
    """Give the placement that a name means.

    name: an entry of TABLE; entries or own terms joined by '+' (`input+recurrent`, `recurrent:sample,gate,feature`);
    or an entry with rates of its own followed by '@own' (`combined@own`). The result's `name` is canonical: parts in
    table order. Raises UserError for anything else, with near matches and what is allowed.
    """
    if not isinstance(name, str) or not name.strip():
        raise unknown("placement", name, TABLE)
    parts = [_part(text.strip()) for text in name.split("+")]
    if len(parts) == 1:
        return parts[0]
    names = [part.name for part in parts]
    order = TABLE.in_order(sorted(names))
    parts.sort(key=lambda part: order.index(part.name))
    names.sort(key=order.index)
    if "none" in names or len(set(names)) < len(names) or any("@" in each for each in names):
        raise UserError(f"{name[:80]!r}: join different placements with '+', each once, without none and '@own'.")
    return Placement(
        "+".join(names),
        tuple(term for part in parts for term in part.terms),
        r",\quad ".join(part.equation for part in parts),
        " And: ".join(part.sentence for part in parts),
        ", ".join(dict.fromkeys(key for part in parts for key in part.source.split(", ") if key)),
        why_not_keras="Put together the Keras lines of its parts.",
        also_needs=frozenset().union(*(part.also_needs for part in parts)),
    )


def _part(text: str) -> Placement:
    if text in TABLE:
        return TABLE[text]
    base, at, own = text.partition("@")
    if at and base in TABLE and own == "own" and TABLE[base].own_rate is not None:
        return replace(TABLE[base], name=text)
    if at:
        allowed = [f"{entry.name}@own" for entry in TABLE.values() if entry.own_rate is not None]
        raise unknown("placement", text, allowed)
    if ":" in text:
        term = parse_term(text)
        return Placement(
            term.text, (term,), rf"\text{{a mask at {term.site}}}", "An own term.", "",
            why_not_keras="An own term has no Keras line.",
        )
    raise unknown("placement", text, TABLE)
