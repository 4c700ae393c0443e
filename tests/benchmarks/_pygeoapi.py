"""The peer of the OGC API benchmark: pygeoapi over PostGIS with the same stations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import psycopg
import shapely

from web.ogc.fields import station_fields

if TYPE_CHECKING:
    import geopandas as gpd

TARGET = "pygeoapi.flask_app:APP"
_TYPES = {"text": "text", "codes": "text[]", "number": "int", "truth": "boolean"}


def load(dsn: str, stations: gpd.GeoDataFrame) -> None:
    """Store the stations with what our answers tell of them, and the index such a box wants."""
    fields = station_fields()
    columns = ", ".join(f"{each.name} {_TYPES[each.kind]}" for each in fields)
    names = ", ".join(each.name for each in fields)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute(
            f"CREATE TABLE stations (id text PRIMARY KEY, {columns}, geom geometry(Point, 4326))"
        )
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY stations (id, {names}, geom) FROM STDIN") as copy,
        ):
            shapes = shapely.set_srid(stations.geometry.to_numpy(), 4326)
            points = shapely.to_wkb(shapes, hex=True, include_srid=True)
            cells = [_cells(stations[each.name].tolist(), each.kind) for each in fields]
            for row in zip(stations.index, *cells, points, strict=True):
                copy.write_row(row)
        connection.execute("CREATE INDEX ON stations USING gist (geom)")
        connection.execute("VACUUM ANALYZE stations")


def _cells(values: list[Any], kind: str) -> list[Any]:
    if kind == "codes":
        return [text.split(";") if text else [] for text in values]
    return [None if pd.isna(value) or value == "" else value for value in values]


def environment(dsn: str, folder: Path) -> dict[str, str]:
    """Write pygeoapi's settings and its API document; return how it is told of them."""
    data = dict(part.split("=", 1) for part in dsn.split())
    settings = {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 5000},
            "url": "http://127.0.0.1:5000",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "gzip": False,
            "limits": {"default_items": 100, "max_items": 1000},
            "map": {"url": "none", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "x", "description": "x", "keywords": ["x"],
                "terms_of_service": "x", "url": "http://example.org",
            },
            "license": {"name": "x", "url": "http://example.org"},
            "provider": {"name": "x", "url": "http://example.org"},
            "contact": {"name": "x", "email": "x@example.org", "url": "http://example.org"},
        },
        "resources": {
            "stations": {
                "type": "collection",
                "title": "stations",
                "description": "stations",
                "keywords": ["x"],
                "links": [],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
                "providers": [
                    {
                        "type": "feature",
                        "name": "PostgreSQL",
                        "data": {**data, "port": 5432, "password": "", "search_path": ["public"]},
                        "id_field": "id",
                        "table": "stations",
                        "geom_field": "geom",
                    }
                ],
            }
        },
    }  # fmt: skip
    config, document = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(json.dumps(settings))  # JSON is YAML too
    told = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(document)}
    program = Path(sys.executable).parent / "pygeoapi"
    made = [str(program), "openapi", "generate", str(config)]
    command = [*made, "--output-file", str(document)]
    subprocess.run(["env", *(f"{k}={v}" for k, v in told.items()), *command], check=True)
    return told
