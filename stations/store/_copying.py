"""A register as a whole: from one database into another, row for row."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geodata.errors import StoreError, UsageError
from stations.errors import StoreConflictError
from stations.store._bulk import insert_rows
from stations.store._chain import begin, verify
from stations.store._drafts import tables_there
from stations.store._signatures import head_of
from stations.store._store import Store
from stations.store._tables import meta, metadata
from stations.store._versions import FINDINGS_SINCE, columns_of, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from stations.store._chain import Verdict

    type Progress = Callable[[int, int], None]

_BATCH = 2000
_COPIED = [table for table in metadata.sorted_tables if table is not meta]


def copy(source: Store, target: Store, progress: Progress | None = None) -> Verdict:
    """Copy every row into an empty register, in one transaction, and verify it there.

    Revisions, their numbers and the hash chain are the same afterwards; accounts, their sessions
    and tokens go along, files (`Store.files`) do not. A target that holds anything raises
    `StoreConflictError`; a source whose history does not verify, or changes that do not arrive,
    `StoreError`. The source may be written to meanwhile: what is copied is one state of it.
    ``progress`` is called with rows written and rows in all.
    """
    with source.transaction(writes=False) as old, target.transaction(writes=True) as new:
        _require_empty(new)
        there = tables_there(old)
        tables = [table for table in _COPIED if table.name in there]
        counts = [
            old.execute(select(func.count()).select_from(each)).scalar_one() for each in tables
        ]
        done, total = 0, sum(counts)
        for table in tables:
            for written in _copied(old, new, table):
                done += written
                if progress is not None:
                    progress(done, total)
        return _verified(old, new)


def _require_empty(connection: Connection) -> None:
    for table in _COPIED:
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise StoreConflictError(
                f"expected an empty register to copy into, this one has {table.name} already; "
                "name a database or file that is not there yet, or move this one away"
            )


def _copied(old: Connection, new: Connection, table: Table) -> Iterator[int]:
    columns = columns_of(old, table, [column.name for column in table.columns])
    query = select(*columns).order_by(*table.primary_key)
    result = old.execute(query.execution_options(yield_per=_BATCH))
    for rows in result.mappings().partitions(_BATCH):
        insert_rows(new, table, rows)
        yield len(rows)


def _verified(old: Connection, new: Connection) -> Verdict:
    if version_of(old) < FINDINGS_SINCE:
        begin(new)
    verdict = verify(new)
    if verdict.broken is not None:
        kind, first = verdict.broken.kind, verdict.broken.first
        raise StoreError(
            f"nothing was copied: the history is not what was recorded, first at {kind} {first}; "
            "`stations verify` tells more of it"
        )
    if version_of(old) >= FINDINGS_SINCE and verdict.head != head_of(old):
        raise StoreError("nothing was copied: the chain did not arrive as it was")
    return verdict


def backup(source: Store, path: Path, progress: Progress | None = None) -> Verdict:
    """Copy a register into a new file, which is there whole or not at all; see `copy`.

    Whoever may not read the register may not read the file: it is its owner's only. A file that
    is there raises `UsageError`.
    """
    if path.exists():
        raise UsageError(f"{path}: there is such a file; name another one")
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    try:
        with Store.open(f"sqlite:///{part}", create=True) as target:
            verdict = copy(source, target, progress)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return verdict
