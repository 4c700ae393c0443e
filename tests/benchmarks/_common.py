"""What every benchmark uses: seeded points, a clock, a memory gauge, a table."""

from __future__ import annotations

import gc
import resource
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy.typing as npt

    from geodata.geodesy import FloatArray

YUNNAN = (97.5, 21.2, 106.2, 29.2)
CHINA = (80.0, 20.0, 130.0, 48.0)
TOWNS = 400
TOWN_DEGREES = 0.15


class Line(NamedTuple):
    """One line of a table: the same work done by us and by a peer."""

    what: str
    ours: float
    """Seconds."""
    peer: float
    """Seconds."""
    target: float
    """The least ratio promised."""


def seconds[T](call: Callable[[], T], repeat: int = 3) -> tuple[float, T]:
    """Best time of some runs, and what the first one gave."""
    best, result = _timed(call)
    for _ in range(repeat - 1):
        best = min(best, _timed(call)[0])
    return best, result


def _timed[T](call: Callable[[], T]) -> tuple[float, T]:
    gc.collect()
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def peak_mb() -> float:
    """Most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(title: str, lines: Iterable[Line], peer: str) -> None:
    """Print ours beside the peer's, the ratio and the target."""
    print(f"\n{title}\n{'':42}{'ours':>11}{peer:>16}{'ratio':>8}{'target':>8}")
    for line in lines:
        ratio = line.peer / line.ours
        print(
            f"{line.what:42}{line.ours * 1e3:8.1f} ms{line.peer * 1e3:13.1f} ms"
            f"{ratio:7.1f}×{line.target:7.1f}×"
        )


def cloud(
    size: int, seed: int, box: tuple[float, float, float, float] = YUNNAN
) -> tuple[FloatArray, FloatArray]:
    """Longitudes and latitudes scattered about towns; the towns are the same for every seed."""
    west, south, east, north = box
    towns = np.random.default_rng(0).uniform((west, south), (east, north), (TOWNS, 2))
    draw = np.random.default_rng(seed)
    lon, lat = (towns[draw.integers(0, TOWNS, size)] + draw.normal(0, TOWN_DEGREES, (size, 2))).T
    return np.ascontiguousarray(lon), np.ascontiguousarray(lat)


def parks(size: int, seed: int) -> npt.NDArray[np.object_]:
    """Star-shaped polygons 0.5 to 3 km wide with 10 to 60 corners, in degrees."""
    draw = np.random.default_rng(seed)
    return np.array([_park(draw, lon, lat) for lon, lat in zip(*cloud(size, seed), strict=True)])


def _park(draw: np.random.Generator, lon: float, lat: float) -> shapely.Polygon:
    corners = int(draw.integers(10, 61))
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + draw.uniform(0, 0.1)
    metres = draw.uniform(250, 1500) * draw.uniform(0.6, 1, corners)
    east = metres * np.cos(angle) / (111_320 * np.cos(np.deg2rad(lat)))
    return shapely.Polygon(np.column_stack((lon + east, lat + metres * np.sin(angle) / 110_800)))
