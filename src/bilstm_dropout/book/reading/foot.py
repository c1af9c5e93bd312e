"""How the project is cited, from CITATION.cff: at the foot of every page, and on the page of references."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import yaml

from ...files import sha256
from ...paths import project_root
from ...wording import markdown_safe
from ..public.addresses import public

KEY = "wheredropoutgoes"  # of the BibTeX entry; the year follows
_DIGITS = 12  # of the hash that names the published data


def cited(root: Path) -> list[Path]:
    """The files that a foot is made of: where one changes, every page does."""
    return [root / "CITATION.cff", root / "data" / "published" / "manifest.json"]


@lru_cache(maxsize=4)
def foot(root: Path | None = None) -> dict[str, str]:
    """What a foot says, as text: title, version, date, address, message, data, data_date, sentence and bibtex.

    root: the project. address: of the public repository, `repository-code` in CITATION.cff, '' where it has none. data:
    the first digits of the SHA-256 of the published results' manifest, which has the hash of each of their files.
    data_date: the newest day in it. Without published data both are ''. KeyError where CITATION.cff lacks title,
    version, date, message or authors, UserError as `public` has it.
    """
    citation, manifest = cited(root if root is not None else project_root())
    address = public(citation.parent).repository
    found = yaml.safe_load(citation.read_text("utf-8"))
    said = {name: str(found[name]) for name in ("title", "version", "message")}
    said |= {"date": str(found["date-released"]), "address": address}
    said |= {"data": "", "data_date": ""}
    if manifest.is_file():
        content = manifest.read_bytes()
        days = [each.get("method", {}).get("date", "") for each in json.loads(content)["files"].values()]
        said |= {"data": sha256(content)[:_DIGITS], "data_date": max(days, default="")}
    authors = [each.get("name") or f"{each['given-names']} {each['family-names']}" for each in found["authors"]]
    data = f", data {said['data']}" if said["data"] else ""
    year, version = said["date"][:4], f"Version {said['version']} of {said['date']}{data}"
    said["sentence"] = f"{', '.join(authors)} ({year}). {said['title']}. {version}."
    # In braces of their own BibTeX keeps a title's capitals, and a group's name whole.
    fields = {"title": f"{{{said['title']}}}", "author": " and ".join(f"{{{name}}}" for name in authors), "year": year,
              "version": said["version"], "note": version, "url": said["address"]}  # fmt: skip
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    said["bibtex"] = f"@software{{{KEY}{year},\n{lines}\n}}"
    return said


def how_to_cite(root: Path | None = None) -> str:
    """Markdown on how to cite the project: what the foot says, sentence and BibTeX. root and errors: as in `foot`."""
    said = foot(root)
    return "\n".join([
        markdown_safe(said["message"]), "", f"> {markdown_safe(said['sentence'])}", "", "```bibtex", said["bibtex"],
        "```",
    ])  # fmt: skip
