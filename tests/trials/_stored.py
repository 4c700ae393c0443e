"""What others wrote and we open: OpenStreetMap extracts, registers, road networks, large layers."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
import pyarrow.parquet as pq
from hypothesis import strategies as st

from geodata import osm, roads
from geodata.roads import extract
from geodata.roads import folder as network
from stations import large
from stations.large.reading import points_of
from stations.store import Store, copy
from tests.stations import large_samples
from tests.trials._inputs import NASTY, NUMBERS, damaged, json_bytes
from tests.trials._watch import Target
from tests.web import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn, SearchStrategy

LAYERS = {
    "points": osm.parse_filter("amenity=toilets|cafe, landuse=industrial"),
    "areas": osm.parse_filter("landuse=industrial", "areas"),
}


@cache
def folder() -> Path:
    """Return a folder of this process."""
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


@cache
def extracts() -> tuple[bytes, ...]:
    """Return a tiny extract, plainly written and packed."""
    made = []
    for packing in ("none", "zlib"):
        path = folder() / f"{packing}.osm.pbf"
        header = osmium.io.Header()
        header.set("osmosis_replication_timestamp", "2026-01-01T00:00:00Z")
        output = osmium.io.File(str(path), f"pbf,pbf_compression={packing}")
        with osmium.SimpleWriter(output, header=header, overwrite=True) as writer:
            _drawn(writer)
        made.append(path.read_bytes())
    return tuple(made)


def _drawn(writer: osmium.SimpleWriter) -> None:
    kinds = osmium.osm.mutable
    corners = [(9.5, 47.1), (9.51, 47.1), (9.51, 47.11), (9.5, 47.11)]
    for number, place in enumerate(corners, 1):
        tags = {"amenity": "toilets", "name": "厕所"} if number == 1 else {}
        writer.add_node(kinds.Node(id=number, location=place, tags=tags))
    ring = [1, 2, 3, 4, 1]
    writer.add_way(kinds.Way(id=1, nodes=[1, 2, 3], tags={"highway": "residential"}))
    writer.add_way(kinds.Way(id=2, nodes=ring, tags={"landuse": "industrial"}))
    writer.add_way(kinds.Way(id=3, nodes=ring))
    writer.add_way(kinds.Way(id=4, nodes=[2, 4], tags={"waterway": "river"}))
    tags = {"type": "multipolygon", "landuse": "industrial"}
    writer.add_relation(kinds.Relation(id=1, members=[("w", 3, "outer")], tags=tags))


def _from(content: bytes, name: str, read: Callable[[Path], object]) -> None:
    path = folder() / name
    path.write_bytes(content)
    read(path)


def _layers(path: Path) -> None:
    osm.extract(path, LAYERS)


@cache
def register() -> Path:
    """Return the sample's register in a file, closed."""
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    people.filled_store(place).close()
    path = place / "stations.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
    return path


def _restored(path: Path) -> None:
    """Open a register as `stations restore`, `verify` and `upgrade` do."""
    target = folder() / "restored.db"
    for each in (*folder().glob("restored.db*"), *folder().glob(f"{path.name}-*")):
        each.unlink()
    with Store.open(f"sqlite:///{path}") as old:
        old.verify()
        with Store.open(f"sqlite:///{target}", create=True) as new:
            copy(old, new)
        old.upgrade()


def _changed_register(statements: list[tuple[str, tuple[Any, ...]]]) -> None:
    path = folder() / "changed.db"
    shutil.copyfile(register(), path)
    with closing(sqlite3.connect(path)) as raw:
        for statement, values in statements:
            with suppress(sqlite3.Error, UnicodeEncodeError, OverflowError):
                raw.execute(statement, values)
                raw.commit()
    _restored(path)


@cache
def _things() -> tuple[list[str], list[tuple[str, str]]]:
    """Return what has a name in a register, as it is dropped, and columns with their tables."""
    with closing(sqlite3.connect(register())) as raw:
        named = raw.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        columns = [
            (table, row[1])
            for kind, table in named
            if kind == "table"
            for row in raw.execute(f"PRAGMA table_info({table})")
        ]
    return [f"DROP {kind} {name}" for kind, name in named], columns


@st.composite
def _changes(draw: DrawFn) -> list[tuple[str, tuple[Any, ...]]]:
    """Make statements somebody with a database tool could give."""
    drops, columns = _things()
    numbers = st.sampled_from(("user_version", "application_id"))
    made: list[tuple[str, tuple[Any, ...]]] = []
    for _ in range(draw(st.integers(1, 3))):
        table, column = draw(st.sampled_from(columns))
        value = draw(st.sampled_from((*NASTY, *NUMBERS)) | st.binary(max_size=4))
        free = [(each, ()) for each in drops if f"TRIGGER {table.upper()}_" in each.upper()]
        one = f"ALTER TABLE {table}"
        made += draw(
            st.sampled_from(
                (
                    [(draw(st.sampled_from(drops)), ())],
                    [(f"{one} DROP COLUMN {column}", ())],
                    [(f"{one} RENAME COLUMN {column} TO other", ())],
                    [(f"{one} ADD COLUMN other", ())],
                    [(f"PRAGMA {draw(numbers)} = 7", ())],
                    *([[*free, (f"UPDATE {table} SET {column} = ?", (value,))]] * 6),
                    [*free, (f"DELETE FROM {table}", ())],
                )
            )
        )
    return made


def _manifest(content: bytes) -> None:
    build = folder() / f"{network.PREFIX}x"
    build.mkdir(exist_ok=True)
    (build / network.MANIFEST).write_bytes(content)
    network.read_manifest(folder(), build)


def _in_use(content: bytes) -> None:
    (folder() / network.CURRENT).write_bytes(content)
    roads.status(folder())


MANIFEST = {
    "format": network.FORMAT, "source": "x.osm.pbf", "osm_at": "2026-01-01T00:00:00+00:00",
    "files": {network.TILES: {"bytes": 0, "sha256": "0" * 64},
              network.RIVERS: {"bytes": 0, "sha256": "0" * 64}},
    "nodes": 1, "edges": 1, "area": "POLYGON ((0 0, 1 0, 1 1, 0 0))", "engine": "3.9",
}  # fmt: skip


@cache
def _parts() -> tuple[bytes, ...]:
    made = []
    x, y, workers = large_samples.points(5)
    for kind in large_samples.KINDS:
        path = folder() / f"{kind}.parquet"
        part = large_samples.table(kind, x, y, workers, crs="EPSG:4326")
        pq.write_table(part, path, compression="none", use_dictionary=False)
        made.append(path.read_bytes())
    return tuple(made)


def _summed(path: Path) -> None:
    layer = large.LargeLayer.open(path)
    for block in layer.blocks():
        for _ in points_of(block):
            pass


@st.composite
def _footers(draw: DrawFn) -> bytes:
    """Make a sound part whose words about itself are not."""
    x, y, workers = large_samples.points(5)
    part = large_samples.table("wkb", x, y, workers)
    geo = draw(json_bytes([json.loads(part.schema.metadata[b"geo"])]))
    path = folder() / "footer.parquet"
    pq.write_table(part.replace_schema_metadata({b"geo": geo[:10_000]}), path)
    return path.read_bytes()


def _bytes(
    name: str, seeds: Callable[[], tuple[bytes, ...]], read: Callable[[bytes], object], share: int
) -> Target:
    return Target(name, st.deferred(lambda: damaged(seeds())), read, share, seeds)


def targets() -> list[Target]:
    """Return what opens files of others' programs."""
    of = {
        suffix: partial(_from, name=f"given{suffix}") for suffix in (".osm.pbf", ".parquet", ".db")
    }
    manifests: SearchStrategy[bytes] = json_bytes([MANIFEST])
    written = (json.dumps(MANIFEST).encode(),)
    return [
        replace(
            _bytes("OpenStreetMap layers", extracts, partial(of[".osm.pbf"], read=_layers), 2),
            slow=True,
        ),
        replace(
            _bytes("OpenStreetMap roads", extracts, partial(of[".osm.pbf"], read=extract.read), 2),
            slow=True,
        ),
        _bytes("large layers", _parts, partial(of[".parquet"], read=_summed), 2),
        Target("large layers: footers", _footers(), partial(of[".parquet"], read=_summed)),
        Target("road networks", manifests, _manifest, 1, lambda: written),
        _bytes("road networks: in use", lambda: (b"build-x\n",), _in_use, 1),
        _bytes(
            "registers", lambda: (register().read_bytes(),), partial(of[".db"], read=_restored), 1
        ),
        Target("registers others changed", _changes(), _changed_register, 1),
    ]
