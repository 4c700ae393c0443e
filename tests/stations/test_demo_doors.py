"""The synthetic Yunnan's doors and what people found at them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pyproj import Geod

from geodata import files
from stations import demo, hours, imports, trust
from stations.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from stations.store import Changes

SEED = 7
NOW = demo.UNTIL
STATIONS = 3618
EARTH = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def built() -> Changes:
    return demo.build(SEED)


@pytest.fixture(scope="module")
def stations(built: Changes) -> gpd.GeoDataFrame:
    return built.stations


def rounded(share: Fraction, count: int = STATIONS) -> int:
    return round(share * count)


def test_doors_follow_from_what_is_known_of_the_station(stations: gpd.GeoDataFrame) -> None:
    silent = stations["opening_hours"] == ""
    hosted = stations["host_hours"] != ""
    assert not (hosted & ~silent).any()
    self_built = stations["host"].str.endswith("总工会")
    assert hosted.sum() == rounded(Fraction(6, 10), int((silent & ~self_built).sum()))
    for codes, text in zip(stations["amenities"], stations["amenity_hours"], strict=True):
        own = json.loads(text or "{}")
        assert own.keys() <= set(codes.split(";"))
        assert all(isinstance(hours.understand(each), hours.Understood) for each in own.values())
    other = stations[stations["access_hours"] != ""]
    assert len(other) > 100
    assert "qr_code" not in set(other["access"])
    closures = [json.loads(text) for text in stations["closures"] if text]
    assert len(closures) == rounded(Fraction(15, 1000))
    days = [hours.Closure.parse(record) for (record,) in closures]
    assert {each.since.strftime("%Y-%m") for each in days} == {"2026-11"}
    assert set(stations["calendar"]) == {"workdays", "weekdays"}
    assert stations["ebike_parking"].notna().sum() == rounded(Fraction(6, 10))
    assert stations["truck_bays"].max() > 10


def test_entrances_lie_beside_the_pin(stations: gpd.GeoDataFrame) -> None:
    with_door = stations[stations["entrance_lon"].notna()]
    assert len(with_door) == rounded(Fraction(1, 4))
    lon, lat = (with_door[name].astype(float) for name in ("entrance_lon", "entrance_lat"))
    away = EARTH.inv(lon, lat, with_door.geometry.x, with_door.geometry.y)[2]
    assert away.min() > 7
    assert away.max() < 61
    assert (stations["entrance_lon"].isna() == stations["entrance_lat"].isna()).all()


def test_the_register_comes_back_unchanged_from_a_sheet(built: Changes, tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'register.db'}", create=True) as store:
        store.commit(built, who="test", why="demo", at=NOW)
        files.write(store.stations(), tmp_path / "out.csv")
        table = imports.read(tmp_path / "out.csv", imports.STATIONS)
        made = imports.preview(table, imports.STATIONS, store, imports.Options())
    assert (made.faults, made.warnings, made.changed) == ((), (), ())
    assert len(made.unchanged) == STATIONS


def test_evidence_is_plausible_and_the_same_again(stations: gpd.GeoDataFrame) -> None:
    ids = list(stations.index)
    pieces = demo.evidence(SEED, ids)
    assert pieces == demo.evidence(SEED, ids)
    assert pieces != demo.evidence(SEED + 1, ids)
    earlier = demo.evidence(SEED, ids, NOW - timedelta(days=9))
    assert [p.at - timedelta(days=9) for p in pieces] == [p.at for p in earlier]
    assert 8_000 < len(pieces) < 20_000
    assert len({piece.key for piece in pieces}) == len(pieces)
    kinds = Counter(piece.kind for piece in pieces)
    assert kinds["check_in"] > kinds["inspection"] > kinds["report"] > 1000
    for piece in pieces:
        assert trust.checked(piece, NOW) == piece
        assert NOW - timedelta(days=400) <= piece.at < NOW
        assert "合成" in piece.note


def test_evidence_tells_stations_apart(stations: gpd.GeoDataFrame) -> None:
    pieces = demo.evidence(SEED, list(stations.index))
    ledger = trust.Ledger.from_frame(trust.evidence_frame(pieces), stations.index)
    model = trust.trust_model()
    found = trust.probabilities(trust.priors(stations, model), ledger, NOW, model)
    low, middle, high = np.quantile(found, [0.02, 0.5, 0.98])
    assert low < 0.6
    assert 0.75 < middle < 0.88
    assert high > 0.92


def test_no_station_no_evidence() -> None:
    assert demo.evidence(SEED, []) == []
