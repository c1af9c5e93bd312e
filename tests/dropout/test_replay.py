"""Every placement, held to account: NumPy replays, stock Keras, finite differences, rate 0, padding, saving."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.networks import draw, made_up, network
from support.replay import replay_classifier, replay_lstm

from bilstm_dropout.dropout import lengths as lengths_module
from bilstm_dropout.dropout.classifier import build_classifier
from bilstm_dropout.dropout.lstm import DropoutLSTM, run_lstm
from bilstm_dropout.dropout.masks import LAYER_KEYS, Sizes, draw_masks
from bilstm_dropout.dropout.placements import TABLE, resolve
from bilstm_dropout.dropout.terms import parse_term
from bilstm_dropout.errors import UserError

MORE = [
    "input+recurrent+output",
    "lstm-dropout-gates+recurrent",
    "hidden:sample,feature",
    "recurrent:sample,gate,feature",
    "zoneout+candidate",
]
EMBEDDING = [
    f"embedding:{axes}{scaling}"
    for axes in ("sample", "type", "sample,type")
    for scaling in ("", ":gaussian", ":expectation")
    if axes + scaling != "sample,type"  # embedding-types
]


@pytest.mark.parametrize("name", [*TABLE, *MORE, *EMBEDDING])
@pytest.mark.parametrize("kind", ["series", "tokens"])
def test_a_numpy_replay_gives_the_training_pass_and_the_inference(name, kind):
    if kind == "series" and "embedding" in resolve(name).needs:
        kind = "tokens"
    model, dataset = network(name, made_up(kind))
    inputs, lengths = dataset.train.inputs, dataset.train.lengths
    masks = draw(model, dataset)
    drawn = np.asarray(model(inputs, lengths, masks=masks))
    assert drawn == pytest.approx(replay_classifier(model, inputs, lengths, masks), abs=1e-5)
    expected = {place: {k: np.asarray(m) for k, m in each.items()} for place, each in model.expected(0.4).items()}
    inferred = np.asarray(model(inputs, lengths, rate=0.4))
    assert inferred == pytest.approx(replay_classifier(model, inputs, lengths, expected), abs=1e-5)
    if name != "none":
        assert np.abs(drawn - inferred).max() > 1e-3, "the masks changed nothing"


@pytest.mark.parametrize("name", [n for n in TABLE if not TABLE[n].needs])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_layer_alone_too(name, return_sequences, bidirectional):
    generator = np.random.default_rng(8)
    x = generator.normal(size=(3, 7, 2)).astype("float32")
    lengths = np.array([7, 1, 4])
    layer = DropoutLSTM(
        4, return_sequences=return_sequences, bidirectional=bidirectional, zero_output_for_mask=True
    )
    layer(x)
    layer.set_weights([generator.normal(scale=0.6, size=w.shape) for w in layer.get_weights()])
    terms = [term for term in TABLE[name].terms if not term.optional]
    masks = draw_masks(terms, 0.3, Sizes(3, 7, 2, 4, directions=layer.directions), [4, 5])
    masks = {key: np.asarray(mask) for key, mask in masks.items()}
    output = np.asarray(layer(x, masks=masks, sequences_mask=np.arange(7) < lengths[:, None]))
    for row in range(3):
        replayed = replay_lstm(x[row], lengths[row], row, layer.get_weights(), masks, return_sequences)
        assert output[row] == pytest.approx(replayed, abs=1e-5)


def _given(mask, _inputs):
    return mask


def _stock(name, masks, units, weights, x, padding):
    """Stock Keras layers with the same weights, their dropout masks replaced by ours."""
    stock = keras.layers.Bidirectional(
        keras.layers.LSTM(units, dropout=0.4, recurrent_dropout=0.4, use_cudnn=False), merge_mode="concat"
    )
    stock(x)
    stock.set_weights(weights)
    x = x * masks["input"][0, :, :, 0] if "input" in masks and masks["input"].shape[0] == 1 else x
    for direction, layer in enumerate((stock.forward_layer, stock.backward_layer)):

        def as_keras(key, width, direction=direction):
            if key not in masks or masks[key].shape[0] == 1:
                return [np.ones((len(x), width), "float32")] * 4
            mask = np.broadcast_to(masks[key][direction, :, 0], (len(x), 4, width))
            return [mask[:, gate] for gate in range(4)]

        cell = layer.cell
        cell.get_dropout_mask = partial(_given, as_keras("input", x.shape[2]))
        cell.get_recurrent_dropout_mask = partial(_given, as_keras("recurrent", units))
    h = np.asarray(stock(x, mask=padding, training=True))
    return h * masks["output"] if "output" in masks else h


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "input",
        "input-spatial",
        "input-steps",
        "input-features",
        "input-samples",
        "input-words",
        "lstm-dropout",
        "lstm-dropout-gates",
        "recurrent",
        "recurrent-tied",
        "output",
        "combined",
    ],
)
def test_stock_keras_agrees_with_the_same_weights_and_masks(name):
    generator = np.random.default_rng(2)
    x = generator.normal(size=(4, 6, 3)).astype("float32")
    padding = np.arange(6) < np.array([6, 2, 5, 1])[:, None]
    layer = DropoutLSTM(5)
    layer(x)
    layer.set_weights([generator.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])
    masks = draw_masks(TABLE[name], 0.4, Sizes(4, 6, 3, 5), [7, 8])
    masks = {key: np.asarray(mask) for key, mask in masks.items()}
    stock = _stock(name, masks, 5, layer.get_weights(), x, padding)
    assert np.asarray(layer(x, masks=masks, mask=padding)) == pytest.approx(stock, abs=1e-5)


@pytest.mark.parametrize("name", TABLE)
def test_rate_zero_gives_the_baselines_pass_and_gradients(name):
    model, dataset = network(name)
    placement = resolve(name)
    baseline = build_classifier(resolve("none"), dataset, 5, layers=len(model.recurrent), embedding_dim=4)
    baseline.set_weights(model.get_weights())

    def pass_and_gradients(network, masks):
        with tf.GradientTape() as tape:
            logits = network(dataset.train.inputs, dataset.train.lengths, masks=masks)
            loss = tf.reduce_sum(tf.nn.log_softmax(logits)[:, 0])
        gradients = tape.gradient(loss, network.trainable_variables)
        return [logits, *(tf.convert_to_tensor(gradient) for gradient in gradients)]

    ours = pass_and_gradients(model, draw(model, dataset, rate=0.0))
    theirs = pass_and_gradients(baseline, draw(baseline, dataset, rate=0.0))
    for a, b in zip(ours, theirs, strict=True):
        assert np.abs(a - b).max() <= 1e-6 * max(1, np.abs(b).max())
    inferred = model(dataset.train.inputs, dataset.train.lengths, rate=0.0)
    assert np.abs(inferred - theirs[0]).max() < 1e-6, placement.name


# Where a gate's reads (units + features) fill whole registers, the kernels' gradients are another product.
@pytest.mark.parametrize("features", [3, 14])
@pytest.mark.parametrize("name", [*(n for n in TABLE if "second layer" not in TABLE[n].needs), *MORE])
def test_gradients_agree_with_finite_differences(name, features):
    generator = np.random.default_rng(4)
    x = generator.normal(size=(2, 4, features))
    shapes = [(features, 8), (2, 8), (8,)] * 2
    weights = [generator.normal(scale=0.7, size=shape) for shape in shapes]
    terms = [term for term in resolve(name).terms if term.site != "embedding"]
    masks = draw_masks(terms, 0.4, Sizes(2, 4, features, 2), [1, 9])
    masks = {key: tf.cast(mask, tf.float64) for key, mask in masks.items()}
    padding = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], bool)
    mix = generator.normal(size=(2, 4))

    @tf.function
    def loss(*weights):
        h = run_lstm(tf.constant(x), weights[0::3], weights[1::3], weights[2::3], masks, padding)
        return tf.reduce_sum(h * mix)

    tensors = [tf.constant(weight) for weight in weights]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = loss(*tensors)
    gradients = tape.gradient(value, tensors)
    for number, gradient in enumerate(gradients):
        for index in [tuple(generator.integers(0, size) for size in weights[number].shape) for _ in range(3)]:
            ends = []
            for sign in (1, -1):
                moved = [weight.copy() for weight in weights]
                moved[number][index] += sign * 1e-6
                ends.append(float(loss(*(tf.constant(weight) for weight in moved))))
            assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(float(gradient[index]), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", ["none", "lstm-dropout-gates+recurrent", "input-steps+recurrent-stepwise", "zoneout"])
def test_without_the_gradient_to_the_input_the_others_stay(name):
    generator = np.random.default_rng(7)
    x = tf.constant(generator.normal(size=(8, 5, 3)).astype("float32"))
    masks = draw_masks(resolve(name), 0.4, Sizes(8, 5, 3, 4), [1, 9])
    layers = [DropoutLSTM(4), DropoutLSTM(4, input_gradient=False)]
    gradients = []
    for layer in layers:
        layer(x)
        layer.set_weights(layers[0].get_weights())
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(layer(x, masks=masks) ** 2)
        gradients.append(tape.gradient(total, [x, *layer.trainable_variables]))
    assert np.abs(gradients[0][0]).max() > 0 and gradients[1][0] is None
    for whole, without in zip(gradients[0][1:], gradients[1][1:], strict=True):
        assert np.asarray(without) == pytest.approx(np.asarray(whole), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", ["none", "recurrent", "input+recurrent-stepwise", "zoneout"])
def test_rows_that_have_ended_are_left_out_and_nothing_changes(name, sequences, monkeypatch):
    generator = np.random.default_rng(6)
    lengths = generator.integers(1, 10, 32)
    padding = np.arange(9) < lengths[:, None]
    x = tf.constant(generator.normal(size=(32, 9, 3)))
    weights = [tf.constant(generator.normal(scale=0.7, size=shape)) for shape in [(3, 16), (4, 16), (16,)] * 2]
    masks = draw_masks(resolve(name), 0.4, Sizes(32, 9, 3, 4), [1, 9])
    masks = {key: tf.cast(mask, tf.float64) for key, mask in masks.items()}

    @tf.function
    def run_and_gradients(x, *weights):
        with tf.GradientTape() as tape:
            tape.watch((x, weights))
            h = run_lstm(x, weights[0::3], weights[1::3], weights[2::3], masks, padding, sequences)
            total = tf.reduce_sum(h**2)
        return h, *tape.gradient(total, (x, *weights))

    monkeypatch.setattr(lengths_module, "SHARES", (1 / 2, 1 / 4))
    in_passes = run_and_gradients(x, *weights)
    assert [rows for rows, *_ in lengths_module.ByLength(tf.constant(padding)).passes] == [None, 16, 8]
    monkeypatch.setattr(lengths_module, "SHARES", ())
    at_once = run_and_gradients.python_function(x, *weights)
    for a, b in zip(in_passes, at_once, strict=True):
        a, b = (np.asarray(tf.convert_to_tensor(each)) for each in (a, b))
        assert a == pytest.approx(b, rel=1e-9, abs=1e-12)


def test_a_mask_on_the_cell_is_one_on_h_at_the_recurrent_and_output_sites():
    generator = np.random.default_rng(5)
    x = generator.normal(size=(4, 9, 3)).astype("float32")
    layer = DropoutLSTM(6)
    layer(x)
    layer.set_weights([generator.normal(scale=0.6, size=w.shape) for w in layer.get_weights()])
    mask = generator.integers(0, 2, (2, 4, 1, 6)).astype("float32")
    on_cell = layer(x, masks={"cell": mask})
    both = {"recurrent": mask[:, :, :, None], "output": np.concatenate([mask[0, :, 0], mask[1, :, 0]], axis=-1)}
    assert np.asarray(layer(x, masks=both)) == pytest.approx(np.asarray(on_cell), abs=1e-6)
    assert np.abs(layer(x) - on_cell).max() > 0.1


@pytest.mark.parametrize("scaling", ["", ":expectation"])
def test_an_embedding_with_a_draw_a_sample_is_read_whole_or_not_at_all(scaling):
    model, dataset = network("embedding:sample" + scaling, made_up("tokens", rows=40))
    inputs, lengths = dataset.train.inputs, dataset.train.lengths
    masks = draw(model, dataset)
    (kept,) = masks["embedding"]["embedding"].T
    assert 0 < (kept == 0).sum() < 40
    logits = np.asarray(model(inputs, lengths, masks=masks))
    table = model.embedding.get_weights()[0]
    for factor in set(kept):
        model.embedding.set_weights([table * factor])
        rows = kept == factor
        bare = np.asarray(model(inputs[rows], lengths[rows], masks={"embedding": {}, "layer 0": {}}))
        assert logits[rows] == pytest.approx(bare, abs=1e-6)
    model.embedding.set_weights([table])
    inferred = np.asarray(model(inputs, lengths, rate=0.4))
    model.embedding.set_weights([table * (0.6 if scaling else 1.0)])
    bare = np.asarray(model(inputs, lengths, masks={"embedding": {}, "layer 0": {}}))
    assert inferred == pytest.approx(bare, abs=1e-6)


def test_masks_under_a_key_that_nothing_reads_are_refused():
    x = np.ones((2, 5, 3), "float32")
    layer = DropoutLSTM(4, "recurrent", 0.3)
    mask = np.ones((2, 2, 1, 4, 4), "float32")
    for key, says in (("recurent", "Did you mean recurrent"), ("embedding", "Allowed: input, recurrent"), (3, "'3'")):
        for training in (True, False):
            with pytest.raises(UserError, match=says) as caught:
                layer(x, masks={key: mask}, training=training)
            assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="cell:keep, hidden, hidden:keep, weights, output"):
        layer(x, masks=[mask])
    for key in LAYER_KEYS:
        site, _, keeps = key.partition(":")
        axes = {"weights": "row", "gates": "gate"}.get(site, "sample")
        drawn = draw_masks([parse_term(f"{site}:{axes}:{keeps}".rstrip(":"))], 0.3, Sizes(2, 5, 3, 4), [1, 1])
        assert list(drawn) == [key] and layer(x, masks=drawn).shape == (2, 8)


def test_a_network_refuses_masks_that_nothing_reads():
    model, dataset = network("embedding-types")
    masks = draw(model, dataset)
    bad = [masks | {"layer 1": {}}, masks | {"embedding": {"hidden": masks["embedding"]["embedding"]}},
           masks | {"layer 0": {"inputs": np.ones((1, 1, 1, 1, 4), "float32")}}]  # fmt: skip
    for each in bad:
        with pytest.raises(UserError, match="Allowed: ") as caught:
            model(dataset.train.inputs, dataset.train.lengths, masks=each)
        assert "\n" not in str(caught.value)


def test_padding_arrives_beside_masks():
    words = np.array([[3, 4, 2, 0, 0, 0], [5, 1, 1, 2, 4, 3]])
    embedding = keras.layers.Embedding(7, 4, mask_zero=True)
    layer = DropoutLSTM(5)
    masks = draw_masks(TABLE["recurrent"], 0.4, Sizes(2, 6, 4, 5), [1, 1])
    whole = layer(embedding(words), masks=masks)
    alone = layer(embedding(words[:1, :3]), masks={key: mask[:, :1] for key, mask in masks.items()})
    assert np.asarray(whole)[:1] == pytest.approx(np.asarray(alone), abs=1e-6)
    x = keras.Input((6,), dtype="int32")
    mask_in = keras.Input((1, 4, 5), batch_size=2)
    model = keras.Model([x, mask_in], layer(embedding(x), masks={"recurrent": keras.ops.stack([mask_in, mask_in])}))
    given = np.asarray(masks["recurrent"][0])
    functional = model([words, given])
    tied = {"recurrent": np.stack([given, given])}
    assert np.asarray(functional) == pytest.approx(np.asarray(layer(embedding(words), masks=tied)), abs=1e-6)


def test_plain_fit_works_in_anybodys_model_and_evaluation_draws_nothing(tmp_path):
    def build():
        keras.utils.set_random_seed(3)
        model = keras.Sequential(
            [
                keras.Input((6,), dtype="int32"),
                keras.layers.Embedding(7, 4, mask_zero=True),
                DropoutLSTM(5, placement="recurrent", rate=0.3, seed=1, return_sequences=True),
                DropoutLSTM(5, placement="variational", rate=0.3, seed=2),
                keras.layers.Dense(2, activation="softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    x = np.random.default_rng(0).integers(1, 7, (16, 6))
    y = x[:, 0] % 2
    with_validation, without = build(), build()
    one = with_validation.fit(x, y, validation_data=(x, y), epochs=3, verbose=0, shuffle=False).history["loss"]
    assert one == without.fit(x, y, epochs=3, verbose=0, shuffle=False).history["loss"]
    assert np.array_equal(without.predict(x, verbose=0), without.predict(x, verbose=0))
    assert not np.array_equal(without(x, training=True), without(x, training=True))
    without.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.layers[1].get_config() == without.layers[1].get_config()
    assert np.array_equal(loaded.predict(x, verbose=0), without.predict(x, verbose=0))


def test_the_layer_refuses_sites_outside_it():
    with pytest.raises(ValueError, match="build_classifier"):
        DropoutLSTM(4, placement="between", rate=0.1)
    with pytest.raises(ValueError, match="units"):
        DropoutLSTM(0)
