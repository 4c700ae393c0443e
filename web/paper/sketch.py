"""A sketch of a route: where the stops lie to one another, north up, with a scale."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from geodata.geodesy import LonLat, distance_m

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    type Place = tuple[float, float]
    type Spot = tuple[float, float]

WIDE, HIGH, EDGE = 180.0, 78.0, 9.0
"""Size of the drawing and its margin, in millimetres."""
NICE = (1, 2, 5)
LEAST_M = 200.0
"""However near the stops lie, the drawing is as wide as this."""
_SCALE_MM = 45.0
_RADIUS = 2.6


def sketch(start: Place, stops: Sequence[Place]) -> Markup:
    """Return an SVG of the start and the stops, WGS 84 degrees, joined by straight lines."""
    places = [start, *stops]
    spots, metres_mm = _laid(places)
    parts = [*_lines(spots), *_marks(spots), *_scale(metres_mm), _NORTH]
    head = (
        f'<svg class="sketch" viewBox="0 0 {WIDE:g} {HIGH:g}" role="img" '
        'aria-label="路线示意图" xmlns="http://www.w3.org/2000/svg">'
    )
    return Markup(f"{head}{''.join(parts)}</svg>")  # noqa: S704 - numbers of ours


def _laid(places: Sequence[Place]) -> tuple[list[Spot], float]:
    """Return each place in millimetres on the drawing, and how many metres a millimetre is."""
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    middle = LonLat((min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2)
    east = [
        math.copysign(_metres(middle, LonLat(lon, middle.lat)), lon - middle.lon) for lon in lons
    ]
    north = [
        math.copysign(_metres(middle, LonLat(middle.lon, lat)), lat - middle.lat) for lat in lats
    ]
    width, height = max(*east, LEAST_M / 2) * 2, max(*north, LEAST_M / 2) * 2
    metres_mm = max(width / (WIDE - 2 * EDGE), height / (HIGH - 2 * EDGE))
    spots = [
        (WIDE / 2 + x / metres_mm, HIGH / 2 - y / metres_mm)
        for x, y in zip(east, north, strict=True)
    ]
    return spots, metres_mm


def _metres(one: LonLat, other: LonLat) -> float:
    return float(distance_m([one.lon], [one.lat], [other.lon], [other.lat])[0])


def _lines(spots: Sequence[Spot]) -> Iterator[str]:
    way = " ".join(f"{x:.2f},{y:.2f}" for x, y in spots)
    yield f'<polyline points="{way}" fill="none" stroke="#1f7a72" stroke-width=".6"/>'
    (x1, y1), (x2, y2) = spots[-1], spots[0]
    yield (
        f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="#8a949e" '
        'stroke-width=".4" stroke-dasharray="1.6 1.2"/>'
    )


def _marks(spots: Sequence[Spot]) -> Iterator[str]:
    x, y = spots[0]
    yield f'<rect x="{x - 2:.2f}" y="{y - 2:.2f}" width="4" height="4" fill="#1b1f24"/>'
    yield _text(x, y + 6, "起点")
    for number, (x, y) in enumerate(spots[1:], 1):
        yield (
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{_RADIUS}" fill="#fff" stroke="#1f7a72" '
            'stroke-width=".5"/>'
        )
        yield _text(x, y + 1.1, str(number))


def _text(x: float, y: float, text: str) -> str:
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="3.2" text-anchor="middle">{escape(text)}</text>'
    )


def _scale(metres_mm: float) -> Iterator[str]:
    """Draw a bar of a round number of metres, as long as fits."""
    most = _SCALE_MM * metres_mm
    power = 10 ** math.floor(math.log10(most))
    metres = max(nice * power for nice in NICE if nice * power <= most)
    long, y = metres / metres_mm, HIGH - 3
    said = f"{metres:g} 米" if metres < 1000 else f"{metres / 1000:g} 公里"  # noqa: PLR2004
    bar = f"M3 {y - 1.5}V{y}H{3 + long:.2f}V{y - 1.5}"
    yield f'<path d="{bar}" fill="none" stroke="#1b1f24" stroke-width=".4"/>'
    yield _text(3 + long / 2, y - 1, said)


_NORTH = (
    f'<path d="M{WIDE - 6} 3l2 6-2-1.4-2 1.4z" fill="#1b1f24"/>'
    f'<text x="{WIDE - 6}" y="13" font-size="3.4" text-anchor="middle">北</text>'
)
