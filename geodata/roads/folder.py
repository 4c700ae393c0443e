"""How a built network is kept: a folder of builds, of which one file names the one in use.

::

    roads/
      current                 the name of the build in use, replaced in one step
      lock                    held while something is built
      network-abc123/         never changed once it is in use, but for `calibration.json`
        manifest.json         what it was made of, and size and SHA-256 of every file
        tiles.tar             the engine's tiles, mapped into memory
        rivers.wkb            rivers and canals, pieces of at most 32 points
        calibration.json      see `geodata.roads.calibration`
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from geodata.roads.errors import RoadsBrokenError, RoadsMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

CURRENT, LOCK, MANIFEST = "current", "lock", "manifest.json"
TILES, RIVERS = "tiles.tar", "rivers.wkb"
PREFIX = "network-"
FORMAT = 1
_COMMAND = "stations roads build FILE.osm.pbf"


@dataclass(frozen=True)
class NetworkInfo:
    """What a road network is made of."""

    id: str
    """Hash of the tiles: the same tiles have the same id, whenever they were built."""
    source: str
    """Name of the OpenStreetMap file; the address, for a server."""
    built_at: datetime | None
    osm_at: datetime | None
    """Up to when the map is; None where the file does not say."""
    bytes: int
    """Size on disk; 0 for a server's."""
    nodes: int
    edges: int
    """Directed ones, as the engine counts; 0 with `nodes` for a server's."""
    area: shapely.Geometry
    """What it covers, in degrees (EPSG:4326)."""
    engine: str
    """Version of the routing engine."""
    where: str
    """The folder or the address."""

    @property
    def title(self) -> str:
        """What anybody may know of `source`: the file's name, but not where a server is."""
        return "valhalla" if "://" in self.source else Path(self.source).name


def current(folder: Path) -> Path:
    """Return the folder of the build in use; RoadsMissingError, RoadsBrokenError."""
    try:
        name = (folder / CURRENT).read_text("utf-8").strip()
    except FileNotFoundError:
        raise RoadsMissingError(f"no road network in {folder}; make one: {_COMMAND}") from None
    except (OSError, ValueError) as error:
        raise _broken(folder, f"{CURRENT} cannot be read ({error})") from None
    if not name.startswith(PREFIX) or Path(name).name != name:
        raise _broken(folder, f"{CURRENT} names no build")
    return folder / name


def status(folder: Path) -> NetworkInfo:
    """Describe the network in use without starting the engine.

    Sizes are compared, contents are not (`verify` does). RoadsMissingError where there is none,
    RoadsBrokenError where it is damaged.
    """
    return steadily(folder, lambda build: read_manifest(folder, build)[0])


def steadily[T](folder: Path, look: Callable[[Path], T]) -> T:
    """Look at the build in use; once more if a newer one took its place meanwhile."""
    build = current(folder)
    try:
        return look(build)
    except RoadsBrokenError:
        newer = current(folder)
        if newer == build:
            raise
        return look(newer)


def read_manifest(folder: Path, build: Path) -> tuple[NetworkInfo, dict[str, str]]:
    """Read what a build is made of, and the SHA-256 of its files by name."""
    path = build / MANIFEST
    try:
        held = json.loads(path.read_text("utf-8"))
        if held["format"] != FORMAT:
            raise _broken(folder, f"format {held['format']!r}, but this program reads {FORMAT}")
        info = _info(folder, held, datetime.fromtimestamp(path.stat().st_mtime, UTC))
        sizes = {name: int(each["bytes"]) for name, each in held["files"].items()}
        hashes = {name: str(held["files"][name]["sha256"]) for name in (TILES, RIVERS)}
    except (
        OSError, ValueError, KeyError, TypeError, RecursionError, shapely.errors.GEOSException,
    ) as error:  # fmt: skip
        if isinstance(error, RoadsBrokenError):
            raise
        raise _broken(folder, f"{MANIFEST} cannot be read ({str(error)[:80]})") from None
    for name, size in sizes.items():
        found = (build / name).stat().st_size if (build / name).is_file() else None
        if found != size:
            raise _broken(folder, f"{name} has {found or 0:,} bytes where it had {size:,}")
    return info, hashes


def _info(folder: Path, held: dict[str, Any], built_at: datetime) -> NetworkInfo:
    osm_at = held["osm_at"]
    return NetworkInfo(
        id=str(held["files"][TILES]["sha256"]),
        source=str(held["source"]),
        built_at=built_at,
        osm_at=datetime.fromisoformat(osm_at) if osm_at else None,
        bytes=sum(int(each["bytes"]) for each in held["files"].values()),
        nodes=int(held["nodes"]),
        edges=int(held["edges"]),
        area=shapely.from_wkt(held["area"]),
        engine=str(held["engine"]),
        where=str(folder),
    )


def verify(folder: Path, build: Path, hashes: dict[str, str]) -> None:
    """Compare contents with the manifest, once a process and file; RoadsBrokenError.

    The engine maps the tiles into memory and believes them: a damaged one may end the process.
    """
    for name, expected in hashes.items():
        stat = (build / name).stat()
        key = (str(build / name), stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if key in _VERIFIED:
            continue
        if hashed(build / name) != expected:
            raise _broken(folder, f"{name} is not what was built")
        _VERIFIED.add(key)


_VERIFIED: set[tuple[str, int, int, int]] = set()


def hashed(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a small file so that readers see the old one or the new one, also after a crash."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _broken(folder: Path, what: str) -> RoadsBrokenError:
    return RoadsBrokenError(
        f"the road network in {folder} is damaged: {what}; build it again: {_COMMAND}"
    )
