"""One piece of evidence (核实): what somebody found at a station, when."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS = ("inspection", "check_in", "report")
ACTS = ("withdrawal", "merger")
"""What is said about other pieces, and about no station: see `stations.trust._acts`."""
WORKED = "worked"
CLOSED = "closed_for_good"
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
"""What somebody found."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MERGED, DESK, VISITED, TAKEN_BACK = OWN_KEYS = ("merged:", "finding:", "visit:", "withdrawn:")
"""How the keys begin of what the program itself writes; nobody who reports chooses such a key."""
AHEAD = timedelta(minutes=5)
"""How far ahead of ours a sender's clock may be."""

EVIDENCE_COLUMNS: Mapping[str, str] = {
    "station": "str",
    "kind": "str",
    "outcome": "str",
    "at": "datetime64[us, UTC]",
    "who": "str",
    "note": "str",
    "key": "str",
}
"""The columns of an evidence frame, one row a piece, and their types."""

_LIMITS = {"station": (1, 200), "who": (0, 100), "note": (0, 500), "key": (1, 100)}
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_REFUSED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but the line feed, marks that turn the reading direction, half characters."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found; nothing is checked here, `checked` is the door."""

    station: str
    """The station's id."""
    kind: str
    """One of `KINDS`, or of `ACTS`. A check-in worked, a report did not, an inspection may say
    either."""
    outcome: str
    """One of `OUTCOMES`; "" of an act."""
    at: datetime
    """When it was found, aware."""
    who: str = ""
    """A name or account; "" anonymous."""
    note: str = ""
    """Plain text, kept as it is: whoever shows it escapes it."""
    key: str = ""
    """The sender's idempotency key. An anonymous sender's own mark: one voice a day."""


def checked(piece: Evidence, now: datetime) -> Evidence:
    """Return the piece as it is to be kept: time in UTC, line ends as line feeds, who trimmed.

    A time up to `AHEAD` after ``now`` (inclusive) becomes ``now``. Everything that is wrong with
    the piece is told in one `UsageError`. Whether the station exists is for the caller to look up.
    """
    if now.tzinfo is None:
        raise UsageError("now must be a time with its zone")
    kept = replace(piece, who=piece.who.strip(), note=piece.note.replace("\r\n", "\n"))
    faults = [*_faulty_words(kept), *_faulty_texts(kept), *_faulty_time(kept.at, now)]
    if faults:
        raise UsageError("; ".join(faults))
    return replace(kept, at=min(kept.at, now).astimezone(UTC))


def _faulty_words(piece: Evidence) -> Iterator[str]:
    if piece.kind in ACTS:
        if piece.outcome:
            yield f"a {piece.kind} has no outcome, not {piece.outcome[:80]!r}"
        return
    if piece.kind not in KINDS:
        yield f"kind {piece.kind[:80]!r} is not one of {', '.join(KINDS)}"
    if piece.outcome not in OUTCOMES:
        yield f"outcome {piece.outcome[:80]!r} is not one of {', '.join(OUTCOMES)}"
    if piece.kind == "check_in" and piece.outcome != WORKED:
        yield "a check_in says worked; send what failed as a report"
    if piece.kind == "report" and piece.outcome == WORKED:
        yield "a report says what failed; send worked as a check_in"
    if piece.kind == "inspection" and not piece.who:
        yield "an inspection names its inspector in who"


def _faulty_texts(piece: Evidence) -> Iterator[str]:
    for name, (least, most) in _LIMITS.items():
        text = getattr(piece, name)
        if not least <= len(text) <= most:
            yield f"{name} must have {least} to {most} characters, not {len(text)}"
        if _REFUSED.search(text) or (name != "note" and "\n" in text):
            yield f"{name} must be plain text without control characters"


def _faulty_time(at: datetime, now: datetime) -> Iterator[str]:
    if at.tzinfo is None:
        yield "at must say its zone, such as 2026-11-24T02:00:00+08:00"
    elif at > now + AHEAD:
        yield f"at is after now ({now.isoformat(timespec='seconds')}): is the clock right?"
    elif at < _EARLIEST:
        yield f"at is before {_EARLIEST.year}: is the clock right?"


def evidence_frame(pieces: Iterable[Evidence]) -> pd.DataFrame:
    """Return the pieces as a frame with `EVIDENCE_COLUMNS`, in the order given."""
    rows = [[getattr(piece, name) for name in EVIDENCE_COLUMNS] for piece in pieces]
    frame = pd.DataFrame(rows, columns=list(EVIDENCE_COLUMNS))
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame.astype(dict(EVIDENCE_COLUMNS))
