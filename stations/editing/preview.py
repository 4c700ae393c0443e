"""What a file would change, for people to look at before they accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stations.editing.differing import changes
from stations.store import station_records

if TYPE_CHECKING:
    import geopandas as gpd

    from stations.editing.bounds import Reaches
    from stations.imports import Preview

ROWS = 20
"""First records shown."""
CHANGED = 50
"""Changed records shown field by field."""
PLACES = 2_000
"""Positions shown."""
FAULTS = 300
"""Faults, and warnings, shown; the sheet has all."""
ABSENT = 20
_DIGITS = 6


def told(made: Preview, old: gpd.GeoDataFrame, reaches: Reaches) -> dict[str, Any]:
    """Return a preview of stations for JSON: counts, samples, faults, positions.

    ``old`` is the register it was made against. ``absent`` are the stations of one's area the file
    does not name: an import leaves them as they are.
    """
    absent = _absent(made, old, reaches)
    whole = made.as_dict()
    return {
        **{name: whole[name] for name in _SAME},
        "unreadable": len(made.left_out),
        "absent": len(absent),
        "absent_first": absent[:ABSENT],
        "faults": whole["faults"][:FAULTS],
        "faults_total": len(made.faults),
        "warnings": whole["warnings"][:FAULTS],
        "warnings_total": len(made.warnings),
        "first": [_first(record) for record in station_records(made.frame.iloc[:ROWS])],
        "differences": _differences(made, old),
        "places": _places(made),
        "base": made.base,
        "refusal": made.refusal(partial=False),
        "partly": not made.refusal(partial=True),
    }


_SAME = ("rows", "added", "changed", "changed_fields", "unchanged", "columns", "ignored", "datum",
         "datum_by")  # fmt: skip


def _absent(made: Preview, old: gpd.GeoDataFrame, reaches: Reaches) -> list[str]:
    codes = {code: reaches(code) for code in old["area_code"].unique().tolist()}
    mine = old.index[old["area_code"].map(codes).to_numpy(dtype=bool)]
    return sorted(mine.difference(made.frame.index))


def _first(record: dict[str, Any]) -> dict[str, str]:
    names = ("id", "name", "kind", "status", "opening_hours", "area_code")
    return {name: str(record[name]) for name in names} | {
        "position": f"{record['lat']:.{_DIGITS}f}, {record['lon']:.{_DIGITS}f}"
    }


def _differences(made: Preview, old: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    ids = list(made.changed[:CHANGED])
    pairs = zip(station_records(old.loc[ids]), station_records(made.frame.loc[ids]), strict=True)
    return [
        {
            "id": after["id"],
            "name": after["name"],
            "changes": [
                {
                    "field": each.field,
                    **{part: dict(vars(getattr(each, part))) for part in _PARTS},
                }
                for each in changes(before, after)
            ],
        }
        for before, after in pairs
    ]


_PARTS = ("title", "before", "after")


def _places(made: Preview) -> list[list[Any]]:
    """Return longitude, latitude and what would become of it, of as many as are shown."""
    states = dict.fromkeys(made.added, "added") | dict.fromkeys(made.changed, "changed")
    first = sorted(made.frame.index, key=lambda id_: (id_ not in states, id_))[:PLACES]
    frame = made.frame.loc[first]
    points = zip(frame.index, frame.geometry.x, frame.geometry.y, strict=True)
    return [[round(x, _DIGITS), round(y, _DIGITS), states.get(id_, "same")] for id_, x, y in points]
