"""What the layer does under every backend of Keras: run with KERAS_BACKEND=tensorflow, jax or torch.

Nothing here needs TensorFlow: results are compared with a replay in NumPy. Where the other backends alone are
installed, it is run by itself: KERAS_BACKEND=jax python -m pytest tests/dropout/test_backends.py.
"""

import keras
import numpy as np
import pytest
from support.replay import replay_lstm

from bilstm_dropout import DropoutLSTM
from bilstm_dropout.dropout.masks import Sizes, draw_masks
from bilstm_dropout.dropout.placements import resolve
from bilstm_dropout.errors import UserError

FEW = ["recurrent", "gates", "zoneout+output", "input+recurrent-stepwise"]
LENGTHS = np.array([7, 1, 4])
REAL = np.arange(7) < LENGTHS[:, None]
X = np.random.default_rng(8).normal(size=(3, 7, 2)).astype("float32")


def numbers(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def layer_of(name, **options):
    """A layer with random weights, biases too."""
    rate = 0.0 if name == "none" else 0.3
    layer = DropoutLSTM(4, name, rate, seed=1, **options)
    layer.build((None, None, 2))
    generator = np.random.default_rng(2)
    layer.set_weights([generator.normal(scale=0.6, size=weight.shape) for weight in layer.get_weights()])
    return layer


def drawn(name, rate=0.3, seed=(4, 5), **options):
    masks = draw_masks(resolve(name), rate, Sizes(3, 7, 2, 4, **options), seed)
    return {key: numbers(mask) for key, mask in masks.items()}


@pytest.mark.parametrize("name", [*FEW, "weights", "cell+candidate", "lstm-dropout-gates", "hidden:sample,step"])
def test_masks_of_ones_own_are_replayed(name):
    layer, masks = layer_of(name, return_sequences=True), drawn(name)
    outputs = numbers(layer(X, masks=masks, sequences_mask=REAL))
    for row in range(3):
        replayed = replay_lstm(X[row], LENGTHS[row], row, layer.get_weights(), masks, True)
        assert outputs[row] == pytest.approx(replayed, abs=1e-5)


@pytest.mark.parametrize("name", FEW)
def test_training_draws_and_inference_takes_the_expectation(name):
    layer = layer_of(name)
    one, two = (numbers(layer(X, mask=REAL, training=True)) for _ in range(2))
    assert np.abs(one - two).max() > 1e-3
    inferred = numbers(layer(X, mask=REAL))
    assert np.array_equal(inferred, numbers(layer(X, mask=REAL)))
    again = layer_of(name)
    assert np.array_equal(one, numbers(again(X, mask=REAL, training=True))), "a seed repeats its draws"


@pytest.mark.parametrize("name", ["gates", "zoneout+input"])
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_every_policy_gives_its_type_and_drops_the_same(name, policy):
    single, layer = layer_of(name), layer_of(name, dtype=policy)
    assert {keras.backend.standardize_dtype(weight.dtype) for weight in layer.trainable_variables} <= {
        "float32", "float64"}  # fmt: skip
    for training in (True, False):
        output = layer(X, mask=REAL, training=training)
        # JAX has no float64 unless its own setting allows it; stock layers then compute in float32 as well.
        assert keras.backend.standardize_dtype(output.dtype) in (layer.compute_dtype, "float32")
        close = 1e-6 if policy == "float64" else 0.05
        output = numbers(keras.ops.cast(output, "float32"))
        assert output == pytest.approx(numbers(single(X, mask=REAL, training=training)), abs=close)


def test_masks_in_half_precision_are_those_of_single_precision_rounded():
    for name in (*FEW, "input:sample,feature:gaussian"):
        single = drawn(name)
        for dtype in ("float16", "bfloat16"):
            half = draw_masks(resolve(name), 0.3, Sizes(3, 7, 2, 4), (4, 5), dtype=dtype)
            for key, mask in half.items():
                assert keras.backend.standardize_dtype(mask.dtype) == dtype
                mask = numbers(keras.ops.cast(mask, "float32"))
                assert np.array_equal(mask == 0, single[key] == 0) and mask == pytest.approx(single[key], rel=5e-3)


def test_a_model_of_unknown_length_fits_predicts_saves_and_loads(tmp_path):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((None,), dtype="int32"),
            keras.layers.Embedding(9, 3, mask_zero=True),
            DropoutLSTM(4, "input+recurrent-stepwise", 0.3, seed=1, return_sequences=True),
            DropoutLSTM(4, "zoneout+output", 0.3, seed=2),
            keras.layers.Dense(1),
        ]
    )
    # XLA has tests of its own, and takes long to compile this anew for each length.
    model.compile("adam", "mse", jit_compile=False if keras.backend.backend() == "tensorflow" else "auto")
    words = np.arange(28).reshape(4, 7) % 8 + 1
    before = model.get_weights()
    for steps in (7, 4):
        model.train_on_batch(words[:, :steps], np.ones((4, 1)))
    assert all(np.abs(a - b).max() > 0 for a, b in zip(before, model.get_weights(), strict=True))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[1].get_config() == model.layers[1].get_config()
    predicted = model.predict_on_batch(words[:, :5])
    assert np.array_equal(loaded.predict_on_batch(words[:, :5]), predicted)
    padded = np.pad(words[:, :5], [(0, 0), (0, 2)])
    assert model.predict_on_batch(padded) == pytest.approx(predicted, abs=1e-6)


def test_fit_learns():
    keras.utils.set_random_seed(2)
    x = np.random.default_rng(0).normal(size=(32, 5, 2)).astype("float32")
    y = (x[:, 0, 0] > 0).astype("float32")[:, None]
    model = keras.Sequential([keras.Input((5, 2)), DropoutLSTM(6, "recurrent", 0.1, seed=1), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.03), "mse")
    losses = model.fit(x, y, batch_size=16, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("masked", [REAL, np.array([[0, 0, 1, 1, 1, 1, 1], [1, 0, 1, 1, 0, 1, 0], [0] * 7], bool)])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
def test_padded_steps_are_as_stock_has_them(masked, bidirectional, sequences):
    layer = layer_of("none", return_sequences=sequences, bidirectional=bidirectional)
    stock = keras.layers.LSTM(4, return_sequences=sequences)
    stock = keras.layers.Bidirectional(stock) if bidirectional else stock
    stock.build((None, 7, 2))
    stock.set_weights(layer.get_weights())
    ours, theirs = numbers(layer(X, mask=masked)), numbers(stock(X, mask=keras.ops.convert_to_tensor(masked)))
    assert ours == pytest.approx(theirs, abs=1e-6) and np.abs(ours).max() > 0.1


def test_one_direction_gives_zeros_at_padded_steps_where_asked():
    layer = layer_of("none", return_sequences=True, bidirectional=False, zero_output_for_mask=True)
    repeats = layer_of("none", return_sequences=True, bidirectional=False)
    zeros, repeated = (numbers(each(X, mask=REAL)) for each in (layer, repeats))
    assert np.all(zeros[~REAL] == 0) and np.array_equal(zeros[REAL], repeated[REAL])
    assert np.array_equal(repeated[2, 4:], np.repeat(repeated[2, 3:4], 3, axis=0))
    assert layer.get_config()["zero_output_for_mask"] and not repeats.get_config()["zero_output_for_mask"]


def test_what_does_not_fit_is_refused_in_one_line():
    layer = layer_of("recurrent")
    ones = np.ones((2, 3, 1, 4, 4), "float32")
    bad = [
        ({"recurent": ones}, "Did you mean recurrent"),
        ({"recurrent": ones[0]}, "direction 2, sample 3, step 7, gate 4, feature 4"),
        ({"recurrent": ones[:, :2]}, "the shape \\(2, 2, 1, 4, 4\\)"),
        ({"weights": ones}, "direction 2, row 4, gate 4, feature 4"),
        ({"gates": ones}, "gate 3"),
        ({"output": ones[0, :, 0, 0]}, "sample 3, feature 8"),
        ({"recurrent": "all"}, "is no array"),
    ]
    for masks, says in bad:
        with pytest.raises(UserError, match=says) as caught:
            layer(X, masks=masks)
        assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="Allowed: an array of the shape \\(3, 7\\)"):
        layer(X, mask=REAL[:, :5])
    with pytest.raises(UserError, match=r"takes no initial_state, which stock Keras has.*Allowed: sequences, masks"):
        layer(X, initial_state=[ones, ones])
    with pytest.raises(ValueError, match="expected ndim=3, found ndim=2"):
        layer(X[0])
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 2"):
        layer(np.ones((3, 7, 5), "float32"))


def test_masks_of_size_one_serve_an_axis():
    layer = layer_of("recurrent")
    one = numbers(layer(X, masks={"recurrent": np.full((1, 1, 1, 1, 1), 0.5)}))
    all_of_them = numbers(layer(X, masks={"recurrent": np.full((2, 3, 7, 4, 4), 0.5)}))
    assert one == pytest.approx(all_of_them, abs=1e-6)
    whole = {"recurrent": np.zeros((2, 3, 1, 4, 4), int)}  # any type of number
    assert numbers(layer(X, masks=whole)) == pytest.approx(
        numbers(layer(X, masks={"recurrent": np.zeros((1, 1, 1, 1, 1), bool)}))
    )


def test_whole_numbers_are_read_as_numbers():
    layer = layer_of("recurrent")
    whole = (4 * X).astype("int32")
    assert numbers(layer(whole)) == pytest.approx(numbers(layer(whole.astype("float32"))), abs=1e-6)
