"""Reach by real roads against the whole matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from geodata import osm
from stations import coverage, reach
from stations.coverage import Limit, Need, ReachCache, Travel
from stations.reach.samples import samples_of
from stations.travel import mode_of
from tests.roads import liechtenstein_folder, liechtenstein_roads
from tests.stations.worlds import register

if TYPE_CHECKING:
    from pathlib import Path

    from geodata.roads import RoadNetwork
    from stations.registry import Registry

__all__ = ["liechtenstein_folder", "liechtenstein_roads"]

pytestmark = pytest.mark.shared_data
POINTS = 120


@pytest.fixture(scope="module")
def registry(shared_data: Path) -> Registry:
    """Make the country's toilets stations, and one far beyond its border; places random in it."""
    wanted = {
        "toilets": osm.parse_filter("amenity=toilets", "points"),
        "parks": osm.parse_filter("landuse=industrial", "areas"),
    }
    found = osm.extract(shared_data / "osm" / "liechtenstein-latest.osm.pbf", wanted)
    stations: dict[str, Any] = {
        f"s{n:02}": (shape, {}) for n, shape in enumerate(found["toilets"].geometry)
    }
    stations["zurich"] = (shapely.Point(8.54, 47.37), {})
    places = np.random.default_rng(4).uniform((9.45, 47.03), (9.65, 47.29), (POINTS, 2))
    points: dict[str, Any] = {
        f"p{n:03}": (shapely.Point(place), {}) for n, place in enumerate(places)
    }
    parks: dict[str, Any] = {
        f"a{n:02}": (shape, {}) for n, shape in enumerate(found["parks"].geometry[:4])
    }
    return register(stations, {"points": points, "parks": parks})


def matrix(registry: Registry, roads: RoadNetwork, at: np.ndarray, mode: str) -> Any:
    """Measure every pair; a row of `inside` and the minutes, estimated where an end is outside."""
    origins = roads.snap(at[:, 0], at[:, 1], mode)
    lon, lat = registry.destinations.wgs84.T
    ends = roads.snap(lon, lat, mode)
    minutes = roads.matrix(origins, ends, mode).minutes
    sites = [(f"{n:04}", shapely.Point(place)) for n, place in enumerate(at)]
    layer = register({}, {"l": {id_: (shape, {}) for id_, shape in sites}}).layer("l").sites
    straight = reach.relate(registry, layer, Limit(300_000)).costs.toarray()
    outside = ~origins.inside[:, None] | ~ends.inside[None, :]
    lost = (origins.inside & ~origins.found)[:, None] | (ends.inside & ~ends.found)[None, :]
    guess = straight * mode_of(mode).minutes_per_m
    return outside, np.where(lost, np.inf, np.where(outside, guess, minutes))


@pytest.mark.parametrize(("mode", "limit"), [("walk", 12.0), ("ebike", 5.0), ("car", 4.0)])
def test_points_equal_the_full_matrix(
    registry: Registry, liechtenstein_roads: RoadNetwork, mode: str, limit: float
) -> None:
    sites = registry.layer("points").sites
    at = shapely.get_coordinates(sites.geometry.to_numpy())
    outside, minutes = matrix(registry, liechtenstein_roads, at, mode)
    best = minutes.argmin(axis=1)
    least = minutes.min(axis=1)
    found = reach.relate(
        registry, sites, Limit(limit, "min", mode), travel=Travel(liechtenstein_roads)
    )
    assert found.nearest.minutes == pytest.approx(least, abs=1e-9)
    fine = np.isfinite(least)
    assert found.nearest.column[fine].tolist() == best[fine].tolist()
    assert found.covered.tolist() == (least <= limit).tolist()
    assert found.unreachable.tolist() == (~fine).tolist()
    guessed = outside[np.arange(POINTS), best]
    assert found.nearest.estimated[fine].tolist() == guessed[fine].tolist()
    rows, columns = np.nonzero(minutes <= limit)
    relation = found.costs.tocoo()
    assert relation.coords[0].tolist() == rows.tolist()
    assert relation.coords[1].tolist() == columns.tolist()
    assert relation.data == pytest.approx(minutes[rows, columns])
    kinds = (fine & guessed, fine & ~guessed, ~fine)
    assert all(each.any() for each in kinds)
    straight = reach.relate(registry, sites, Limit(0)).nearest.column
    assert (straight != best)[fine & ~guessed].any()


def test_areas_equal_the_full_matrix_of_their_samples(
    registry: Registry, liechtenstein_roads: RoadNetwork, tmp_path: Path
) -> None:
    travel, cache = Travel(liechtenstein_roads), ReachCache(tmp_path)
    sites = registry.layer("parks").sites
    samples = samples_of(sites.geometry.to_numpy())
    at = np.column_stack((samples.lon, samples.lat))
    _, minutes = matrix(registry, liechtenstein_roads, at, "walk")
    for limit in (10.0, 20.0):
        need = Need("parks", Limit(limit, "min"))
        answer = coverage.measure(registry, need, travel, cache)
        for n in range(len(sites)):
            own = minutes[samples.site == n]
            assert answer.sites["share"].iloc[n] == (own.min(axis=1) <= limit).mean()
            assert answer.sites["nearest_min"].iloc[n] == pytest.approx(own.min())
        told = answer.method()
        assert told["roads"]["source"] == "liechtenstein-latest.osm.pbf"
        assert told["roads"]["osm_at"].startswith("20")
        assert told["estimated"] == "none"
