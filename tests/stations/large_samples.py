"""Small demand layers as Parquet parts of every kind, and stations for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from geodata.geodesy import PointIndex
from stations import large
from stations.cube import PointSupply, bits
from stations.reach import Limit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REACH = large.Reach.of(Limit(3_000.0))
KINDS = ("wkb", "big_endian", "struct", "list", "columns")


def points(size: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(102.4, 103.0, size), rng.uniform(24.7, 25.3, size)
    return lon, lat, rng.integers(0, 50, size)


def on_paper(size: int = 60) -> large.OnPaper:
    lon, lat, _ = points(size, 7)
    return large.OnPaper(PointIndex(lon, lat), REACH)


def by_hour(size: int = 60) -> large.ByHour:
    lon, lat, _ = points(size, 7)
    rng = np.random.default_rng(8)
    kinds = rng.random((9, 2, 168)) < 0.3
    planes = bits.packed(kinds)[rng.integers(0, 9, size)]
    return large.ByHour(PointSupply.from_planes(lon, lat, planes, 168), REACH, ())


def geo(encoding: str, **about: Any) -> dict[bytes, bytes]:
    column = {"encoding": encoding, "geometry_types": ["Point"], **about}
    meta = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    return {b"geo": json.dumps(meta).encode()}


def geometry(kind: str, x: np.ndarray, y: np.ndarray) -> dict[str, pa.Array]:
    if kind == "struct":
        return {"geometry": pa.StructArray.from_arrays([pa.array(x), pa.array(y)], ["x", "y"])}
    if kind == "list":
        flat = pa.array(np.column_stack((x, y)).ravel())
        return {"geometry": pa.FixedSizeListArray.from_arrays(flat, 2)}
    order = 0 if kind == "big_endian" else 1
    return {"geometry": pa.array(shapely.to_wkb(shapely.points(x, y), byte_order=order))}


def table(
    kind: str,
    x: np.ndarray,
    y: np.ndarray,
    workers: Sequence[int | None] | np.ndarray | None = None,
    crs: object = None,
) -> pa.Table:
    """Make a part; ``crs`` None: not said."""
    about = {} if crs is None else {"crs": crs}
    if kind == "columns":
        columns, meta = {"lon": pa.array(x), "lat": pa.array(y)}, None
    else:
        columns = geometry(kind, x, y)
        meta = geo("point" if kind in {"struct", "list"} else "WKB", **about)
    if workers is not None:
        columns["workers"] = pa.array(workers)
    return pa.table(columns).replace_schema_metadata(meta)


def write(path: Path, part: pa.Table, group: int = 1_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(part, path, row_group_size=group)
    return path


def same(one: large.Sums, other: large.Sums) -> bool:
    pairs = zip(one.points, other.points, strict=True)
    return one.unknown == other.unknown and all(
        np.array_equal(a, b) and a.dtype == b.dtype for a, b in pairs
    )
