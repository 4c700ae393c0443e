"""The bill of materials names all that is needed, direct or not, as it is installed."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import sbom

ROOT = Path(__file__).resolve().parents[2]


def test_all_that_is_needed_is_named_as_installed() -> None:
    told = sbom.bill()
    found = {each["name"]: each for each in told["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    assert direct <= found.keys()
    assert {"werkzeug", "jinja2", "argon2-cffi-bindings", "psycopg-binary"} <= found.keys()
    assert not {"pytest", "ruff", "mypy"} & found.keys()
    for name, each in found.items():
        assert each["version"] == version(name)
        assert each["purl"] == each["bom-ref"] == f"pkg:pypi/{name}@{each['version']}"
    assert told["metadata"]["component"]["name"] == project["name"]
    links = {each["ref"]: each["dependsOn"] for each in told["dependencies"]}
    assert {ref for refs in links.values() for ref in refs} <= links.keys()
    ours = told["metadata"]["component"]["bom-ref"]
    assert {found[name]["purl"] for name in direct} == {*links[ours]}


def test_it_is_the_same_each_time() -> None:
    assert json.dumps(sbom.bill()) == json.dumps(sbom.bill())
