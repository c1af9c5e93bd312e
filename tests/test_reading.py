"""JSON and YAML of a person: read as they say, and anything hostile is a ValueError in one line, at once."""

import math

import pytest

from bilstm_dropout.files.reading import MOST_LEVELS, read_json, read_yaml

LAUGHS = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in ("ab", "bc", "cd", "de"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", 10), ("1:30", "1:30"), ("yes", "yes"), ("off", "off"), ("1_000", "1_000"), ("0o17", 15), ("0x1F", 31),
        ("017.5", 17.5), ("1e-3", 0.001), ("-.5", -0.5), ("+.inf", math.inf), ("2020-01-01", "2020-01-01"),
        ("true", True), ("null", None), ("", None), ("=", "="), ("!!int 010", 10), ("!!str 5", "5"),
        ("<<: {a: 1}", {"<<": {"a": 1}}), ("a: [1, {b: c}]", {"a": [1, {"b": "c"}]}),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text, value):
    found = read_yaml(text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3", "a is given twice"), ("1: 2\n1: 3", "1 is given twice"), (LAUGHS, "alias"),
        ("a: &a [*a]", "alias"), ("[" * 3000, "too deeply"), ("[" * 40 + "]" * 40, "too deeply"), ("a: [", "expected"),
        ("1" * 5000, "digits"), ("!!int abc", "invalid"), ("!!binary aGk=", "tag"), ("!!bool 7", "true, false"),
        ("!!python/object/apply:os.getcwd []", "tag"), ("a: \0", "not allowed"), ("? [1]\n: 2", "unhashable"),
        ("1\n---\n2", "single document"),
    ],
)  # fmt: skip
def test_yaml_that_is_not_plain_is_refused(text, says):
    with pytest.raises(ValueError, match=says) as caught:
        read_yaml(text)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000, "too deeply"), ('{"a":' * 100_000, "too deeply"), ("[" * 40 + "]" * 40, "too deeply"),
        ('{"a": 1, "a": 2}', "'a' is given twice"), (b"\xff\xfe\xfa", "decode"), ("1" * 5000, "digits"),
        ("[1", "line 1"),
    ],
)  # fmt: skip
def test_json_that_is_not_plain_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        read_json(text)


def test_what_is_not_too_deep_is_read():
    text = "[" * MOST_LEVELS + "]" * MOST_LEVELS
    assert str(read_json(text)) == str(read_yaml(text)) == text
