"""Duplicates: names and numbers brought together, pairs as if all were compared, merging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.errors import UsageError
from geodata.geodesy import distance_m
from stations.audit.findings import merge
from stations.audit.quality import merged, names, pairs, propose, rules, uploads
from stations.audit.quality.merging import Proposal
from stations.audit.ruling import Context
from stations.errors import StationMissingError, StoreConflictError
from stations.registry import Registry
from stations.store import Changes, Store
from tests.benchmarks._audit_register import audit_register
from tests.stations.register_samples import stations

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 22, tzinfo=UTC)
SETTINGS = next(rule for rule in rules() if rule.id == "twin.duplicate").settings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "呈贡区工会驿站·商业银行人民路支行（合成）",
            "昆明呈贡户外劳动者服务站（商业银行人民路支行）",
        ),
        ("ＡＢＣ便利店 驿站", "abc便利店"),
        ("云南省呈贡 南门街 爱心驿站", "南门街工会驿站"),
    ],
)
def test_what_does_not_tell_stations_apart_is_taken_off(one: str, other: str) -> None:
    cores = names.cores(pd.Series([one, other]), pd.Series(["530114"] * 2))
    assert cores[0] == cores[1] != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0871-63112345", "+86 871 6311 2345"),
        ("0871-63112345", "（0871）63112345转801"),
        ("６３１１２３４５", "63112345"),
        ("13800001111", "+86-138-0000-1111 / 0871-63112345"),
    ],
)
def test_a_number_is_the_same_however_written(one: str, other: str) -> None:
    first, second = names.phones(pd.Series([one, other]))
    assert first == second != ""


@pytest.mark.parametrize("text", ["", "无", "12351", "工会"])
def test_what_is_too_short_for_a_number_is_none(text: str) -> None:
    assert names.phones(pd.Series([text])).tolist() == [""]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("服务区男厕", "服务区女厕", True),
        ("female toilets", "male toilets", True),
        ("东门", "东门", False),
        ("东西大街", "西大街", False),
        ("上行服务区", "下行服务区", True),
    ],
)
def test_opposite_sides_are_two(one: str, other: str, apart: bool) -> None:  # noqa: FBT001
    sides = names.sides(np.array([names.folded(one), names.folded(other)], dtype=object))
    assert names.opposite(sides[:1], sides[1:]).tolist() == [apart]


def test_numerals_count_alike() -> None:
    texts = np.array(["2号站", "二号站", "第二", "十二号", "12号", "三十楼"], dtype=object)
    assert names.numbers_in(texts).tolist() == ["2", "2", "2", "12", "12", "30"]


def test_a_further_number_does_not_make_two() -> None:
    one = np.array(["1", "12", "12", "", "1 2"], dtype=object)
    other = np.array(["2", "12 1", "12", "3", "1 3"], dtype=object)
    assert names.counted_apart(one, other).tolist() == [True, False, False, False, True]


def test_drawn_up_pairs_hold_all_that_comparing_everything_finds() -> None:
    frame = audit_register(250, seed=3)
    points = frame.geometry.to_numpy().copy()
    points[51:90] = [shapely.transform(each, lambda xy: xy + 0.0005) for each in points[50:89]]
    frame.geometry = points  # neighbours some 75 m apart, with nothing else in common
    frame = pd.concat([frame, frame.iloc[:40].set_index("Z" + frame.index[:40])]).sort_index()
    frame.index = frame.index.astype("str").rename("id")
    registry = Registry.from_frames(frame)
    context = Context(registry, at=AT)
    found = pairs.weighed(context, SETTINGS)
    told = context.derived(pairs.told)
    left, right = np.triu_indices(len(frame), 1)
    lon, lat = registry.lon, registry.lat
    apart = distance_m(lon[left], lat[left], lon[right], lat[right])
    drawn = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    for one, other, metres in zip(left.tolist(), right.tolist(), apart, strict=True):
        same = told.core[one] == told.core[other] != ""
        called = told.phone[one][-7:] == told.phone[other][-7:] != ""
        assert ((one, other) in drawn) == (metres <= SETTINGS["near_m"] or same or called)
    over = found.score >= SETTINGS["least_score"]
    assert int(over.sum()) == 40


def test_the_record_with_more_evidence_and_more_said_stays() -> None:
    frame = stations({"a": {}, "b": {"phone": "0871-63112345"}, "c": {"host": ""}})
    rank = pairs.ranks(Context(Registry.from_frames(frame), at=AT))
    assert rank.tolist() == [1, 0, 2]


def test_a_merge_fills_gaps_and_keeps_history(tmp_path: Path) -> None:
    frame = stations(
        {
            "keep": {"phone": "", "entrance_lon": pd.NA, "amenities": "toilet"},
            "drop": {"phone": "0871-63112345", "host": "别的", "lon": 102.71},
        }
    )
    frame.loc["drop", ["entrance_lon", "entrance_lat"]] = [102.7101, 25.0]
    with Store.open(f"sqlite:///{tmp_path}/s.db", create=True) as store:
        store.commit(Changes(stations=frame), who="甲", why="导入", at=AT)
        proposal = propose(store.stations(), "keep", "drop")
        assert dict(proposal.fields) == {"phone": "drop", "entrance": "drop"}
        done = merge(store, proposal, who="乙", at=AT + timedelta(hours=1), why="同一驿站")
        after = store.stations()
        assert after.index.tolist() == ["keep"]
        assert after.loc["keep", "phone"] == "0871-63112345"
        assert after.loc["keep", "entrance_lon"] == 102.7101
        assert after.loc["keep", "host"] == "银行"
        assert (done.number, done.why) == (2, "merge drop into keep: 同一驿站")
        assert [record is None for _, record in store.history("drop")] == [False, True]
        assert len(store.history("keep")) == 2
        assert store.stations(1).index.tolist() == ["drop", "keep"]
        with pytest.raises(StationMissingError):
            merge(store, proposal, who="乙", at=AT + timedelta(hours=2))


def test_a_position_is_taken_with_all_that_tells_of_it() -> None:
    there = {"lon": 103.0, "position_in": "103.1,25.1", "datum_in": "gcj02"}
    frame = stations({"k": {}, "d": there})
    row = merged(frame, Proposal("k", "d", {"position": "d"}))
    assert (row.geometry.iloc[0].x, row["datum_in"].iloc[0]) == (103.0, "gcj02")
    assert row["position_in"].iloc[0] == "103.1,25.1"
    assert merged(frame, Proposal("k", "d")).geometry.iloc[0].x == 102.7


def test_what_cannot_be_merged_is_refused(tmp_path: Path) -> None:
    frame = stations({"a": {}, "b": {}})
    with pytest.raises(UsageError, match="with itself"):
        propose(frame, "a", "a")
    with pytest.raises(StationMissingError):
        propose(frame, "a", "x")
    with pytest.raises(UsageError, match="a field is one of"):
        merged(frame, Proposal("a", "b", {"colour": "b"}))
    with pytest.raises(UsageError, match="one of the two"):
        merged(frame, Proposal("a", "b", {"name": "c"}))
    with Store.open(f"sqlite:///{tmp_path}/s.db", create=True) as store:
        store.commit(Changes(stations=frame), who="甲", why="导入", at=AT)
        store.commit(Changes(stations=stations({"c": {}})), who="甲", why="再导入", at=AT)
        with pytest.raises(StoreConflictError):
            merge(store, Proposal("a", "b"), who="乙", at=AT, base=1)


def test_an_upload_is_the_revision_that_last_set_the_position(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/s.db", create=True) as store:
        first = stations({"a": {}, "b": {}, "c": {}})
        store.commit(Changes(stations=first), who="甲", why="导入", at=AT)
        renamed = stations({"a": {"name": "新名"}, "b": {"lon": 102.8}})
        store.commit(Changes(stations=renamed), who="甲", why="改", at=AT + timedelta(days=1))
        gone = Changes(removed_stations=("c",))
        store.commit(gone, who="甲", why="撤", at=AT + timedelta(days=2))
        table = uploads(store)
        assert table["upload"].to_dict() == {"a": "r1 wgs84 operator", "b": "r2 wgs84 operator"}
        assert table.loc["b", "since"] == AT + timedelta(days=1)
        assert uploads(store, 1).index.tolist() == ["a", "b", "c"]
