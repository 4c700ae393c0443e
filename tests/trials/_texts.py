"""Readers of texts: hours, positions, limits, days, changes supposed, filters, settings, cells."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from geodata.datum import parse_reference, to_wgs84
from geodata.errors import ProjectError
from geodata.files import Table
from geodata.files.coordinates import check_range, parse_numbers, parse_pairs
from geodata.geodesy import LonLat
from geodata.osm import parse_filter
from stations import days
from stations.catalogue import catalogue
from stations.coverage import parse_hours
from stations.hours import parse, understand
from stations.imports.records import STATION, Options, read_records
from stations.places import read_places
from stations.reach import parse_within
from stations.store._cells import CHECKS
from tests.trials._inputs import json_bytes, texts
from tests.trials._watch import Target
from tests.web.test_ogc_filter import CASES, PARKS, STATIONS
from web.api import reading
from web.limits import parse_limits
from web.ogc import moments, references
from web.ogc.cql import read_json, read_text, rows_of
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - Beijing wall time, as the hours are asked
HOURS = (
    "24/7", "Mo-Fr 08:30-12:00,14:30-18:00; PH off", "Mo-Su,PH 22:00-06:00", "sunrise-sunset",
    '2026 Nov 01-2027 Feb 28 Sa[1] 09:00+ "电话"', "week 1-53/2 Tu 10:00-26:00 || off", "off",
)  # fmt: skip
HOUR_PIECES = (
    "Mo", "Su", "PH", "SH", "-", ",", ";", "||", "off", "unknown", "08:00", "24:00", "48:00", "+",
    "/", "[1]", "[-1]", "week", "Jan", "easter", "sunset", "(sunrise+01:00)", "2026", "99",
)  # fmt: skip
WORDS = (
    "周一至周五 8:30-18:00，午休12点到14点",
    "全天24小时",
    "每天早8点至晚10点",
    "夏季7：00—22：00 冬季八点半到五点",
)
WORD_PIECES = (
    "周",
    "至",
    "一",
    "日",
    "上午",
    "下午",
    "凌晨",
    "点",
    "半",
    "休息",
    "节假日",
    "除",
    "月",
    "夏季",
)
PLACES = (
    "102.7183,25.0389",
    "25°02′20″N 102°43′06″E",
    "POINT (102.7 25)",
    "102.7183，25.0389",
    "经度102.7 纬度25",
)
PLACE_PIECES = (
    "°",
    "′",
    "″",
    "N",
    "E",
    "东经",
    "北纬",
    ",",
    "1e9",
    "POINT",
    "(",
    ")",
    "181",
    "-91",
)
CLOSURES = [{"from": "2026-02-15", "to": "2026-02-20", "reason": "装修"}]
STANDS = [
    {
        "lon": 102.71,
        "lat": 25.04,
        "from": "2026-12-01",
        "until": "2026-12-31",
        "hours": "Mo 08:00-12:00",
        "name": "东门",
    },
    {"lon": 102.72, "lat": 25.05, "hours": "Tu 08:00-12:00"},
]
SOME_HOURS = {"shower": "08:00-20:00", "toilet": "24/7"}
CELLS: Mapping[str, tuple[str, ...]] = {
    "名称": ("测试驿站",), "经度": ("102.71", "102°43′E"), "纬度": ("25.04", "25.04N"),
    "amenities": ("饮水;toilet", "充电、微波炉"), "opening_hours": (*HOURS, *WORDS),
    "amenity_hours": ('{"shower": "08:00-20:00"}', "淋浴 08:00-20:00; 饮水 24/7"),
    "closures": ("2026-02-15至2026-02-21 装修", "2026-02-15起", '[{"from": "2026-02-15"}]'),
    "capacity": ("12", "12人", "1,200"), "area_code": ("530102", "530102001"),
    "entrance_lon": ("102.711",), "entrance_lat": ("25.041",), "status": ("active", "在建"),
    "places": ("2026-12-01至2026-12-31 Mo-Fr 08:00-12:00 @102.71,25.04 东门",),
    "access_hours": ("扫码 20:00-08:00",), "door_asks": ("phone",), "calendar": ("workdays",
    "工作日"),
}  # fmt: skip
WHAT_IFS = (
    "host:招商银行 shut weekends", "county:5301 open Mo-Fr 22:00-06:00", "station:S001 trust 0.5",
    "road:102.7,25 102.71,25.01 closed", "station:S001 equipped", "host:x removed",
)  # fmt: skip
ASKED_HOURS = (
    "all",
    "02:00",
    "night",
    "2026-11-24",
    "2026-11-24T02:00+08:00",
    "2026-12-01 Mo-Fr 22:00-06:00",
)


def _hours(text: str) -> None:
    hours = parse(text)
    hours.line(MONDAY, 9, decreed=True)
    hours.state(NOON)


def _cells(row: Mapping[str, str]) -> None:
    told = {name: text.encode("utf-8", "replace").decode() for name, text in row.items()}
    frame = pd.DataFrame({name: [text] for name, text in told.items()}, dtype="str")
    table = Table(frame, np.array([2]), None, None, "csv", "utf-8")
    found = read_records(table, STATION, Options(make_ids=True))
    if not found.faults:
        for name, check in CHECKS.items():
            if name in found.frame:
                check(found.frame[name].iloc[0])


def _pairs(text: str) -> None:
    lon, lat, _ = parse_pairs([text])
    check_range(lon, lat)
    parse_numbers([text], axis="x")
    LonLat.parse(text)


def _datum(text: str) -> None:
    reference = parse_reference(text)
    to_wgs84(np.array([102.7, np.nan, 1e300]), np.array([25.0, 0, -1e300]), reference)


def _filter(text: str) -> None:
    for about in (STATIONS, PARKS):
        rows_of(read_text(text), about, references.CRS84)


def _filter_json(content: bytes) -> None:
    document = read_json(content.decode("utf-8", "replace"))
    for about in (STATIONS, PARKS):
        rows_of(document, about, references.CRS84)


def _moment(text: str) -> None:
    moments.days_of(text, "datetime")


def _cell_json(name: str, content: bytes) -> None:
    CHECKS[name](content.decode("utf-8", "replace"))


def _each(*readers: Any) -> Any:
    """Return a reader that gives a text to several, each of which may refuse it."""

    def read(text: str) -> None:
        refused = None
        for reader in readers:
            try:
                reader(text)
            except ProjectError as error:
                refused = error
        if refused is not None:
            raise refused

    return read


def _rows() -> st.SearchStrategy[dict[str, str]]:
    plain = {name: texts(seeds, WORD_PIECES) for name, seeds in CELLS.items()}
    return st.fixed_dictionaries(
        {name: st.sampled_from(CELLS[name]) | plain[name] for name in ("名称", "经度", "纬度")},
        optional={name: plain[name] for name in CELLS if name not in {"名称", "经度", "纬度"}},
    )


def _settings() -> st.SearchStrategy[dict[str, str]]:
    seeds = ("10 per minute; 100 per day", "3", "https://login.example.org/realm",
    "sqlite:////tmp/x.db",
             "postgresql://u:p@h/db?files=/f", "none", "osm", "https://t.example/{z}/{x}/{y}.png",
             "stations.example.org,.example.org", "json", "wait", "0.5",
             "sixteen-characters-and-more")  # fmt: skip
    names = st.sampled_from([f"STATIONS_{name.upper()}" for name in Settings.__dataclass_fields__])
    given = texts(seeds, ("{", "}", "per", "://", "@", ":", "["))
    return st.dictionaries(names, st.sampled_from(seeds) | given, max_size=5)


def _set(environ: dict[str, str]) -> None:
    made = Settings.from_env(environ)
    _ = made.host_names, made.roads_place, made.data_folder, made.truck
    made.told()


CQL_PIECES = (
    "kind", "capacity", "amenities", "geometry", "opening_hours", "=", "<>", "<", ">=", "LIKE",
    "IN",
    "BETWEEN", "AND", "OR", "NOT", "IS NULL", "(", ")", "'smart'", "12", "S_INTERSECTS",
    "BBOX(102,24,103,26)",
    "POINT(102.7 25)", "POLYGON((102 24,103 24,103 26,102 24))", "A_CONTAINS", "T_AFTER",
    "DATE('2026-01-01')",
    "TIMESTAMP('2026-01-01T00:00:00Z')", "INTERVAL('..','2026-01-01')", "CASEI(", "ACCENTI(",
    "'%a_'", "+", "*",
)  # fmt: skip


def _json_filters() -> list[Any]:
    return [read_text(text) for text in CASES]


def targets() -> list[Target]:
    """Return the readers of texts."""
    json_cells = {"places": STANDS, "amenity_hours": SOME_HOURS,
    "access_hours": {"qr_code": "20:00-08:00"},
                  "closures": CLOSURES}  # fmt: skip
    return [
        Target("hours: expressions", texts(HOURS, HOUR_PIECES), _hours, 3),
        Target("hours: words", texts(WORDS, WORD_PIECES), understand, 3),
        Target("hours: of a question", texts(ASKED_HOURS, HOUR_PIECES), parse_hours),
        Target("what if", texts(WHAT_IFS, (*HOUR_PIECES, "shut", "road:")), reading.what_if, 2),
        Target("positions", texts(PLACES, PLACE_PIECES), _pairs, 3),
        Target(
            "datums",
            texts(
                (
                    "gcj02",
                    "EPSG:4547",
                    "CGCS2000 / 3-degree",
                    "+proj=utm +zone=48",
                    "urn:ogc:def:crs:EPSG::4490",
                ),
                ("EPSG:", "+proj=", "longlat", "4326", "GCJ"),
            ),
            _each(_datum, lambda t: references.reference(t, "crs")),
        ),
        Target(
            "limits", texts(("1000m", "1.5km", "10min"), ("m", "km", "min", ".", "0")), parse_within
        ),
        Target(
            "rates",
            texts(("10 per minute; 100 per day",), ("per", ";", "1/", "second")),
            parse_limits,
        ),
        Target(
            "days and instants",
            texts(
                ("2026-05-01", "2026年5月1日", "2026-11-24T02:00+08:00", "../2026-11-30"),
                ("T", "Z", "-", "/", "..", "W1"),
            ),
            _each(days.read_day, days.checked_day, reading.instant, _moment),
        ),
        Target(
            "needs, kinds, boxes",
            texts(
                ("toilet,charging", "饮水、充电", "102,24,103,26", "walk_in,qr_code", "day_shift"),
                (",", "厕所"),
            ),
            _each(
                reading.needs,
                reading.kind,
                reading.status,
                reading.access,
                reading.bbox,
                reading.profile,
                reading.layers,
                catalogue().amenities.parse,
            ),
        ),
        Target(
            "tags of OpenStreetMap",
            texts(
                ("landuse=construction", "amenity=toilets,shop", "a=b&c!=d"), ("=", "!", "*", "&")
            ),
            parse_filter,
        ),
        Target("cells of a table", _rows(), _cells, 3),
        Target("settings", _settings(), _set, 2),
        Target("CQL2 text", texts(tuple(CASES), CQL_PIECES), _filter, 4),
        Target("CQL2 JSON", json_bytes(_json_filters()), _filter_json, 4),
        *(
            Target(
                f"JSON cells: {name}",
                json_bytes([seed]),
                partial(_cell_json, name),
            )
            for name, seed in json_cells.items()
        ),
        Target(
            "JSON cells: places read",
            json_bytes([STANDS]),
            lambda content: read_places(content.decode("utf-8", "replace")),
        ),
    ]
