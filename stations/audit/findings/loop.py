"""The loop: which step leads from which state to which, and where each finding stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.audit.findings.terms import terms
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from typing import Any

STATES = ("open", "assigned", "fixed", "verified", "reopened", "waived", "settled")
LIVE = ("open", "assigned", "reopened")
"""States in which somebody has to mend it."""
PENDING = (*LIVE, "fixed")
"""States in which it is not over."""


class Move(NamedTuple):
    """What a step does."""

    allowed: tuple[str, ...]
    """States it may be taken in."""
    to: str | None
    """The state after it; None: as before."""
    audit: bool = False
    """Whether only the audit takes it."""


STEPS: Mapping[str, Move] = {
    "open": Move((), "open", audit=True),
    "assign": Move(LIVE, "assigned"),
    "fix": Move(("assigned", "reopened"), "fixed"),
    "verify": Move(("fixed",), "verified"),
    "reopen": Move(("fixed", "verified", "waived", "settled"), "reopened"),
    "waive": Move(LIVE, "waived"),
    "settle": Move(PENDING, "settled"),  # a false alarm
    "confirm": Move(LIVE, None),  # somebody was there and saw it
    "back": Move(PENDING, None, audit=True),  # riders' reports say the same
    "gone": Move(PENDING, "verified", audit=True),  # the audit does not see it any more
    "return": Move(("fixed", "verified"), "reopened", audit=True),  # the audit sees it again
    "move": Move(STATES, None, audit=True),  # it is about another record now, by a merger
}
_FINDING_COLUMNS = (
    *("rule", "station", "fact", "severity", "evidence", "proposal", "state", "since", "by", "why"),
    *("assignee", "due", "until", "opened", "overdue"),
)


def day_of(at: datetime) -> date:
    """Return an aware instant's date in Beijing; `UsageError` without a zone."""
    if at.utcoffset() is None:
        raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
    return at.astimezone(ZONE).date()


def refuse_illegal(step: str, finding: int, state: str) -> None:
    """Raise `UsageError`, naming what is allowed, unless the step may be taken in the state."""
    if state in STEPS[step].allowed:
        return
    mine = [name for name, move in STEPS.items() if state in move.allowed and not move.audit]
    raise UsageError(f"finding {finding} is {state}: {step} cannot follow, only {', '.join(mine)}")


def standing(steps: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Return where each finding stood at an aware instant, by the steps frame of a store.

    Indexed by the finding's number. ``rule``, ``severity``, ``evidence``, ``proposal`` as when it
    was opened; ``station`` and ``fact`` as when it was opened or last moved; ``state`` one of
    `STATES`, ``since``, ``by`` and ``why`` of the step that led there; ``assignee`` ("" none),
    ``due`` and ``until`` (ISO dates in Beijing, "" none); ``opened``; ``overdue``: it is to be
    mended, and its day is over. A waiver holds to the end of its ``until``; then its finding is
    reopened, without any step.
    """
    day = day_of(at).isoformat()
    steps = steps[steps["at"] <= at]
    openings = steps[steps["step"] == "open"].set_index("finding")
    frame = openings[["rule", "station", "fact"]].copy()
    moved = _last(steps[(steps["step"] == "move") & (steps["station"] != "")])
    frame.loc[moved.index, ["station", "fact"]] = moved[["station", "fact"]]
    told = [orjson.loads(text) for text in openings["details"]]
    for name in ("severity", "evidence", "proposal"):
        frame[name] = pd.Series([each[name] for each in told], frame.index, dtype="str")
    moves = {name: move.to for name, move in STEPS.items() if move.to}
    last = _last(steps[steps["step"].isin(moves)]).reindex(frame.index)
    frame["state"] = last["step"].map(moves).astype("str")
    frame["since"], frame["by"], frame["why"] = last["at"], last["who"], last["why"]
    frame["assignee"] = _detail(steps[steps["step"] == "assign"], "assignee", frame.index)
    frame["due"] = _detail(steps[steps["step"].isin(_DATED)], "due", frame.index)
    until = _detail(steps[steps["step"] == "waive"], "until", frame.index)
    frame["until"] = until.where(frame["state"] == "waived", "")
    frame["opened"] = openings["at"]
    expired = (frame["until"] != "") & (frame["until"] < day)
    frame["state"] = frame["state"].mask(expired, "reopened")
    frame["overdue"] = frame["state"].isin(LIVE) & (frame["due"] < day)
    return frame[list(_FINDING_COLUMNS)]


_DATED = ("open", "assign", "reopen", "return", "waive")
"""Steps that set a deadline."""


def _last(steps: pd.DataFrame) -> pd.DataFrame:
    return steps.drop_duplicates("finding", keep="last").set_index("finding")


def _detail(steps: pd.DataFrame, name: str, index: pd.Index[Any]) -> pd.Series[str]:
    last = _last(steps)
    told = [orjson.loads(text)[name] for text in last["details"]]
    return pd.Series(told, last.index, dtype="str").reindex(index).fillna("")


def due(severity: str, day: date) -> str:
    """Return the day by which a finding that somebody learns of on ``day`` is to be mended."""
    return (pd.Timestamp(day) + pd.Timedelta(days=terms().days[severity])).date().isoformat()


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows as dicts, by column."""
    names = frame.columns.tolist()
    rows = frame.itertuples(index=False, name=None)
    return [dict(zip(names, row, strict=True)) for row in rows]
