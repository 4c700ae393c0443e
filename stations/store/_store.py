"""The register's home: read any state it ever had, add a change to it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import func, select

from geodata.errors import UsageError
from stations.errors import LayerMissingError, StationMissingError
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, LayerInfo
from stations.store._accounts import Accounts
from stations.store._chain import GENESIS, Verdict, extend, links_with, verify
from stations.store._commit import record
from stations.store._credentials import Credentials
from stations.store._door import NOT_TEXT, check
from stations.store._evidence import add_evidence, add_own_evidence, evidence_after, evidence_with
from stations.store._findings import (
    Beside,
    add_steps,
    newest_at,
    read_steps,
    steps_frame,
    steps_number,
)
from stations.store._frames import sites_frame, stations_frame
from stations.store._legacy import sites_completed, stations_completed
from stations.store._origins import position_revisions
from stations.store._queries import (
    known_number,
    layers_at,
    newest,
    newest_number,
    present,
    revision_of,
)
from stations.store._records import Revision, station_records
from stations.store._signatures import add_signature, head_of, read_signatures
from stations.store._sqlite import explained, open_engine, path_of
from stations.store._tables import evidence, revisions, site_versions, station_versions
from stations.store._versions import (
    FINDINGS_SINCE,
    VISITS_SINCE,
    bring_up,
    columns_of,
    version_of,
)
from stations.store._visits import add_visit, read_visits, visits_frame, visits_number
from stations.trust import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    import geopandas as gpd
    import pandas as pd
    from sqlalchemy.engine import Connection, Engine

    from stations.store._findings import FindingStep
    from stations.store._records import Changes
    from stations.store._signatures import Signature
    from stations.store._visits import Visit
    from stations.trust import Evidence

_STATION = ("id", *STATION_COLUMNS, "lon", "lat")


class Store:
    """One register in a database; safe to share between threads, not to take through a fork.

    Every method may raise a `StoreError`: `StoreBusyError` (locked), `StoreReadOnlyError` or
    plain (damaged, gone). ``as_of`` is a revision number, 0 being the empty register before the
    first; None means the newest, and one that is not there raises `RevisionMissingError`.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    @classmethod
    def open(cls, url: str, *, create: bool = False, busy_s: float = 5.0) -> Self:
        """Open the register at ``url`` (``sqlite:///path``), or make it there if ``create``.

        ``busy_s`` is how long to wait, in seconds, for another writer. Raises
        `StoreMissingError` (nothing there), `StoreForeignError` (not a register; left as it is),
        `StoreVersionError` (from a newer program) or another `StoreError`.
        """
        path = path_of(url)
        return cls(open_engine(path, create=create, busy_s=busy_s), path)

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._path

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def revision(self) -> int:
        """Return the newest revision's number, 0 for an empty register."""
        with self._transaction(writes=False) as connection:
            return newest_number(connection)

    def revisions(self) -> list[Revision]:
        """Return every revision, oldest first."""
        with self._transaction(writes=False) as connection:
            rows = connection.execute(select(revisions).order_by(revisions.c.number))
            return [revision_of(row) for row in rows]

    def revision_at(self, moment: datetime) -> int:
        """Return the newest revision made at or before ``moment`` (aware), 0 if there is none."""
        if moment.utcoffset() is None:
            raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
        newest = select(func.max(revisions.c.number)).where(revisions.c.at <= moment)
        with self._transaction(writes=False) as connection:
            return connection.execute(newest).scalar() or 0

    def stations(self, as_of: int | None = None) -> gpd.GeoDataFrame:
        """Return the stations frame of `stations.schema`, sorted by id."""
        table = station_versions
        with self._transaction(writes=False) as connection:
            number = known_number(connection, as_of)
            wanted = columns_of(connection, table, _STATION)
            result = connection.execute(select(*wanted).where(newest(table, number)))
            return stations_completed(stations_frame(result, STATION_COLUMNS))

    def present(self, ids: Collection[str]) -> set[str]:
        """Return which of some ids the newest revision holds."""
        with self._transaction(writes=False) as connection:
            return present(connection, ids)

    def layers(self, as_of: int | None = None) -> list[LayerInfo]:
        """Return every demand layer, sorted by name, restricted ones too."""
        with self._transaction(writes=False) as connection:
            return layers_at(connection, known_number(connection, as_of))

    def sites(self, layer: str, as_of: int | None = None) -> gpd.GeoDataFrame:
        """Return the sites frame of ``layer``, sorted by id; no such layer: `LayerMissingError`."""
        table = site_versions
        with self._transaction(writes=False) as connection:
            number = known_number(connection, as_of)
            if layer not in {info.name for info in layers_at(connection, number)}:
                raise LayerMissingError(f"no layer {layer[:80]!r} at revision {number}")
            wanted = columns_of(connection, table, ("id", *SITE_COLUMNS, "geometry"))
            query = select(*wanted).where(table.c.layer == layer, newest(table, number))
            return sites_completed(sites_frame(connection.execute(query), SITE_COLUMNS))

    def position_revisions(self, as_of: int | None = None) -> pd.Series[int]:
        """Return the revision that last set each station's position, or its datum; by id."""
        with self._transaction(writes=False) as connection:
            return position_revisions(connection, known_number(connection, as_of))

    def history(self, station_id: str) -> list[tuple[Revision, dict[str, Any] | None]]:
        """Return each revision that touched a station, oldest first, with its record after it.

        The record is as in `station_records`; None: that revision removed the station. A
        station that never was raises `StationMissingError`.
        """
        table = station_versions
        mine = table.c.id == station_id
        missing = StationMissingError(f"no station {station_id[:80]!r} in the register's history")
        if NOT_TEXT.search(station_id):
            raise missing
        with self._transaction(writes=False) as connection:
            told = select(revisions, table.c.deleted).join(table).where(mine)
            rows = connection.execute(told.order_by(revisions.c.number)).all()
            wanted = columns_of(connection, table, _STATION)
            kept = select(*wanted).where(mine, ~table.c.deleted).order_by(table.c.revision)
            frame = stations_completed(stations_frame(connection.execute(kept), STATION_COLUMNS))
        if not rows:
            raise missing
        records = iter(station_records(frame))
        return [(revision_of(row), None if row.deleted else next(records)) for row in rows]

    def commit(
        self,
        changes: Changes,
        *,
        who: str,
        why: str,
        at: datetime,
        base: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        beside: Beside | None = None,
    ) -> Revision:
        """Record ``changes`` as the next revision, in one transaction: all of it or nothing.

        ``at`` is aware and not before the newest revision's; ``base`` is the revision the
        changes were worked out from: `StoreConflictError` if the register has moved on.
        ``progress`` is called with rows written and rows in all, before anything is final.
        ``beside`` is recorded in the same transaction; its errors are those of `add_steps`.
        Empty changes, and rows that break the schema, raise `UsageError` (with every fault in
        `FaultyDataError`); removing what is not there raises a `MissingError`.
        """
        check(changes, who=who, why=why, at=at)
        with self._transaction(writes=True) as connection:
            made = record(
                connection, changes, who=who, why=why, at=at, base=base, progress=progress
            )
            extend(connection, "revision")
            if beside is not None:
                _add_steps(connection, beside, received=at)
            return made

    def add_evidence(self, pieces: Sequence[Evidence], *, received: datetime) -> list[bool]:
        """Record pieces of evidence in one transaction; tell which of them were not known yet.

        A piece whose station and key are known, or come earlier in ``pieces``, adds nothing.
        Every piece passes `trust.checked` with ``received``, aware, as its now: `UsageError` says
        what is wrong with one. A station that never was raises `StationMissingError`.
        """
        kept = [checked(piece, received) for piece in pieces]
        with self._transaction(writes=True) as connection:
            added = add_evidence(connection, kept, received)
            extend(connection, "evidence")
            return added

    def evidence(self, after: int = 0, *, stations: Iterable[str] | None = None) -> pd.DataFrame:
        """Return an evidence frame (`trust.EVIDENCE_COLUMNS`), as recorded, indexed by number.

        Only what has a number above ``after``: numbers go up, and nothing is ever taken away.
        ``stations``: only about these, and those they are heirs to (`trust.merger`).
        """
        with self._transaction(writes=False) as connection:
            return evidence_after(connection, after, stations)

    def evidence_number(self) -> int:
        """Return the number of the newest piece of evidence, 0 for none."""
        with self._transaction(writes=False) as connection:
            return connection.execute(select(func.max(evidence.c.number))).scalar() or 0

    def evidence_with(self, station_id: str, key: str) -> Evidence | None:
        """Return the piece that a key of a station stands for."""
        with self._transaction(writes=False) as connection:
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
        `StoreConflictError` if there are newer ones. No step is before the newest (`UsageError`).
        ``seen`` is as in `add_evidence`, but other content under a known key raises
        `StoreConflictError`. What steps are allowed is for `stations.audit.findings`.
        """
        with self._transaction(writes=True) as connection:
            return _add_steps(connection, Beside(steps, base, seen), received=received)

    def steps(
        self, finding: int | None = None, *, stations: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return the steps of one finding, or of all: `STEP_COLUMNS`, indexed by number.

        ``stations``: only of findings that are, or ever were, about one of these.
        """
        with self._transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return steps_frame([])
            return read_steps(connection, finding, stations)

    def steps_number(self) -> int:
        """Return the number of the newest step of any finding, 0 for none."""
        with self._transaction(writes=False) as connection:
            return steps_number(connection) if version_of(connection) >= FINDINGS_SINCE else 0

    def step_time(self, at: datetime) -> datetime:
        """Return ``at``, or when the newest step of any finding was taken if that is later."""
        with self._transaction(writes=False) as connection:
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
        with self._transaction(writes=True) as connection:
            add_visit(connection, visit, number)
            extend(connection, "visit")
            numbers = add_steps(connection, steps, base)
            extend(connection, "finding")
            add_own_evidence(connection, kept, visit.received)
            extend(connection, "evidence")
            return numbers

    def visits(
        self, station: str | None = None, *, key: str | None = None, after: int = 0
    ) -> pd.DataFrame:
        """Return visits in the order recorded, `VISIT_COLUMNS`, indexed by number."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < VISITS_SINCE:
                return visits_frame([])
            return read_visits(connection, station, key, after)

    def visits_number(self) -> int:
        """Return the number of the newest visit, 0 for none."""
        with self._transaction(writes=False) as connection:
            return visits_number(connection) if version_of(connection) >= VISITS_SINCE else 0

    def sign(self, about: str, document: Mapping[str, Any], *, who: str, at: datetime) -> Signature:
        """Record a document, which JSON can hold, as signed off by ``who`` at ``at``, aware.

        No signature is before the newest one (`UsageError`).
        """
        with self._transaction(writes=True) as connection:
            made = add_signature(connection, about, document, who=who, at=at)
            extend(connection, "signature")
            return made

    def signatures(self) -> list[Signature]:
        """Return every signature, oldest first."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < VISITS_SINCE:
                return []
            return read_signatures(connection)

    def head(self) -> str:
        """Return the chain's newest hash as recorded, unverified; `verify` computes all anew."""
        with self._transaction(writes=False) as connection:
            return head_of(connection) if version_of(connection) >= FINDINGS_SINCE else GENESIS

    def verify(self) -> Verdict:
        """Compute the hash chain over all history anew, and compare.

        A register of a schema without a chain has no links, and nothing to be broken.
        """
        with self._transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return Verdict(0, GENESIS, None)
            return verify(connection)

    def link_with(self, head: str) -> int | None:
        """Return the number of the chain's link whose hash begins so; None: there is none."""
        with self._transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return None
            return links_with(connection, head)

    @property
    def accounts(self) -> Accounts:
        """People's accounts: no part of the history."""
        return Accounts(self._transaction)

    @property
    def credentials(self) -> Credentials:
        """The sessions and tokens of accounts."""
        return Credentials(self._transaction)

    @contextmanager
    def _transaction(self, *, writes: bool, patient: bool = True) -> Iterator[Connection]:
        """Begin a transaction that ends with the block: committed, or undone by an exception.

        Not ``patient``: `StoreBusyError` at once if somebody else is writing.
        """
        with explained(self._path), self._engine.connect() as connection:
            connection.execution_options(writes=writes, patient=patient)
            with connection.begin():
                if writes:
                    bring_up(connection)
                yield connection


def _add_steps(connection: Connection, told: Beside, *, received: datetime) -> list[int]:
    kept = [checked(piece, received) for piece in told.seen]
    numbers = add_steps(connection, told.steps, told.base)
    extend(connection, "finding")
    add_own_evidence(connection, kept, received)
    extend(connection, "evidence")
    return numbers
