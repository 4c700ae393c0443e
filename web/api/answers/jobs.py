"""Jobs: how far they are."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel

from web.api.answers.base import Answer, Link


class Progress(Answer):
    """How far a job is."""

    stage: str = Field(
        description="reach: pairs of sites and stations; measure: the rest. Of a plan: candidates, "
        "solve (seconds), study."
    )
    done: int
    total: int = Field(description="0: not known.")


class Job(Answer):
    """A question that takes long."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: Progress
    created_at: str
    updated_at: str
    status: int | None = Field(description="Of a failed one: the status it would have had.")
    detail: str | None = Field(description="Why it failed.")
    links: list[Link] = Field(description="self; once it is done also result.")


class JobResult(RootModel[dict[str, Any]]):
    """What the question would have been answered with."""
