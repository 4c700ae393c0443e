"""Examples of what people write, and pieces of its grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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
JSON_WORDS = ("{", "}", "[", "]", '"', ":", ",", "null", "true", "NaN", "1e999", "\\ud800")
TOML_WORDS = ("[[", "]]", "=", "{", "}", '"""', "'", "2025-01-01", "1e9", "nan", "#", ".", "true")
