"""Published measurements that are no runs: a JSON file each, which a module of its own makes and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pydantic

from ..errors import UserError

Model = TypeVar("Model", bound=pydantic.BaseModel)


def read(file: Path, model: type[Model], command: str, name: str = "measurement") -> Model:
    """What a file in data/published holds, checked by its model.

    command: what prints such a file. name: of what it holds, for the error; taken as plural where it ends in s.
    UserError where the file is missing or does not hold what the model allows.
    """
    try:
        return model.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, pydantic.ValidationError, UserError) as error:
        said = str(error).splitlines()[0][:160]
        them = "them" if name.endswith("s") else "it"
        raise UserError(
            f"The published {name} {file} cannot be used: {said}. Restore {them} from a release, or put there what "
            f"`{command}` prints."
        ) from None
