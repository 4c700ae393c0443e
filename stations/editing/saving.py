"""One station changed by hand: one save is one revision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geodata.errors import Fault, FaultyDataError, UsageError
from stations.editing import form
from stations.editing.bounds import require_in_reach, require_reached
from stations.editing.differing import changes
from stations.errors import StationMissingError, StoreConflictError
from stations.schema import STATION_COLUMNS, empty_frame
from stations.store import Changes, changed_rows, station_records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import geopandas as gpd

    from stations.editing.bounds import Reaches
    from stations.editing.differing import Change
    from stations.registry import Registry
    from stations.store import Revision, Store


@dataclass(frozen=True)
class By:
    """Who does it."""

    who: str
    why: str
    at: datetime
    """Aware."""
    reaches: Reaches


@dataclass(frozen=True)
class Sent:
    """What was said of a station."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """Field of `form.FIELDS` → text; what is not named stays."""
    datum: str = "wgs84"
    """Of the positions in ``fields``."""


@dataclass(frozen=True)
class Saved:
    """What became of it."""

    id: str
    revision: Revision | None
    """None: only looked at."""
    changes: list[Change]
    warnings: list[Fault]


def edit(
    store: Store,
    registry: Registry,
    id_: str,
    sent: Sent,
    by: By,
    *,
    base: int,
    dry: bool = False,
) -> Saved:
    """Change a station; ``dry`` only tells what would change.

    ``registry`` is the newest snapshot, ``base`` the revision the form was filled from: if somebody
    changed the station since, `StoreConflictError` says what; `FaultyDataError` names each field
    that is wrong, `ForbiddenError` what lies outside one's area.
    """
    row = registry.position_of(id_)
    old = registry.stations.iloc[[row]]
    require_in_reach(id_, old["area_code"].iloc[0], by.reaches)
    if base != registry.revision:
        refuse_if_newer(store, id_, base)
    found = form.read(id_, sent.fields, sent.datum, old)
    if found.faults:
        raise _faulty(found.faults)
    return _stored(store, registry, old, found, by, dry=dry)


def add(
    store: Store, registry: Registry, id_: str, sent: Sent, by: By, *, dry: bool = False
) -> Saved:
    """Put a new station on the register; ``id_`` "" has one made of name and position.

    An id that is or ever was on the register is a fault: its history is another station's.
    """
    found = form.read(id_, sent.fields, sent.datum, None)
    faults = found.faults or _known(store, str(found.frame.index[0]))
    if faults:
        raise _faulty(faults)
    old = empty_frame(STATION_COLUMNS)
    return _stored(store, registry, old, found, by, dry=dry)


def refuse_if_newer(store: Store, id_: str, base: int) -> None:
    """Raise `StoreConflictError` if a revision after ``base`` touched the station."""
    known = store.history(id_)
    newer = [(revision, record) for revision, record in known if revision.number > base]
    if not newer:
        return
    before = next((record for revision, record in reversed(known) if revision.number <= base), None)
    fields = changes(before, newer[-1][1])
    titles = [f"{each.title.zh} {each.title.en}" for each in fields]
    by = "; ".join(f"{revision.number} ({revision.who}: {revision.why})" for revision, _ in newer)
    raise StoreConflictError(
        f"changed since revision {base}, by {by[:300]}: {', '.join(titles) or 'and back again'}. "
        "Look at it again, then decide"
    )


def _known(store: Store, id_: str) -> list[Fault]:
    try:
        store.history(id_)
    except StationMissingError:
        return []
    return [Fault(1, "id", id_[:80], "is taken: there is, or was, a station of this id")]


def _faulty(faults: list[Fault]) -> FaultyDataError:
    first = faults[0]
    return FaultyDataError(f"{first.field}: {first.problem}", faults)


def _stored(
    store: Store, registry: Registry, old: gpd.GeoDataFrame, found: form.Read, by: By, *, dry: bool
) -> Saved:
    frame = found.frame[list(old.columns)]
    require_reached(frame, old, by.reaches)
    before = station_records(old)
    after = station_records(frame)[0]
    told = changes(before[0] if before else None, after)
    _, _, unchanged = changed_rows(frame, old)
    if len(unchanged) and not dry:
        raise UsageError("nothing is changed: the register says so already")
    revision = None
    if not dry:
        revision = store.commit(
            Changes(stations=frame), who=by.who, why=by.why, at=by.at, base=registry.revision
        )
    return Saved(str(frame.index[0]), revision, told, found.warnings)
