"""The reader's own files: read row by row, checked, and kept as data sets."""

from .imported import Kept, kept, name_for, names

__all__ = ["Kept", "kept", "name_for", "names"]
