"""The closed set of predicates a standard is made of: parameters in the file, no code a rule.

Each looks at the whole register at once and says of every station whether the requirement is met,
broken, or not to be known from what the register holds. What is not recorded is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from stations.audit import week
from stations.audit.quality.listing import covered
from stations.audit.quality.maplist import matches
from stations.audit.verdicts import Seen, Verdict, check_of, verdicts
from stations.catalogue import catalogue
from stations.hours import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray
    from stations.audit.ruling import Check, Column, Context, Rule
    from stations.audit.verdicts import Predicate
    from stations.hours import Posted
    from stations.registry import Registry

DISTRICTS = (1, 20)
"""The last two digits of codes (GB/T 2260) of districts, and of cities under a prefecture."""


def has(context: Context, rule: Rule) -> Seen:
    """Ask for ``all`` of some amenities, and for ``any_least`` (1) of ``any``.

    A record that names amenities is taken to name all it has; one that names none is unknown.
    """
    needed = list(rule.settings.get("all", ()))
    some = list(rule.settings.get("any", ()))
    least = int(rule.settings.get("any_least", 1)) if some else 0
    known, masks = catalogue().amenities, context.registry.amenity_masks
    distinct, code = np.unique(masks, return_inverse=True)
    missing, lacking = [], []
    for mask in distinct.tolist():
        mine = set(known.codes(int(mask)))
        missing.append(";".join(each for each in needed if each not in mine))
        lacking.append(max(least - len(mine.intersection(some)), 0))
    lacks = np.array([bool(each) for each in missing], dtype=np.bool_)
    lacks |= np.array(lacking, dtype=np.int64) > 0
    facts: dict[str, Column] = {"missing": np.array(missing, dtype=object)[code]}
    if some:
        facts["lacking_of_choice"] = np.array(lacking, dtype=object)[code]
        facts["choice"] = np.full(len(masks), ";".join(some), dtype=object)
    return Seen(verdicts(lacks[code], masks == 0), "amenities", facts)


def amenity_count(context: Context, rule: Rule) -> Seen:
    """Ask for ``least`` pieces of an ``amenity``; the register does not count them.

    None at all is a breach; some are enough only if one will do, else unknown.
    """
    amenity, least = str(rule.settings["amenity"]), int(rule.settings["least"])
    masks = context.registry.amenity_masks
    there = masks & np.uint64(catalogue().amenities.mask([amenity])) != 0
    unknown = (masks == 0) | (there & (least > 1))
    facts: dict[str, Column] = {"amenity": [amenity] * len(masks), "found": [0] * len(masks)}
    return Seen(verdicts(~there, unknown), f"{amenity}_count", facts)


def open_hours(context: Context, rule: Rule) -> Seen:
    """Ask for ``least`` open hours in the ordinary week, 168 round the clock.

    Posted hours count, without holidays and closures; hours that nobody can read are unknown.
    """
    opened, unsure = weekly_hours(context.registry)
    least = float(rule.settings["least"])
    unknown = (opened < least) & (opened + unsure >= least)
    table = context.registry.timetable
    posted = np.array([each.expression for each in table.distinct], dtype=object)
    facts = {"hours": posted[table.codes], "weekly_hours": opened.round(1)}
    return Seen(verdicts(opened < least, unknown), "opening_hours", facts)


def weekly_hours(registry: Registry) -> tuple[FloatArray, FloatArray]:
    """Return the hours of the ordinary week each row is open, and those nobody can tell."""
    table = registry.timetable
    told = np.array([_minutes(each) for each in table.distinct], dtype=float).reshape(-1, 2) / 60
    return told[table.codes, 0], told[table.codes, 1]


def _minutes(posted: Posted) -> tuple[int, int]:
    states = week.minutes(posted)
    if states is None:
        return 0, week.WEEK_MIN
    opened, unsure = (int((states == each).sum()) for each in (State.OPEN, State.UNKNOWN))
    return opened, unsure


def count(context: Context, rule: Rule) -> Seen:
    """Ask for ``least`` of a number the register holds: ``field``."""
    name, least = str(rule.settings["field"]), int(rule.settings["least"])
    column = context.registry.stations[name]
    broken = (column < least).fillna(value=False).to_numpy(dtype=bool)
    return Seen(verdicts(broken, column.isna().to_numpy()), name, {name: column.astype(object)})


def spacing(context: Context, rule: Rule) -> Seen:
    """Ask for another station in use at most ``at_most_m`` metres away, straight, inclusive.

    ``where``: everywhere; districts: in those and in cities only, elsewhere a longer way is
    unknown; unrecorded: what the rule is about is not in the register, a longer way is unknown.
    """
    metres, other = context.registry.derived(_next_stations)
    beyond = metres > float(rule.settings["at_most_m"])
    unknown = beyond & ~_decided(context, str(rule.settings["where"]))
    facts = {"next": other, "metres": np.where(np.isfinite(metres), metres.round(1), np.nan)}
    not_known = "dense_area" if rule.settings["where"] == "unrecorded" else "in_town"
    return Seen(verdicts(beyond, unknown), not_known, facts)


def _next_stations(registry: Registry) -> tuple[FloatArray, npt.NDArray[np.object_]]:
    """Return metres to the next station in use and its id; infinite and "" where there is none."""
    size, active = len(registry.stations), registry.active
    found = registry.index.nearest(registry.lon[active], registry.lat[active], 2)
    own = found.rows[:, 0] == np.arange(len(active))
    pick = (np.arange(len(active)), own.astype(np.int64))
    rows = found.rows[pick]
    metres, other = np.full(size, np.inf), np.full(size, "", dtype=object)
    metres[active] = found.metres[pick]
    there = rows >= 0
    ids = registry.stations.index.to_numpy(dtype=object)
    other[active[there]] = ids[active[rows[there]]]
    return metres, other


def _decided(context: Context, where: str) -> BoolArray:
    codes = context.registry.stations["area_code"]
    if where == "districts":
        ending = pd.to_numeric(codes.str.slice(4, 6), errors="coerce")
        inside: BoolArray = ending.between(*DISTRICTS).to_numpy(dtype=bool)
        return inside
    return np.full(len(codes), where == "everywhere", dtype=np.bool_)


def listed(context: Context, rule: Rule) -> Seen:  # noqa: ARG001 - every predicate is asked so
    """Ask that a map platform lists it: by the list the inspector brings, in counties it is of."""
    size = len(context.registry.stations)
    missing = np.ones(size, dtype=np.bool_)
    missing[context.derived(matches).station] = False
    facts = {"name": context.registry.stations["name"].to_numpy(dtype=object)}
    return Seen(verdicts(missing, missing & ~covered(context)), "platform_list", facts)


def recorded(context: Context, rule: Rule) -> Seen:
    """Ask that the register itself says something in each of ``fields``."""
    frame = context.registry.stations
    missing = np.full(len(frame), "", dtype=object)
    for name in rule.settings["fields"]:
        column = frame[name]
        empty = (column.isna() | (column.astype("str").str.strip() == "")).to_numpy(dtype=bool)
        missing[empty] = [f"{each};{name}" if each else name for each in missing[empty]]
    broken = (missing != "").astype(np.bool_)
    return Seen(verdicts(broken, np.zeros_like(broken)), "", {"missing": missing})


def unseen(context: Context, rule: Rule) -> Seen:
    """Ask for ``what`` no register holds: only a visit can tell, so it is unknown of everybody."""
    size = len(context.registry.stations)
    verdict = np.full(size, Verdict.UNKNOWN, dtype=np.uint8)
    return Seen(verdict, ";".join(rule.settings["what"]))


PREDICATES: Mapping[str, Predicate] = {
    each.__name__: each
    for each in (has, amenity_count, open_hours, count, spacing, listed, recorded, unseen)
}
"""Every predicate by the name a rule gives as its ``check``."""
CHECKS: Mapping[str, Check] = {name: check_of(each) for name, each in PREDICATES.items()}
"""The same as checks, for `judge`."""
