"""Amenities that contradict each other, the kind, the door, or the station's hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.audit import week
from stations.audit.ruling import breaches
from stations.catalogue import catalogue
from stations.hours import Posted, State
from stations.store import read_hours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stations.audit.ruling import Context, Rule


def needs_other(context: Context, rule: Rule) -> pd.DataFrame:
    """Find amenities without one they cannot do without.

    ``needs``: amenity → amenities of which one must be there.
    """
    known, masks = catalogue().amenities, context.registry.amenity_masks
    found = []
    for code, others in sorted(rule.settings["needs"].items()):
        has = masks & np.uint64(known.mask([code])) != 0
        lacks = masks & np.uint64(known.mask(others)) == 0
        found += [(row, code, ";".join(others)) for row in np.flatnonzero(has & lacks).tolist()]
    ids = context.registry.stations.index
    return breaches(
        rule,
        [str(ids[row]) for row, *_ in found],
        {"amenity": [code for _, code, _ in found], "needs": [others for *_, others in found]},
    )


def smart_not_always(context: Context, rule: Rule) -> pd.DataFrame:
    """Find stations, smart by the rule's scope, whose hours are known and not round the clock."""
    table = context.registry.timetable
    part = [week.shut_at_times(posted) for posted in table.distinct]
    row = np.flatnonzero(np.array(part, dtype=np.bool_)[table.codes])
    frame = context.registry.stations
    return breaches(
        rule,
        context.ids(row),
        {
            "kind": frame["kind"].iloc[row],
            "hours": [table.distinct[code].expression for code in table.codes[row].tolist()],
        },
    )


def open_door_asks(context: Context, rule: Rule) -> pd.DataFrame:
    """Find doors one just walks through that ask for one of ``asks`` all the same."""
    frame = context.registry.stations
    walk_in = (frame["access"] == "walk_in").to_numpy(dtype=bool)
    codes, texts = pd.factorize(frame["door_asks"])
    asked = [";".join(a for a in text.split(";") if a in rule.settings["asks"]) for text in texts]
    rows = np.flatnonzero(walk_in & np.array([bool(each) for each in asked], dtype=bool)[codes])
    return breaches(
        rule,
        context.ids(rows),
        {"access": frame["access"].iloc[rows], "asks": [asked[code] for code in codes[rows]]},
    )


def truck_bays_without(context: Context, rule: Rule) -> pd.DataFrame:
    """Find places for vehicles where no parking is listed."""
    frame, masks = context.registry.stations, context.registry.amenity_masks
    bays = frame["truck_bays"].fillna(0).to_numpy(dtype=np.int64)
    parking = masks & np.uint64(catalogue().amenities.mask(["parking"])) != 0
    rows = np.flatnonzero((bays > 0) & ~parking)
    return breaches(rule, context.ids(rows), {"truck_bays": bays[rows]})


def own_hours(context: Context, rule: Rule) -> pd.DataFrame:
    """Find hours of amenities that are unreadable, of no listed amenity, or outside the station's.

    Outside is over ``outside_min`` minutes a week at which the amenity is said to be open and the
    station to be closed. What stands out of doors (``outdoors``) may be.
    """
    frame, table = context.registry.stations, context.registry.timetable
    rows = np.flatnonzero((frame["amenity_hours"] != "").to_numpy(dtype=bool))
    posted = [table.distinct[code] for code in table.codes[rows].tolist()]
    cells = frame[["amenity_hours", "amenities"]].iloc[rows].itertuples(index=False)
    known: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    found = []
    for row, cell, station in zip(rows.tolist(), cells, posted, strict=True):
        key = (cell.amenity_hours, cell.amenities, station)
        if key not in known:
            known[key] = list(_contradictions(*key, rule.settings))
        found += [(str(frame.index[row]), each) for each in known[key]]
    names = ("amenity", "its_hours", "station_hours", "problem", "minutes_a_week")
    return breaches(
        rule,
        [station for station, _ in found],
        {name: [each[name] for _, each in found] for name in names},
    )


def _contradictions(
    cell: str, listed: str, station: Posted, settings: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    try:
        own = read_hours(cell)
    except UsageError:
        return
    for amenity, text in sorted(own.items()):
        problem, minutes = _problem(amenity, text, listed.split(";"), station, settings)
        if problem:
            yield {
                "amenity": amenity,
                "its_hours": text,
                "station_hours": station.expression,
                "problem": problem,
                "minutes_a_week": minutes,
            }


def _problem(
    amenity: str, text: str, listed: list[str], station: Posted, settings: Mapping[str, Any]
) -> tuple[str, int]:
    own = week.minutes(Posted(text, station.calendar, place=station.place))
    if amenity not in listed:
        return "not_listed", 0
    if own is None:
        return "unreadable", 0
    whole = week.minutes(station)
    if amenity in settings["outdoors"] or whole is None:
        return "", 0
    opened = own == State.OPEN
    outside = int((opened & (whole == State.CLOSED)).sum())
    if opened.any() and outside == opened.sum():
        return "never_together", outside
    return ("outside", outside) if outside > settings["outside_min"] else ("", 0)
