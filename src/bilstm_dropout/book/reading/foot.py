"""The foot of every page: how to cite, the version and its date, and which published data."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import yaml

from ...files import sha256
from ...paths import project_root

_DIGITS = 12  # of the hash that names the published data


def cited(root: Path) -> list[Path]:
    """The files that a foot is made of: where one changes, every page does."""
    return [root / "CITATION.cff", root / "data" / "published" / "manifest.json"]


@lru_cache(maxsize=4)
def foot(root: Path | None = None) -> dict[str, str]:
    """What a foot says, as text: title, version, date, data, data_date, sentence and bibtex.

    root: the project. data: the first digits of the SHA-256 of the published results' manifest, which has the hash of
    each of their files. data_date: the newest day in it. Without published data both are ''.
    """
    citation, manifest = cited(root if root is not None else project_root())
    found = yaml.safe_load(citation.read_text("utf-8"))
    said = {
        "title": found["title"],
        "version": str(found["version"]),
        "date": str(found["date-released"]),
        "data": "",
        "data_date": "",
    }
    if manifest.is_file():
        content = manifest.read_bytes()
        days = [each.get("method", {}).get("date", "") for each in json.loads(content)["files"].values()]
        said |= {"data": sha256(content)[:_DIGITS], "data_date": max(days, default="")}
    authors = " and ".join(author["name"] for author in found["authors"])
    data = f", data {said['data']}" if said["data"] else ""
    year = said["date"][:4]
    said["sentence"] = f"{authors} ({year}). {said['title']}. Version {said['version']}{data}."
    fields = {"title": f"{{{said['title']}}}", "author": f"{{{authors}}}", "year": year,
              "version": said["version"], "note": f"Version {said['version']}{data}"}  # fmt: skip
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    said["bibtex"] = f"@software{{wheredropoutgoes,\n{lines}\n}}"
    return said
