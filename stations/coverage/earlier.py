"""Which revision of the register is meant by a number, a day or an instant."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from geodata.errors import UsageError
from stations.errors import RevisionMissingError
from stations.hours.clock import ZONE, aware

if TYPE_CHECKING:
    from stations.store import Revision, Store

_DIGITS = 18


def revision_before(store: Store, text: str, *, now: datetime) -> Revision:
    """Return the revision that ``text`` means: its number, or the last one by a day or an instant.

    A bare day is meant to its end; without a zone it is Beijing time. `UsageError` for what is
    neither, and for what is later than ``now``, aware; `RevisionMissingError` for a number or a
    time without a revision.
    """
    asked = text.strip()
    number = int(asked[:_DIGITS]) if asked.isdecimal() else store.revision_at(_moment(asked, now))
    made = {each.number: each for each in store.revisions()}
    if number not in made:
        newest = max(made, default=0)
        first = f"; the first is of {made[1].at.astimezone(ZONE):%Y-%m-%d %H:%M}" if made else ""
        raise RevisionMissingError(f"no revision {text[:40]!r}; the newest is {newest}{first}")
    return made[number]


def _moment(text: str, now: datetime) -> datetime:
    moment = _read(text)
    if moment > now:
        raise UsageError(
            f"since is a time gone by, and {text[:40]!r} is later than now, "
            f"{now.astimezone(ZONE):%Y-%m-%d %H:%M} in Beijing"
        )
    if moment.time() == time.min and not set("T ") & set(text):
        return moment + timedelta(days=1, microseconds=-1)
    return moment


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else aware(moment)
    except (ValueError, OverflowError):
        raise UsageError(
            "since takes a revision's number, a day or an instant such as 2026-06-30T00:00, "
            f"not {text[:40]!r}"
        ) from None
