"""What the book says of the locked Keras, fact by fact. Where the probe says otherwise, the book is not built."""

from __future__ import annotations

_INVERTED = {"scaling": "1/(1-p)", "calls_share": False, "inference_silent": True}
_LAYER = {**_INVERTED, "rate": "dropout", "inference_moves_generator": False}
# The masks of a recurrent layer are drawn in inference too, and thrown away.
_CONSTANT = {
    **_INVERTED,
    "samples_share": False,
    "steps_share": True,
    "features_share": False,
    "before_kernel": True,
    "inference_moves_generator": True,
}
_RECURRENT = {
    **_CONSTANT,
    "rate": "recurrent_dropout",
    "gates_share": False,
    "state_masked": False,
    "reads": "the hidden output",
}


def _layer(samples: bool, steps: bool, features: bool) -> dict:
    return {**_LAYER, "samples_share": samples, "steps_share": steps, "features_share": features}


_GROUPS: dict[str, dict[str, object]] = {
    "dropout": {**_layer(False, False, False), "rate_one": "drops everything"},
    "dropout.noise_1_t_1": _layer(True, False, True),
    "dropout.noise_1_1_f": _layer(True, True, False),
    "dropout.noise_none_1_1": _layer(False, True, True),
    "dropout.noise_none_t_1": _layer(False, False, True),
    "dropout.noise_none_1_f": _layer(False, True, False),
    "spatial_dropout_1d": _layer(False, True, False),
    "dropout.last_output": {"samples_share": False, "features_share": False},
    "padding.dropout": {"passed_on": True},
    "padding.spatial_dropout_1d": {"passed_on": True},
    "padding.bidirectional_lstm": {"unmasked_changes_output": True, "masked_changes_output": False},
    "custom_layer": {"second_tensor_keeps_mask": False},
}
for _kind in ("lstm", "gru"):
    _GROUPS |= {
        f"{_kind}.dropout": {**_CONSTANT, "rate": "dropout", "gates_share": True, "rate_one": "drops nothing"},
        f"{_kind}.recurrent_dropout": {**_RECURRENT, "rate_one": "drops nothing"},
        f"{_kind}.both.dropout": {**_CONSTANT, "rate": "dropout", "gates_share": False},
        f"{_kind}.both.recurrent_dropout": _RECURRENT,
        f"{_kind}.implementation_1": {"gates_share": "crashes: InvalidArgumentError"},
        f"{_kind}.implementation_1_without_cudnn": {"gates_share": False},
        f"{_kind}.implementation_2_with_recurrent_dropout": {"gates_share": False},
        f"{_kind}.implementation": {"in_config": False},
        f"{_kind}.implementation_1_in_bidirectional": {"gates_share": True},
        f"{_kind}.implementation_1_saved_and_loaded": {"gates_share": True},
        f"bidirectional.unseeded.{_kind}.dropout": {"directions_share": False},
        f"bidirectional.unseeded.{_kind}.recurrent_dropout": {"directions_share": False},
        f"bidirectional.seeded.{_kind}.dropout": {"directions_share": True},
        f"bidirectional.seeded.{_kind}.recurrent_dropout": {"directions_share": True},
    }

EXPECTED: dict[str, object] = {
    f"{prefix}.{name}": value for prefix, values in _GROUPS.items() for name, value in values.items()
}
