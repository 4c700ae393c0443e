"""A PostgreSQL with PostGIS of our own, on a loopback socket, for the length of a benchmark."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psycopg

from stations.hours import State
from stations.hours.clock import DAY
from stations.hours.posted import Posted, line_of
from stations.hours.timetable import REFERENCE_MONDAY
from tests.postgres import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

PACKAGES = ("postgresql", "postgresql-postgis")

DOORS = [f"{word}_{day}" for day in range(7) for word in ("opens", "closes")]
"""Minutes of each day of the week, Monday first; null: shut all day."""


def _install() -> Path:
    """Find the server's programs, from Debian's packages if they are not there yet."""
    if programs() is None:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", *PACKAGES]):
            subprocess.run(["apt-get", *words], check=True, env=environment)
    found = programs()
    assert found, f"no PostgreSQL with PostGIS, though {' and '.join(PACKAGES)} are installed"
    return found


def _as_postgres(*command: str | Path) -> None:
    """Run as the user ``postgres``: the server refuses to run as root."""
    before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*before, *map(str, command)], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[str]:
    """Start a fresh server and yield its connection string; everything is gone afterwards."""
    found = _install()
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"
    _as_postgres(found / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c shared_buffers=512MB"
    _as_postgres(found / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
    try:
        yield f"host={folder} user=postgres dbname=postgres"
    finally:
        _as_postgres(found / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def load(dsn: str, stations: gpd.GeoDataFrame) -> None:
    """Store the stations with the indexes such a question wants, and analyse them."""
    text = ("id", "name", "kind", "opening_hours", "access", "host", "area_code", "status", "phone")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute(
            "CREATE TABLE stations (id text PRIMARY KEY, name text, kind text, opening_hours text,"
            " access text, host text, area_code text, status text, phone text, amenities text[],"
            f" capacity int, lon float8, lat float8, {' smallint, '.join(DOORS)} smallint,"
            " place geography(Point, 4326) GENERATED ALWAYS"
            " AS (ST_MakePoint(lon, lat)::geography) STORED)"
        )
        columns = (*text, "amenities", "capacity", "lon", "lat", *DOORS)
        frame = stations.reset_index()
        doors = {hours: _doors(hours) for hours in set(frame["opening_hours"])}
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY stations ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            for row in frame.itertuples():
                capacity = None if pd.isna(row.capacity) else row.capacity
                words = [word for word in row.amenities.split(";") if word]
                values = [getattr(row, name) for name in text]
                place = row.geometry.x, row.geometry.y
                copy.write_row([*values, words, capacity, *place, *doors[row.opening_hours]])
        connection.execute("CREATE INDEX ON stations USING gist (place)")
        connection.execute("CREATE INDEX ON stations USING gin (amenities)")
        connection.execute("VACUUM ANALYZE stations")


def _doors(hours: str) -> list[int | None]:
    """Return what `DOORS` say of hours that have one span a day."""
    line = line_of(Posted(hours), REFERENCE_MONDAY, 7, decreed=False)
    minutes = np.repeat(line.states, np.diff(line.starts, append=7 * DAY)).reshape(7, DAY)
    spans = [np.flatnonzero(day == State.OPEN) for day in minutes]
    ends = [(int(span[0]), int(span[-1]) + 1) if span.size else (None, None) for span in spans]
    return [minute for pair in ends for minute in pair]
