"""The runs of a reader's own study that a placement's chapter lays over the published ones."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..dropout.placements import resolve
from ..dropout.terms import Placement
from ..dropout.uses import apart
from ..errors import unknown
from ..experiments.parts import sound
from ..results.rows import SCHEMA, row_of
from ..runs.store import Store
from .chapters import with_chapter
from .profile_files import load_profile
from .profiles import record_keys

NO_PROFILE = "none"


@dataclass(frozen=True)
class Request:
    """What a chapter is asked for. place: its placement. profile: whose runs are laid over, NO_PROFILE for none."""

    place: Placement
    profile: str

    def runs(self) -> pd.DataFrame:
        """The profile's finished runs of the placement and of `none` beside them, in SCHEMA's columns; part 'here'."""
        if self.profile == NO_PROFILE:
            return pd.DataFrame(columns=SCHEMA.names)
        with apart():  # a profile goes through the table; a chapter is executed again when these runs are others
            executions = load_profile(self.profile).executions()
        mine = [each for each in executions if each.sweep is not None and each.sweep.placement == self.place.name]
        wanted = {key: config for each in mine for key, config in record_keys(each).items()}
        rows = [row_of("here", record) for record in sound(wanted, Store())]
        return pd.DataFrame(rows, columns=SCHEMA.names)


def requested(placement: str = "recurrent", profile: str = NO_PROFILE) -> Request:
    """Check what a chapter is asked for. UserError for a placement that nothing is published of, and for a profile."""
    place = resolve(placement)
    if place.name not in with_chapter():
        raise unknown("placement with published runs", place.name, with_chapter())
    if profile != NO_PROFILE:
        with apart():
            load_profile(profile)
    return Request(place, profile)
