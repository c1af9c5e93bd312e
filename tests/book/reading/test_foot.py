"""The foot of a page says what to cite, and which data the page rests on."""

import hashlib
import json
import shutil

from pybtex.database import parse_string

from bilstm_dropout.book.reading.foot import cited, foot
from bilstm_dropout.paths import project_root


def test_the_foot_names_version_and_data():
    said = foot(project_root())
    citation, manifest = cited(project_root())
    assert f"version: {said['version']}\n" in citation.read_text("utf-8")
    assert hashlib.sha256(manifest.read_bytes()).hexdigest().startswith(said["data"]) and len(said["data"]) == 12
    assert said["title"] in said["sentence"] and said["data"] in said["sentence"]
    (entry,) = parse_string(said["bibtex"], "bibtex").entries.values()
    assert said["data"] in entry.fields["note"] and entry.fields["year"] == said["date"][:4]


def test_other_data_have_another_hash_and_none_have_none(tmp_path):
    shutil.copy(project_root() / "CITATION.cff", tmp_path)
    without = foot(tmp_path / ".")
    assert without["data"] == without["data_date"] == "" and "data" not in without["sentence"].split("Version")[1]
    manifest = cited(tmp_path)[1]
    manifest.parent.mkdir(parents=True)
    files = {"a": {"method": {"date": "2026-11-21"}}, "b": {"method": {"date": "2026-11-24"}}, "c": {}}
    manifest.write_text(json.dumps({"files": files}), "utf-8")
    foot.cache_clear()
    assert foot(tmp_path)["data_date"] == "2026-11-24" and foot(tmp_path)["data"] != foot(project_root())["data"]
