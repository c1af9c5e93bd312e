"""Where the method page says that its hash is computed; it is computed in results.method."""

from .results.method import method_hash  # noqa: F401
