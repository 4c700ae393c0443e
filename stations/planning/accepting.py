"""Accepted actions enter the register as planned stations: nothing about today changes.

Every accepted action is one record with the status ``planned``, which no answer counts: a new
station as it will be, or beside a station its copy as the action will leave it (`record_id`). The
station's own record stays as it is until somebody says that the action is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import UsageError
from stations.catalogue import catalogue
from stations.planning.candidates import fingerprint
from stations.planning.kinds import BUILDS
from stations.planning.kits import kits
from stations.schema import STATION_COLUMNS, UNSTATED, WGS84
from stations.store import Changes, changed_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stations.planning.saving import SavedPlan
    from stations.store import Revision, Store

MOST_NAMED = 20
"""Actions a revision's reason names."""


def record_id(action: Mapping[str, Any]) -> str:
    """Return the id of an action's planned record: ``plan-PLACE``, or ``STATION+KIND``."""
    if action["kind"] in BUILDS:
        return f"plan-{action['place']}"
    return "+".join((action["station"], *action["kinds"]))


def accept(
    plan: SavedPlan,
    ids: Sequence[str] | None,
    store: Store,
    *,
    who: str,
    at: datetime,
    why: str = "",
) -> Revision | None:
    """Record actions of a plan (by id; None: all) as planned stations, in one revision.

    None where the register says all of it already. `UsageError`, and nothing recorded, for an id
    the plan has not, a station that is no longer in use, a place that would make public where a
    restricted site is, and an action the register has otherwise: planned differently, or built.
    """
    chosen = _chosen(plan, ids)
    base = store.revision()
    known = store.stations(base)
    synthetic = bool(store.sites(plan.wish.layer, base)["synthetic"].any())
    rows = {record_id(each): _record(each, known, synthetic=synthetic) for each in chosen}
    made = _frame(rows)
    added, changed, _ = changed_rows(made, known[list(made.columns)])
    if len(changed):
        status = catalogue().statuses.terms[str(known.loc[changed[0], "status"])]
        raise UsageError(
            f"the register has {changed[0]} already, {status.zh} {status.code}, and not as this "
            "plan has it; change or remove that record first, or leave the action out"
        )
    if not len(added):
        return None
    named = [f"{each['zh']} {each['name']}（第{each['year']}年）" for each in chosen]
    more = f" 等 {len(named)} 项" if len(named) > MOST_NAMED else ""
    told = why or f"采纳方案：{'、'.join(named[:MOST_NAMED])}{more}"
    changes = Changes(stations=made.loc[added])
    return store.commit(changes, who=who, why=told, at=at, base=base)


def _chosen(plan: SavedPlan, ids: Sequence[str] | None) -> list[Mapping[str, Any]]:
    known = {each["id"]: each for each in plan.actions}
    if not known:
        raise UsageError("the plan has no action to accept")
    for id_ in ids or ():
        if id_ not in known:
            raise UsageError(
                f"the plan has no action {id_[:80]!r}; it has {', '.join(known)[:300]}"
            )
    wanted = set(known if ids is None else ids)
    if not wanted:
        raise UsageError("name the actions to accept, or accept all")
    chosen = [each for id_, each in known.items() if id_ in wanted]
    _refuse_changed(plan, chosen)
    for each in chosen:
        if each["restricted"]:
            raise UsageError(
                f"{each['id']}: its place tells where a restricted site is, and stations are "
                "public; plan with places of your own (--candidates FILE)"
            )
    return chosen


def _refuse_changed(plan: SavedPlan, chosen: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a file in which somebody changed candidates, or where an action is to be."""
    places = plan.candidates
    whole = fingerprint(places) == plan.inputs["candidates"]
    for each in chosen:
        place = each["place"]
        if not place and each["kind"] not in BUILDS:
            continue
        if whole and place in places.index:
            told = places.loc[place]
            point, marked = told.geometry, bool(told.get("restricted", False))
            if (point.x, point.y, marked) == (each["lon"], each["lat"], each["restricted"]):
                continue
        raise UsageError(
            f"{each['id'][:80]}: not at the place the plan was made for; the file has been changed "
            "since it was saved, plan anew"
        )


def _record(
    action: Mapping[str, Any], known: gpd.GeoDataFrame, *, synthetic: bool
) -> dict[str, Any]:
    """Return a row of a stations frame, with ``geometry``: what is to be."""
    told = f"（规划：{action['zh']}，第{action['year']}年）"
    if action["kind"] in BUILDS:
        return _new(action, told) | {"synthetic": synthetic}
    station = action["station"]
    if station not in known.index or known.loc[station, "status"] != "active":
        raise UsageError(f"{station} is no longer a station in use; plan anew")
    row = {**known.loc[station].to_dict(), "status": "planned"}
    row["name"] = f"{row['name']}{told}"
    row["opening_hours"] = action["opening_hours"] or row["opening_hours"]
    row["kind"] = action["station_kind"] or row["kind"]
    if action["kind"] == "move":
        place = {name: _new(action, told)[name] for name in _PLACE}
        row |= {**place, "host": action["host"] or row["host"]}
    elif action["kind"] not in {"merge", "close"}:
        offered = (*row["amenities"].split(";"), *action["amenities"])
        row["amenities"] = ";".join(code for code in catalogue().amenities.terms if code in offered)
    return row


_PLACE = (
    "geometry",
    "area_code",
    "position_in",
    "datum_in",
    "datum_by",
    "entrance_lon",
    "entrance_lat",
    "places",
)
"""What a move changes besides the host."""


def _new(action: Mapping[str, Any], told: str) -> dict[str, Any]:
    kit = kits().get(action["kind"])
    return {
        **UNSTATED,
        "name": f"{action['name']}{told}",
        "kind": action["station_kind"],
        "amenities": ";".join(action["amenities"]),
        "opening_hours": action["opening_hours"],
        "access": kit.access if kit else "",
        "host": action["host"],
        "capacity": pd.NA,
        "area_code": action["area_code"],
        "status": "planned",
        "phone": "",
        "position_in": f"{action['lon']!r},{action['lat']!r}",
        "datum_in": "wgs84",
        "datum_by": "operator",
        "geometry": shapely.Point(action["lon"], action["lat"]),
    }


def _frame(rows: Mapping[str, Mapping[str, Any]]) -> gpd.GeoDataFrame:
    ids = sorted(rows)
    data = {
        name: pd.Series([rows[id_][name] for id_ in ids], dtype=kind)
        for name, kind in STATION_COLUMNS.items()
    }
    frame = pd.DataFrame(data)
    frame.index = pd.Index(ids, dtype="str", name="id")
    return gpd.GeoDataFrame(frame, geometry=[rows[id_]["geometry"] for id_ in ids], crs=WGS84)
