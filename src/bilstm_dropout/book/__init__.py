"""What a reader sees: the vocabulary of notebooks, generated pages, and the strict build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..loading import handed_on

if TYPE_CHECKING:
    from .arguments import one_of, parameters, several
    from .findings import Finding, finding
    from .show import begin, csv, figure, table

__getattr__ = handed_on(__name__, __file__)
