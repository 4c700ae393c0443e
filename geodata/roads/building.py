"""Building a network from an OpenStreetMap file, beside the one in use until it is whole."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import struct
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import shapely

from geodata.errors import FileFormatError, ProjectError, StoreError
from geodata.roads import calibration
from geodata.roads.engine import build_config
from geodata.roads.errors import RoadsBusyError, RoadsEngineError
from geodata.roads.folder import (
    CURRENT,
    FORMAT,
    LOCK,
    MANIFEST,
    PREFIX,
    RIVERS,
    TILES,
    NetworkInfo,
    current,
    hashed,
    read_manifest,
    replace_text,
    status,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[str, int, int], None]

STAGES = (
    "rivers and area",
    "ways",
    "relations",
    "nodes",
    "edges",
    "tiles",
    "crossings",
    "levels",
    "shortcuts",
    "restrictions",
    "checks",
    "packing",
)
"""What ``progress`` names, in order."""
_SAID = {
    "Parsing ways": 1,
    "Parsing relations": 2,
    "Parsing nodes": 3,
    "Creating graph edges": 4,
    "Building [0-9]+ tiles": 5,
    "Enhancing local graph": 6,
    "HierarchyBuilder": 7,
    "Creating shortcuts": 8,
    "Adding complex turn": 9,
    "Validating, finishing": 10,
}
"""What the engine's tool says when it begins a stage."""
_TAIL = 3


def build(
    pbf: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    progress: Progress | None = None,
) -> NetworkInfo:
    """Build the network of a ``.osm.pbf`` into ``folder`` and put it into use.

    The one in use stays so until the new one is whole; then one rename switches over and older ones
    are removed. A process that has the old one open keeps it. Calibrations are kept if the new one
    is the same (`NetworkInfo.id`), and are gone if it is another. ``progress(stage, done, total)``
    is called with each of `STAGES`; an exception from it stops the build.

    FileFormatError: not a PBF, cut short, or no roads in it. RoadsBusyError: somebody else is
    building there. RoadsEngineError: the engine's tool failed. StoreError: no room, no right.
    """
    from geodata.roads import extract  # noqa: PLC0415 - libosmium, for who builds

    pbf, folder = Path(pbf), Path(folder)
    extract.require_pbf(pbf)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            _sweep(folder)
            made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
            try:
                made.chmod(0o755)
                _fill(made, pbf, progress or _quiet)
                _keep_calibrations(folder, made)
                replace_text(folder / CURRENT, made.name + "\n")
            finally:
                _sweep(folder)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(
            f"the road network cannot be written to {folder}: {error.strerror or error}"
        ) from None
    return status(folder)


def _quiet(stage: str, done: int, total: int) -> None:
    """Say nothing."""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other builds; the system lets go when the process ends."""
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RoadsBusyError(f"another build is writing to {folder}; wait for it") from None
        yield


def _sweep(folder: Path) -> None:
    """Remove every build but the one in use, half ones too."""
    try:
        kept = (folder / CURRENT).read_text("utf-8").strip()
    except (OSError, ValueError):
        kept = ""
    for each in folder.glob(PREFIX + "*"):
        if each.name != kept:
            shutil.rmtree(each, ignore_errors=True)


def _keep_calibrations(folder: Path, made: Path) -> None:
    """Take over what was measured on the build in use, if the new one is the same."""
    try:
        old = current(folder)
        kept = calibration.read(old)
        same = read_manifest(folder, old)[0].id == read_manifest(folder, made)[0].id
    except ProjectError:  # nothing there, or damaged: nothing to keep
        return
    if kept and same:
        calibration.write(made, kept.values())


class _Counts(NamedTuple):
    nodes: int
    edges: int


def _fill(made: Path, pbf: Path, progress: Progress) -> None:
    from geodata.roads import extract  # noqa: PLC0415 - as above

    progress(STAGES[0], 0, len(STAGES))
    found = extract.read(pbf)
    tiles = made / "tiles"
    tiles.mkdir()
    _run_tool(tiles, pbf, progress)
    progress(STAGES[-1], len(STAGES) - 1, len(STAGES))
    counts = _pack(tiles, made / TILES, pbf)
    shutil.rmtree(tiles)
    (made / RIVERS).write_bytes(shapely.to_wkb(found.rivers))
    manifest = {
        "format": FORMAT,
        "source": pbf.name,
        "source_sha256": hashed(pbf),
        "osm_at": found.osm_at.isoformat() if found.osm_at else None,
        "engine": version("pyvalhalla"),
        **counts._asdict(),
        "area": shapely.to_wkt(found.area, rounding_precision=6),
        "files": {
            name: {"bytes": (made / name).stat().st_size, "sha256": hashed(made / name)}
            for name in (TILES, RIVERS)
        },
    }
    for name in (TILES, RIVERS):
        _sync(made / name)
    replace_text(made / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    progress("done", len(STAGES), len(STAGES))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _run_tool(tiles: Path, pbf: Path, progress: Progress) -> None:
    """Run the engine's own tool; it ends with us, whatever ends us."""
    import valhalla  # noqa: PLC0415 - 40 MB, not before it is needed

    config = tiles.with_name("build.json")
    config.write_text(json.dumps(build_config(tiles, len(os.sched_getaffinity(0)))), "utf-8")
    tool = valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles"
    with subprocess.Popen(
        [str(tool), "-c", str(config), str(pbf)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            last = _follow(process, progress)
        except BaseException:
            process.kill()
            raise
    config.unlink()
    if process.returncode:
        raise RoadsEngineError(
            f"the routing engine could not build from {pbf.name} (exit {process.returncode}): "
            + " / ".join(last)
        )


def _follow(process: subprocess.Popen[str], progress: Progress) -> list[str]:
    """Tell of each stage as the tool names it; return what it said last."""
    last: list[str] = []
    reached = 0
    for line in process.stdout or ():
        last = [*last, line.strip()[:200]][-_TAIL:]
        for said, number in _SAID.items():
            if number > reached and re.search(said, line):
                reached = number
                progress(STAGES[number], number, len(STAGES))
    return last


def _pack(tiles: Path, tar: Path, pbf: Path) -> _Counts:
    """Put the tiles into one file the engine maps, free of dates: its hash is the network's id.

    The tiles' own checksum field, which differs from build to build, is set to 0.
    """
    from valhalla.baldr import GraphId, GraphTileHeader  # noqa: PLC0415 - as above
    from valhalla.valhalla_build_extract import (  # noqa: PLC0415
        INDEX_BIN_FORMAT,
        INDEX_BIN_SIZE,
        INDEX_FILE,
    )

    paths = sorted(tiles.glob("*/**/*.gph"))
    if not paths:
        raise FileFormatError(f"{pbf.name} holds no roads anybody may use")
    index = bytearray()
    nodes = edges = 0
    offset = tarfile.BLOCKSIZE * 2 + _padded(len(paths) * INDEX_BIN_SIZE)
    for path in paths:
        header = GraphTileHeader.from_file(path)
        header.raw_checksum = header.date_created = 0
        header.save(path)
        nodes, edges = nodes + header.nodecount, edges + header.directededgecount
        size = path.stat().st_size
        tile = GraphId.from_tile_path(str(path)).value
        index += struct.pack(INDEX_BIN_FORMAT, offset, tile, size)
        offset += tarfile.BLOCKSIZE + _padded(size)
    with tarfile.open(tar, "w", format=tarfile.USTAR_FORMAT) as packed:
        packed.addfile(_member(INDEX_FILE, len(index)), BytesIO(index))
        for path in paths:
            with path.open("rb") as file:
                packed.addfile(_member(str(path.relative_to(tiles)), path.stat().st_size), file)
    return _Counts(nodes, edges)


def _padded(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member
