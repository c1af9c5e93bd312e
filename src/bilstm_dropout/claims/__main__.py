"""Print, as JSON, what examining every claim finds: number to [what is wrong, measured finding]."""

from __future__ import annotations

import json
import sys

from ..loading import hush
from . import Evidence, examine, table


def main() -> None:
    """`python -m bilstm_dropout.claims`: a minute or two, for the gradients that are measured."""
    hush()
    evidence = Evidence()
    json.dump({str(claim.number): examine(claim, evidence) for claim in table()}, sys.stdout)


if __name__ == "__main__":
    main()
