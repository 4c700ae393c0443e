"""Points of a block, batch by batch, checked: nothing of a bad part is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from geodata import datum
from geodata.errors import FileFormatError
from geodata.geodesy import lonlat
from stations.large.layer import unreadable
from stations.large.shapes import RowError, coordinates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geodata.geodesy import FloatArray, IntArray
    from stations.large.footer import Source
    from stations.large.layer import Block

CHUNK_ROWS = 262_144
"""Points looked at together by one thread: bounds the memory, whatever the layer."""
MOST_WORKERS = 10_000_000
"""At one point; as where a layer is imported."""
_LON, _LAT = 180, 90


class Points(NamedTuple):
    """Some points of a layer, in WGS 84."""

    lon: FloatArray
    lat: FloatArray
    workers: IntArray | None
    """0 where they are not known; None where the part has no such column."""
    unknown: int
    """How many have no known workers."""


def points_of(block: Block, rows: int = CHUNK_ROWS) -> Iterator[Points]:
    """Read a block, at most ``rows`` points at a time.

    `FileFormatError` names the part, and the row (1 is the first) that is wrong; never where a
    point is, for the layer may be a restricted one.
    """
    part, row = block.part, block.row
    with part.open() as file:
        batches = file.iter_batches(
            rows,
            row_groups=list(range(block.first, block.last)),
            columns=part.source.columns,
            use_threads=False,
        )
        while True:
            try:
                batch = next(batches, None)
                points = None if batch is None else _points(batch, part.source)
            except RowError as error:
                at = f"{part.name}, row {row + error.row + 1:,}"
                raise FileFormatError(f"{at}: {error.problem}") from None
            except (pa.ArrowException, OSError) as error:
                raise unreadable(part.name, error) from None
            if points is None:
                return
            yield points
            row += points.lon.size


def _points(batch: pa.RecordBatch, source: Source) -> Points:
    x, y = coordinates([batch.column(name) for name in source.position])
    lon, lat = (x, y) if source.reference == "wgs84" else datum.to_wgs84(x, y, source.reference)
    good = (np.abs(lon) <= _LON) & (np.abs(lat) <= _LAT)
    if not good.all():
        row = int(np.argmin(good))
        raise RowError(row, _misplaced(x[row], y[row], lon[row], lat[row]))
    if source.workers is None:
        return Points(lon, lat, None, lon.size)
    return Points(lon, lat, *_workers(batch.column(source.workers)))


def _misplaced(x: float, y: float, lon: float, lat: float) -> str:
    if not (np.isfinite(x) and np.isfinite(y)):
        return "it has no position; give every point one, or leave the row out"
    problem = lonlat.fault(float(lon), float(lat))
    return f"no position on Earth: {problem}" if problem else "no position on Earth"


def _workers(column: pa.Array) -> tuple[IntArray, int]:
    """Return the workers, 0 for unknown ones, and how many are unknown."""
    if not (pa.types.is_integer(column.type) or pa.types.is_null(column.type)):
        column = column.cast(pa.float64())
    found = column.to_numpy(zero_copy_only=False).astype(np.float64)
    unknown = np.isnan(found)
    found[unknown] = 0
    wrong = np.flatnonzero((found < 0) | (found > MOST_WORKERS) | (found != np.rint(found)))
    if wrong.size:
        problem = f"workers are a whole number from 0 to {MOST_WORKERS:,}, or empty"
        raise RowError(int(wrong[0]), problem)
    return found.astype(np.int64), int(unknown.sum())
