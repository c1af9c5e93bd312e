"""Claims on what is masked: settled by the probe's facts, the table's masks and the papers."""

from __future__ import annotations

from .claim import Claim

S0, S1, S2, S3, S4 = "article2025", "stackoverflow2019", "stackoverflow2018", "stackoverflow2020", "stackoverflow2019b"
_NOW = "3.8 and later"


def _axes(layer: str, **shared: bool) -> dict[str, object]:
    """Facts on which axes of a layer's masks share a draw."""
    return {f"{layer}.{axis}_share": value for axis, value in shared.items()}


_ONE_A_STEP = _axes("dropout", samples=False, steps=False, features=False)
_ONE_A_SEQUENCE = _axes("spatial_dropout_1d", samples=False, steps=True, features=False)
_INPUT_ARGUMENT = {
    **_axes("lstm.dropout", samples=False, steps=True, features=False, gates=True),
    "lstm.dropout.before_kernel": True,
}
_RECURRENT_ARGUMENT = {
    **_axes("lstm.recurrent_dropout", samples=False, steps=True, features=False, gates=False),
    "lstm.recurrent_dropout.before_kernel": True,
}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        3, S0, "Recurrent dropout drops activations at each time step.", "depends",
        "The mask is applied at every step but drawn once a sequence, so that a unit that is dropped stays "
        "dropped for all steps.",
        "Say which you mean: `recurrent-tied` and `recurrent` draw once a sequence, `recurrent-stepwise` at each step.",
        _NOW, {**_RECURRENT_ARGUMENT, "lstm.recurrent_dropout.state_masked": False},
        shapes={"recurrent-stepwise": "recurrent:direction,sample,step,feature"},
        more="What is dropped is what the gates read of the previous output; the memory cell is untouched.",
        pair=(("recurrent-stepwise", 0.25), ("recurrent", 0.25)),
    ),
    Claim(
        7, S0, "`Dropout` on the inputs is input dropout.", "depends",
        "It is one form of it: `Dropout` draws a mask for each step, `LSTM(dropout=)` one for the whole "
        "sequence, and each direction its own.",
        "Name the layer and what shares a mask, not 'input dropout'.",
        "every Keras 3",
        {**_ONE_A_STEP, **_INPUT_ARGUMENT, "bidirectional.unseeded.lstm.dropout.directions_share": False},
        more="The same rate is another noise.",
        pair=(("lstm-dropout", 0.25), ("input", 0.25)),
    ),
    Claim(
        10, S1, "`Dropout` before an LSTM draws a new mask for each step and sample.", "true",
        "Every entry of (B, T, F) has a draw of its own, in training alone.",
        "Use it where independent noise on inputs is what you want.",
        "every Keras 3", {**_ONE_A_STEP, "dropout.inference_silent": True, "dropout.scaling": "1/(1-p)"},
        pair=(("input", 0.25), ("none", 0.0)),
    ),
    Claim(
        11, S1, "`noise_shape` (1, T, 1) drops steps, (1, 1, F) features, (None, 1, 1) samples.", "true",
        "So it does; but a 1 in front shares the draw with the whole batch.",
        "Write None in front unless the batch is meant to share.",
        "every Keras 3",
        {
            **_axes("dropout.noise_1_t_1", samples=True, steps=False, features=True),
            **_axes("dropout.noise_1_1_f", samples=True, steps=True, features=False),
            **_axes("dropout.noise_none_1_1", samples=False, steps=True, features=True),
            **_axes("dropout.noise_none_t_1", samples=False, steps=False, features=True),
            **_axes("dropout.noise_none_1_f", samples=False, steps=True, features=False),
        },
        more="For each sample its own: (None, None, 1) and (None, 1, None). Keras fills in the input's size for None.",
        pair=(("input-words", 0.25), ("input-steps", 0.25)),
    ),
    Claim(
        12, S1, "`SpatialDropout1D` is a mask (B, 1, F): a feature is off for all steps.", "true",
        "There is one draw for each sample and feature, shared by all steps.",
        "It is the per-sequence input mask of stock Keras that does not depend on other arguments.",
        "every Keras 3", _ONE_A_SEQUENCE, shapes={"input-spatial": "input:sample,feature"},
        more="Both directions behind it meet the same mask.",
        pair=(("input-spatial", 0.25), ("input", 0.25)),
    ),
    Claim(
        13, S1, "`SpatialDropout1D` drops whole time steps.", "false",
        "It drops features, the same ones at every step; no step is dropped.",
        "For whole steps: `Dropout(p, noise_shape=(None, None, 1))`.",
        "every Keras 3",
        {**_ONE_A_SEQUENCE, **_axes("dropout.noise_none_t_1", samples=False, steps=False, features=True)},
        pair=(("input-words", 0.25), ("input-spatial", 0.25)),
    ),
    Claim(
        14, S1, "`Dropout` spares the batch axis.", "false",
        "Each sample gets a draw of its own; what is spared is the axis of a 1 in `noise_shape`.",
        "Give `noise_shape` with a 1 in front to share a mask within the batch.",
        "every Keras 3",
        {**_axes("dropout", samples=False), **_axes("dropout.noise_1_1_f", samples=True)},
        pair=(("input-features", 0.25), ("input-spatial", 0.25)),
    ),
    Claim(
        15, S1, "`LSTM(dropout=)` makes four masks, one for each gate.", "depends",
        "It makes one mask for all gates, and four as soon as `recurrent_dropout` is above 0.",
        "To compare with and without recurrent dropout, hold the input masks fixed: `lstm-dropout` or "
        "`lstm-dropout-gates`.",
        _NOW, {**_axes("lstm.dropout", gates=True), **_axes("lstm.both.dropout", gates=False)},
        {version: _axes("lstm.both.dropout", gates=True) for version in ("3.3.3", "3.7.0")},
        more="Keras 3.3 and 3.7 drew one in both cases. Keras 2.2, of the thread's time, drew four always (read "
             "in its source), so there the claim held.",
        pair=(("lstm-dropout-gates", 0.25), ("lstm-dropout", 0.25)),
    ),
    Claim(
        16, S1, "`recurrent_dropout` makes four masks, applied to the states at each step.", "true",
        "There are four, one a gate, drawn once a sequence and applied at each step to what the gates read of h; "
        "c is not masked.",
        "Name the version. `recurrent` is the four, `recurrent-tied` the one.",
        _NOW, {**_RECURRENT_ARGUMENT, "lstm.recurrent_dropout.state_masked": False},
        {
            "3.3.3": _axes("lstm.recurrent_dropout", gates=True),
            "3.7.0": _axes("lstm.recurrent_dropout", gates=True),
            "3.0.5": {"lstm.recurrent_dropout.rate": "nothing dropped"},
        },
        more="Keras 2.2 did so too, by its source. Keras 3.3 and 3.7 drew one for all gates, and 3.0 used the "
             "rate of `dropout` for it: there the claim is false.",
        pair=(("recurrent-tied", 0.25), ("recurrent", 0.25)),
    ),
    Claim(
        17, S1, "A `Dropout` layer before the LSTM and its `dropout` argument differ.", "depends",
        "They differ in Keras up to 2.3 and in every Keras 3: masks for each step against one a sequence.",
        "Name the version, or use this project's placements, which do not change with it.",
        "", {**_ONE_A_STEP, **_INPUT_ARGUMENT},
        {"3.0.5": _axes("lstm.dropout", steps=True), "3.3.3": _axes("lstm.dropout", steps=True)},
        cites=(("tensorflow40215", "the thread"),),
        more="In tf.keras 2 without `recurrent_dropout` the argument drew a mask for each step too, so that they "
             "did not. What is older than Keras 3 is from the source, not run here.",
        pair=(("lstm-dropout", 0.25), ("input", 0.25)),
    ),
    Claim(
        18, S1, "After `return_sequences=False`, `Dropout` drops units of the last output.", "true",
        "There are no steps left: a mask (B, 2U), each sample and unit drawn apart.",
        "This is the placement `output`.",
        "every Keras 3", _axes("dropout.last_output", samples=False, features=False),
        shapes={"output": "output:sample,feature"},
        pair=(("output", 0.25), ("none", 0.0)),
    ),
    Claim(
        20, S1, "Dropout must not follow a convolution.", "out of scope",
        "This study trains no convolutions, and as a rule without a reason it is more than its source could "
        "carry.",
        "Ask for the experiment behind such a rule.",
        reason="no network here has a convolution",
    ),
    Claim(
        21, S2, "Recurrent dropout drops the input, or update, gate.", "false",
        "The argument of Keras masks what the gates read of h, before the kernel, and no gate.",
        "For that form use `candidate`.",
        _NOW, _RECURRENT_ARGUMENT, shapes={"candidate": "candidate:direction,sample,step,feature"},
        cites=(("semeniuta2016", "section 3, on the update of the cell"),),
        more="Masking the candidate g is another placement, by Semeniuta and others: i ⊙ (m ⊙ g) is (m ⊙ i) ⊙ g, "
             "so there one may call it the input gate.",
        pair=(("candidate", 0.25), ("recurrent", 0.25)),
    ),
    Claim(
        22, S2, "`h_tm1` in Keras' code is the previous memory cell.", "false",
        "It is the previous hidden output: the memory cell c is read by no kernel and met by no mask.",
        "To mask the cell use `cell` or `zoneout`.",
        "every Keras 3",
        {"lstm.recurrent_dropout.reads": "the hidden output", "lstm.recurrent_dropout.state_masked": False},
        pair=(("cell", 0.25), ("recurrent", 0.25)),
    ),
    Claim(
        24, S3, "The paper wants the same mask at all steps.", "true",
        "Gal and Ghahramani draw the masks on inputs, outputs and h once a sequence, and word types once.",
        "Use `variational`, or `variational+output` for the outputs too; stock Keras masks no word types.",
        cites=(("gal2016", "sections 4.1 and 4.2, figure 1"),),
        shapes={
            "variational":
                "input:direction,sample,feature + recurrent:direction,sample,feature + embedding:sample,type",
        },
        more="`variational` does so for inputs, h and word types, in their tied form; in their untied form each "
             "gate has a mask, as in stock Keras 3.8 and later.",
        pair=(("variational", 0.25), ("none", 0.0)),
    ),
    Claim(
        25, S3, "An explicit `Dropout` layer uses another mask at each step.", "true",
        "On sequences it does; after the last output there are no steps, and nothing that could differ.",
        "Between two recurrent layers use `SpatialDropout1D` (`between-spatial`) for one mask a sequence.",
        "every Keras 3", {**_ONE_A_STEP, **_axes("dropout.last_output", samples=False, features=False)},
        shapes={"between": "between:sample,step,feature", "between-spatial": "between:sample,feature"},
        pair=(("between-spatial", 0.25), ("between", 0.25)),
    ),
    Claim(
        27, S3, "Gal's method drops information between time steps.", "depends",
        "That is a part of it: masks lie on the inputs, on the outputs, on what the gates read of h, and on word "
        "types.",
        "`recurrent-tied` is the part between steps alone.",
        cites=(("gal2016", "section 4.1, equations 5 to 7, and section 4.2"),),
        shapes={
            "recurrent-tied": "recurrent:direction,sample,feature",
            "variational":
                "input:direction,sample,feature + recurrent:direction,sample,feature + embedding:sample,type",
        },
        pair=(("recurrent-tied", 0.25), ("variational", 0.25)),
    ),
    Claim(
        28, S4, "`LSTM(dropout=0.5)` equals `Dropout(0.25)` four times, after each gate.", "false",
        "The rate is the one given, and the mask lies on x, before the kernels; never a quarter of the rate.",
        "Read the rate as it stands.",
        _NOW,
        {
            **_INPUT_ARGUMENT,
            "lstm.dropout.rate": "dropout",
            "lstm.dropout.scaling": "1/(1-p)",
            **_axes("lstm.both.dropout", gates=False),
        },
        more="There is one mask for all four gates, or one a gate where `recurrent_dropout` is on, as in the "
             "page's model.",
        pair=(("lstm-dropout", 0.5), ("lstm-dropout", 0.25)),
    ),
    Claim(
        30, S2, "Regular dropout, the `dropout` argument, is applied to inputs and outputs: the vertical arrows.",
        "false",
        "The argument masks the inputs alone; what the layer gives out is not masked.",
        "For the output add a `Dropout` layer after it: `output`, or `combined` for both.",
        "every Keras 3",
        {
            **_INPUT_ARGUMENT,
            "lstm.dropout.inference_silent": True,
            **_axes("dropout.last_output", samples=False, features=False),
        },
        shapes={"lstm-dropout": "input:direction,sample,feature", "output": "output:sample,feature"},
        pair=(("output", 0.25), ("lstm-dropout", 0.25)),
    ),
    Claim(
        31, S3, "Dropout after the last output makes the network generalise over features and time steps.", "depends",
        "After the last state there are no steps: only units are dropped, so steps are nothing that it can act "
        "on.",
        "For noise over steps mask the inputs or the states.",
        "every Keras 3", _axes("dropout.last_output", samples=False, features=False),
        shapes={"output": "output:sample,feature"},
        pair=(("input", 0.25), ("output", 0.25)),
    ),
)  # fmt: skip
