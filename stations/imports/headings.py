"""Which column of a file holds which field: by its Chinese or English heading, or as told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.catalogue import catalogue, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

POSITION_FIELDS = ("lon", "lat", "easting", "northing", "position")
SHAPEFILE_NAMES: Mapping[str, str] = {
    "opening_hours": "open_hours",
    "amenity_hours": "amen_hours",
    "access_hours": "door_hours",
    "ebike_parking": "ebike_park",
    "entrance_lon": "door_lon",
    "entrance_lat": "door_lat",
    "position_in": "pos_in",
}
"""Columns of the register → their names in a shapefile, which keeps ten bytes of a name."""


def recognise(
    columns: Sequence[str], fields: Iterable[str], given: Mapping[str, str]
) -> dict[str, str]:
    """Return field → column for every one of ``fields`` the file has.

    ``given`` (field → column, from the caller) goes first; then each field takes the first column
    its headings in the catalogue name, in the catalogue's order of headings. Letter case, spaces
    and what stands in brackets ("经度（°）") make no difference. A column serves one field only.
    An unknown field or column in ``given`` raises `UsageError`.
    """
    fields = list(fields)
    found = _given(columns, fields, given)
    free = {_key(column): column for column in reversed(columns) if column not in found.values()}
    for field in fields:
        if field in found:
            continue
        short = folded(SHAPEFILE_NAMES.get(field, field))
        for heading in (*catalogue().headings[field], short):
            if heading in free:
                found[field] = free.pop(heading)
                break
    return found


def _given(
    columns: Sequence[str], fields: Sequence[str], given: Mapping[str, str]
) -> dict[str, str]:
    for field, column in given.items():
        if field not in fields:
            raise UsageError(f"no field {field[:80]!r}; fields: {', '.join(fields)}")
        if column not in columns:
            raise UsageError(
                f"no column {column[:80]!r} for {field}; the file has: {', '.join(columns)[:400]}"
            )
    return dict(given)


def _key(column: str) -> str:
    return folded(re.sub(r"[(（\[【].*?[)）\]】]", "", column)) or folded(column)
