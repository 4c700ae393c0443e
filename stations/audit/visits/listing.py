"""Visits as lists: by station, jurisdiction, day and inspector; what each of them led to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.audit import findings
from stations.audit.findings.loop import plain_rows
from stations.audit.visits.form import title
from stations.audit.visits.pins import is_far
from stations.audit.visits.terms import terms
from stations.trust import heirs_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stations.audit.visits.photos import Photos
    from stations.registry import Registry
    from stations.store import Store


@dataclass(frozen=True)
class Wanted:
    """Which visits; what is empty does not narrow."""

    area: str = ""
    """Leading digits of an area code; of a station that was merged away its heir's counts."""
    station: str = ""
    who: str = ""
    since: datetime | None = None
    """Aware: not those before."""

    def __post_init__(self) -> None:
        """Refuse what is no area and no instant."""
        if self.area and not (self.area.isascii() and self.area.isdecimal()):
            raise UsageError(f"expected leading digits of an area code, not {self.area[:40]!r}")
        if self.since is not None and self.since.utcoffset() is None:
            raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")


def chosen(store: Store, registry: Registry, wanted: Wanted) -> list[int]:
    """Return the numbers of the visits that are wanted, the newest first."""
    marks = store.visit_marks(wanted.station or None, who=wanted.who or None, since=wanted.since)
    if wanted.area:
        codes = homes(store, registry, marks["station"].unique().tolist())["area_code"]
        marks = marks[marks["station"].map(codes).astype("str").str.startswith(wanted.area)]
    ordered = marks.sort_values(["at", "number"], ascending=False, kind="stable")
    return ordered.index.tolist()


def listed(store: Store, registry: Registry, wanted: Wanted) -> pd.DataFrame:
    """Return the visits that are wanted, the newest first, with ``name`` and ``area_code``."""
    return numbered(store, registry, chosen(store, registry, wanted))


def numbered(store: Store, registry: Registry, numbers: Sequence[int]) -> pd.DataFrame:
    """Return visits in the order of their numbers given, with ``name`` and ``area_code``.

    These two are of the record that a station went into where it is no more.
    """
    frame = store.visits(numbers=numbers).reindex(list(numbers))
    about = homes(store, registry, frame["station"].unique().tolist()).reindex(frame["station"])
    return frame.assign(name=about["name"].to_numpy(), area_code=about["area_code"].to_numpy())


def homes(store: Store, registry: Registry, stations: Sequence[str]) -> pd.DataFrame:
    """Return ``name`` and ``area_code`` of stations by id, by their heirs' if they were merged.

    Both are empty for one that is no more and has no heir: only those who are responsible for
    everywhere see it.
    """
    known: pd.DataFrame = registry.stations[["name", "area_code"]]
    at = known.reindex(heirs(store, registry, stations))
    return at.fillna("").set_axis(pd.Index(list(stations), dtype="str"))


def heirs(store: Store, registry: Registry, stations: Sequence[str]) -> list[str]:
    """Return for each station the id it goes on under: its own, or its heir's if it was merged."""
    held = registry.stations.index
    gone = [each for each in stations if each not in held]
    went = heirs_in(store.mergers(), held) if gone else {}
    return [went[each][0] if each in gone and each in went else each for each in stations]


def records(
    store: Store, registry: Registry, found: pd.DataFrame, photos: Photos | None = None
) -> list[dict[str, Any]]:
    """Return listed visits as JSON has them, with the steps of findings each led to."""
    steps = _steps(store, found)
    rows = zip(found.index.tolist(), plain_rows(found), strict=True)
    return [_record(number, row, steps[number], registry, photos) for number, row in rows]


def _steps(store: Store, found: pd.DataFrame) -> defaultdict[int, list[dict[str, Any]]]:
    taken: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    if found.empty:
        return taken
    steps = store.steps(stations=found["station"].unique().tolist())
    about = steps[steps["step"] == "open"].set_index("finding")
    marked = steps[steps["details"].str.contains('"visit"', regex=False)]
    for row in plain_rows(marked):
        details, number = orjson.loads(row["details"]), row["finding"]
        if "visit" not in details:
            continue  # something else is called so
        opened = about.loc[number]
        moved, mine = findings.STEPS.get(row["step"]), taken[details["visit"]]
        if row["step"] == "back" and any(each["number"] == number for each in mine):
            continue  # the visit's own word, joined to the finding it opened itself
        mine.append(
            {
                "number": number,
                "step": row["step"],
                "state": moved.to if moved and moved.to else None,
                "rule": opened["rule"],
                "severity": orjson.loads(opened["details"])["severity"],
                "title": title(opened["rule"]),
            }
        )
    return taken


def _record(
    number: int,
    row: Mapping[str, Any],
    steps: list[dict[str, Any]],
    registry: Registry,
    photos: Photos | None,
) -> dict[str, Any]:
    told = orjson.loads(row["told"])
    placed = not pd.isna(row["lon"])
    accuracy = None if pd.isna(row["accuracy_m"]) else row["accuracy_m"]
    away = None if pd.isna(row["distance_m"]) else round(row["distance_m"], 1)
    place = {"lon": row["lon"], "lat": row["lat"], "accuracy_m": accuracy} if placed else None
    return {
        "visit": number,
        **{name: row[name] for name in ("station", "name", "key", "who", "form", "outcome")},
        **{name: row[name].isoformat() for name in ("at", "received")},
        "standard": told["standard"],
        "position": place,
        "distance_m": away,
        "far": is_far(away, accuracy),
        "answers": _answers(orjson.loads(row["answers"]), told["asked"]),
        "unread": told["unread"],
        "note": row["note"],
        "photos": _photos(orjson.loads(row["photos"]), row["station"], registry, photos),
        "findings": steps,
        "left": [
            {"number": int(name), "zh": terms().left[why].zh, "en": terms().left[why].en}
            for name, why in told["left"].items()
        ],
    }


def _answers(answers: Mapping[str, Any], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return answers under the words they were given to, or bare if no words are known."""
    blank = {"words": {"zh": "", "en": ""}, "said": None}
    rows = ((name, value, asked.get(name, blank)) for name, value in answers.items())
    return [
        {"id": name, **known["words"], "value": value, "said": known["said"]}
        for name, value, known in rows
    ]


def _photos(
    named: list[dict[str, Any]], station: str, registry: Registry, photos: Photos | None
) -> list[dict[str, Any]]:
    """Tell of each photo what the visit holds; of one that came later, what its file says."""
    rows = []
    for each in named:
        known = {**_UNSEEN, **each}
        if not known["here"] and photos is not None and station in registry.stations.index:
            known |= photos.told(each["sha256"], registry.station(station))
        rows.append(known)
    return rows


_UNSEEN = {
    "here": False,
    "kept": None,
    "gps": None,
    "camera_time": None,
    "distance_m": None,
    "far": False,
}


def sheet(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return records as a sheet, with headings people read."""
    columns = {
        "核查编号 visit": [row["visit"] for row in rows],
        "驿站编号 station": [row["station"] for row in rows],
        "名称 name": [row["name"] for row in rows],
        "核查时间 at": [row["at"] for row in rows],
        "核查人 who": [row["who"] for row in rows],
        "结果 outcome": [row["outcome"] for row in rows],
        "距标注（米） metres": [row["distance_m"] for row in rows],
        "过远 far": ["是 yes" if row["far"] else "" for row in rows],
        "问题 findings": [
            "; ".join(f"{each['number']} {each['step']}" for each in row["findings"])
            for row in rows
        ],
        "照片 photos": [len(row["photos"]) for row in rows],
        "备注 note": [row["note"] for row in rows],
    }
    return pd.DataFrame(columns)


def photos_named(store: Store) -> set[str]:
    """Return the SHA-256, as sent, of every photo of a visit and every file that proves a fix."""
    steps = store.steps()
    fixes = steps.loc[steps["step"] == "fix", "details"].tolist()
    named = [orjson.loads(text) for text in store.visits()["photos"].tolist()]
    named += [orjson.loads(text).get("proof", []) for text in fixes]
    return {each["sha256"] for files in named for each in files}
