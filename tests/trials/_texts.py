"""Readers of texts: hours, positions, limits, days, changes supposed, filters, settings, cells."""

from __future__ import annotations

import json
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
from tests.trials._examples import (
    ASKED_HOURS,
    CELLS,
    CLOSURES,
    CQL_PIECES,
    HOUR_PIECES,
    HOURS,
    JSON_WORDS,
    PLACE_PIECES,
    PLACES,
    SOME_HOURS,
    STANDS,
    WHAT_IFS,
    WORD_PIECES,
    WORDS,
)
from tests.trials._inputs import json_bytes, real_lines, texts
from tests.trials._watch import Target
from tests.web.test_ogc_filter import CASES, PARKS, STATIONS
from web.api import reading
from web.limits import parse_limits
from web.ogc import moments, references
from web.ogc.cql import read_json, read_text, rows_of
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - Beijing wall time, as the hours are asked


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
    document = read_json(_told(content))
    for about in (STATIONS, PARKS):
        rows_of(document, about, references.CRS84)


def _moment(text: str) -> None:
    moments.days_of(text, "datetime")


def _told(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _cell_json(name: str, content: bytes) -> None:
    CHECKS[name](_told(content))


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


def _json_filters() -> list[Any]:
    return [read_text(text) for text in CASES]


def _text(
    name: str,
    seeds: Sequence[str],
    words: Sequence[str],
    read: Callable[[str], object],
    share: int = 1,
) -> Target:
    return Target(name, texts(seeds, words), read, share, lambda: seeds, words)


def _json(
    name: str, seeds: Sequence[Any], read: Callable[[bytes], object], share: int = 1
) -> Target:
    written = [json.dumps(each, ensure_ascii=False).encode() for each in seeds]
    return Target(name, json_bytes(seeds), read, share, lambda: written, JSON_WORDS)


def targets() -> list[Target]:
    """Return the readers of texts."""
    return [*_of_hours(), *_of_places(), *_of_questions(), *_of_cells()]


def _of_hours() -> list[Target]:
    seen = partial(real_lines, "opening_hours/oh_rs_sample.txt")
    return [
        Target(
            "hours: expressions",
            texts(HOURS, HOUR_PIECES),
            _hours,
            3,
            lambda: (*HOURS, *seen()),
            HOUR_PIECES,
        ),
        _text("hours: words", WORDS, WORD_PIECES, understand, 3),
        _text("hours: of a question", ASKED_HOURS, HOUR_PIECES, parse_hours),
        _text("what if", WHAT_IFS, (*HOUR_PIECES, "shut", "road:"), reading.what_if, 2),
        _text(
            "days and instants",
            ("2026-05-01", "2026年5月1日", "2026-11-24T02:00+08:00", "../2026-11-30"),
            ("T", "Z", "-", "/", "..", "W1"),
            _each(days.read_day, days.checked_day, reading.instant, _moment),
        ),
    ]


def _of_places() -> list[Target]:
    datums = ("gcj02", "EPSG:4547", "CGCS2000 / 3-degree", "+proj=utm +zone=48",
              "urn:ogc:def:crs:EPSG::4490")  # fmt: skip
    datum_words = ("EPSG:", "+proj=", "longlat", "4326", "GCJ")
    either = _each(_datum, lambda text: references.reference(text, "crs"))
    return [
        _text("positions", PLACES, PLACE_PIECES, _pairs, 3),
        _text("datums", datums, datum_words, either),
        _text("limits", ("1000m", "1.5km", "10min"), ("m", "km", "min", ".", "0"), parse_within),
    ]


def _of_questions() -> list[Target]:
    asked = ("toilet,charging", "饮水、充电", "102,24,103,26", "walk_in,qr_code", "day_shift")
    readers = _each(
        reading.needs, reading.kind, reading.status, reading.access, reading.bbox, reading.profile,
        reading.layers, catalogue().amenities.parse,
    )  # fmt: skip
    tags = ("landuse=construction", "amenity=toilets,shop", "a=b&c!=d")
    rates = ("10 per minute; 100 per day",)
    return [
        _text("needs, kinds, boxes", asked, (",", "厕所"), readers),
        _text("tags of OpenStreetMap", tags, ("=", "!", "*", "&"), parse_filter),
        _text("rates", rates, ("per", ";", "1/", "second"), parse_limits),
        _text("CQL2 text", tuple(CASES), CQL_PIECES, _filter, 4),
        _json("CQL2 JSON", _json_filters(), _filter_json, 4),
        Target("settings", _settings(), _set, 2),
    ]


def _of_cells() -> list[Target]:
    cells = {"places": STANDS, "amenity_hours": SOME_HOURS,
             "access_hours": {"qr_code": "20:00-08:00"}, "closures": CLOSURES}  # fmt: skip
    return [
        Target("cells of a table", _rows(), _cells, 3),
        *(_json(f"JSON cells: {name}", [seed], partial(_cell_json, name))
          for name, seed in cells.items()),
        _json("JSON cells: places read", [STANDS], lambda content: read_places(_told(content))),
    ]  # fmt: skip
