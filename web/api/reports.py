"""What people found at a station: taken from anybody, part of the next answer.

Nothing is kept but what the sender wrote and the instant it came: no position, no address.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Literal

from flask import current_app, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from geodata.errors import UsageError
from stations.audit import findings as loop
from stations.errors import StoreConflictError
from stations.trust import OWN_KEYS, Evidence, Outcome
from web.api import replies
from web.api.answers import Answer, Said
from web.api.base import now, register
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.records import TRUST_DIGITS
from web.auth import Role, caller, require

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Response

    from stations.registry import LiveRegistry
    from web.limits import Limits

LARGEST_REPORT = 16 * 1024
"""Bytes a report may have."""
EXAMPLE = '{"outcome": "cannot_enter"}'
HEARD_BY = "骑手反映 riders' reports"
"""Who opens the findings that reports amount to."""
TRIES = 3

Kind = Literal["inspection", "check_in", "report"]


class Report(BaseModel):
    """What somebody found. There is no place for a position: none is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome = Field(description="What was found.", examples=["cannot_enter"])
    note: str = Field("", max_length=500, description="Plain text; markup is shown as it is.")
    at: AwareDatetime | None = Field(
        None, description="When it was found, with its zone; default: now."
    )
    key: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="The sender's mark of this report: sent again under it, it counts once. "
        "The header Idempotency-Key does the same.",
    )
    kind: Kind | None = Field(
        None,
        description="Default: check_in if it worked, else report. inspection: by inspectors only.",
    )
    who: str = Field(
        "",
        max_length=100,
        description="For the staff token; an inspector's account signs with its own name.",
    )


class Reported(Answer):
    """What was taken down, and how sure we are of the station now."""

    new: bool = Field(description="False: it had been sent before, and counts once.")
    station: str
    kind: Kind
    outcome: Outcome
    at: str
    key: str
    trust: float = Field(description="Probability that the station is usable as posted.")
    trust_text: Said = Field(description="When that was last confirmed, and by whom.")
    open_reports: int = Field(description="Reports since the last inspection.")


@posted("/stations/<path:station_id>/reports", Report, Reported, 201)
def report(station_id: str) -> Response:
    """Tell that a station worked, or what failed there.

    Anybody may, a few times a minute. The next answer counts it. Sent again under the same key it
    is answered with 200 instead of 201 and adds nothing.
    """
    if caller().role is Role.PUBLIC:
        limits: Limits = current_app.extensions["stations.limits"]
        limits.spend(request.remote_addr)
    sent = read(Report, LARGEST_REPORT, EXAMPLE)
    who = _who(station_id, sent)
    instant = now()
    piece = _piece(station_id, sent, who, instant)
    kept, new = _record(piece, instant)
    return _answer(kept, instant, new=new)


def _who(station_id: str, sent: Report) -> str:
    """Return who is named; inspections and names are for inspectors, in their areas."""
    row = register().position_of(station_id)
    if sent.kind != "inspection" and not sent.who:
        return ""
    asking = require(Role.INSPECTOR, area_code=register().record(row)["area_code"])
    return asking.signature() if asking.is_account else sent.who


def _piece(station_id: str, sent: Report, who: str, instant: datetime) -> Evidence:
    usual = "check_in" if sent.outcome == "worked" else "report"
    return Evidence(
        station=station_id,
        kind=sent.kind or usual,
        outcome=sent.outcome,
        at=sent.at or instant,
        who=who,
        note=sent.note,
        key=_key(sent),
    )


def _key(sent: Report) -> str:
    key = _sent_key(sent)
    if key.startswith(OWN_KEYS):
        raise UsageError(
            f"key begins with {', '.join(OWN_KEYS)} only in what the register itself writes: "
            "send another, such as a UUID"
        )
    return key


def _sent_key(sent: Report) -> str:
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return sent.key or secrets.token_urlsafe(16)
    marked = header.strip().removeprefix('"').removesuffix('"')
    if sent.key not in {None, marked}:
        raise UsageError("key and Idempotency-Key differ: send one of them, or the same")
    return marked


def _record(piece: Evidence, instant: datetime) -> tuple[Evidence, bool]:
    """Put the piece into the store; return what is kept of it, and whether it is new."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    [new] = live.store.add_evidence([piece], received=instant)
    kept = live.store.evidence_with(piece.station, piece.key) or piece
    if _said(kept) != _said(piece):
        raise StoreConflictError(
            "another report about this station was sent under this key; "
            "take a new key for each report"
        )
    if piece.kind != "check_in":  # who found it working says nothing of what others did not
        _hear(piece.station)
    live.refresh()
    return kept, new


def _hear(station: str) -> None:
    """Record what the reports about a station amount to now: at the threshold, a finding.

    A report counts even if this cannot be done at this moment: the next one, or the next update
    of the findings, does it.
    """
    live: LiveRegistry = current_app.extensions["stations.register"]
    for _ in range(TRIES):
        try:
            loop.hear(live.store, who=HEARD_BY, at=now(), stations=[station])
        except (StoreConflictError, UsageError):  # somebody took a step at this moment
            continue
        return


def _said(piece: Evidence) -> tuple[str, ...]:
    note = piece.note.replace("\r\n", "\n")
    return piece.kind, piece.outcome, piece.who.strip(), note


def _answer(piece: Evidence, instant: datetime, *, new: bool) -> Response:
    registry = register()
    [standing] = registry.moment(instant).standings([registry.position_of(piece.station)])
    told: dict[str, Any] = {
        "new": new,
        "station": piece.station,
        "kind": piece.kind,
        "outcome": piece.outcome,
        "at": piece.at.isoformat(),
        "key": piece.key,
        "trust": round(standing.probability, TRUST_DIGITS),
        "trust_text": {"zh": standing.zh, "en": standing.en},
        "open_reports": standing.open_reports,
    }
    answer = replies.fresh(told)
    answer.status_code = 201 if new else 200
    return answer
