"""For every data quality rule: a station it must flag, one it must not, and the trap.

Each case is a small register of its own, some of it there for company only. Positions are real
places: 呈贡 (530114) about 102.8, 24.89, 官渡 (530111) about 102.75, 24.95.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from shapely import Point

from geodata import datum
from stations.audit.ruling import Context
from stations.registry import Registry
from stations.trust import Evidence, evidence_frame
from tests.stations import worlds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
HOME, NEXT_DOOR = (102.801, 24.889), (102.851, 24.8895)
GUANDU = (102.7435, 24.949)
_SHOWER = {"opening_hours": "08:00-18:00", "amenities": "shower;aed"}

type Row = Mapping[str, Any]


def row(lon: float, lat: float, **more: Any) -> tuple[Point, dict[str, Any]]:
    """Return a station with its pair as it came, in the datum ``datum_in``."""
    said = more.get("datum_in", "wgs84")
    x, y = datum.from_wgs84(lon, lat, said)
    plain = {"position_in": f"{x:.6f},{y:.6f}", "area_code": "530114"}
    return Point(lon, lat), {**plain, **more}


def read_as(lon: float, lat: float, *, true: str, said: str, **more: Any) -> tuple[Point, Row]:
    """Return a station there whose pair came in one datum and was said to be in another."""
    x, y = datum.from_wgs84(lon, lat, true)
    east, north = datum.to_wgs84(x, y, said)
    pair = {"position_in": f"{float(x):.6f},{float(y):.6f}", "datum_in": said}
    return Point(float(east), float(north)), {"area_code": "530114", **pair, **more}


@dataclass(frozen=True)
class Case:
    """A register and what a rule says of it."""

    rows: Mapping[str, tuple[Point, Row]]
    flags: frozenset[str]
    """Every id the rule must flag, and no other."""
    sound: frozenset[str] = frozenset({"sound"})
    """Ids of stations as they should be."""
    trap: frozenset[str] = frozenset({"trap"})
    """Ids of stations that look wrong and are not."""
    platform: gpd.GeoDataFrame | None = None
    uploads: Mapping[str, str] | None = None
    since: datetime = datetime(2025, 1, 1, tzinfo=UTC)
    since_of: Mapping[str, datetime] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    def context(self) -> Context:
        """Put together what the rule looks at."""
        registry = Registry.from_frames(worlds.stations(self.rows))
        registry = registry.with_evidence(evidence_frame(self.evidence))
        ids = registry.stations.index
        label = [(self.uploads or {}).get(each, "one") for each in ids]
        since = [self.since_of.get(each, self.since) for each in ids]
        uploads = pd.DataFrame({"upload": label, "since": since}, index=ids)
        return Context(registry, at=AT, uploads=uploads, platform=self.platform)


def _flagged(*, flag: tuple[Point, Row], sound: tuple[Point, Row], trap: tuple[Point, Row]) -> Case:
    return Case({"flag": flag, "sound": sound, "trap": trap}, frozenset({"flag"}))


def _home(**more: Any) -> tuple[Point, Row]:
    return row(*HOME, **more)


def _grid(count: int) -> list[tuple[float, float]]:
    """Return places 1 km apart in 呈贡."""
    return [(102.79 + 0.01 * (at % 4), 24.87 + 0.01 * (at // 4)) for at in range(count)]


def _listing(rows: Mapping[str, tuple[Point, Row]]) -> gpd.GeoDataFrame:
    return worlds.stations(rows)


def _off_by_one() -> Case:
    codes, places = ["530114", "530111"] * 5, [HOME, GUANDU] * 5
    places = [(x + 0.002 * at, y) for at, (x, y) in enumerate(places)]
    shifted = {f"s{at:02d}": row(*places[max(at - 1, 0)], area_code=codes[at]) for at in range(10)}
    fine = {f"t{at:02d}": row(*places[at], area_code=codes[at]) for at in range(10)}
    fine["t03"] = row(*places[2], area_code=codes[3])  # one wrong row, its neighbour's place
    uploads = {each: each[0] for each in (*shifted, *fine)}
    flags, sound = frozenset(sorted(shifted)[1:]), frozenset({*fine} - {"t03"})
    return Case({**shifted, **fine}, flags, sound, frozenset({"t03"}), uploads=uploads)


def _datum_upload() -> Case:
    places = _grid(8)
    names = {f"{kind}{at}": f"{kind}{at}路驿站" for kind in "abt" for at in range(8)}
    phones = {each: f"0871-6{at:07d}" for at, each in enumerate(names)}
    rows = {}
    for at, (lon, lat) in enumerate(places):
        mine = {"name": names[f"a{at}"], "phone": phones[f"a{at}"]}
        rows[f"a{at}"] = read_as(lon, lat, true="gcj02", said="wgs84", **mine)
        mine = {"name": names[f"b{at}"], "phone": phones[f"b{at}"]}
        rows[f"b{at}"] = row(lon + 0.003, lat, datum_in="gcj02", **mine)
        angle = 2 * np.pi * at / 8  # all of them 350 m off, each in a direction of its own
        east, north = lon + 0.006 + 0.0035 * np.cos(angle), lat + 0.0032 * np.sin(angle)
        rows[f"t{at}"] = row(east, north, name=names[f"t{at}"], phone=phones[f"t{at}"])
    listed = {
        f"{kind}{at}": row(lon + step, lat, name=names[f"{kind}{at}"], phone=phones[f"{kind}{at}"])
        for kind, step in (("a", 0.0), ("b", 0.003), ("t", 0.006))
        for at, (lon, lat) in enumerate(places)
    }
    flags, sound, trap = (frozenset(f"{kind}{at}" for at in range(8)) for kind in "abt")
    uploads = {each: each[0] for each in rows}
    return Case(rows, flags, sound, trap, platform=_listing(listed), uploads=uploads)


def _datum_record() -> Case:
    door = {"entrance_lon": HOME[0] + 0.0002, "entrance_lat": HOME[1]}
    moved = {"entrance_lon": HOME[0] - 0.003, "entrance_lat": HOME[1]}
    return _flagged(
        flag=read_as(*HOME, true="gcj02", said="wgs84", **door),
        sound=row(*HOME, **door),
        trap=row(*HOME, **moved),
    )


def _duplicate() -> Case:
    bank: Row = {"host": "商业银行人民路支行"}
    river: Row = {"host": "滨河公司", "phone": "0871-65550000"}
    lon, lat = HOME
    name, again = "呈贡区工会驿站·商业银行人民路支行", "商业银行人民路支行 户外劳动者服务站"
    other: Row = {"name": "光明路连锁药房驿站", "host": "光明路连锁药房", "phone": "0871-66660000"}
    rows = {
        "first": _home(name=name, phone="0871-63112345", capacity=9, **bank),
        "flag": row(lon + 0.0003, lat, name=again, phone="63112345", **bank),
        "one": row(*NEXT_DOOR, name="滨河路1号驿站", **river),
        "trap": row(NEXT_DOOR[0], NEXT_DOOR[1] + 0.0001, name="滨河路2号驿站", **river),
        "sound": row(lon, lat + 0.0004, **other),
    }
    company = {f"x{at}": row(102.7 + at * 0.001, 24.8, name=f"{at}号楼") for at in range(60)}
    return Case({**rows, **company}, frozenset({"flag"}))


def _missing() -> Case:
    listed = _listing({"m": row(*HOME, name="南门街驿站")})
    rows = {
        "sound": _home(name="南门街工会驿站"),
        "flag": row(*NEXT_DOOR, name="北门街工会驿站"),
        "trap": row(*GUANDU, name="西门街工会驿站", area_code="530111"),
    }
    return Case(rows, frozenset({"flag"}), platform=listed)


def _moved() -> Case:
    names = ("南门街", "北门街", "西门街")
    told = {name: row(*place, name=name) for name, place in zip(names, _grid(3), strict=True)}
    lon, lat = _grid(3)[0]
    rows = {
        "flag": row(lon + 0.005, lat, name="南门街工会驿站"),
        "sound": row(*_grid(3)[1], name="北门街工会驿站"),
        "trap": read_as(*_grid(3)[2], true="gcj02", said="wgs84", name="西门街工会驿站"),
    }
    return Case(rows, frozenset({"flag"}), platform=_listing(told))


def _stale() -> Case:
    old, new = datetime(2025, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    return Case(
        {each: _home() for each in ("flag", "never", "sound", "trap")},
        frozenset({"flag", "never"}),
        since_of={"trap": datetime(2026, 11, 15, tzinfo=UTC)},
        evidence=(
            Evidence("flag", "inspection", "worked", old, "甲"),
            Evidence("sound", "report", "cannot_find", new),
        ),
    )


def _piled_up() -> Case:
    rows = {f"p{at}": _home(name=f"{at}") for at in range(4)}
    rows |= {"sound": row(*GUANDU), "trap": row(*NEXT_DOOR), "other": row(*NEXT_DOOR)}
    return Case(rows, frozenset(each for each in rows if each[0] == "p"))


CASES: Mapping[str, Callable[[], Case]] = {
    "place.null_island": lambda: _flagged(
        flag=row(0.0, 0.001), sound=_home(), trap=row(-0.0001, 51.48)
    ),
    "place.swapped_axes": lambda: _flagged(
        flag=row(30.7, 85.2), sound=row(85.2, 30.7), trap=row(25.4, 60.2)
    ),
    "place.truncated": lambda: _flagged(
        flag=_home(position_in="102.80,24.889"),
        sound=_home(),
        trap=_home(position_in="102.8,24.889123"),
    ),
    "place.piled_up": _piled_up,
    "place.outside_county": lambda: _flagged(
        flag=row(*GUANDU), sound=_home(), trap=row(102.830515, 24.979599)
    ),
    "place.off_by_one": _off_by_one,
    "datum.upload": _datum_upload,
    "datum.record": _datum_record,
    "twin.duplicate": _duplicate,
    "area.code_retired": lambda: _flagged(
        flag=_home(area_code="530121"), sound=_home(), trap=_home(area_code="530100")
    ),
    "area.code_unknown": lambda: _flagged(
        flag=_home(area_code="539999"), sound=_home(), trap=_home(area_code="")
    ),
    "hours.never_open": lambda: _flagged(
        flag=_home(opening_hours="Mo-Su off"),
        sound=_home(opening_hours="Mo-Fr 09:00-17:00"),
        trap=_home(opening_hours="Jun-Aug 09:00-18:00"),
    ),
    "hours.round_the_clock_off": lambda: _flagged(
        flag=_home(opening_hours="24/7; Su off"),
        sound=_home(opening_hours="24/7"),
        trap=_home(opening_hours="Mo-Fr 00:00-24:00; PH off"),
    ),
    "hours.minutes_only": lambda: _flagged(
        flag=_home(opening_hours="Mo-Fr 08:00-08:05"),
        sound=_home(opening_hours="08:00-20:00"),
        trap=_home(opening_hours="Fr 23:50-24:00; Sa 00:00-06:00"),
    ),
    "hours.unreadable": lambda: _flagged(
        flag=_home(opening_hours="八点左右"),
        sound=_home(opening_hours="08:00-20:00"),
        trap=_home(opening_hours=""),
    ),
    "hours.amenity": lambda: _flagged(
        flag=_home(**_SHOWER, amenity_hours='{"shower": "19:00-21:00"}'),
        sound=_home(**_SHOWER, amenity_hours='{"shower": "10:00-12:00"}'),
        trap=_home(**_SHOWER, amenity_hours='{"aed": "24/7"}'),
    ),
    "amenities.needs_other": lambda: _flagged(
        flag=_home(amenities="shower"),
        sound=_home(amenities="water;shower"),
        trap=_home(amenities="washer"),
    ),
    "amenities.smart_not_always": lambda: _flagged(
        flag=_home(kind="smart", opening_hours="08:00-20:00"),
        sound=_home(kind="smart", opening_hours="24/7"),
        trap=_home(kind="smart", opening_hours=""),
    ),
    "amenities.open_door_asks": lambda: _flagged(
        flag=_home(access="walk_in", door_asks="real_name"),
        sound=_home(access="walk_in"),
        trap=_home(access="qr_code", door_asks="phone"),
    ),
    "amenities.truck_bays": lambda: _flagged(
        flag=_home(truck_bays=3),
        sound=_home(truck_bays=3, amenities="parking"),
        trap=_home(truck_bays=0),
    ),
    "age.stale": _stale,
    "platform.missing": _missing,
    "platform.moved": _moved,
}
"""Rule → its register, made anew at every call."""
