"""Published measurements that are no runs: a JSON file each, with the command that makes and prints it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import pydantic

from ..errors import UserError
from ..paths import published_folder


class Measurement(pydantic.BaseModel, extra="forbid", frozen=True):
    """What a file in data/published holds.

    FILE: its place there. COMMAND: what prints such a file. NAME: what it holds, for errors; plural where it ends in s.
    """

    FILE: ClassVar[str]
    COMMAND: ClassVar[str]
    NAME: ClassVar[str] = "measurement"

    @classmethod
    def file(cls) -> Path:
        """Where the study's own measurement is published."""
        return published_folder() / cls.FILE

    @classmethod
    def published(cls) -> Self:
        """The published measurement, checked. UserError where the file is missing or holds what is not allowed."""
        file = cls.file()
        try:
            return cls.model_validate_json(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, pydantic.ValidationError, UserError) as error:
            said = str(error).splitlines()[0][:160]
            them = "them" if cls.NAME.endswith("s") else "it"
            raise UserError(
                f"The published {cls.NAME} {file} cannot be used: {said}. Restore {them} from a release, or put there "
                f"what `{cls.COMMAND}` prints."
            ) from None
