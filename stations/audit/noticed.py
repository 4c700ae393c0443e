"""Hours in somebody's words, as the record of a station would have them."""

from __future__ import annotations

from stations.hours import NotUnderstood, understand


def record_of(text: str) -> dict[str, str] | None:
    """Return the fields that say what the words mean; None where there is a doubt.

    ``calendar`` is among them where the words ask for one: without it ``Mo-Fr`` means other days.
    """
    meant = understand(text)
    if isinstance(meant, NotUnderstood):
        return None
    told = {"opening_hours": meant.expression}
    return told if meant.calendar == "workdays" else told | {"calendar": meant.calendar}
