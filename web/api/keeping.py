"""Plans an account keeps on the server, and two plans side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from flask import current_app
from pydantic import BaseModel, ConfigDict, Field

from stations.planning.beside import beside
from stations.planning.saving import SavedPlan
from web.api import answers, replies
from web.api.accepts import ACCEPT, Acceptance, result_of, take
from web.api.base import JSON, endpoint, now, register
from web.api.bodies import posted, sent
from web.api.queries import NoQuery
from web.api.seen import seen
from web.auth import Role, caller, require, visible_layer
from web.guard import takes
from web.shelf import Shelf

if TYPE_CHECKING:
    from flask import Response

    from stations.registry import LiveRegistry
    from web.shelf import KeptPlan

KEEPERS = (Role.PLANNER, Role.EDITOR)
LARGEST = 4 * 1024
LARGEST_PAIR = 8 << 20
"""Bytes two plans may have that are compared."""


class ToKeep(BaseModel):
    """Says which plan is kept, and as what."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    job: str = Field(max_length=100, description="The job that found it.")
    name: str = Field(min_length=1, max_length=100)


class Pair(BaseModel):
    """Two plans as files hold them: `plan.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    a: Annotated[dict[str, Any], Field(description="A saved plan.")]
    b: Annotated[dict[str, Any], Field(description="Another.")]


@endpoint("/site/plans", NoQuery, answers.KeptPlans)
def kept_plans(_: NoQuery) -> Response:
    """List the plans the caller keeps, newest first; for planners and editors."""
    return replies.secret({"plans": [_told(each) for each in _shelf().plans()]})


@posted("/site/plans", ToKeep, answers.KeptPlan, 201)
def keep_plan() -> Response:
    """Keep the plan a job of the caller's found, until it is removed.

    It is found again by the same account with the same role and area only.
    """
    shelf = _shelf()
    asked = sent(ToKeep, LARGEST, '{"job": "…", "name": "一期"}')
    content = result_of(asked.job)
    told = orjson.loads(content)
    page = told["page"]
    summary = {name: page[name] for name in ("cost", "before", "after")}
    summary |= {"layer": told["layer"], "title": page["title"], "actions": len(page["actions"])}
    plan = shelf.keep(content, asked.name, now().isoformat(timespec="seconds"), summary)
    answer = replies.fresh(_told(plan))
    answer.status_code = 201
    return answer


@endpoint("/site/plans/<plan_id>", NoQuery, answers.JobResult)
def kept_plan(_: NoQuery, plan_id: str) -> Response:
    """Return a plan the caller keeps, as the job told it; its layer must still be open to it."""
    return replies.secret_bytes(_kept(plan_id), content_type=JSON)


@endpoint("/site/plans/<plan_id>", NoQuery, answers.KeptPlans, method="DELETE")
def remove_plan(_: NoQuery, plan_id: str) -> Response:
    """Keep a plan no longer; what is still kept is told."""
    shelf = _shelf()
    shelf.remove(plan_id)
    return replies.secret({"plans": [_told(each) for each in shelf.plans()]})


@posted("/site/plans/<plan_id>/accept", Acceptance, answers.Accepted, 201)
def accept_kept(plan_id: str) -> Response:
    """Record actions of a kept plan as planned stations, as `POST /site/jobs/{id}/accept` does."""
    require(*ACCEPT)
    return take(lambda: _kept(plan_id))


@posted("/site/compare", Pair, answers.Comparison, 200)
@takes(LARGEST_PAIR)
def compare() -> Response:
    """Set two plans side by side, as `stations site compare` does; both come with the question."""
    asked = sent(Pair, LARGEST_PAIR, '{"a": {…}, "b": {…}}')
    sides = (asked.a, asked.b)
    a, b = (SavedPlan.from_bytes(orjson.dumps(each), f"plan {name}")
            for each, name in zip(sides, "AB", strict=True))  # fmt: skip
    return replies.secret(beside(a, b).as_dict())


def _shelf() -> Shelf:
    require(*KEEPERS)
    live: LiveRegistry = current_app.extensions["stations.register"]
    return Shelf.beside(live.store.files, caller().key)


def _kept(plan_id: str) -> bytes:
    content = _shelf().get(plan_id)
    visible_layer(seen(register()), orjson.loads(content)["layer"], caller())
    return content


def _told(plan: KeptPlan) -> dict[str, Any]:
    return {"id": plan.id, "name": plan.name, "saved_at": plan.at, **plan.told}
