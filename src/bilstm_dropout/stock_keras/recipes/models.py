"""The recipes' models in stock Keras, one function each: the book shows this code as it stands.

Each takes keras, the number of steps and the width (features of a series, or number of symbols), and gives a model
that is not yet compiled. keras is handed in, so that reading or listing recipes does not import TensorFlow.

Masking, or mask_zero in an embedding, is this project's addition where what has unequal length is padded with zeros.
"""


def s0_input(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Masking()(inputs)
    x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64))(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s0_output(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Masking()(inputs)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64))(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s0_combined(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Masking()(inputs)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64, dropout=0.1, recurrent_dropout=0.1))(x)
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s0_text_input(keras, steps, symbols):
    inputs = keras.Input((steps,), dtype="int32")
    x = keras.layers.Embedding(symbols, 100, mask_zero=True)(inputs)
    x = keras.layers.Dropout(0.2)(x)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64))(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s0_text_output(keras, steps, symbols):
    inputs = keras.Input((steps,), dtype="int32")
    x = keras.layers.Embedding(symbols, 100, mask_zero=True)(inputs)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64))(x)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s0_text_combined(keras, steps, symbols):
    inputs = keras.Input((steps,), dtype="int32")
    x = keras.layers.Embedding(symbols, 100, mask_zero=True)(inputs)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64, dropout=0.1, recurrent_dropout=0.1))(x)
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s1_before(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Dropout(0.3)(inputs)
    x = keras.layers.LSTM(10)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="relu")(x))


def s1_after(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.LSTM(10)(inputs)
    x = keras.layers.Dropout(0.3)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="relu")(x))


def s1_steps(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Dropout(0.3, noise_shape=(1, steps, 1))(inputs)
    x = keras.layers.LSTM(10)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="relu")(x))


def s1_features(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Dropout(0.3, noise_shape=(1, 1, features))(inputs)
    x = keras.layers.LSTM(10)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="relu")(x))


def s1_samples(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Dropout(0.3, noise_shape=(None, 1, 1))(inputs)
    x = keras.layers.LSTM(10)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="relu")(x))


def s1_spatial(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.SpatialDropout1D(0.3)(inputs)
    x = keras.layers.LSTM(10)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="relu")(x))


def s2_dropout(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Masking()(inputs)
    x = keras.layers.LSTM(64, dropout=0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s2_recurrent(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Masking()(inputs)
    x = keras.layers.LSTM(64, recurrent_dropout=0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s3_imdb(keras, steps, symbols):
    inputs = keras.Input((steps,), dtype="int32")
    x = keras.layers.Embedding(symbols, 128)(inputs)
    x = keras.layers.Bidirectional(keras.layers.LSTM(64))(x)
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s3_long_gru_steps(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Dropout(0.5)(inputs)
    x = keras.layers.GRU(16)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s3_long_gru_sequence(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.GRU(16, dropout=0.5)(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s3_long_lstm_steps(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.Dropout(0.5)(inputs)
    x = keras.layers.LSTM(16)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s3_long_lstm_sequence(keras, steps, features):
    inputs = keras.Input((steps, features))
    x = keras.layers.LSTM(16, dropout=0.5)(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s4_arguments(keras, steps, symbols):
    inputs = keras.Input((steps,), dtype="int32")
    x = keras.layers.Embedding(symbols, 64)(inputs)
    x = keras.layers.LSTM(100, dropout=0.5, recurrent_dropout=0.5)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))


def s4_both(keras, steps, symbols):
    inputs = keras.Input((steps,), dtype="int32")
    x = keras.layers.Embedding(symbols, 64)(inputs)
    x = keras.layers.Dropout(0.25)(x)
    x = keras.layers.LSTM(100, dropout=0.5, recurrent_dropout=0.5)(x)
    return keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
