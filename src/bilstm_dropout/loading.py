"""Loading what is heavy: names that are imported when they are first asked for, and what libraries say as they load."""

from __future__ import annotations

import ast
import faulthandler
import importlib
import io
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


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
