"""Actions of a plan that was made here, put into the register as planned stations."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import orjson
from flask import current_app
from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import MissingError, UsageError
from stations.planning.accepting import accept
from stations.planning.saving import SavedPlan
from web.api import answers, replies
from web.api.base import now, register
from web.api.bodies import posted, sent
from web.auth import Role, caller, require

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from stations.registry import LiveRegistry
    from web.jobs import Jobs

LARGEST = 64 * 1024
"""Bytes a choice of actions may have."""
ACCEPT = (Role.PLANNER, Role.EDITOR)
EXAMPLE = '{"who": "王芳", "actions": ["build_smart:P1:site"]}'


class Acceptance(BaseModel):
    """Says who accepts which actions."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    who: str = Field(
        "", max_length=100, description="For the staff token; an account accepts in its own name."
    )
    why: str = Field("", max_length=500, description="Default: the actions are named.")
    actions: tuple[str, ...] | None = Field(
        None, max_length=1000, description="Ids, as `chosen` has them; default: all."
    )


@posted("/site/jobs/<job_id>/accept", Acceptance, answers.Accepted, 201)
def accept_plan(job_id: str) -> Response:
    """Record actions of a plan as planned stations, in one revision.

    For planners and editors, in their areas.

    Nothing that is in use changes. The plan is the one this job found, as long as its result is
    kept; one that was saved is accepted by `stations site accept`. What the register has already
    is not recorded again (200); what it has otherwise is refused.
    """
    return take(lambda: result_of(job_id))


def take(content: Callable[[], bytes]) -> Response:
    """Accept what the request names of a plan, as a job's result holds it."""
    asking = require(*ACCEPT)
    asked = sent(Acceptance, LARGEST, EXAMPLE)
    live: LiveRegistry = current_app.extensions["stations.register"]
    who = asking.signature(asked.who)
    plan = _plan(content())
    _require_reach(plan, asked.actions)
    made = accept(plan, asked.actions, live.store, who=who, at=now(), why=asked.why)
    live.refresh()
    told = {
        "planned": 0 if made is None else made.summary["stations_added"],
        "revision": None if made is None else made.number,
    }
    answer = replies.fresh(told)
    answer.status_code = 200 if made is None else 201
    return answer


def result_of(job_id: str) -> bytes:
    """Return what the planning job of the caller's came to; `MissingError` if nothing did."""
    jobs: Jobs = current_app.extensions["stations.jobs"]
    kind = jobs.get(job_id, caller().key).kind
    if kind != "site":
        raise UsageError(f"this job is no plan but asks for {kind}")
    found = jobs.result(job_id, caller().key)
    if found is None:
        raise MissingError("this job has no plan; its state says why")
    return found


def _plan(content: bytes) -> SavedPlan:
    packed = orjson.loads(content)["files"]["json"]
    return SavedPlan.from_bytes(base64.b64decode(packed), "the plan")


def _require_reach(plan: SavedPlan, ids: tuple[str, ...] | None) -> None:
    """Refuse actions outside the caller's areas, and at stations that lie outside them."""
    areas = register().stations["area_code"]
    for action in plan.actions:
        if ids is None or action["id"] in ids:
            for code in {action["area_code"], areas.get(action["station"], action["area_code"])}:
                require(*ACCEPT, area_code=code)
