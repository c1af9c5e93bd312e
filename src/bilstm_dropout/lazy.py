"""Public names of a package that are imported when they are first asked for: Keras, or much else, loads with them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence


def names_of(package: str, places: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """A package's `__getattr__` (PEP 562). places: by module of the package, the public names that it defines."""
    by_name = {name: module for module, names in places.items() for name in names}

    def get(name: str) -> object:
        if name not in by_name:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{by_name[name]}"), name)

    return get
