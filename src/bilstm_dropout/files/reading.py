"""JSON and YAML that a person wrote or can have changed, read strictly: nothing is taken for what it does not say.

Both raise ValueError, in one line, for whatever they do not take, and return plain values of bounded depth.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable

import yaml

# More than anything here has; what nests deeper overflows one library or another, on one Python or another.
MOST_LEVELS = 32


def read_json(text: str | bytes, **kinds: Callable[[str], object]) -> object:
    """The value of a JSON text. kinds: what becomes of its numbers, as json.loads takes it, for instance parse_float.

    ValueError for what is none, bytes that are no text, a key given twice, and depth.
    """
    try:
        return _shallow(json.loads(text, object_pairs_hook=_once, **kinds))
    except RecursionError:
        raise ValueError("it nests too deeply") from None


def read_value(value: object) -> object:
    """A parameter that is no text by itself: papermill hands lists over as JSON text. What is no JSON stays a text."""
    try:
        return read_json(value) if isinstance(value, str) else value
    except ValueError:
        return value


def read_yaml(text: str) -> object:
    """The value of a YAML text, scalars as YAML 1.2 has them: 010 is ten, and 1:30, yes and 2020-01-01 are texts.

    ValueError for what is no YAML, a key given twice, an alias, a tag other than those of plain values, and depth.
    """
    try:
        return _shallow(yaml.load(text, _Loader))  # a SafeLoader with less in it
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())[:200]) from None
    except RecursionError:
        raise ValueError("it nests too deeply") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{twice[:80]!r} is given twice")
    return made


def _shallow(value: object) -> object:
    level = [value]
    for _ in range(MOST_LEVELS):
        outer = [each for each in level if isinstance(each, list | dict)]
        level = [inner for each in outer for inner in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return value
    raise ValueError("it nests too deeply")


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain values alone. PyYAML's own reader follows YAML 1.1, where 010 is 8 and 1:30 is 90."""

    yaml_implicit_resolvers = {}
    yaml_constructors = {}

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.composer.ComposerError(None, None, "an alias (*) is not allowed: write its value", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        made = super().construct_mapping(node, deep)
        if len(made) < len(node.value):
            ((twice, _),) = Counter(key.value for key, _ in node.value).most_common(1)
            raise yaml.constructor.ConstructorError(None, None, f"{twice[:80]} is given twice", node.start_mark)
        return made

    def construct_bool_of_1_2(self, node):
        return _one_of(node, {"true": True, "false": False})

    def construct_int_of_1_2(self, node):
        text = self.construct_scalar(node)
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)

    def construct_float_of_1_2(self, node):
        return float(re.sub(r"\.(inf|nan)$", r"\1", self.construct_scalar(node).lower()))


def _one_of(node, values: dict):
    if node.value.lower() not in values:
        raise yaml.constructor.ConstructorError(None, None, f"none of {', '.join(values)}", node.start_mark)
    return values[node.value.lower()]


# YAML 1.2.2, section 10.3.2: the core schema. Tag to what an untagged scalar of it looks like, and its first letters.
_SCALARS = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""], _Loader.construct_yaml_null),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF"), _Loader.construct_bool_of_1_2),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789"), _Loader.construct_int_of_1_2),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
        _Loader.construct_float_of_1_2,
    ),
}
for _tag, (_pattern, _first, _construct) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct)
for _tag in ("str", "seq", "map"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", getattr(_Loader, f"construct_yaml_{_tag}"))
_Loader.add_constructor(None, _Loader.construct_undefined)
