"""Filters in CQL2: each condition against a plain loop over the records."""

from __future__ import annotations

import json
import operator
import re
import threading
from typing import TYPE_CHECKING, Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from geodata.errors import UsageError
from tests.web import sample
from web.ogc.cql import read_json, read_text, rows_of
from web.ogc.cql.comparing import matcher
from web.ogc.cql.reading import LONGEST
from web.ogc.fields import site_fields, station_fields
from web.ogc.references import CRS84
from web.ogc.visible import Collection

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME = sample.stations()
STATIONS = Collection("stations", ("驿站", "Stations"), FRAME, station_fields())
PARKS = Collection("parks", ("园区", "Parks"), sample.parks(), site_fields())
RECORDS: list[dict[str, Any]] = [
    {
        **{k: None if v == "" else v for k, v in row.items()},
        "id": id_,
        "amenities": set(row["amenities"].split(";")) - {""},
        "point": row["geometry"],
    }
    for id_, row in zip(
        FRAME.index, FRAME.astype(object).where(FRAME.notna(), "").to_dict("records"), strict=True
    )
]


def found(text: str, about: Collection = STATIONS, reference: str = CRS84) -> list[str]:
    return [*about.frame.index[rows_of(read_text(text), about, reference)]]


def expected(holds: Callable[[dict[str, Any]], object]) -> list[str]:
    return [each["id"] for each in RECORDS if holds(each) is True]


BOX = shapely.box(102.6, 24.9, 102.8, 25.1)
CASES: dict[str, Callable[[dict[str, Any]], object]] = {
    "kind = 'smart'": lambda r: r["kind"] == "smart",
    "kind='smart' OR kind='mobile' AND capacity > 100": lambda r: r["kind"] == "smart",
    "NOT (kind = 'smart' OR kind = 'mobile')": lambda r: r["kind"] == "standard",
    "NOT kind = 'smart' AND kind <> 'mobile'": lambda r: r["kind"] == "standard",
    "capacity <> 12": lambda _: False,
    "NOT capacity = 13": lambda r: r["capacity"] == 12,
    "capacity IS NULL": lambda r: r["capacity"] is None,
    "phone IS NOT NULL": lambda r: r["phone"] is not None,
    "opening_hours IS NULL OR capacity = 12": lambda r: (
        r["opening_hours"] is None or r["capacity"] == 12
    ),
    "capacity BETWEEN 12 AND 12": lambda r: r["capacity"] == 12,
    "capacity NOT BETWEEN 1 AND 5": lambda r: r["capacity"] == 12,
    "id IN ('S001', 'S002', 'nobody')": lambda r: r["id"] in {"S001", "S002"},
    "id NOT IN ('S001')": lambda r: r["id"] != "S001",
    "name LIKE '测试%0_'": lambda r: bool(re.fullmatch("测试.*0.", r["name"], re.DOTALL)),
    "name LIKE '%驿%1%'": lambda r: bool(re.fullmatch(".*驿.*1.*", r["name"], re.DOTALL)),
    "name NOT LIKE '测试%'": lambda r: not r["name"].startswith("测试"),
    "CASEI(id) = CASEI('s001')": lambda r: r["id"] == "S001",
    "CASEI(id) LIKE CASEI('s-NA%')": lambda r: r["id"] == sample.NASTY_ID,
    "ACCENTI(id) = ACCENTI('S\u0301001')": lambda r: r["id"] == "S001",
    "name > id": lambda r: r["name"] > r["id"],
    "synthetic": lambda _: False,
    "NOT synthetic AND synthetic = FALSE": lambda _: True,
    "capacity * 2 - 4 = 20": lambda r: r["capacity"] == 12,
    "capacity / 0 > 1": lambda _: False,
    "capacity ^ 2 = 144 AND capacity % 5 = 2 AND capacity DIV 5 = 2": lambda r: r["capacity"] == 12,
    "A_CONTAINS(amenities, ('toilet', 'water'))": lambda r: {"toilet", "water"} <= r["amenities"],
    "A_OVERLAPS(amenities, ('toilet', 'water'))": lambda r: bool(
        {"toilet", "water"} & r["amenities"]
    ),
    "A_CONTAINEDBY(amenities, ('toilet', 'water', 'rest'))": lambda r: (
        r["amenities"] <= {"toilet", "water", "rest"}
    ),
    "S_INTERSECTS(geometry, BBOX(102.6,24.9,102.8,25.1))": lambda r: BOX.intersects(r["point"]),
    "S_WITHIN(geometry, POLYGON((102.6 24.9,102.8 24.9,102.8 25.1,102.6 25.1,102.6 24.9)))": (
        lambda r: r["point"].within(BOX)
    ),
    "S_DISJOINT(geometry, BBOX(102.6,24.9,102.8,25.1))": lambda r: BOX.disjoint(r["point"]),
    "S_EQUALS(geometry, POINT(102.7183 25.0389))": lambda r: r["id"] == sample.NASTY_ID,
    "S_INTERSECTS(geometry, BBOX(102.7,-90,-170,90))": lambda r: r["point"].x >= 102.7,
    "TRUE": lambda _: True,
}


@pytest.mark.parametrize("text", CASES)
def test_each_condition(text: str) -> None:
    assert found(text) == expected(CASES[text])


def test_text_and_json_say_the_same() -> None:
    told = {
        "op": "and",
        "args": [
            {"op": "in", "args": [{"property": "kind"}, ["smart", "mobile"]]},
            {"op": "not", "args": [{"op": "isNull", "args": [{"property": "capacity"}]}]},
            {"op": "between", "args": [{"property": "capacity"}, 1, 100]},
            {
                "op": "s_intersects",
                "args": [{"property": "geometry"}, {"bbox": [102, 24, 103, 26]}],
            },
        ],
    }
    rows = rows_of(read_json(json.dumps(told)), STATIONS, CRS84)
    text = (
        "kind IN ('smart','mobile') AND capacity IS NOT NULL AND capacity BETWEEN 1 AND 100"
        " AND S_INTERSECTS(geometry, BBOX(102,24,103,26))"
    )
    assert [*FRAME.index[rows]] == found(text)


@pytest.mark.parametrize("code", [4326, 4490, 3857, 32648, 4522])
def test_shapes_in_other_reference_systems(code: int) -> None:
    way = Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    ring = shapely.segmentize(BOX, 0.001).exterior.coords
    corners = ", ".join(f"{a} {b}" for a, b in (way.transform(x, y) for x, y in ring))
    text = f"S_INTERSECTS(geometry, POLYGON(({corners})))"
    if len(text) > LONGEST:
        ring = shapely.segmentize(BOX, 0.01).exterior.coords
        corners = ", ".join(f"{a:.7f} {b:.7f}" for a, b in (way.transform(x, y) for x, y in ring))
        text = f"S_INTERSECTS(geometry, POLYGON(({corners})))"
    uri = f"http://www.opengis.net/def/crs/EPSG/0/{code}"
    assert found(text, reference=uri) == expected(lambda r: BOX.intersects(r["point"]))


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("S_CONTAINS(geometry, POINT(102.7183 25.0389))", lambda s, o: s.contains(o)),
        ("S_TOUCHES(geometry, POINT(102.7383 25.0389))", lambda s, o: s.touches(o)),
        ("S_CROSSES(geometry, LINESTRING(102.7 25,103 25.2))", lambda s, o: s.crosses(o)),
        (
            "S_OVERLAPS(geometry, POLYGON((102.7183 25,103 25,103 25.05,102.7183 25)))",
            lambda s, o: s.overlaps(o),
        ),
        ("S_WITHIN(POINT(102.7183 25.0389), geometry)", lambda s, o: s.contains(o)),
    ],
)
def test_shapes_of_areas(text: str, predicate: Callable[[Any, Any], bool]) -> None:
    wkt = re.search(r"(?:POINT|LINESTRING|POLYGON)\(.*?\)+(?=[,)])", text)
    assert wkt is not None
    shape = shapely.from_wkt(wkt[0] if wkt[0].count("(") == wkt[0].count(")") else wkt[0][:-1])
    frame = sample.parks()
    assert found(text, PARKS) == [i for i, s in frame.geometry.items() if predicate(s, shape)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind =", "not CQL2 text"),
        ("beauty > 3", "no property 'beauty'"),
        ("name > 3", "a text with a number"),
        ("kind", "no condition"),
        ("A_CONTAINS(name, ('x'))", "is a list"),
        ("amenities = ('toilet', 'rest')", "A_EQUALS"),
        ("S_DWITHIN(geometry, POINT(1 2), 3)", "degrees are no distance"),
        ("S_INTERSECTS(name, POINT(1 2))", "no shape"),
        ("S_INTERSECTS(geometry, POINT(500 2))", "not on Earth"),
        ("S_INTERSECTS(geometry, POLYGON((0 0,1 1,1 0,0 1,0 0)))", "not valid"),
        ("S_INTERSECTS(geometry, geometry)", "a shape"),
        ("T_AFTER(name, DATE('2026-01-01'))", "no date"),
        ("soundex(name) = 'x'", "'soundex'"),
        ("name LIKE 3", "pattern"),
        ("(" * 30 + "kind='smart'" + ")" * 30, "brackets"),
        (" AND ".join(["kind='smart'"] * 250), "parts"),
        (" OR ".join(["name LIKE '%_x_'"] * 11), "at most 10 LIKE"),
        (" OR ".join(["CASEI(name) = ACCENTI(host)"] * 6), "at most 10 LIKE"),
        ("kind = '" + "x" * LONGEST + "'", "characters"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        found(text)


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "null", '{"op":"and"}', '{"op":1,"args":[]}',
    '{"op":"=","args":[{"property":"kind"}]}', '{"op":"in","args":[{"property":"kind"},"smart"]}',
    '{"op":"s_within","args":[{"property":"geometry"},{"type":"Point","coordinates":["a"]}]}',
    '{"op":"s_within","args":[{"property":"geometry"},{"bbox":[1,2,"x",4]}]}',
    '{"op":"between","args":[{"property":"kind"},1,2]}'])  # fmt: skip
def test_json_that_means_nothing(text: str) -> None:
    with pytest.raises(UsageError):
        rows_of(read_json(text), STATIONS, CRS84)


def test_the_deepest_filter_fits_a_small_stack() -> None:
    """Servers' threads have smaller stacks than this one: what is let in must not end them."""
    deep = [
        "(" * 24 + "kind='x'" + ")" * 24,
        "NOT (" * 24 + "kind='x'" + ")" * 24,
        "NOT " * 1_400 + "kind='x'",
        "NOT(CASEI(" * 12 + "kind" + ")='x')" * 12,
        "-" * 5_000 + "1=1",
        "- -" * 100 + "1=1",
        "casei(" * 24 + "kind" + ")" * 24 + "='x'",
        "1" + "+1" * 2_900 + "=1",
        "1" + "+1" * 240 + "=1",
        "(1*-" * 24 + "1" + ")" * 24 + "=1",
        " and ".join(["synthetic or synthetic"] * 240),
    ]
    failed: list[BaseException] = []

    def read() -> None:
        for text in deep:
            try:
                found(text)
            except UsageError:
                pass
            except BaseException as error:  # noqa: BLE001 - whatever it is
                failed.append(error)

    before = threading.stack_size(1024 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert not failed


COMPARED = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">=": operator.ge}
LEAVES = st.one_of(
    st.tuples(st.just("capacity"), st.sampled_from([*COMPARED]), st.integers(10, 14)),
    st.tuples(st.just("kind"), st.sampled_from([*COMPARED]), st.sampled_from(["mobile", "smart"])),
    st.tuples(st.just("phone"), st.sampled_from([*COMPARED]), st.just("0871-65123456")),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.just("NOT"), inner), st.tuples(st.sampled_from(["AND", "OR"]), inner, inner)
    ),
    max_leaves=8,
)


def spelled(tree: Any) -> str:
    match tree:
        case ("NOT", inner):
            return f"NOT ({spelled(inner)})"
        case ("AND" | "OR" as word, left, right):
            return f"({spelled(left)}) {word} ({spelled(right)})"
        case (name, sign, value):
            return f"{name} {sign} {value!r}"
    raise AssertionError(tree)


def truth(tree: Any, record: dict[str, Any]) -> bool | None:
    """Return the truth of a condition in three values, as SQL has it."""
    match tree:
        case ("NOT", inner):
            told = truth(inner, record)
            return None if told is None else not told
        case ("AND" | "OR" as word, left, right):
            both = {truth(left, record), truth(right, record)}
            ends = word == "OR"
            return ends if ends in both else None if None in both else not ends
        case (name, sign, value):
            mine = record[name]
            return None if mine is None else bool(COMPARED[sign](mine, value))
    raise AssertionError(tree)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_conditions_of_conditions(tree: Any) -> None:
    assert found(spelled(tree)) == [each["id"] for each in RECORDS if truth(tree, each)]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab%_\\", max_size=6), st.text(alphabet="ab%_\\", max_size=6))
def test_patterns_are_like_sql_s(pattern: str, text: str) -> None:
    letters = re.findall(r"\\.|.", pattern)
    words = {"%": ".*", "_": "."}
    plain = "".join(
        words.get(each) or re.escape(each[1:] if len(each) > 1 else each) for each in letters
    )
    assert matcher(pattern)(text) == bool(re.fullmatch(plain, text, re.DOTALL))
