"""What people say about stations, beside the register: evidence, findings, visits, activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from stations.store._activities import (
    activities_number,
    activity_frame,
    add_activity_step,
    read_activities,
    read_activities_before,
)
from stations.store._chain import extend
from stations.store._evidence import (
    add_evidence,
    add_own_evidence,
    evidence_after,
    evidence_with,
    mergers,
    nothing_heard,
    said_after,
)
from stations.store._findings import (
    Beside,
    add_steps,
    newest_at,
    read_steps,
    record_beside,
    steps_frame,
    steps_number,
)
from stations.store._opened import Opened
from stations.store._tables import evidence
from stations.store._versions import (
    ACTIVITIES_SINCE,
    EVIDENCE_SINCE,
    FINDINGS_SINCE,
    VISITS_SINCE,
    version_of,
)
from stations.store._visits import (
    add_visit,
    marks_frame,
    read_visits,
    visit_marks,
    visits_frame,
    visits_number,
)
from stations.trust import checked, evidence_frame

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    import pandas as pd

    from stations.store._activities import ActivityStep
    from stations.store._findings import FindingStep
    from stations.store._visits import Visit
    from stations.trust import Evidence


class Heard(Opened):
    """What was heard and done about stations; each kind has numbers of its own from 1 on."""

    def add_evidence(self, pieces: Sequence[Evidence], *, received: datetime) -> list[bool]:
        """Record pieces of evidence in one transaction; tell which of them were not known yet.

        A piece whose station and key are known, or come earlier in ``pieces``, adds nothing.
        Every piece passes `trust.checked` with ``received``, aware, as its now: `UsageError` says
        what is wrong with one. A station that never was raises `StationMissingError`.
        """
        kept = [checked(piece, received) for piece in pieces]
        with self.transaction(writes=True) as connection:
            added = add_evidence(connection, kept, received)
            extend(connection, "evidence")
            return added

    def evidence(self, after: int = 0, *, stations: Iterable[str] | None = None) -> pd.DataFrame:
        """Return an evidence frame (`trust.EVIDENCE_COLUMNS`), as recorded, indexed by number.

        Only what has a number above ``after``: numbers go up, and nothing is ever taken away.
        ``stations``: only about these, and those they are heirs to (`trust.merger`).
        """
        with self.transaction(writes=False) as connection:
            if version_of(connection) < EVIDENCE_SINCE:
                return nothing_heard()
            return evidence_after(connection, after, stations)

    def said_after(self, number: int) -> tuple[int, set[str], bool]:
        """Return the newest piece's number, who is spoken of since a number, and if of a merger."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < EVIDENCE_SINCE:
                return number, set(), False
            return said_after(connection, number)

    def mergers(self) -> pd.DataFrame:
        """Return every merger of two records, an evidence frame (`trust.merger`)."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < EVIDENCE_SINCE:
                return evidence_frame([])
            return mergers(connection)

    def evidence_number(self) -> int:
        """Return the number of the newest piece of evidence, 0 for none."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < EVIDENCE_SINCE:
                return 0
            return connection.execute(select(func.max(evidence.c.number))).scalar() or 0

    def evidence_with(self, station_id: str, key: str) -> Evidence | None:
        """Return the piece that a key of a station stands for."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < EVIDENCE_SINCE:
                return None
            return evidence_with(connection, station_id, key)

    def add_steps(
        self,
        steps: Sequence[FindingStep],
        *,
        base: int,
        seen: Sequence[Evidence] = (),
        received: datetime,
    ) -> list[int]:
        """Record steps of findings, and what was seen with them, in one transaction.

        Returns the steps' numbers. ``base`` is `steps_number` when they were decided on:
        `StoreConflictError` if there are newer ones. No step is before the newest (`UsageError`);
        by a few minutes it counts as taken with it, as in `commit`.
        ``seen`` is as in `add_evidence`, but other content under a known key raises
        `StoreConflictError`. What steps are allowed is for `stations.audit.findings`.
        """
        with self.transaction(writes=True) as connection:
            return record_beside(connection, Beside(steps, base, seen), received=received)

    def steps(
        self, finding: int | None = None, *, stations: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return the steps of one finding, or of all: `STEP_COLUMNS`, indexed by number.

        ``stations``: only of findings that are, or ever were, about one of these.
        """
        with self.transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return steps_frame([])
            return read_steps(connection, finding, stations)

    def steps_number(self) -> int:
        """Return the number of the newest step of any finding, 0 for none."""
        with self.transaction(writes=False) as connection:
            return steps_number(connection) if version_of(connection) >= FINDINGS_SINCE else 0

    def step_time(self, at: datetime) -> datetime:
        """Return ``at``, or when the newest step of any finding was taken if that is later."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return at
            return max(at, newest_at(connection) or at)

    def add_visit(
        self,
        visit: Visit,
        steps: Sequence[FindingStep] = (),
        *,
        base: int,
        number: int,
        seen: Sequence[Evidence] = (),
    ) -> list[int]:
        """Record a visit, the steps of findings it led to and the evidence it is, all or nothing.

        Returns the steps' numbers. ``base`` is as in `add_steps`; ``number`` the visit's, one above
        `visits_number`: `StoreConflictError` if there are others, or for ``seen`` as in
        `add_steps`. A station that never was raises `StationMissingError`.
        """
        kept = [checked(piece, visit.received) for piece in seen]
        with self.transaction(writes=True) as connection:
            add_visit(connection, visit, number)
            extend(connection, "visit")
            numbers = add_steps(connection, steps, base)
            extend(connection, "finding")
            add_own_evidence(connection, kept, visit.received)
            extend(connection, "evidence")
            return numbers

    def visits(
        self,
        station: str | None = None,
        *,
        key: str | None = None,
        after: int = 0,
        numbers: Collection[int] | None = None,
    ) -> pd.DataFrame:
        """Return visits in the order recorded, `VISIT_COLUMNS`, indexed by number."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < VISITS_SINCE:
                return visits_frame([])
            return read_visits(connection, station, key, after, numbers)

    def visit_marks(
        self,
        station: str | None = None,
        *,
        who: str | None = None,
        since: datetime | None = None,
    ) -> pd.DataFrame:
        """Return ``station`` and ``at`` of visits, indexed by number: what it takes to choose.

        ``since``: not those before, aware.
        """
        with self.transaction(writes=False) as connection:
            if version_of(connection) < VISITS_SINCE:
                return marks_frame([])
            return visit_marks(connection, station, who, since)

    def visits_number(self) -> int:
        """Return the number of the newest visit, 0 for none."""
        with self.transaction(writes=False) as connection:
            return visits_number(connection) if version_of(connection) >= VISITS_SINCE else 0

    def add_activity_step(self, step: ActivityStep, *, base: int) -> int:
        """Record a step of an activity; return its number.

        ``base`` is `activities_number` when it was decided on: `StoreConflictError` if there are
        newer ones, and for other content under a known key; the same again adds nothing. A
        station that never was raises `StationMissingError`. What steps are allowed is for
        `stations.activities`.
        """
        with self.transaction(writes=True) as connection:
            number = add_activity_step(connection, step, base)
            extend(connection, "activity")
            return number

    def activity_steps(self, after: int = 0) -> pd.DataFrame:
        """Return steps in the order recorded, `ACTIVITY_STEP_COLUMNS`, indexed by number."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < ACTIVITIES_SINCE:
                return activity_frame([])
            return read_activities(connection, after)

    def activity_steps_before(self, key: str) -> pd.DataFrame | None:
        """Return the steps before the one a sender's key stands for; None: it stands for none."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < ACTIVITIES_SINCE:
                return None
            return read_activities_before(connection, key)

    def activities_number(self) -> int:
        """Return the number of the newest step of any activity, 0 for none."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < ACTIVITIES_SINCE:
                return 0
            return activities_number(connection)
