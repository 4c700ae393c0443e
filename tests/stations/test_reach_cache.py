"""What is kept of the roads' answers: nothing is asked twice, nothing kept changes an answer."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from stations import reach
from stations.reach import Limit, ReachCache
from stations.travel import Travel
from tests.examples import few
from tests.stations.small_roads import SmallRoads
from tests.stations.worlds import register

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stations.reach import Reach
    from stations.registry import Registry

    type Place = tuple[float, float]

SITES = {
    "area": box(102.3, 25.3, 102.35, 25.33),
    "beyond": Point(101.98, 25.2),
    "edge": box(102.97, 25.1, 103.02, 25.12),
    "lost": Point(102.45, 25.45),
    "point": Point(102.2, 25.2),
}
places = st.tuples(st.integers(1019, 1031), st.integers(249, 261)).map(
    lambda pair: (pair[0] / 10 + 0.013, pair[1] / 10 + 0.017)
)
registers = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(places, st.sampled_from(["", "toilet"])), max_size=4
)


def world(stations: Mapping[str, tuple[Place, str]]) -> Registry:
    rows: dict[str, Any] = {
        id_: (Point(place), {"amenities": amenities})
        for id_, (place, amenities) in stations.items()
    }
    return register(rows, {"sites": {id_: (shape, {}) for id_, shape in SITES.items()}})


def related(
    registry: Registry,
    roads: SmallRoads,
    cache: ReachCache | None = None,
    needs: tuple[str, ...] = (),
    minutes: float = 120,
) -> tuple[Any, ...]:
    """Return all a reach has to say."""
    travel: Any = Travel(roads)  # type: ignore[arg-type]
    sites = registry.layer("sites").sites
    limit = Limit(minutes, "min")
    return told(reach.relate(registry, sites, limit, needs, travel=travel, cache=cache))


def told(found: Reach) -> tuple[Any, ...]:
    dense = found.costs.toarray().tolist()
    near = [column.tolist() for column in found.nearest]
    return dense, near, found.share.tolist(), found.unreachable.tolist(), found.covered.tolist()


@few(10)
@given(
    st.lists(
        st.tuples(registers, st.sampled_from([(), ("toilet",)]), st.sampled_from([0.0, 120.0])),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_was_asked_before_the_answer_is_the_fresh_one(
    tmp_path_factory: pytest.TempPathFactory, history: list[Any]
) -> None:
    cache, roads = ReachCache(tmp_path_factory.mktemp("reach")), SmallRoads()
    for stations, needs, minutes in history:
        registry = world(stations)
        fresh = related(registry, SmallRoads(), None, needs, minutes)
        assert related(registry, roads, cache, needs, minutes) == fresh
    assert len(roads.asked) == len(set(roads.asked))


def test_a_station_that_moved_is_all_that_is_asked_for(tmp_path: Path) -> None:
    stations = {
        id_: ((102.2 + n / 50, 25.2 + n / 50), "toilet" if n else "")
        for n, id_ in enumerate("abcd")
    }
    cache, before, after = ReachCache(tmp_path), SmallRoads(), SmallRoads()
    related(world(stations), before, cache, minutes=360)
    moved = {**stations, "b": ((102.25, 25.2), "toilet")}
    again = related(world(moved), after, cache, minutes=360)
    assert again == related(world(moved), SmallRoads(), minutes=360)
    assert {row[2:] for row in after.asked} == {(102.25, 25.2)}
    assert 0 < len(after.asked) < len(before.asked) / 2
    assert after.snapped == 1
    idle = SmallRoads()
    related(world(moved), idle, cache, ("toilet",), minutes=360)
    related(world(dict(list(moved.items())[1:])), idle, cache, minutes=360)
    assert (idle.asked, idle.snapped) == ([], 0)


def test_another_network_mode_or_layer_starts_anew(tmp_path: Path) -> None:
    registry, cache = world({"a": ((102.2, 25.21), "")}), ReachCache(tmp_path)
    related(registry, SmallRoads(), cache)
    other = SmallRoads("other")
    related(registry, other, cache)
    assert other.asked
    assert len(list(tmp_path.iterdir())) == 2


def damage(path: Path, how: str) -> None:
    held = path.read_bytes()
    match how:
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(held[: len(held) // 2])
        case "other":
            path.write_bytes(b"not an archive" * 99)
        case "bit":
            path.write_bytes(held[:-200] + bytes([held[-200] ^ 1]) + held[-199:])


@pytest.mark.parametrize("how", ["empty", "cut", "other", "bit"])
def test_a_damaged_file_is_written_anew(tmp_path: Path, how: str) -> None:
    registry, cache = world({"a": ((102.2, 25.21), "")}), ReachCache(tmp_path)
    fresh = related(registry, SmallRoads(), cache)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    damage(path, how)
    roads = SmallRoads()
    assert related(registry, roads, cache) == fresh
    assert roads.asked
    assert path.read_bytes() == whole


def test_a_file_of_another_key_is_no_answer(tmp_path: Path) -> None:
    cache = ReachCache(tmp_path)
    cache.put("a", {"x": np.arange(3)})
    (tmp_path / "a.reach").rename(tmp_path / "b.reach")
    assert cache.get("b") is None
    assert cache.get("a") is None


def test_where_nothing_can_be_written_answers_are_the_same(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    registry = world({"a": ((102.2, 25.21), "")})
    fresh = related(registry, SmallRoads())
    assert related(registry, SmallRoads(), ReachCache(file / "reach")) == fresh
    assert file.read_text() == "in the way"


def test_the_files_used_least_recently_go_first(tmp_path: Path) -> None:
    cache = ReachCache(tmp_path, most_bytes=10_000)
    for n, key in enumerate("abc"):
        cache.put(key, {"x": np.zeros(500)})
        os.utime(tmp_path / f"{key}.reach", (n, n))
    assert cache.get("a") is None  # went when c came
    assert cache.get("b") is not None  # now the latest
    cache.put("d", {"x": np.zeros(500)})
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["b", "d"]
    cache.put("huge", {"x": np.zeros(5_000)})
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    ReachCache(tmp_path / "deep" / "reach").put("a", {"x": np.zeros(1)})
    assert (tmp_path / "deep" / "reach").stat().st_mode & 0o077 == 0


def test_readers_see_whole_files_while_others_write(tmp_path: Path) -> None:
    cache = ReachCache(tmp_path)

    def write(n: int) -> None:
        cache.put("a", {"x": np.full(20_000, n)})

    def read(_: int) -> set[int]:
        found = ReachCache(tmp_path).get("a")
        assert found is not None
        return set(found["x"].tolist())

    write(0)
    with ThreadPoolExecutor(4) as pool:
        wrote = pool.map(write, range(40))
        seen = list(pool.map(read, range(40)))
        list(wrote)
    assert all(len(values) == 1 for values in seen)
    assert len(list(tmp_path.iterdir())) == 1
