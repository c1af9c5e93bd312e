"""A saved network comes back as it was; a file that is another's, changed or made to harm is refused in one line."""

import io
import json
import zipfile

import h5py
import keras
import numpy as np
import pytest
from support.saved import TEXTS, saved

from bilstm_dropout.errors import UserError
from bilstm_dropout.files import sha256
from bilstm_dropout.runs.saved.network import DESCRIPTION, read_saved
from bilstm_dropout.runs.saved.saving import check_target

WEIGHTS = "model.weights.h5"


@pytest.fixture
def file(tmp_path):
    saved(tmp_path / "a.keras")
    return tmp_path / "a.keras"


def refusal(file) -> str:
    with pytest.raises(UserError) as caught:
        read_saved(file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rewritten(file, changed):
    """The file with members changed (name to bytes, None takes one out) and a hash that fits, as an attacker would."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | changed
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)
        archive.comment = b" " * 71
    content = buffer.getvalue()[:-71]
    file.write_bytes(content + f"sha256:{sha256(content)}".encode())


def described(file, **changed) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return json.dumps(json.loads(archive.read(DESCRIPTION)) | changed).encode()


@pytest.mark.parametrize("placement, bidirectional", [("recurrent", True), ("input", False)])
def test_weights_and_rules_come_back(tmp_path, placement, bidirectional):
    model = saved(tmp_path / "a.keras", placement, bidirectional=bidirectional)
    found = read_saved(tmp_path / "a.keras")
    assert found.about.reading == TEXTS and found.about.classes == ("a", "b", "c")
    for value, was in zip(found.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, was)


def test_keras_itself_loads_the_file_in_safe_mode(file):
    model = keras.saving.load_model(file, safe_mode=True)
    inputs, lengths = TEXTS.read(["word1 word2", "word5"])
    own = read_saved(file).model(inputs, lengths)
    np.testing.assert_allclose(model(inputs, lengths), own, atol=1e-6)


def test_any_changed_or_lacking_byte_is_noticed(file):
    content = file.read_bytes()
    for place in [*range(0, len(content), 211), *range(len(content) - 95, len(content))]:
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert "damaged" in refusal(file) or "no network" in refusal(file)
    file.write_bytes(content[:-1])
    refusal(file)
    file.write_bytes(content)
    read_saved(file)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.keras").write_text("hello")
    assert "is no network that this program saved" in refusal(tmp_path / "text.keras")
    plain = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x), keras.layers.Dense(2)])
    plain.save(tmp_path / "lambda.keras")
    assert "is no network that this program saved" in refusal(tmp_path / "lambda.keras")
    assert "There is no file" in refusal(tmp_path / "none.keras")
    assert "There is no file" in refusal(tmp_path)


def test_a_layer_that_would_run_code_is_refused_though_the_hash_fits(file):
    layer = keras.saving.serialize_keras_object(keras.layers.Lambda(lambda x: x))
    with zipfile.ZipFile(file) as archive:
        config = json.loads(archive.read("config.json"))
    for harm in (layer, config | {"config": config["config"] | {"placement": layer}}, config | {"class_name": "X"}, []):
        rewritten(file, {"config.json": json.dumps(harm).encode()})
        assert "describes another network" in refusal(file)


@pytest.mark.parametrize(
    "changed, says",
    [
        ({"units": 2**20}, "lacks weights"),
        ({"units": 6}, "lacks weights|another network"),
        ({"units": 0}, "units"),
        ({"rate": 1.0}, "rate"),
        ({"placement": "no-such"}, "Unknown placement"),
        ({"classes": ["a", "a", "b"]}, "twice"),
        ({"vocabulary": 3}, "more tokens"),
        ({"embedding_dim": 0}, "embedding"),
        ({"format": 2}, "format"),
        ({"more": 1}, "more"),
        ({"reading": {"kind": "pickle"}}, "reading"),
    ],
)
def test_a_description_that_cannot_be_is_refused(file, changed, says):
    rewritten(file, {DESCRIPTION: described(file, **changed)})
    assert any(each in refusal(file) for each in says.split("|"))


def test_weights_that_lead_out_of_the_file_or_are_no_numbers_are_refused(file, tmp_path):
    with zipfile.ZipFile(file) as archive:
        weights = archive.read(WEIGHTS)

    def tampered(change):
        buffer = io.BytesIO(weights)
        with h5py.File(buffer, "r+") as each:
            change(each)
        rewritten(file, {WEIGHTS: buffer.getvalue()})
        return refusal(file)

    def first(each):
        found = []
        each.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
        return found[0]

    def linked(each):
        each["leads"] = h5py.ExternalLink("/etc/passwd", "/")

    def outside(each):
        name, shape = first(each), each[first(each)].shape
        del each[name]
        each.create_dataset(name, shape, "f4", external=[(str(tmp_path / "raw"), 0, 4 * int(np.prod(shape)))])

    def empty(each):
        each[first(each)][...] = np.nan

    assert "have links" in tampered(linked)
    assert "another file" in tampered(outside)
    assert "not finite" in tampered(empty)
    rewritten(file, {WEIGHTS: b"no HDF5" * 1000})
    assert "damaged" in refusal(file)
    rewritten(file, {WEIGHTS: weights, "more": b"1"})
    assert "other members" in refusal(file)


def test_nothing_is_replaced_unasked(file, tmp_path):
    for target, force, says in [(file, False, "--force"), (tmp_path, True, "ends in"), (tmp_path / "a", 0, "ends in")]:
        with pytest.raises(UserError, match=says):
            check_target(target, force)
    check_target(file, True)
    check_target(tmp_path / "b.keras", False)
