"""What is so now of every activity, from the steps the store has of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

type State = Literal["planned", "called_off", "held"]


@dataclass(frozen=True)
class Activity:
    """One activity as its last step left it."""

    number: int
    """Of the step that planned it; its name for good."""
    step: int
    """Of its last step: what a change was decided on."""
    changes: int
    """How many steps came after the first: a calendar's ``SEQUENCE``."""
    station: str
    kind: str
    """A code of `kinds`."""
    title: str
    starts: datetime
    """Aware, as is ``ends``, which is later."""
    ends: datetime
    place: str
    """Where at the station, or near it; "" at the station."""
    holder: str
    """Who holds it; "" not told."""
    state: State
    came: int | None
    """How many people; None: not told."""
    planned_at: datetime
    changed_at: datetime
    who: str
    """Of the last step, as is ``why``."""
    why: str


def activities_of(steps: pd.DataFrame, before: Iterable[Activity] = ()) -> list[Activity]:
    """Return the activities that a frame of steps tells of, by number.

    ``before`` is what the steps before these came to. Each step says all that is so from then on.
    """
    found = {each.number: each for each in before}
    for number, row in zip(steps.index.tolist(), steps.to_dict("records"), strict=True):
        known = found.get(row["activity"])
        said = orjson.loads(row["details"])
        at = row["at"].to_pydatetime()
        found[row["activity"]] = Activity(
            number=row["activity"],
            step=number,
            changes=0 if known is None else known.changes + 1,
            station=row["station"] if known is None else known.station,
            kind=said["kind"],
            title=said["title"],
            starts=datetime.fromisoformat(said["starts"]),
            ends=datetime.fromisoformat(said["ends"]),
            place=said["place"],
            holder=said["holder"],
            state=said["state"],
            came=said["came"],
            planned_at=at if known is None else known.planned_at,
            changed_at=at,
            who=row["who"],
            why=row["why"],
        )
    return [found[number] for number in sorted(found)]
