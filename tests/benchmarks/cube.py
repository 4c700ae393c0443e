"""The cube of a million points against 200,000 stations, beside their plain coverage.

``scripts/bench cube``: eight amenities, each at all 168 hours of the week, within 1 km, by county;
then ten million points in chunks, with the memory it took; then the demo province, all layers.
``--points``, ``--stations`` and ``--large`` change the sizes; ``--large 0`` leaves the second out.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from stations import coverage, cube, demo, reach
from stations.catalogue import catalogue
from stations.registry import Layer, Registry
from tests.benchmarks._common import Line, cloud, peak_mb, seconds, show
from tests.benchmarks._register import large_register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geodata.geodesy import FloatArray

WITHIN_M = 1_000.0
CHUNK = 1_000_000
NEEDS = ("toilet", "water", "charging", "rest", "shower", "aed", "heating", "meal_heating")
CODES = dict(zip(NEEDS, (0.6, 0.9, 0.8, 0.95, 0.05, 0.1, 0.4, 0.5), strict=True))


def registry(size: int) -> Registry:
    """Make the benchmark's register: stations about the towns of `cloud`, 301 distinct hours."""
    rng = np.random.default_rng(12)
    frame = large_register(size).set_geometry(gpd.points_from_xy(*cloud(size, 2), crs=4326))
    known = catalogue().amenities
    has = rng.random((size, len(CODES))) < list(CODES.values())
    masks = has @ np.array([known.mask([code]) for code in CODES])
    text = {mask: ";".join(known.codes(mask)) for mask in np.unique(masks).tolist()}
    frame["amenities"] = [text[mask] for mask in masks.tolist()]
    hours = [
        f"{days} {first:02}:{minute}-{last:02}:00"
        for days in ("Mo-Fr", "Mo-Su")
        for first in range(6, 11)
        for minute in ("00", "30")
        for last in (*range(16, 24), *range(25, 32))
    ]
    frame["opening_hours"] = rng.choice(["24/7", *hours], size)
    return Registry.from_frames(frame)


def planes(stations: Registry) -> cube.PointSupply:
    """Return the eight amenities of the week as planes."""
    return cube.PointSupply.of(stations, [cube.Question(needs=(code,)) for code in NEEDS])


def chunks(lon: FloatArray, lat: FloatArray) -> Iterator[tuple[FloatArray, FloatArray, None]]:
    """Cut points into chunks."""
    for start in range(0, len(lon), CHUNK):
        yield lon[start : start + CHUNK], lat[start : start + CHUNK], None


def made(size: int) -> Iterator[tuple[FloatArray, FloatArray, None]]:
    """Make points chunk by chunk, so that only one is held."""
    for number in range(0, size, CHUNK):
        yield *cloud(min(CHUNK, size - number), 100 + number), None


def points(sizes: argparse.Namespace) -> None:
    """Print the cube beside plain coverage of the same points, both from a ready index."""
    stations = registry(sizes.stations)
    ready, supply = seconds(lambda: planes(stations), 1)
    lon, lat = cloud(sizes.points, 1)
    plain_s, plain = seconds(
        lambda: coverage.points_by_county(chunks(lon, lat), stations.index, WITHIN_M)
    )
    cube_s, sums = seconds(lambda: cube.cube_of_points(chunks(lon, lat), supply, WITHIN_M))
    print(
        f"{len(supply.patterns):,} distinct weeks of {len(NEEDS)} amenities, made ready in"
        f" {ready:.2f} s; {sums.sites.sum():,} points, {plain['covered'].sum():,} covered on paper,"
        f" at 12:00 on Monday with a toilet {sums.covered[:, 0, 12].sum():,}"
    )
    what = f"{sizes.points:,} points × {supply.hours} hours × {len(NEEDS)}"
    show(f"{sizes.stations:,} stations, 1 km", [Line(what, cube_s, plain_s, 0.25)], "plain")
    print(f"the cube takes {cube_s / plain_s:.2f} times the plain coverage (promised: under 4)")
    if sizes.large:
        before = peak_mb()
        large_s, _ = seconds(lambda: cube.cube_of_points(made(sizes.large), supply, WITHIN_M), 1)
        print(
            f"{sizes.large:,} points in chunks of {CHUNK:,}, made and counted: {large_s:.1f} s,"
            f" peak {peak_mb():,.0f} MB (before: {before:,.0f} MB)"
        )


def province() -> None:
    """Print how long the demo province takes once reach is known: all layers, all steps, all hours.

    With everything a planner is given: sums by county, hours, fairness, the gaps with their advice
    and the sites of a file. Asked again: by who keeps the answers.
    """
    made_up = demo.build(7)
    layers = [Layer(info, made_up.sites[info.name]) for info in made_up.layers]
    stations = Registry.from_frames(made_up.stations, layers)
    terms = coverage.Terms(stay_min=20, trust_floor=0.5, at=demo.UNTIL)
    asked = [
        coverage.Need(name, reach.Limit(10, "min", "ebike"), ("toilet", "water"))
        for name in stations.layers
    ]
    ways = [coverage.relate(stations, need, coverage.Travel()) for need in asked]

    def answers() -> list[coverage.Truth]:
        return [
            coverage.truth(stations, need, terms, relation=relation)
            for need, relation in zip(asked, ways, strict=True)
        ]

    def told(kept: list[coverage.Truth]) -> list[object]:
        return [(each.as_dict("county"), each.sites) for each in kept]

    first, (kept, _) = seconds(lambda: (made := answers(), told(made)), 1)
    second, _ = seconds(lambda: told(kept))
    for answer in kept:
        total = answer.total()
        print(f"{answer.layer.name}: {total['worker_hours']:,} {total['steps']} {total['lost']}")
    print(
        f"demo province, {len(kept)} layers, four steps, 168 hours, all told: {first:.2f} s after"
        f" reach is known (promised: under 3), again {second * 1e3:.1f} ms (promised: under 50)"
    )


def main() -> None:
    """Print the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    sizes, _ = parser.parse_known_args()
    points(sizes)
    province()


if __name__ == "__main__":
    main()
