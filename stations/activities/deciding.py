"""Planning an activity, changing it, calling it off, telling how many came: steps to record."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from geodata.errors import Fault, FaultyDataError, UsageError
from stations.activities.kinds import kinds
from stations.hours.clock import ZONE
from stations.store import ActivityStep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stations.activities.reading import Activity

LONGEST = timedelta(days=31)
"""How long an activity may take."""
YEARS = range(2000, 2101)
MOST_CAME = 100_000
LENGTHS = {"title": 100, "place": 200, "holder": 100}
_ONE_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Planned:
    """What is said of an activity when it is planned, and may be changed later."""

    kind: str
    """A code of `kinds`, or another word of it."""
    title: str
    starts: datetime
    """Aware."""
    ends: datetime
    """Aware, after it starts, by `LONGEST` at most."""
    place: str = ""
    holder: str = ""


def planned(
    said: Planned, station: str, *, who: str, at: datetime, key: str, why: str = ""
) -> ActivityStep:
    """Return the step that plans an activity at ``station``; faults raise `FaultyDataError`.

    What is over by ``at`` may be planned too: it is written down afterwards.
    """
    said = _checked(said)
    details = _told(said) | {"state": "planned", "came": None}
    return ActivityStep("plan", at, who, why, details, key, station=station)


def changed(
    activity: Activity, said: Planned, *, who: str, at: datetime, key: str, why: str
) -> ActivityStep:
    """Return the step that says anew what an activity is; one called off stays so."""
    details = _told(_checked(said)) | {"state": activity.state, "came": activity.came}
    if details == _now(activity):
        raise UsageError("nothing is said anew of this activity")
    return _step("change", activity, details, who=who, at=at, key=key, why=_reason(why))


def called_off(activity: Activity, *, who: str, at: datetime, key: str, why: str) -> ActivityStep:
    """Return the step that calls an activity off; one that was held cannot be."""
    if activity.state != "planned":
        raise UsageError(f"only what is planned can be called off; this is {activity.state}")
    details = _now(activity) | {"state": "called_off"}
    return _step("call_off", activity, details, who=who, at=at, key=key, why=_reason(why))


def held(
    activity: Activity, came: int, *, who: str, at: datetime, key: str, why: str = ""
) -> ActivityStep:
    """Return the step that says how many came, after it began; said again it corrects that.

    A correction says why.
    """
    if not 0 <= came <= MOST_CAME:
        raise UsageError(f"came: how many people, 0 to {MOST_CAME:,}, not {came}")
    if at < activity.starts:
        raise UsageError(f"it begins at {_written(activity.starts)} only; nobody came yet")
    if activity.state == "called_off":
        raise UsageError("it was called off; plan it anew if it was held after all")
    if activity.state == "held":
        why = _reason(why)
        if came == activity.came:
            raise UsageError(f"{came} is what is recorded already")
    details = _now(activity) | {"state": "held", "came": came}
    return _step("held", activity, details, who=who, at=at, key=key, why=why)


def _step(
    name: str, activity: Activity, details: dict[str, Any], *, who: str, at: datetime, key: str,
    why: str,
) -> ActivityStep:  # fmt: skip
    return ActivityStep(name, at, who, why.strip(), details, key, activity=activity.number)


def _reason(why: str) -> str:
    if not why.strip():
        raise UsageError("why: say it in a few words; whoever planned to come will ask")
    return why


def _checked(said: Planned) -> Planned:
    """Return it with the kind's code and bare texts."""
    faults = [*_faults(said)]
    if faults:
        raise FaultyDataError(f"{faults[0].field}: {faults[0].problem}", faults)
    texts = {name: getattr(said, name).strip() for name in LENGTHS}
    return replace(said, kind=str(kinds().code(said.kind)), **texts)


def _faults(said: Planned) -> Iterator[Fault]:
    if kinds().code(said.kind) is None:
        yield Fault(None, "kind", said.kind[:80], f"expected one of {kinds().expected()}")
    if not said.title.strip():
        yield Fault(None, "title", "", "say what it is, such as 冬季义诊")
    for name, most in LENGTHS.items():
        text = getattr(said, name)
        if len(text) > most or _ONE_LINE.search(text):
            yield Fault(None, name, text[:80], f"plain text on one line, {most} characters at most")
    if said.starts.utcoffset() is None or said.ends.utcoffset() is None:
        yield Fault(None, "starts", "", "expected times with their zone: 2026-11-25T14:00+08:00")
    elif said.starts.year not in YEARS or said.ends.year not in YEARS:
        yield Fault(None, "starts", "", f"a year from {YEARS[0]} to {YEARS[-1]}")
    elif not timedelta(0) < said.ends - said.starts <= LONGEST:
        problem = f"ends after it starts, and within {LONGEST.days} days"
        yield Fault(None, "ends", _written(said.ends), problem)


def _told(said: Planned) -> dict[str, Any]:
    return asdict(said) | {"starts": _written(said.starts), "ends": _written(said.ends)}


def _now(activity: Activity) -> dict[str, Any]:
    texts = {name: getattr(activity, name) for name in ("kind", "title", "place", "holder")}
    times = {"starts": _written(activity.starts), "ends": _written(activity.ends)}
    return {**texts, **times, "state": activity.state, "came": activity.came}


def _written(moment: datetime) -> str:
    return moment.astimezone(ZONE).isoformat(timespec="minutes")
