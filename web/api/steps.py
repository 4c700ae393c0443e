"""One finding: its steps so far, the steps that may be taken now, and taking them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import ForbiddenError, MissingError, UsageError
from stations.audit import findings as loop
from stations.audit import visits
from stations.audit.joining import joined
from stations.audit.ruling import rulings_frame
from stations.audit.wording import step_title, step_told
from web.api import replies
from web.api.answers.findings import OneFinding
from web.api.audited import live
from web.api.base import endpoint, now, register
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.findings import READERS, told
from web.api.queries import NoQuery
from web.auth import Role, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from flask import Response

    from stations import audit
    from web.auth import Caller

LARGEST = 16 * 1024
MOST_NUMBER = 2**31 - 1
STAFF = "staff"
"""Who the staff token is, if its sender does not say."""
EXAMPLE = '{"step": "assign", "to": "李明", "why": "本周内"}'
Day = date | None
Seen = Literal[
    "",
    "cannot_see",
    "cannot_find",
    "cannot_enter",
    "cannot_use",
    "wrong_hours",
    "missing_amenity",
    "wrong_place",
    "closed_for_good",
]


@dataclass(frozen=True)
class _Takes:
    """What is sent with a step."""

    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()


STEPS: Mapping[str, _Takes] = {
    "assign": _Takes(("to",), ("due", "why")),
    "fix": _Takes(("why",), ("proof",)),
    "verify": _Takes(("why",), ("visited", "alone")),
    "reopen": _Takes(("why",), ("seen",)),
    "waive": _Takes(("why", "until")),
    "settle": _Takes(("why",), ("visited",)),
    "confirm": _Takes(("why", "seen")),
}


class Proof(BaseModel):
    """A photo that shows the mending: one of the station, which was sent before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=200)
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="As it was sent under.")
    bytes: int | None = Field(None, ge=0, le=2**40, description="Not read: it is known here.")


class StepSent(BaseModel):
    """One step to be taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Literal["assign", "fix", "verify", "reopen", "waive", "settle", "confirm"]
    why: str = Field("", max_length=500, description="Plain text; required but for assign.")
    to: str = Field("", max_length=100, description="assign: who is to mend it.")
    due: Day = Field(None, description="assign: by when; default: by severity.")
    until: Day = Field(None, description="waive: the last day, inclusive.")
    seen: Seen = Field("", description="confirm, reopen: what was found on the spot.")
    visited: bool = Field(default=False, description="verify, settle: seen on the spot.")
    alone: bool = Field(
        default=False, description="verify: there is nobody else; who mended it says so."
    )
    proof: Annotated[list[Proof], Field(max_length=20)] = Field(
        default_factory=list, description="fix: what shows it."
    )
    who: str = Field(
        "",
        max_length=100,
        description="For the staff token; an account signs with its own name.",
    )
    after: int | None = Field(
        None,
        description="The number of the newest step the sender knew of: if there is a newer one, "
        "409, and nothing is recorded.",
    )


@endpoint("/findings/<int:number>", NoQuery, OneFinding)
def finding(_: NoQuery, number: int) -> Response:
    """Tell one finding: its evidence, its rule, every step, and the steps the caller may take."""
    return replies.secret(_one(number, require(*READERS)))


@posted("/findings/<int:number>/steps", StepSent, OneFinding, 201)
def take_step(number: int) -> Response:
    """Take a step: assign, fix, verify, reopen, waive, settle, confirm.

    For inspectors, in their jurisdiction. A step the loop does not allow now is answered with 400,
    naming those it does.
    """
    caller = require(Role.INSPECTOR)
    sent = read(StepSent, LARGEST, EXAMPLE)
    _refuse_misplaced(sent)
    standing = loop.standing(_steps(number), now())
    _reached(standing, caller)
    proof = [_shown(each, str(standing["station"].iloc[0])) for each in sent.proof]
    why = sent.why or step_title(sent.step).zh
    by = loop.By(signed(caller, sent.who), now(), why, sent.after or 0)
    _take(number, by, sent, proof)
    live().refresh()
    answer = replies.secret(_one(number, caller))
    answer.status_code = 201
    return answer


def signed(caller: Caller, given: str = "") -> str:
    """Return how a caller stands in the history; who sends the staff token may say who it is."""
    return caller.signature(given or STAFF)


def _refuse_misplaced(sent: StepSent) -> None:
    step = STEPS[sent.step]
    given = {name for name in StepSent.model_fields if getattr(sent, name)} - {
        "step",
        "who",
        "after",
    }
    if missing := sorted(set(step.needs) - given):
        raise UsageError(f"{', '.join(missing)}: required to {sent.step}, as in {EXAMPLE}")
    if strange := sorted(given - {*step.needs, *step.takes}):
        known = ", ".join((*step.needs, *step.takes))
        raise UsageError(f"{', '.join(strange)}: nothing to {sent.step} with; known: {known}")


def _shown(proof: Proof, station: str) -> dict[str, str | int]:
    """Return what is kept of a proof: a photo of the station that is here; else `UsageError`."""
    photos = visits.Photos.beside(live().store.files)
    try:
        photo = photos.photo(proof.sha256)
        photos.read(photo)
    except MissingError:
        photo = None
    homes = set() if photo is None else set(visits.heirs(live().store, register(), photo.stations))
    if photo is None or station not in homes:
        raise UsageError(
            f"proof: {proof.name[:80]} is no photo of this station that is here; send it first, "
            f"PUT /api/v1/photos/{proof.sha256}?station={station}"
        )
    return {"name": proof.name, "sha256": photo.sha256, "bytes": photo.bytes}


def _take(
    number: int, by: loop.By, sent: StepSent, proof: Sequence[Mapping[str, str | int]]
) -> None:
    store = live().store
    match sent.step:
        case "assign":
            loop.assign(store, number, by, assignee=sent.to, until=sent.due)
        case "fix":
            loop.fix(store, number, by, proof=proof)
        case "verify":
            loop.verify(store, number, by, visited=sent.visited, alone=sent.alone)
        case "reopen":
            loop.reopen(store, number, by, seen=sent.seen)
        case "waive":
            loop.waive(store, number, by, until=_day(sent.until))
        case "settle":
            loop.settle(store, number, by, visited=sent.visited)
        case "confirm":
            loop.confirm(store, number, by, seen=sent.seen)


def _day(day: date | None) -> date:
    if day is None:
        raise UsageError("until: required to waive")
    return day


def _steps(number: int) -> pd.DataFrame:
    steps = live().store.steps(min(number, MOST_NUMBER))
    if steps.empty:
        raise MissingError(f"no finding {number}")
    return steps


def _reached(standing: pd.DataFrame, caller: Caller) -> None:
    """Refuse a finding of a station outside the caller's jurisdiction."""
    codes = register().stations["area_code"]
    if not caller.reaches(codes.get(standing["station"].iloc[0], "")):
        raise ForbiddenError("that finding is about a station outside your areas")


def _one(number: int, caller: Caller) -> dict[str, Any]:
    registry, instant, steps = register(), now(), _steps(number)
    standing = loop.standing(steps, instant)
    _reached(standing, caller)
    frame = joined(rulings_frame([]), standing, registry.stations, ())
    [row] = told(frame, registry)
    rule = loop.titles().get(row["rule"])
    return {
        "revision": registry.revision,
        "synthetic": bool(registry.stations["synthetic"].any()),
        "at": instant.isoformat(),
        "finding": row,
        "rule": rule and _rule(rule),
        "steps": _taken(steps),
        "offers": _offers(row["state"], steps, caller),
    }


def _rule(rule: audit.Rule) -> dict[str, Any]:
    words = {name: getattr(rule, name) for name in ("requirement", "fix", "trap")}
    told = {name: {"zh": each.zh, "en": each.en} for name, each in words.items()}
    return {**told, "source": rule.source}


def _taken(steps: pd.DataFrame) -> list[dict[str, Any]]:
    rows = []
    for row, text in zip(loop.steps_told(steps), steps["details"], strict=True):
        details = orjson.loads(text)
        said = step_told(row["step"], details)
        rows.append({**row, "said": {"zh": said.zh, "en": said.en}, "details": details})
    return rows


def _offers(state: str, steps: pd.DataFrame, caller: Caller) -> list[dict[str, Any]]:
    """Return the steps the caller may take now, and what has to be sent with each."""
    if caller.role not in {Role.INSPECTOR, Role.ADMIN}:
        return []
    fixes = steps[steps["step"] == "fix"]
    own = not fixes.empty and fixes["who"].iloc[-1] == signed(caller)
    offers = []
    for name, sent in STEPS.items():
        if state in loop.STEPS[name].allowed:
            title = step_title(name)
            mine = own and name == "verify"
            needs = [*sent.needs, *(["alone"] if mine else [])]
            takes = [each for each in sent.takes if each != "alone"]
            offer = {"step": name, "zh": title.zh, "en": title.en}
            offers.append({**offer, "needs": needs, "takes": takes})
    return offers
