"""The steps people take: assign, fix, verify, reopen, waive, settle, confirm."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from geodata.errors import MissingError, UsageError
from stations.audit.findings.doubts import Doubts
from stations.audit.findings.loop import day_of, due, plain_rows, refuse_illegal, standing
from stations.errors import StoreConflictError
from stations.store import FindingStep
from stations.trust import DESK, OUTCOMES, Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    import pandas as pd

    from stations.store import Store

    type Details = Callable[[pd.Series[Any]], Mapping[str, Any]]

LONGEST_WAIVER = timedelta(days=100 * 366)
_TRIES = 5
"""How often a step is decided on anew because somebody else took one at that moment."""
_WORKED = OUTCOMES[0]


class By(NamedTuple):
    """Who takes a step, when (aware), and why."""

    who: str
    at: datetime
    """The step is recorded then, or with the newest step of any finding if that is later."""
    why: str
    after: int = 0
    """The newest step of the finding they had seen: `StoreConflictError` if there is a newer one.
    0: whatever it is."""


def assign(store: Store, finding: int, by: By, *, assignee: str, until: date | None = None) -> int:
    """Give a finding to somebody to mend by a day, by default as its severity says.

    Every step returns its number and raises `MissingError` for a finding that is not there,
    `UsageError` for one that the loop does not allow now, naming those it does.
    """
    if not assignee.strip():
        raise UsageError("expected the name of whoever is to mend it")
    _refuse_past(until, by)

    def details(row: pd.Series[Any]) -> Mapping[str, str]:
        day = until.isoformat() if until else due(row["severity"], day_of(by.at))
        return {"assignee": assignee.strip(), "due": day}

    return _take(store, finding, "assign", by, details)


def fix(
    store: Store,
    finding: int,
    by: By,
    *,
    proof: Sequence[Path | Mapping[str, str | int]] = (),
) -> int:
    """Say that it is mended: ``by.why`` tells how; of each file of proof the hash is kept.

    A file that is elsewhere is given by its ``name``, ``sha256`` and ``bytes``.
    """
    told = [_proof(each) if isinstance(each, Path) else dict(each) for each in proof]
    return _take(store, finding, "fix", by, lambda _: {"proof": told})


def verify(store: Store, finding: int, by: By, *, visited: bool, alone: bool = False) -> int:
    """Say that the mending holds; ``visited``: seen on the spot, which is an inspection too.

    Nobody verifies their own fix: `UsageError`, unless there is nobody else (``alone``), which the
    step keeps.
    """

    def details(row: pd.Series[Any]) -> Mapping[str, Any]:
        if row["state"] != "fixed" or row["by"].strip() != by.who.strip():
            return {}
        if not alone:
            raise UsageError(
                f"finding {finding} was fixed by {row['by']}: somebody else verifies it, "
                "or whoever has nobody else says so (alone)"
            )
        return {"alone": True}

    return _take(store, finding, "verify", by, details, outcome=_WORKED if visited else "")


def reopen(store: Store, finding: int, by: By, *, seen: str = "") -> int:
    """Say that it is not mended, or not to be left; ``seen``: the outcome found on the spot."""

    def details(row: pd.Series[Any]) -> Mapping[str, str]:
        return {"due": due(row["severity"], day_of(by.at))}

    return _take(store, finding, "reopen", by, details, outcome=_failing(seen))


def waive(store: Store, finding: int, by: By, *, until: date) -> int:
    """Leave it as it is up to a day, inclusive and within `LONGEST_WAIVER`; then it is due anew."""
    _refuse_past(until, by)
    if until - day_of(by.at) > LONGEST_WAIVER:
        raise UsageError(
            f"a waiver ends within {LONGEST_WAIVER.days} days; settle what is no fault at all"
        )

    def details(row: pd.Series[Any]) -> Mapping[str, str]:
        return {"until": until.isoformat(), "due": due(row["severity"], until)}

    return _take(store, finding, "waive", by, details)


def settle(store: Store, finding: int, by: By, *, visited: bool = False) -> int:
    """Say that it was a false alarm: it comes back only if the fact changes."""
    return _take(store, finding, "settle", by, _nothing, outcome=_WORKED if visited else "")


def confirm(store: Store, finding: int, by: By, *, seen: str) -> int:
    """Say what was found on the spot, an outcome of `trust.OUTCOMES` that is not "worked"."""
    if not seen:
        raise UsageError("expected what was found, such as cannot_enter")
    return _take(store, finding, "confirm", by, lambda _: {"seen": seen}, outcome=_failing(seen))


def _nothing(_: pd.Series[Any]) -> Mapping[str, str]:
    return {}


def _take(
    store: Store, finding: int, step: str, by: By, details: Details, *, outcome: str = ""
) -> int:
    for left in reversed(range(_TRIES)):
        base = store.steps_number()
        by = by._replace(at=store.step_time(by.at))
        before = store.steps(finding)
        known = standing(before, by.at)
        if known.empty:
            raise MissingError(f"no finding {finding}")
        _refuse_stale(before, finding, by.after)
        row = known.iloc[0]
        refuse_illegal(step, finding, row["state"])
        made = FindingStep(step, by.at, by.who, by.why, finding, details(row))
        made, seen = Doubts.of(before).with_step(made, plain_rows(known)[0])
        if outcome:
            key = f"{DESK}{finding}:{base + 1}"
            about = (row["station"], "inspection", outcome)
            seen = [*seen, Evidence(*about, by.at, by.who, by.why[:500], key)]
        try:
            [number] = store.add_steps([made], base=base, seen=seen, received=by.at)
        except StoreConflictError:
            if not left:
                raise
        else:
            return number
    raise AssertionError


def _refuse_stale(steps: pd.DataFrame, finding: int, after: int) -> None:
    if after and steps.index[-1] != after:
        raise StoreConflictError(
            f"finding {finding} has a newer step, {steps['step'].iloc[-1]}: look at it again, "
            "then decide"
        )


def _failing(seen: str) -> str:
    if seen and seen not in OUTCOMES[1:]:
        raise UsageError(f"seen {seen[:40]!r} is not one of {', '.join(OUTCOMES[1:])}")
    return seen


def _refuse_past(until: date | None, by: By) -> None:
    if until is not None and until < day_of(by.at):
        raise UsageError(f"expected a day that is not over, not {until.isoformat()}")


def _proof(path: Path) -> dict[str, str | int]:
    with path.open("rb") as file:
        made = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "sha256": made, "bytes": path.stat().st_size}
