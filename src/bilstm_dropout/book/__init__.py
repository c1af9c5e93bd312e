"""What a reader sees: the vocabulary of notebooks, generated pages, and the strict build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loading import names_of

if TYPE_CHECKING:
    from .arguments import one_of, parameters, several
    from .findings import Finding, finding
    from .show import begin, csv, figure, table

__all__ = ["Finding", "begin", "csv", "figure", "finding", "one_of", "parameters", "several", "table"]
__getattr__ = names_of(
    __name__,
    {
        "arguments": ["one_of", "parameters", "several"],
        "findings": ["Finding", "finding"],
        "show": ["begin", "csv", "figure", "table"],
    },
)
