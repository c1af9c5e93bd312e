"""The reader's own files: read row by row, checked, and kept as data sets."""

from .imported import PREFIX, Kept, kept, name_for, names

__all__ = ["PREFIX", "Kept", "kept", "name_for", "names"]
