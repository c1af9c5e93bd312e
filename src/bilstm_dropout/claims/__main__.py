"""Print, as JSON, what examining every claim finds: number to what is wrong and what a row says."""

from __future__ import annotations

import json
import sys

from ..loading import hush
from . import Evidence, examine, said, table


def main() -> None:
    """`python -m bilstm_dropout.claims`: a minute or two, for the gradients that are measured."""
    hush()
    evidence = Evidence()
    found = {}
    for claim in table():
        wrong, measured = examine(claim, evidence)
        found[str(claim.number)] = {"wrong": wrong, **(said(claim, measured, evidence) if not wrong else {})}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
