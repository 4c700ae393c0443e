"""Positions in another datum than they say: what is proposed, and correcting them, by an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import orjson
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import MissingError, UsageError
from stations.audit.findings.loop import plain_rows
from stations.audit.joining import pending
from stations.audit.quality.correcting import correct
from stations.audit.wording import cell_told, evidence_told
from web.api import replies
from web.api.answers.merges import Changed, Datums
from web.api.audited import audited, everything, live
from web.api.base import endpoint, now, register
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.findings import READERS
from web.api.merges import STANDARD, may, may_change, recorded
from web.api.queries import Count, Query
from web.api.steps import signed
from web.auth import Role, require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask import Response

    from stations.registry import Registry
    from web.auth import Caller

UPLOAD, RECORD = "datum.upload", "datum.record"
LARGEST = 48 * 1024
EXAMPLE = '{"stations": ["YN530102-0001"], "datum": "gcj02", "why": "高德坐标"}'


class DatumsQuery(Query):
    """Asks for records in another datum."""

    limit: Count = Field(500, ge=1, le=5_000, description="How many records.")


class DatumSent(BaseModel):
    """Records to be read in another datum."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stations: list[str] = Field(
        default_factory=list, max_length=2_000, description="Ids of records."
    )
    upload: str = Field(
        "", max_length=200, description="Or an upload: all its records that behave like `datum`."
    )
    datum: Literal["wgs84", "gcj02", "bd09"] = Field(description="What the pairs really are in.")
    why: str = Field(min_length=1, max_length=500, description="Plain text.")
    who: str = Field("", max_length=100, description="For the staff token.")
    base: int | None = Field(
        None, description="The revision that was looked at; 409 if the register has moved on."
    )


@endpoint("/audit/datum", DatumsQuery, Datums)
def datums(query: DatumsQuery) -> Response:
    """List uploads and records that behave like another datum, with the correction in metres.

    Nothing is applied by itself: `POST /audit/datum` does it. For inspectors and editors, in their
    jurisdiction.
    """
    caller = require(*READERS)
    registry, instant = register(), now()
    slips = [_slip(registry, row, caller) for row in _slipped(registry, caller, instant)]
    return replies.secret(
        {
            "revision": registry.revision,
            "synthetic": bool(registry.stations["synthetic"].any()),
            "uploads": _uploads(registry, caller, instant),
            "total": len(slips),
            "records": slips[: query.limit],
        }
    )


@posted("/audit/datum", DatumSent, Changed, 201)
def correct_datum() -> Response:
    """Read the recorded pairs of some stations in another datum, as one revision.

    For editors, if all of them are in their jurisdiction. The pair as it came stays on record.
    """
    caller = require(Role.EDITOR)
    sent = read(DatumSent, LARGEST, EXAMPLE)
    registry, instant = live().refresh(), now()
    ids = _meant(registry, sent, instant)
    may_change(registry, ids, caller)
    base = registry.revision if sent.base is None else sent.base
    store = live().store
    made = correct(
        store, ids, sent.datum, who=signed(caller, sent.who), at=instant, why=sent.why, base=base
    )
    live().refresh()
    answer = replies.secret({"revision": made.number, "stations": ids, "why": made.why})
    answer.status_code = 201
    return answer


def _meant(registry: Registry, sent: DatumSent, instant: datetime) -> list[str]:
    if bool(sent.stations) == bool(sent.upload):
        raise UsageError("send stations or upload, one of the two")
    if sent.stations:
        return sorted(set(sent.stations))
    slips = _of_upload(registry, instant).get((sent.upload, sent.datum), [])
    if not slips:
        raise MissingError(
            f"no record of an upload {sent.upload!r} behaves like {sent.datum} today"
        )
    return sorted(slips)


def _of_upload(registry: Registry, instant: datetime) -> dict[tuple[str, str], list[str]]:
    """Return upload and datum → ids of its records that behave so."""
    breaches = audited(registry, STANDARD, instant).breaches()
    found: dict[tuple[str, str], list[str]] = {}
    mine = breaches[breaches["rule"] == UPLOAD]
    for station, text in zip(mine["station"], mine["evidence"], strict=True):
        seen = orjson.loads(text)
        found.setdefault((seen["upload"], seen["behaves_like"]), []).append(station)
    return found


def _uploads(registry: Registry, caller: Caller, instant: datetime) -> list[dict[str, Any]]:
    frame = audited(registry, STANDARD, instant).datums
    codes, slips = registry.stations["area_code"], _of_upload(registry, instant)
    told = []
    for row in frame[frame["behaves_like"] != ""].to_dict("records"):
        ids = slips.get((row["upload"], row["behaves_like"]), [])
        reached = [caller.reaches(codes[each]) for each in ids]
        if not any(reached):
            continue
        names = ("upload", "declared", "behaves_like")
        counts = ("records", "speaking", "pro", "contra")
        said = {name: dict(vars(cell_told("datum_in", row[name]))) for name in names[1:]}
        told.append(
            {name: row[name] for name in names}
            | {name: int(row[name]) for name in counts}
            | {
                "said": said,
                "log10_odds": float(row["log10_odds"]),
                "metres": None if pd.isna(row["metres"]) else float(row["metres"]),
                "stations": sorted(ids),
                "mine": may(caller) and all(reached),
            }
        )
    return told


def _slipped(registry: Registry, caller: Caller, instant: datetime) -> list[dict[str, Any]]:
    frame = pending(everything(registry, STANDARD, instant))
    mine = frame["rule"].isin([UPLOAD, RECORD]) & frame["seen"].fillna(value=False)
    return [row for row in plain_rows(frame[mine]) if caller.reaches(row["area_code"])]


def _slip(registry: Registry, row: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    seen, proposal = orjson.loads(row["evidence"]), orjson.loads(row["proposal"])
    at = registry.position_of(row["station"])
    return {
        **{name: row[name] for name in ("station", "name", "area_code", "rule", "fact")},
        "upload": seen.get("upload"),
        **{name: seen[name] for name in ("declared", "behaves_like", "metres", "log10_odds")},
        "lon": float(registry.lon[at]),
        "lat": float(registry.lat[at]),
        "to_lon": proposal["lon"],
        "to_lat": proposal["lat"],
        "told": evidence_told(seen),
        **recorded(row),
        "mine": may(caller),
    }
