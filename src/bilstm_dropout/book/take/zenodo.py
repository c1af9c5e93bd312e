"""What Zenodo asks of a deposit, from CITATION.cff, which is the one source of it."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from ...errors import UserError

_NEEDED = ("title", "abstract", "authors", "version", "date-released", "license")


def zenodo_json(citation: Path) -> str:
    """The text of .zenodo.json: https://developers.zenodo.org/#representation has its fields.

    citation: CITATION.cff (https://citation-file-format.github.io). UserError where it lacks what a deposit needs.
    """
    said = yaml.safe_load(citation.read_text("utf-8"))
    absent = [name for name in _NEEDED if not said.get(name)]
    if absent:
        raise UserError(f"{citation.name} lacks {', '.join(absent)}, which an archive needs. Write it there.")
    found = {
        "title": said["title"], "description": " ".join(said["abstract"].split()), "upload_type": "software",
        "creators": [_creator(author) for author in said["authors"]], "version": str(said["version"]),
        "publication_date": str(said["date-released"]), "license": str(said["license"]).lower(),
        "keywords": list(said.get("keywords", ())), "language": "eng", "access_right": "open",
    }  # fmt: skip
    addresses = [(said.get("url"), "isDocumentedBy"), (said.get("repository-code"), "isDerivedFrom")]
    related = [{"identifier": address, "relation": relation} for address, relation in addresses if address]
    found |= {"related_identifiers": related} if related else {}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _creator(author: dict) -> dict[str, str]:
    name = author.get("name") or f"{author['family-names']}, {author['given-names']}"
    more = {key: author[key] for key in ("affiliation", "orcid") if author.get(key)}
    if "orcid" in more:
        more["orcid"] = more["orcid"].removeprefix("https://orcid.org/")
    return {"name": name} | more
