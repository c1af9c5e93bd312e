"""How Keras is set up on this machine: numbers are kept under one key only where all of them are made in one way.

Keras reads its settings once, as it is imported, from variables and a file; both are read here as it reads them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from .errors import UserError, brief

WANTED = {"backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7}
_LIMITS = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")  # end every training of Keras' own early


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
