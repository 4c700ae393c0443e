"""What people found at a station: taken from anybody, part of the next answer.

Nothing is kept but what the sender wrote and the instant it came: no position, no address.
"""

from __future__ import annotations

import secrets
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

from flask import current_app, g, request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from geodata.errors import ForbiddenError, UsageError
from stations.errors import StoreConflictError
from stations.trust import Evidence
from web.api import replies
from web.api.answers import Answer, Said
from web.api.base import JSON, blueprint, now, register
from web.api.records import TRUST_DIGITS
from web.auth import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Response
    from pydantic_core import ErrorDetails

    from stations.registry import LiveRegistry
    from web.limits import Limits

LARGEST_REPORT = 16 * 1024
"""Bytes a report may have."""

Kind = Literal["inspection", "check_in", "report"]
Outcome = Literal[
    "worked",
    "cannot_see",
    "cannot_find",
    "cannot_enter",
    "cannot_use",
    "wrong_hours",
    "missing_amenity",
    "wrong_place",
    "closed_for_good",
]


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
        description="Default: check_in if it worked, else report. inspection: staff only.",
    )
    who: str = Field("", max_length=100, description="Staff only; an inspection names its maker.")


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


def _posted(rule: str) -> Callable[[Callable[[str], Response]], Callable[[str], Response]]:
    """Serve a view at ``rule``; as in `web.api.base.endpoint`, APIFlask only documents it."""

    def decorate(view: Callable[[str], Response]) -> Callable[[str], Response]:
        described = blueprint.output(Reported, status_code=201, content_type=JSON)(view)
        described = blueprint.input(Report, location="json")(described)

        @wraps(described)
        def run(station_id: str) -> Response:
            return view(station_id)

        blueprint.post(rule)(run)
        return run

    return decorate


@_posted("/stations/<path:station_id>/reports")
def report(station_id: str) -> Response:
    """Tell that a station worked, or what failed there.

    Anybody may, a few times a minute. The next answer counts it. Sent again under the same key it
    is answered with 200 instead of 201 and adds nothing.
    """
    if g.role is not Role.STAFF:
        limits: Limits = current_app.extensions["stations.limits"]
        limits.spend(request.remote_addr)
    sent = _read()
    _refuse_unless_allowed(sent)
    register().position_of(station_id)
    instant = now()
    piece = _piece(station_id, sent, instant)
    kept, new = _record(piece, instant)
    return _answer(kept, instant, new=new)


def _read() -> Report:
    """Read the request's body; faults raise one `UsageError` that names each."""
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send JSON, with Content-Type: {JSON}.")
    try:
        return Report.model_validate_json(_body())
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise UsageError("; ".join(map(_fault, faults[:10]))) from None


def _body() -> bytes:
    """Return the body; of one that does not tell its length, no more than needed is read."""
    request.max_content_length = LARGEST_REPORT + 1
    told = request.content_length or 0
    body = request.get_data() if told <= LARGEST_REPORT else b""
    if max(told, len(body)) > LARGEST_REPORT:
        raise RequestEntityTooLarge(f"A report has at most {LARGEST_REPORT} bytes.")
    return body


def _fault(error: ErrorDetails) -> str:
    name = ".".join(str(part) for part in error["loc"])[:80]
    match error["type"]:
        case "json_invalid" | "model_type":
            return 'expected a JSON object such as {"outcome": "cannot_enter"}'
        case "extra_forbidden":
            return f"{name}: not a field here; known: {', '.join(Report.model_fields)}"
        case "missing":
            return f'{name}: required, for example "cannot_enter"'
        case _:
            return f"{name}: {error['msg'].lower()}"


def _refuse_unless_allowed(sent: Report) -> None:
    if g.role is not Role.STAFF and (sent.kind == "inspection" or sent.who):
        raise ForbiddenError(
            "inspections and names are for staff: send Authorization: Bearer and the token, "
            "or leave kind and who out"
        )


def _piece(station_id: str, sent: Report, instant: datetime) -> Evidence:
    usual = "check_in" if sent.outcome == "worked" else "report"
    return Evidence(
        station=station_id,
        kind=sent.kind or usual,
        outcome=sent.outcome,
        at=sent.at or instant,
        who=sent.who,
        note=sent.note,
        key=_key(sent),
    )


def _key(sent: Report) -> str:
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
    live.refresh()
    return kept, new


def _said(piece: Evidence) -> tuple[str, ...]:
    note = piece.note.replace("\r\n", "\n")
    return piece.kind, piece.outcome, piece.who.strip(), note


def _answer(piece: Evidence, instant: datetime, *, new: bool) -> Response:
    registry = register()
    standing = registry.standing(registry.position_of(piece.station), instant)
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
