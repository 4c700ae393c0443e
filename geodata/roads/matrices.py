"""Minutes and metres by road: always forward, each pair as if it were asked alone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geodata.errors import UsageError
from geodata.geodesy import distance_m
from geodata.roads.closures import END_M
from geodata.roads.costing import HORIZON_MIN, WALK_M_PER_MIN
from geodata.roads.engine import NO_PATH, RefusalError, understood
from geodata.roads.errors import RoadsEngineError
from geodata.roads.parallel import in_order
from geodata.roads.snapping import place_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.geodesy import FloatArray, IntArray
    from geodata.roads.costing import Costing
    from geodata.roads.engine import Engine
    from geodata.roads.snapping import Snapped

    Progress = Callable[[int, int], None]

ORIGINS = 16
"""Most origins in one request."""
_WASTE = 2
"""Most cells of one request for each pair that is wanted."""
TARGETS = 1000
"""Most targets in one request."""


class Ways(NamedTuple):
    """How far by road, door to door: legs to and from the road are walked and counted."""

    minutes: FloatArray
    """inf: no way, none within `HORIZON_MIN` by road, or no road near one end."""
    metres: FloatArray
    """Length of the quickest way, inf where there is none."""


def matrix(engine: Engine, costing: Costing, origins: Snapped, targets: Snapped) -> Ways:
    """Answer for every origin and target, shape (m, n)."""
    shape = origins.lon.size, targets.lon.size
    ways = Ways(np.full(shape, np.inf), np.full(shape, np.inf))
    rows, columns = np.flatnonzero(origins.found), np.flatnonzero(targets.found)
    if not (rows.size and columns.size):
        return ways
    most = ORIGINS if engine.many_origins else 1
    blocks = [
        (rows[at : at + most], columns[start : start + TARGETS])
        for at in range(0, rows.size, most)
        for start in range(0, columns.size, TARGETS)
    ]

    def work(block: tuple[IntArray, IntArray]) -> Ways:
        return _block(engine, costing, origins.take(block[0]), targets.take(block[1]))

    for block, found in zip(blocks, in_order(work, blocks), strict=True):
        ways.minutes[np.ix_(*block)], ways.metres[np.ix_(*block)] = found
    return ways


def pairs(
    engine: Engine,
    costing: Costing,
    origins: Snapped,
    targets: Snapped,
    *,
    origin: IntArray,
    target: IntArray,
    progress: Progress | None,
) -> Ways:
    """Answer for chosen pairs, shape (k,)."""
    origin, target = _rows(origin, origins, "origin"), _rows(target, targets, "target")
    if origin.shape != target.shape:
        raise UsageError("pairs need as many origins as targets")
    ways = Ways(np.full(origin.size, np.inf), np.full(origin.size, np.inf))
    order = np.flatnonzero(origins.found[origin] & targets.found[target])
    order = order[np.argsort(_places_in_line(origins)[origin[order]], kind="stable")]
    groups = [
        part
        for at in _cut(origin[order], ORIGINS if engine.many_origins else 1)
        for part in _worthwhile(order[at], origin, target)
    ]

    def work(group: IntArray) -> Ways:
        rows, row = np.unique(origin[group], return_inverse=True)
        columns, column = np.unique(target[group], return_inverse=True)
        found = [
            _block(engine, costing, origins.take(rows), targets.take(columns[at : at + TARGETS]))
            for at in range(0, columns.size, TARGETS)
        ]
        table = (np.concatenate(each, axis=1) for each in zip(*found, strict=True))
        return Ways(*(each[row, column] for each in table))

    done = origin.size - order.size
    for group, found in zip(groups, in_order(work, groups), strict=True):
        ways.minutes[group], ways.metres[group] = found
        done += group.size
        if progress:
            progress(done, origin.size)
    return ways


def _places_in_line(points: Snapped) -> IntArray:
    """Give points numbers, near ones near numbers: cells of 500 m, column and row mixed."""
    cells = np.nan_to_num(np.stack((points.lon + 180, points.lat + 90))) / _CELL_DEGREES
    column, row = cells.astype(np.int64)
    mixed = sum(
        ((column >> bit & 1) << 2 * bit) | ((row >> bit & 1) << 2 * bit + 1) for bit in range(17)
    )
    line = np.empty(column.size, dtype=np.int64)
    line[np.argsort(mixed, kind="stable")] = np.arange(column.size)
    return line


_CELL_DEGREES = 0.005


def _cut(origin: IntArray, most: int) -> list[slice]:
    """Cut row numbers, equal ones side by side, into groups of at most ``most`` different ones."""
    cuts = np.flatnonzero(np.diff(origin, prepend=-1, append=-1))
    cuts = np.append(cuts[:-1:most], cuts[-1:])
    return [slice(*each) for each in itertools.pairwise(cuts.tolist())]


def _worthwhile(group: IntArray, origin: IntArray, target: IntArray) -> list[IntArray]:
    """Halve a group of pairs until a table of its rows and columns wastes few cells."""
    rows, first = np.unique(origin[group], return_index=True)
    columns = np.unique(target[group]).size
    if rows.size == 1 or rows.size * columns <= _WASTE * group.size:
        return [group]
    middle = np.sort(first)[rows.size // 2]
    return [
        part for half in np.split(group, [middle]) for part in _worthwhile(half, origin, target)
    ]


def towards(engine: Engine, costing: Costing, origins: Snapped, target: Snapped) -> Ways:
    """Answer for many origins and one target, shape (m, 1), by one search backwards."""
    shape = origins.lon.size, 1
    ways = Ways(np.full(shape, np.inf), np.full(shape, np.inf))
    rows = np.flatnonzero(origins.found)
    chunks = [rows[at : at + TARGETS] for at in range(0, rows.size, TARGETS)]

    def work(chunk: IntArray) -> Ways:
        return _block(engine, costing, origins.take(chunk), target, forward=False)

    for chunk, found in zip(chunks, in_order(work, chunks), strict=True):
        ways.minutes[chunk], ways.metres[chunk] = found
    return ways


def _rows(rows: IntArray, points: Snapped, name: str) -> IntArray:
    numbers = np.asarray(rows, dtype=np.int64)
    if numbers.ndim != 1 or (
        numbers.size and not 0 <= numbers.min() <= numbers.max() < points.lon.size
    ):
        raise UsageError(f"{name}: row numbers from 0 to {points.lon.size - 1}, in a flat array")
    return numbers


def _block(
    engine: Engine, costing: Costing, origins: Snapped, targets: Snapped, *, forward: bool = True
) -> Ways:
    """Answer for a table, leave out what is beyond the horizon, add the walked legs.

    The engine searches backwards where there are more origins than targets, so to stay ``forward``
    it is given fewer at a time.
    """
    near = costing.least_minutes(_apart(origins, targets)) <= HORIZON_MIN
    columns = np.flatnonzero(near.any(axis=0))
    minutes = np.full(near.shape, np.inf)
    metres = minutes.copy()
    most = columns.size if forward else origins.lon.size
    for at in range(0, origins.lon.size if columns.size else 0, max(most, 1)):
        rows = np.arange(at, min(at + most, origins.lon.size))
        found = _asked(engine, costing, origins.take(rows), targets.take(columns))
        minutes[np.ix_(rows, columns)], metres[np.ix_(rows, columns)] = found
    legs = origins.metres[:, None] + targets.metres[None, :]
    lost = ~(minutes <= HORIZON_MIN)
    return Ways(
        np.where(lost, np.inf, minutes + legs / WALK_M_PER_MIN),
        np.where(lost, np.inf, metres + legs),
    )


def _asked(engine: Engine, costing: Costing, origins: Snapped, targets: Snapped) -> Ways:
    """Put one request; minutes and metres on the road only."""
    request = {
        "sources": _places(origins, costing),
        "targets": _places(targets, costing),
        "verbose": False,
        **costing.request(),
        **(costing.closures.request() if costing.closures else {}),
    }
    try:
        table = engine.ask("matrix", request)
    except RefusalError as error:
        if error.code != NO_PATH:
            raise RoadsEngineError(f"the routing engine refused a matrix: {error}") from None
        nothing = np.full((origins.lon.size, targets.lon.size), np.inf)
        return Ways(nothing, nothing)
    shape = origins.lon.size, targets.lon.size
    with understood():
        told = table["sources_to_targets"]
        return Ways(
            _numbers(told["durations"], shape) / 60, _numbers(told["distances"], shape) * 1000
        )


def _apart(origins: Snapped, targets: Snapped) -> FloatArray:
    lon1, lon2 = np.broadcast_arrays(origins.lon[:, None], targets.lon[None, :])
    lat1, lat2 = np.broadcast_arrays(origins.lat[:, None], targets.lat[None, :])
    metres = distance_m(lon1.ravel(), lat1.ravel(), lon2.ravel(), lat2.ravel())
    return metres.reshape(lon1.shape)


def _numbers(table: Any, shape: tuple[int, int]) -> FloatArray:  # noqa: ANN401 - parsed JSON
    """Return a table's numbers, inf for null: no way."""
    numbers = np.array(table, dtype=np.float64)
    if numbers.shape != shape:
        raise ValueError
    return np.where(np.isnan(numbers), np.inf, numbers)


def _places(points: Snapped, costing: Costing) -> list[dict[str, float]]:
    """Name points on the road; the end of a closed section is the junction, not the section."""
    lon, lat, closed = points.lon, points.lat, costing.closures
    at_end = np.zeros(lon.size, dtype=np.bool_) if closed is None else closed.at_end(lon, lat)
    return [
        place_of(*place, node_m=END_M if end else 0)
        for *place, end in zip(lon.tolist(), lat.tolist(), at_end.tolist(), strict=True)
    ]
