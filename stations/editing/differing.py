"""Two records of a station side by side: what differs, field by field, in both languages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stations.audit.ruling import Words
from stations.audit.wording import cell_told
from stations.audit.wording import field_title as _title
from stations.catalogue import catalogue
from stations.places import read_places
from stations.schema import STATION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    type Record = Mapping[str, Any]

TOGETHER: Mapping[str, tuple[str, ...]] = {
    "position": ("lon", "lat", "position_in", "datum_in", "datum_by"),
    "entrance": ("entrance_lon", "entrance_lat"),
}
"""Fields that stand for several columns: these change together."""
_ONE = {column: field for field, columns in TOGETHER.items() for column in columns}
ORDER = tuple(dict.fromkeys(_ONE.get(name, name) for name in ("name", "lon", *STATION_COLUMNS)))
"""Every field, in the order people read them."""


@dataclass(frozen=True)
class Change:
    """One field of a station before and after."""

    field: str
    """One of `ORDER`."""
    title: Words
    before: Words
    """In words; "" nothing was said, or there was no station."""
    after: Words


def columns_of(field: str) -> tuple[str, ...]:
    """Return the columns of a record a field stands for."""
    return TOGETHER.get(field, (field,))


def field_title(field: str) -> Words:
    """Return what a field is called."""
    return _title(field)


def differing(before: Record | None, after: Record | None) -> list[str]:
    """Return the fields that differ; None is a station that is not there."""
    if before is None or after is None:
        known = before or after
        return [] if known is None else [field for field in ORDER if _said(field, known)]
    return [
        field
        for field in ORDER
        if any(before[column] != after[column] for column in columns_of(field))
    ]


def changes(before: Record | None, after: Record | None) -> list[Change]:
    """Return what differs between two records as `stations.store.station_records` has them."""
    return [
        Change(field, field_title(field), _words(field, before), _words(field, after))
        for field in differing(before, after)
    ]


def _said(field: str, record: Record) -> bool:
    return any(record[column] not in (None, "", False, []) for column in columns_of(field))


def _words(field: str, record: Record | None) -> Words:
    if record is None:
        return Words("", "")
    if field in _TOLD:
        return _TOLD[field](record)
    return cell_told(field, record[field])


def _position(record: Record) -> Words:
    text = f"{record['lat']:.6f}, {record['lon']:.6f}"
    if record["datum_in"] in {"", "wgs84"}:
        return Words(text, text)
    datum, came = cell_told("datum_in", record["datum_in"]), record["position_in"]
    return Words(f"{text}（原始 {came}，{datum.zh}）", f"{text} (came as {came}, {datum.en})")


def _entrance(record: Record) -> Words:
    lon, lat = record["entrance_lon"], record["entrance_lat"]
    text = "" if lon is None or lat is None else f"{lat:.6f}, {lon:.6f}"
    return Words(text, text)


def _by_code(field: str, vocabulary: str) -> Callable[[Record], Words]:
    def read(record: Record) -> Words:
        terms = getattr(catalogue(), vocabulary).terms
        pairs = [*json.loads(record[field]).items()] if record[field] else []
        zh = "；".join(f"{terms[code].zh} {hours}" for code, hours in pairs)
        return Words(zh, "; ".join(f"{terms[code].en} {hours}" for code, hours in pairs))

    return read


def _closures(record: Record) -> Words:
    closures = json.loads(record["closures"]) if record["closures"] else []
    told = [(each["from"], each.get("to"), each.get("reason", "")) for each in closures]
    zh = [f"{first}{f'至{last}' if last else '起'} {why}".strip() for first, last, why in told]
    en = [f"{first} {f'to {last}' if last else 'onwards'} {why}".strip()
          for first, last, why in told]  # fmt: skip
    return Words("；".join(zh), "; ".join(en))


def _places(record: Record) -> Words:
    text = "；".join(place.told() for place in read_places(record["places"]))
    return Words(text, text)


def _calendar(record: Record) -> Words:
    term = catalogue().calendars.terms.get(record["calendar"])
    return Words(term.zh, term.en) if term else cell_told("calendar", record["calendar"])


_TOLD: Mapping[str, Callable[[Record], Words]] = {
    "position": _position,
    "entrance": _entrance,
    "amenity_hours": _by_code("amenity_hours", "amenities"),
    "access_hours": _by_code("access_hours", "access"),
    "closures": _closures,
    "places": _places,
    "calendar": _calendar,
}
"""How a field is told that is more than a code or a text."""
