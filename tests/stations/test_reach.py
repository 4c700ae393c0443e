"""The relation demand site → stations against measuring every pair."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod
from shapely import Point, box

from stations import reach
from stations.reach import Limit
from tests.stations.worlds import register

GEOD = Geod(ellps="WGS84")


def test_every_pair_in_reach_is_there_with_its_metres() -> None:
    places = {"a": (102.70, 25.0), "b": (102.71, 25.0), "c": (102.90, 25.0), "d": (102.70, 25.0)}
    rows = {
        id_: (Point(place), {"amenities": "toilet" if id_ != "b" else "", "status": status})
        for (id_, place), status in zip(
            places.items(), ["active", "active", "active", "closed"], strict=True
        )
    }
    park = box(102.699, 24.99, 102.701, 25.01)
    registry = register(rows, {"l": {"park": (park, {}), "post": (Point(102.702, 25.0), {})}})
    sites = registry.layers["l"].sites
    found = reach.relate(registry, sites, Limit(1_500))
    ids = registry.stations.index[found.station_rows]
    assert list(ids) == ["a", "b", "c"]
    assert found.costs.has_sorted_indices
    pairs = {
        (site, ids[column]): metres
        for site, row in zip(sites.index, range(2), strict=True)
        for column, metres in zip(
            found.costs.indices[found.costs.indptr[row] : found.costs.indptr[row + 1]],
            found.costs.data[found.costs.indptr[row] : found.costs.indptr[row + 1]],
            strict=True,
        )
    }
    edge_to_b = GEOD.inv(102.701, 25.0, *places["b"])[2]
    assert pairs == pytest.approx(
        {
            ("park", "a"): 0.0,
            ("park", "b"): edge_to_b,
            ("post", "a"): GEOD.inv(102.702, 25.0, *places["a"])[2],
            ("post", "b"): GEOD.inv(102.702, 25.0, *places["b"])[2],
        },
        abs=1e-3,
    )
    needing = reach.relate(registry, sites, Limit(1_500), ["toilet"])
    assert list(registry.stations.index[needing.station_rows]) == ["a", "c"]
    assert needing.nearest[0].tolist() == [0, 0]


def test_without_stations_nothing_is_in_reach() -> None:
    registry = register({}, {"l": {"post": (Point(102.7, 25.0), {})}})
    found = reach.relate(registry, registry.layers["l"].sites, Limit(1_000))
    assert found.costs.shape == (1, 0)
    rows, metres, _, _ = found.nearest
    assert rows.tolist() == [-1]
    assert np.isinf(metres).all()
