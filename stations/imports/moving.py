"""Where a mobile station stands when: one cell, its positions in the datum of the file's.

``2026-12-01至2026-12-31 周一至周五 08:00-12:00 @102.71,25.04 工地东门``: days, hours, ``@`` and
position, name; of these only the position must be there. Several are parted by ``；`` or a line
break.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geodata import datum
from geodata.files import coordinates
from stations import hours
from stations.days import read_day
from stations.imports.cells import text_value
from stations.imports.positions import GEOGRAPHIC
from stations.places import Place, apart, stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stations.imports.positions import Problem

FIELD = "places"
LONGEST = 20_000
SAME_AS_WGS84 = ("wgs84", "cgcs2000")
_EXAMPLE = "write it like 2026-12-01至2026-12-31 周一至周五 08:00-12:00 @102.71,25.04 工地东门"
_NAME_LENGTH = 200
_ON = r"\d{4}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}\s*日?"
_SHORT = r"\d{1,2}\s*[-./月]\s*\d{1,2}\s*日?"
_TO = r"(?:-|–|—|~|～|至|到|to\b)"
_DAYS = re.compile(
    rf"(?:(?P<from>{_ON})\s*(?:{_TO}\s*(?P<until>{_ON}|{_SHORT})|(?P<onwards>起|onwards\b)"
    rf"|(?P<last>止|为止))?|(?:至|到|截至|until\b)\s*(?P<only>{_ON}))(?=$|[\s,，、:：])"
)
_AT = re.compile(
    r"\s*[(（]?\s*(-?\d[\d.]*)\s*[,，、\s]\s*(-?\d[\d.]*)\s*[)）]?(?=$|[\s,，、:：])(.*)", re.DOTALL
)
_TRIM = " \t,，、:："


class _Said(NamedTuple):
    """A place as a file has it."""

    since: str
    until: str
    hours: str
    x: float
    y: float
    name: str


@dataclass(frozen=True)
class Moving:
    """The places of each row as the register keeps them; "" for none, or where a problem is."""

    cells: list[str]
    problems: list[Problem]


def moving(frame: pd.DataFrame, columns: Mapping[str, str], reference: str) -> Moving:
    """Read and convert the places; ``reference`` is the datum of the file's positions."""
    column = columns.get(FIELD)
    if column is None:
        return Moving([""] * len(frame), [])
    codes, distinct = pd.factorize(frame[column])
    read = [_read(text, reference) for text in distinct]
    cells = [read[code][0] for code in codes.tolist()]
    found = [(row, read[code][1]) for row, code in enumerate(codes.tolist())]
    problems: list[Problem] = [
        (row, column, frame[column].iloc[row], problem) for row, problem in found if problem
    ]
    return Moving(cells, problems)


def _read(text: str, reference: str) -> tuple[str, str]:
    """Return a cell and its problem; one of them is ""."""
    try:
        said = [_checked(each, reference) for each in _said(text)]
        return stored(apart(_converted(said, reference))), ""
    except ValueError as error:
        return "", str(error)


def _said(text: str) -> list[_Said]:
    if len(text) > LONGEST:
        raise ValueError(f"{len(text):,} characters; at most {LONGEST:,}")
    if text.lstrip().startswith("["):
        return [_of_record(record) for record in _records(text)]
    return [_of_text(*parts) for parts in _parts(text)]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each ``@``; ``;`` parts hours too, before one."""
    before: list[str] = []
    for piece in re.split(r"[;；\n]", text.replace("＠", "@")):
        front, at, rest = piece.partition("@")
        if at:
            yield "; ".join([*before, front.strip(_TRIM)]), rest
            before = []
        elif piece.strip():
            before.append(piece.strip())
    if before:
        raise ValueError(f"{before[0].strip()[:80]!r} has no position after an @; {_EXAMPLE}")


def _of_text(front: str, rest: str) -> _Said:
    where = _AT.fullmatch(rest)
    if where is None:
        raise ValueError(f"no position in '@{rest[:60]}'; {_EXAMPLE}")
    (x, y), bad = coordinates.parse_numbers([where[1], where[2]])
    if bad:
        raise ValueError(f"'@{rest[:60]}': {bad[0][1]}")
    days = _DAYS.match(front)
    told = "" if days is None else front[days.end() :].strip(_TRIM)
    since, until = ("", "") if days is None else _span(days)
    name = text_value(where[3].strip(_TRIM), longest=_NAME_LENGTH)
    return _Said(since, until, _hours(front if days is None else told), float(x), float(y), name)


def _span(found: re.Match[str]) -> tuple[str, str]:
    """Return the first and the last day; without its year the last is in the first one's."""
    if found["only"] or found["last"]:
        return "", read_day(found["only"] or found["from"])
    since, until = read_day(found["from"]), found["until"] or ""
    if until and not re.match(r"\d{4}", until):
        until = f"{since[:4]}-{until}"
    last = read_day(re.sub(r"\s", "", until))
    return since, last or ("" if found["onwards"] else since)


def _hours(text: str) -> str:
    """Return the hours as an expression: what is not certain is a fault, not a doubt."""
    if not text:
        return ""
    told = hours.understand(text)
    if isinstance(told, hours.NotUnderstood):
        raise ValueError(f"{text[:60]!r}: {told.reason}; {_EXAMPLE}")  # noqa: TRY004
    if told.calendar != "workdays" and hours.parse(told.expression).by_weekday:
        raise ValueError(f"{text[:60]!r}: what holidays mean is said once, in the column calendar")
    return told.expression


def _records(text: str) -> list[dict[str, Any]]:
    try:
        records = json.loads(text)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise ValueError("begins like JSON, but is no JSON list of objects")
    return records


def _of_record(record: Mapping[str, Any]) -> _Said:
    """Read `stations.places.Place.parse`'s keys; the position is the file's, as written in text."""
    known = {"lon", "lat", "from", "until", "hours", "name", "position_in"}
    words = {key: value for key, value in record.items() if key not in {"lon", "lat"}}
    if record.keys() - known or not all(isinstance(each, str) for each in words.values()):
        raise ValueError(f"a place has lon, lat, from, until, hours and name; {_EXAMPLE}")
    (x, y), bad = coordinates.parse_numbers([str(record.get(key, "")) for key in ("lon", "lat")])
    if bad:
        raise ValueError(f"a place needs lon and lat: {bad[0][1]}")
    since, until = (read_day(words.get(key, "")) for key in ("from", "until"))
    name = text_value(words.get("name", ""), longest=_NAME_LENGTH)
    if re.search("[;；@＠]", name):
        raise ValueError(f"{name[:60]!r}: a place's name is without ; and @")
    return _Said(since, until, _hours(words.get("hours", "")), float(x), float(y), name)


def _checked(said: _Said, reference: str) -> _Said:
    if reference in GEOGRAPHIC:
        for _, problem in coordinates.check_range(np.array([said.x]), np.array([said.y])):
            raise ValueError(problem)
    return said


def _converted(said: Sequence[_Said], reference: str) -> list[Place]:
    x, y = (np.array([getattr(each, axis) for each in said]) for axis in "xy")
    lon, lat = datum.to_wgs84(x, y, reference)
    kept = reference not in SAME_AS_WGS84
    return [
        Place(
            *place,
            since=each.since,
            until=each.until,
            hours=each.hours,
            name=each.name,
            position_in=f"{each.x!r},{each.y!r}" if kept else "",
        )
        for each, place in zip(said, zip(lon.tolist(), lat.tolist(), strict=True), strict=True)
    ]
