"""Checks of the register and what lies beside it."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import make_url

from geodata.errors import ProjectError
from scripts.cli.doctor.found import Found
from stations.audit import visits
from web import health
from web.auth import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stations.store import Store
    from web.settings import Settings

QUICK_ITEMS = 50_000
"""Evidence, revisions and steps up to which all history is verified without being asked to."""
LARGE_LOG_BYTES = 64 << 20
NEARLY_NOW = timedelta(minutes=5)
"""How far clocks of one installation may be apart."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PHOTOS_LOOKED_AT = 200


def look(store: Store, settings: Settings, now: datetime, *, whole: bool) -> Iterator[Found]:
    """Look at the register: does it open, is it what was recorded, who can read it."""
    try:
        yield from _schema(store)
        yield from _revisions(store, now)
        yield from _history(store, whole=whole)
        yield from _accounts(store, settings)
    except ProjectError as error:
        yield Found("register", "wrong", str(error), "stop the servers and restore a backup")
        return
    yield from _files(store, whole=whole)
    yield from _database_file(settings)


def _schema(store: Store) -> Iterator[Found]:
    followed, newest = store.schema()
    if followed < newest:
        yield Found(
            "schema",
            "hint",
            f"{followed}, of an earlier version; it is read as it is",
            "the first change brings it up; or now: stations upgrade, after a backup",
        )
    else:
        yield Found("schema", "good", str(followed))


def _revisions(store: Store, now: datetime) -> Iterator[Found]:
    recorded = store.revisions()
    newest = f"{recorded[-1].at:%Y-%m-%d %H:%M} UTC" if recorded else ""
    if not recorded:
        yield Found(
            "register", "hint", "nothing is recorded yet", "stations import FILE --as stations"
        )
    elif recorded[-1].at > now + NEARLY_NOW:
        yield Found(
            "register",
            "wrong",
            f"its newest revision is of {newest}, after now",
            "set the clock; until then changes get that time, or are refused if it is a day away",
        )
    else:
        yield Found(
            "register", "good", f"revision {recorded[-1].number}, {recorded[-1].at:%Y-%m-%d}"
        )


def _history(store: Store, *, whole: bool) -> Iterator[Found]:
    items = store.revision() + store.evidence_number() + store.steps_number()
    if items > QUICK_ITEMS and not whole:
        yield Found("history", "hint", f"{items:,} items, not verified now", "stations verify")
        return
    verdict = store.verify()
    if verdict.broken is not None:
        broken = verdict.broken
        yield Found(
            "history",
            "wrong",
            f"{broken.kind} {broken.first} {broken.why}",
            "stop the servers, keep the file as it is, compare with backups",
        )
    elif not verdict.links:
        yield Found("history", "hint", "nothing is chained", "the next change begins the chain")
    else:
        yield Found("history", "good", f"{verdict.links:,} links, hash {verdict.head[:16]}…")


def _accounts(store: Store, settings: Settings) -> Iterator[Found]:
    known = [each for each in store.accounts.all() if each.active]
    admins = [each for each in known if each.role == Role.ADMIN and not each.area]
    waiting = [each.name for each in known if each.password_until is not None]
    if not admins and not settings.staff_token:
        yield Found(
            "accounts",
            "wrong",
            "nobody can administer: no admin and no staff token",
            "stations user add NAME --role admin",
        )
    elif waiting:
        yield Found(
            "accounts",
            "hint",
            f"{len(waiting)} with a password somebody else made",
            "they must sign in and change it",
        )
    else:
        yield Found("accounts", "good", f"{len(known)} active, {len(admins)} admins everywhere")


def _files(store: Store, *, whole: bool) -> Iterator[Found]:
    try:
        folder = store.files
    except ProjectError as error:
        yield Found("files", "wrong", str(error), "name a folder all servers share")
        return
    problem = next(health.room(folder), None)
    if problem:
        yield Found("files", "wrong", f"{folder}: {problem}", "mend the rights, or make room")
    yield from _photos(folder / "photos", whole=whole)


def _photos(folder: Path, *, whole: bool) -> Iterator[Found]:
    """Compare photos with their names: each is called by its hash."""
    notes = sorted((folder / "sent").glob("??/*.json"))
    looked_at = notes if whole else notes[-_PHOTOS_LOOKED_AT:]
    kept = visits.Photos(folder)
    wrong = [note.stem for note in looked_at if not _is_whole(kept, note)]
    if wrong:
        yield Found(
            "photos",
            "wrong",
            f"{len(wrong)} missing or changed, such as {wrong[0][:16]}…",
            "put them back from a backup: their names are their SHA-256",
        )
    elif len(looked_at) < len(notes):
        yield Found("photos", "good", f"{len(looked_at)} of {len(notes)} looked at (--whole: all)")
    else:
        yield Found("photos", "good", f"{len(notes)}, all there")


def _is_whole(kept: visits.Photos, note: Path) -> bool:
    try:
        orjson.loads(note.read_bytes())
        return bool(kept.read(kept.photo(note.stem)))
    except (ProjectError, OSError, ValueError):
        return False


def _database_file(settings: Settings) -> Iterator[Found]:
    url = make_url(settings.db)
    if not url.drivername.startswith("sqlite") or not url.database:
        return
    path = Path(url.database)
    yield from _rights(path)
    log = path.with_name(f"{path.name}-wal")
    size = log.stat().st_size if log.is_file() else 0
    if size > LARGE_LOG_BYTES:
        yield Found(
            "write-ahead log",
            "hint",
            f"{size >> 20} MB not merged into the file",
            f"something reads for long; restart the servers, or: sqlite3 {path.name} "
            "'PRAGMA wal_checkpoint(TRUNCATE)'",
        )
    else:
        yield Found("write-ahead log", "good", f"{size >> 10} kB")


def _rights(path: Path) -> Iterator[Found]:
    beside = [path, *path.parent.glob(f"{path.name}-*"), path.parent / "photos"]
    open_to = [each for each in beside if each.exists() and each.stat().st_mode & _OTHERS]
    closed = not path.absolute().parent.stat().st_mode & _OTHERS
    if open_to and not closed:
        yield Found(
            "file rights",
            "hint",
            f"others on this machine may read {open_to[0].name}",
            f"chmod 700 {path.absolute().parent}",
        )
    else:
        yield Found("file rights", "good", "for the user who serves alone")
