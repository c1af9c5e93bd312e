"""DropoutLSTM beside stock layers of Keras, on TensorFlow: types, export, saving, and what its constructor refuses."""

import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from bilstm_dropout.dropout.lstm import DropoutLSTM
from bilstm_dropout.dropout.masks import Sizes, draw_masks, expected_masks
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.terms import Placement, Term
from bilstm_dropout.errors import UserError

IN_A_LAYER = [n for n, entry in TABLE.items() if not {term.site for term in entry.terms} & {"embedding", "between"}]
X = np.random.default_rng(8).normal(size=(3, 7, 2)).astype("float32")
REAL = np.arange(7) < np.array([7, 1, 4])[:, None]


def rate_of(name):
    return 0.0 if name == "none" else 0.3


def dense(gradient):
    return np.asarray(tf.convert_to_tensor(gradient))


@pytest.fixture
def as_it_was():
    """Keras' settings for the whole process, put back."""
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    yield
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)


@pytest.mark.parametrize("name", IN_A_LAYER)
def test_every_placement_runs_under_every_policy(name, as_it_was):
    for policy in ("mixed_float16", "mixed_bfloat16", "float64"):
        keras.config.set_dtype_policy(policy)
        masked = keras.layers.Masking()(np.where(REAL[..., None], X, 0))
        for training in (True, False):
            output = DropoutLSTM(4, name, rate_of(name), seed=1, return_sequences=True)(masked, training=training)
            assert output.dtype == keras.dtype_policies.get(policy).compute_dtype and np.isfinite(output).all()


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_a_model_trains_under_every_policy(policy, as_it_was):
    keras.config.set_dtype_policy(policy)
    model = keras.Sequential([keras.Input((7, 2)), DropoutLSTM(4, "zoneout+recurrent", 0.3), keras.layers.Dense(1)])
    model.compile("adam", "mse", auto_scale_loss=False)  # whose first steps overflow and change nothing
    before = model.get_weights()
    model.train_on_batch(X, np.ones((3, 1)))
    for now, then in zip(model.get_weights(), before, strict=True):
        assert np.isfinite(now).all() and (now != then).any()


def test_float64_as_floatx_drops_the_same(as_it_was):
    single = draw_masks(resolve("recurrent"), 0.3, Sizes(3, 7, 2, 4), [1, 2])["recurrent"]
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    double = draw_masks(resolve("recurrent"), 0.3, Sizes(3, 7, 2, 4), [1, 2])["recurrent"]
    assert double.dtype == "float64" and np.array_equal(np.asarray(double) == 0, np.asarray(single) == 0)
    assert np.max(double) == pytest.approx(1 / 0.7, abs=1e-15)
    layer = DropoutLSTM(4, "gates", 0.3, seed=1)
    assert layer(X, training=True).dtype == "float64" == layer.weights[0].dtype


@pytest.mark.parametrize("length", [7, None])
def test_a_model_exports_and_serves_what_it_predicts(length, tmp_path):
    model = keras.Sequential(
        [keras.Input((length, 2)), keras.layers.Masking(), DropoutLSTM(4, "gates", 0.3, return_sequences=True),
         DropoutLSTM(4, "recurrent", 0.3)]
    )  # fmt: skip
    padded = np.where(REAL[..., None], X, 0).astype("float32")
    predicted = model(padded)
    model.export(tmp_path / "served", verbose=False)
    tf.saved_model.save(model, tmp_path / "saved")
    for folder, endpoint in (("served", "serve"), ("saved", "serving_default")):
        loaded = tf.saved_model.load(tmp_path / folder)
        served = loaded.serve(padded) if endpoint == "serve" else loaded.signatures[endpoint](tf.constant(padded))
        served = next(iter(served.values())) if isinstance(served, dict) else served
        assert np.asarray(served) == pytest.approx(np.asarray(predicted), abs=1e-6)


def test_a_model_with_training_built_in_is_exported_without_its_gradient(tmp_path):
    inputs = keras.Input((7, 2))
    model = keras.Model(inputs, DropoutLSTM(4, "recurrent", 0.3)(inputs, training=True))
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serve", model.call, [tf.TensorSpec((None, 7, 2))])
    options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
    archive.write_out(tmp_path / "served", options=options, verbose=False)
    loaded = tf.saved_model.load(tmp_path / "served")
    one, two = loaded.serve(X), loaded.serve(X)
    assert one.shape == (3, 8) and np.abs(one - two).max() > 1e-3


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", ["none", "zoneout", "gates"])
def test_inference_has_the_gradient_of_training(name, sequences):
    """Inference leaves the gradient to TensorFlow: to weights and inputs alike, with or without padding."""
    layer = DropoutLSTM(4, name, rate_of(name), return_sequences=sequences)
    layer.build((None, 7, 2))
    expected = expected_masks(layer.terms, layer.rate)
    for padding in (None, REAL):
        gradients = []
        for options in ({"sequences_mask": padding}, {"sequences_mask": padding, "masks": expected}):
            x = tf.constant(X)
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(layer(x, **options) ** 2)
            gradients.append(tape.gradient(total, [x, *layer.trainable_variables]))
        for one, two in zip(*gradients, strict=True):
            assert dense(one) == pytest.approx(dense(two), rel=1e-4, abs=1e-6)


def test_rows_that_have_ended_repeat_their_last_output_as_in_a_stock_lstm():
    """32 rows, of which half are run to the end; gradients too."""
    generator = np.random.default_rng(6)
    x = tf.constant(generator.normal(size=(32, 9, 3)).astype("float32"))
    real = tf.constant(np.arange(9) < generator.integers(0, 10, 32)[:, None])
    layer = DropoutLSTM(4, return_sequences=True, bidirectional=False)
    stock = keras.layers.LSTM(4, return_sequences=True)
    found = []
    for each in (layer, stock):
        each.build((None, 9, 3))
        each.set_weights(layer.get_weights())
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = each(x, mask=real, training=True)
            total = tf.reduce_sum(outputs**2)
        found.append([outputs, *tape.gradient(total, [x, *each.trainable_variables])])
    for ours, theirs in zip(*found, strict=True):
        assert dense(ours) == pytest.approx(dense(theirs), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_a_step_of_unknown_length_is_that_of_a_known_one(jit, masked):
    """Odd and even lengths, in and outside XLA: gradients are those of the same layer for a known length."""
    layer = DropoutLSTM(4, "zoneout", 0.3, return_sequences=True, bidirectional=False)
    layer.build((None, None, 2))

    def step(x, real):
        with tf.GradientTape() as tape:
            outputs = layer(x, mask=real if masked else None, masks=expected_masks(layer.terms, layer.rate))
            total = tf.reduce_sum(outputs**2)
        return outputs, *tape.gradient(total, layer.trainable_variables)

    unknown = tf.function(
        step, input_signature=[tf.TensorSpec((None, None, 2)), tf.TensorSpec((None, None), "bool")], jit_compile=jit
    )
    for steps in (7, 4):
        known = step(tf.constant(X[:, :steps]), tf.constant(REAL[:, :steps]))
        for one, two in zip(unknown(X[:, :steps], REAL[:, :steps]), known, strict=True):
            assert np.asarray(one) == pytest.approx(np.asarray(two), abs=1e-5)
    assert unknown.experimental_get_tracing_count() == 1


MINE = (
    Term("input", frozenset({"sample", "feature"}), factor=0.5),
    Term("cell", frozenset({"step"}), "keep", "expectation"),
)


@pytest.mark.parametrize("name", ["recurrent", "mine"])
def test_a_placement_of_ones_own_keeps_its_masks_through_saving_and_cloning(name, tmp_path):
    placement = Placement(name, MINE, "", "of my own", "")
    layer = DropoutLSTM(4, placement, 0.4, seed=3)
    model = keras.Sequential([keras.Input((7, 2)), layer])
    model.save(tmp_path / "model.keras")
    others = [
        DropoutLSTM.from_config(layer.get_config()),
        keras.saving.load_model(tmp_path / "model.keras").layers[0],
        keras.models.clone_model(model).layers[0],
    ]
    for other in others:
        assert other.terms == layer.terms and other.placement == name and other.get_config() == layer.get_config()
        if not other.built:
            other.build((None, 7, 2))
        other.set_weights(layer.get_weights())
    drawn = np.asarray(layer(X, training=True))
    for other in others:
        assert np.array_equal(np.asarray(other(X, training=True)), drawn)


@pytest.mark.parametrize("name", ["recurrent", "combined@own", "candidate+zoneout", "cell:sample,feature:keep"])
def test_a_name_is_saved_as_a_name(name):
    layer = DropoutLSTM(4, resolve(name), resolve(name).own_rate or 0.3)
    assert layer.get_config()["placement"] == resolve(name).name
    assert DropoutLSTM.from_config(layer.get_config()).terms == resolve(name).terms


@pytest.mark.parametrize("given", [{"name": "mine"}, {"terms": []}, {"name": "x", "terms": [], "rate": 1},
                                   {"name": "x", "terms": [{}]}, {"name": "x", "terms": 3}])
def test_other_dictionaries_are_no_placement(given):
    with pytest.raises(UserError, match="Allowed: a name, a Placement, or what get_config of a layer gives"):
        DropoutLSTM(4, given, 0.3)


def test_a_layer_says_that_it_leaves_masks_on_words_out():
    with pytest.warns(UserWarning, match="also masks embedding:sample,type.*build_classifier") as caught:
        layer = DropoutLSTM(4, "variational", 0.3, seed=1)
    (said,) = (str(each.message) for each in caught)
    assert "\n" not in said
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in IN_A_LAYER:
            if name != "variational":
                DropoutLSTM(4, name, rate_of(name))
        openly = DropoutLSTM(4, said.split("'")[1], 0.3, seed=1)
    for each in (layer, openly):
        each.build((None, 7, 2))
    openly.set_weights(layer.get_weights())
    assert np.array_equal(layer(X, training=True), openly(X, training=True))
    for name in ("embedding:sample", "embedding-types", "between"):
        with pytest.raises(UserError, match="build_classifier"):
            DropoutLSTM(4, name, 0.3)


STOCK = {
    "recurrent_dropout": "placement='recurrent'", "dropout": "placement='lstm-dropout'",
    "stateful": "starts from zeros", "return_state": "starts from zeros", "unroll": "leave it out",
    "go_backwards": "keras.ops.flip",
    "merge_mode": "concatenated", "activation": "leave it out", "kernel_initializer": "leave it out",
    "use_cudnn": "leave it out", "layer": "both directions", "implementation": "leave it out",
}  # fmt: skip


@pytest.mark.parametrize("name", STOCK)
def test_an_argument_of_stock_layers_is_refused_with_what_to_do_instead(name):
    with pytest.raises(UserError, match=f"takes no {name}.*Allowed: units, placement, rate, seed") as caught:
        DropoutLSTM(4, **{name: 0.2})
    assert STOCK[name] in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"unit": 4}, "Did you mean units.*Allowed: units"),
        ({"bidirectionnal": True}, "Did you mean bidirectional"),
        ({"units": 4.0}, "whole number of at least 1"),
        ({"units": True}, "whole number of at least 1"),
        ({"rate": "a"}, "rate: 'a' is not allowed"),
        ({"rate": 1}, "up to, but not including, 1"),
        ({"seed": 1.5}, "a whole number, or None"),
        ({"placement": "recurent"}, "Did you mean recurrent"),
    ],
)
def test_what_the_constructor_cannot_use_is_refused_in_one_line(given, says):
    with pytest.raises(UserError, match=says) as caught:
        DropoutLSTM(**{"units": 4, "placement": "recurrent", "rate": 0.3, **given})
    assert "\n" not in str(caught.value)


def test_numpy_numbers_and_arguments_of_every_layer_are_taken():
    layer = DropoutLSTM(np.int64(4), "recurrent", np.float32(0.5), name="mine", dtype="float32", trainable=False)
    assert layer.get_config()["units"] == 4 and layer.name == "mine" and not layer.trainable_weights
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer)).rate == 0.5


def test_importing_the_class_is_enough_to_load_a_model_and_the_package_alone_stays_light(tmp_path):
    keras.Sequential([keras.Input((7, 2)), DropoutLSTM(4, "recurrent", 0.3)]).save(tmp_path / "model.keras")
    code = (
        "import sys, bilstm_dropout; assert not {'keras', 'tensorflow'} & sys.modules.keys();"
        "from bilstm_dropout import DropoutLSTM; import keras;"
        f"print(keras.saving.load_model({str(tmp_path / 'model.keras')!r}).layers[0].placement)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "recurrent"
