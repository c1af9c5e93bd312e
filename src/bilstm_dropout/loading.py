"""Loading what is heavy: names that are imported when they are first asked for, what libraries say as they load, and
how Keras is set up, which reads its settings from variables and a file as it is imported.
"""

from __future__ import annotations

import ast
import faulthandler
import importlib
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from .errors import UserError, brief

WANTED = {"backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7}
_LIMITS = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")  # end every training of Keras' own early


def names_of(package: str, places: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """A package's `__getattr__` (PEP 562). places: by module of the package, the public names that it defines."""
    by_name = {name: module for module, names in places.items() for name in names}

    def get(name: str) -> object:
        if name not in by_name:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{by_name[name]}"), name)

    return get


def handed_on(package: str, file: str) -> Callable[[str], object]:
    """The same for what a package's __init__, `file`, imports under TYPE_CHECKING."""
    code = ast.parse(Path(file).read_text(encoding="utf-8"))
    blocks = [node for node in code.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [statement for block in blocks for statement in block.body]
    return names_of(package, {each.module: [name.name for name in each.names] for each in imports})


def hush() -> None:
    """Keep libraries from writing to this process's terminal by themselves; what Python writes there stays.

    TensorFlow's libraries write by file descriptor as they load, whatever log level is set, and its Python warns when
    it traces a function again, as a study with many shapes must. A crash outside Python still leaves a traceback.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        if sys.stderr.fileno() != 2:
            return
    except (AttributeError, ValueError, io.UnsupportedOperation):  # captured, or there is none
        return
    sys.stderr.flush()
    kept = os.dup(2)
    sys.stderr = os.fdopen(kept, "w", encoding=sys.stderr.encoding, errors="replace", buffering=1)
    faulthandler.enable(sys.stderr)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)


def check_backend() -> None:
    """Raise UserError, one line, unless Keras computes with TensorFlow in 32 bits and trains as long as it is asked to.

    To be called before anything is trained; Keras is not imported for it.
    """
    if find_spec("tensorflow") is None:
        raise UserError(
            "Runs of this project are trained with TensorFlow, which is not installed here: make setup installs it. "
            "DropoutLSTM, the layer alone, needs Keras and any of its backends."
        )
    for where, name, value in _told():
        if value != WANTED[name]:
            raise UserError(
                f"{where} sets Keras' {name} to {brief(value)!r}. Runs of this project are trained with {WANTED[name]} "
                "alone: change that, and give the same command again."
            )
    for name in _LIMITS:
        if os.environ.get(name):
            raise UserError(f"{name} ends trainings early, and their numbers would be taken for whole ones: unset it.")


def _told() -> Iterator[tuple[str, str, object]]:
    """Where, which setting, and to what: variables first, since Keras lets them win over its file."""
    config = getattr(sys.modules.get("keras"), "config", None)
    if config is not None:  # it may have been set up otherwise since
        yield from ((f"keras.config.{name}()", name, getattr(config, name)()) for name in WANTED)
        policy = config.dtype_policy().name
        yield "keras.config.set_dtype_policy()", "floatx", policy
        return
    variable, file = os.environ.get("KERAS_BACKEND"), _file()
    if variable:
        yield "KERAS_BACKEND", "backend", variable
    try:
        content = json.loads(file.read_text("utf-8"))
        if not isinstance(content, dict):
            raise TypeError
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return  # Keras passes over what is no JSON
    except (OSError, RecursionError, TypeError) as error:
        reason = type(error).__name__
        raise UserError(f"Keras cannot read its settings, {file} ({reason}): mend or remove it.") from None
    for name in WANTED:
        if name in content and not (variable and name == "backend"):
            yield str(file), name, content[name]


def _file() -> Path:
    if "KERAS_HOME" in os.environ:
        return Path(os.environ["KERAS_HOME"]).expanduser() / "keras.json"
    with suppress(RuntimeError):  # a user without a home
        if os.access(home := Path.home(), os.W_OK):
            return home / ".keras" / "keras.json"
    return Path("/tmp/.keras/keras.json")
