"""What the rules find of the faults planted in the demonstration register."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from geodata import datum
from geodata.errors import UsageError
from stations import demo
from stations.audit import judge
from stations.audit.quality import CHECKS, audit_datums, rules
from stations.audit.quality.faults import put
from stations.audit.quality.measuring import measured, refused, trial
from stations.audit.quality.planting import RULE_OF, Planted, plant, slip_uploads, sound
from stations.audit.ruling import Context
from stations.registry import Registry
from stations.travel import Travel
from tests.stations.audit.grid_roads import GridRoads, beside_roads

if TYPE_CHECKING:
    import geopandas as gpd

RULES = [rule for rule in rules() if rule.id != "age.stale"]


@cache
def stations() -> gpd.GeoDataFrame:
    return demo.build(0).stations


def context_of(planted: Planted, *, listed: bool = True, roads: GridRoads | None = None) -> Context:
    return Context(
        Registry.from_frames(planted.stations),
        at=demo.UNTIL,
        uploads=planted.uploads,
        platform=planted.platform if listed else None,
        travel=Travel(roads),  # type: ignore[arg-type]  # stands where a network does
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_faults_are_found(seed: int) -> None:
    planted = plant(stations(), seed)
    assert set(planted.faults["sort"]) == RULE_OF.keys()
    assert abs(len(planted.faults) - 0.05 * len(stations())) <= 4
    before = judge(RULES, CHECKS, context_of(sound(stations(), seed)))
    table = measured(planted, judge(RULES, CHECKS, context_of(planted)), before)
    assert table["recall"].min() >= 0.9
    assert table["precision"].min() >= 0.85
    assert table["found"].sum() >= 0.98 * table["planted"].sum()


def test_nothing_of_place_is_found_where_nothing_was_planted() -> None:
    found = judge(RULES, CHECKS, context_of(sound(stations(), 7)))
    families = set(found["rule"].str.split(".").str[0])
    assert not families & {"place", "datum", "area"}
    assert set(found["rule"]) <= {
        "twin.duplicate", "hours.amenity", "amenities.needs_other", "amenities.truck_bays",
        "amenities.smart_not_always", "platform.missing",
    }  # fmt: skip
    assert (found["rule"] == "twin.duplicate").sum() <= 3


def test_the_same_seed_plants_the_same() -> None:
    first, again = plant(stations(), 5), plant(stations(), 5)
    assert first.stations.equals(again.stations)
    assert first.faults.equals(again.faults)
    assert not first.faults.equals(plant(stations(), 6).faults)


@pytest.mark.parametrize("share", [0.0, 0.3, float("nan"), 0.001])
def test_a_share_nobody_can_plant_is_refused(share: float) -> None:
    with pytest.raises(UsageError):
        plant(stations(), 1, share=share)


@cache
def clean_one() -> Planted:
    return sound(stations(), 1)


def _verdicts(context: Context) -> tuple[pd.DataFrame, set[str]]:
    table = audit_datums(context)
    return table, set(table.loc[table["behaves_like"] != "", "upload"])


@pytest.mark.parametrize("seed", [0, 1])
def test_whole_uploads_in_another_datum_are_found_beside_a_platforms_list(seed: int) -> None:
    clean = sound(stations(), seed)
    dirty, chosen = slip_uploads(clean, seed)
    assert not _verdicts(context_of(clean))[1]
    _, found = _verdicts(context_of(dirty))
    assert found <= chosen
    assert len(found) >= 0.99 * len(chosen)


def test_roads_alone_tell_the_datum_of_an_upload() -> None:
    roads = GridRoads()
    clean = sound(beside_roads(stations(), roads), 1)
    bare = clean.stations.assign(entrance_lon=pd.NA, entrance_lat=pd.NA, phone="", area_code="")
    types = stations().dtypes[["entrance_lon", "entrance_lat", "phone", "area_code"]]
    clean = replace(clean, stations=bare.astype(types.to_dict()))
    dirty, chosen = slip_uploads(clean, 1)
    assert not _verdicts(context_of(clean, listed=False, roads=roads))[1]
    table, found = _verdicts(context_of(dirty, listed=False, roads=roads))
    assert found <= chosen
    large = set(table.loc[table["records"] >= 15, "upload"]) & chosen
    assert len(found & large) >= 0.95 * len(large)


def test_counties_and_entrances_alone_raise_no_false_alarm() -> None:
    clean = clean_one()
    dirty, chosen = slip_uploads(clean, 1)
    assert not _verdicts(context_of(clean, listed=False))[1]
    assert _verdicts(context_of(dirty, listed=False))[1] <= chosen


def test_a_list_read_in_the_wrong_datum_is_outvoted() -> None:
    clean = clean_one()
    lon, lat = (axis.to_numpy() for axis in (clean.platform.geometry.x, clean.platform.geometry.y))
    listed = clean.platform.copy()
    put(listed, np.arange(len(listed)), datum.from_wgs84(lon, lat, "gcj02"), "wgs84")
    wrong = replace(clean, platform=listed)
    assert not _verdicts(context_of(wrong))[1]


def test_the_correction_is_proposed_to_the_metre() -> None:
    clean = clean_one()
    dirty, chosen = slip_uploads(clean, 1)
    rule = [rule for rule in rules() if rule.id == "datum.upload"]
    found = judge(rule, CHECKS, context_of(dirty))
    assert not found.empty
    told = pd.DataFrame([json.loads(text) for text in found["proposal"]])
    right = clean.stations.loc[found["station"]].geometry
    off = np.hypot(told["lon"] - right.x.to_numpy(), told["lat"] - right.y.to_numpy()) * 111_320
    assert off.max() < 0.3  # six decimals of the pair as it came
    assert chosen


def test_planting_leaves_the_register_fit_for_use() -> None:
    frame = plant(stations(), 3).stations
    assert Registry.from_frames(frame).stations.index.is_unique


def test_what_the_command_measures() -> None:
    told = trial(stations(), [3], demo.UNTIL)
    sorts = told.sorts.set_index("sort")
    assert sorts.index.tolist() == list(RULE_OF)
    assert (sorts.loc[["swapped_axes"], ["recall", "precision"]] == 1).all(axis=None)
    assert sorts["recall"].min() >= 0.9
    uploads = told.uploads
    assert uploads["false_alarms"].tolist() == [0, 0]
    recall = dict(zip(uploads["beside"], uploads["recall"], strict=True))
    assert recall["platform"] >= 0.99


def test_the_door_refuses_swapped_axes_and_nothing_else() -> None:
    planted = plant(stations(), 4)
    turned = planted.faults.loc[planted.faults["sort"] == "swapped_axes", "station"]
    assert refused(planted) == set(turned) == set(planted.swapped.index)
    assert not set(turned) & set(planted.stations.index)
    assert refused(sound(stations(), 4)) == set()
