"""Writes what is installed for serving as a bill of materials: CycloneDX 1.6, to standard output.

``python -m scripts.sbom > stations.cdx.json``: the project, and all it needs, direct or not, as it
is installed here. Twice on one installation it is the same, byte for byte.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "worker-stations"


def bill() -> dict[str, Any]:
    """Return the document; what is needed but not installed is left out."""
    needs = installed(PROJECT)
    parts = {name: _component(name) for name in sorted(needs)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {**parts.pop(PROJECT), "type": "application"}},
        "components": [*parts.values()],
        "dependencies": [
            {"ref": _address(name), "dependsOn": sorted(map(_address, needs[name] & needs.keys()))}
            for name in sorted(needs)
        ],
    }


def installed(project: str) -> dict[str, set[str]]:
    """Return what a project needs, and what that needs, by canonical name; as far as installed."""
    found: dict[str, set[str]] = {}
    left, seen = [(project, "")], set()
    while left:
        name, extra = asked = left.pop()
        if asked in seen:
            continue
        seen.add(asked)
        try:
            needs = _needs(name, extra)
        except PackageNotFoundError:
            continue
        found.setdefault(name, set()).update(each for each, _ in needs)
        left.extend(needs)
    return found


def _needs(name: str, extra: str) -> set[tuple[str, str]]:
    """Return each name that is needed here, without and with each extra that is asked for."""
    asked = [Requirement(text) for text in distribution(name).requires or []]
    return {
        (canonicalize_name(each.name), more)
        for each in asked
        if each.marker is None or each.marker.evaluate({"extra": extra})
        for more in ("", *each.extras)
    }


def _component(name: str) -> dict[str, Any]:
    what, address = distribution(name), _address(name)
    told = {"type": "library", "name": name, "version": what.version}
    return {**told, "purl": address, "bom-ref": address, **_licence(what)}


def _address(name: str) -> str:
    return f"pkg:pypi/{name}@{distribution(name).version}"


def _licence(what: Distribution) -> dict[str, Any]:
    expression = what.metadata.get("License-Expression")
    if expression:
        return {"licenses": [{"expression": expression}]}
    told = what.metadata.get_all("Classifier") or []
    names = [each.rpartition(" :: ")[2] for each in told if each.startswith("License :: ")]
    return {"licenses": [{"license": {"name": name}} for name in names]} if names else {}


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=1)
