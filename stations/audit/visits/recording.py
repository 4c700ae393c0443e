"""Recording a visit: the visit, what it is as evidence, and the steps it leads to, at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from geodata.errors import UsageError
from stations.audit import findings, standards
from stations.audit.visits.draft import Draft
from stations.audit.visits.effects import Effects, There
from stations.audit.visits.form import Form, form
from stations.audit.visits.pins import metres
from stations.audit.visits.reading import Reading, read
from stations.audit.visits.seeing import Spot
from stations.audit.visits.sent import VisitSent, timed
from stations.errors import StoreConflictError
from stations.store import Visit
from stations.trust import VISITED, Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stations.audit.visits.photos import Photos
    from stations.registry import Registry
    from stations.store import Store

_TRIES = 5
"""How often a visit is worked out anew because somebody else recorded something meanwhile."""


@dataclass(frozen=True)
class Made:
    """A visit as it is on record."""

    number: int
    new: bool
    """False: it had been sent before, and counts once."""


def asked(registry: Registry, store: Store, station: str, standard: str, at: datetime) -> Form:
    """Return the form of a station at an aware instant: `form.form`, with its findings."""
    standing = findings.standing(store.steps(stations=[station]), at)
    return form(registry, station, standards.load(standard), standing, at)


def record(
    store: Store,
    registry: Registry,
    sent: VisitSent,
    *,
    who: str,
    received: datetime,
    photos: Photos | None = None,
) -> Made:
    """Record a visit: it, the inspection it is, and steps of findings, in one transaction.

    Sent again it adds nothing; other content under the same key raises `StoreConflictError`, as
    does somebody else who keeps recording. `StationMissingError` for a station the register has
    not; `UsageError` for a time that cannot be, a standard nobody knows and a visit that says
    nothing, `PositionError` for what is not on Earth. It is recorded at ``received``, or with the
    newest step if that is later. What the photos' bytes say is kept with it, as far as they are
    here.
    """
    if sent.standard not in standards.SHIPPED:
        raise UsageError(f"no standard {sent.standard!r}; known: {', '.join(standards.SHIPPED)}")
    if not who.strip():
        raise UsageError("a visit names its inspector")
    registry.position_of(sent.station)
    for left in reversed(range(_TRIES)):
        if known := _known(store, sent, who):
            return known
        at = timed(sent.at, received)
        draft = Draft(store, sent.station, {"visited_at": at.isoformat()})
        there = There(sent.station, who.strip(), at, store.step_time(received))
        spot = _spot(store, registry, sent, there)
        _refuse_blank(sent)
        try:
            return _write(store, draft, spot, there, photos)
        except StoreConflictError:
            if not left:
                raise
    raise AssertionError


def _refuse_blank(sent: VisitSent) -> None:
    if not (sent.answers or sent.outcome or sent.note.strip() or sent.photos):
        raise UsageError(
            "a visit says something: answer a question, or send an outcome, a note or a photo"
        )


def _known(store: Store, sent: VisitSent, who: str) -> Made | None:
    before = store.visits(sent.station, key=sent.key)
    if before.empty:
        return None
    row = before.iloc[0]
    if orjson.loads(row["told"])["sent"] != sent.digest() or row["who"] != who.strip():
        raise StoreConflictError(
            "another visit of this station was sent under this key; take a new key for each visit"
        )
    return Made(int(before.index[0]), new=False)


def _spot(store: Store, registry: Registry, sent: VisitSent, there: There) -> Spot:
    standing = findings.standing(store.steps(stations=[sent.station]), there.received)
    filled = form(registry, sent.station, standards.load(sent.standard), standing, there.at)
    here = sent.position.place() if sent.position else None
    return Spot(filled, sent, here, None if here is None else metres(filled.station, here))


def _write(store: Store, draft: Draft, spot: Spot, there: There, photos: Photos | None) -> Made:
    reading = read(spot)
    if reading.outcome:
        draft.hear(_inspection(spot, there, reading))
    effects = Effects(draft, there, reading)
    effects.take()
    visit = _visit(spot, there, reading, effects.left, photos)
    store.add_visit(visit, draft.made, base=draft.base, number=draft.number, seen=draft.heard)
    return Made(draft.number, new=True)


def _inspection(spot: Spot, there: There, reading: Reading) -> Evidence:
    return Evidence(
        station=there.station,
        kind="inspection",
        outcome=reading.outcome,
        at=there.at,
        who=there.who[:100],
        note=spot.sent.note[:500],
        key=VISITED + spot.sent.key,
    )


def _visit(
    spot: Spot, there: There, reading: Reading, left: Mapping[int, str], photos: Photos | None
) -> Visit:
    sent, where = spot.sent, spot.sent.position
    told = {
        "sent": sent.digest(),
        "standard": sent.standard,
        "read_under": spot.form.version,
        "revision": spot.form.revision,
        "asked": reading.asked,
        "unread": list(reading.unread),
        "left": {str(number): why for number, why in left.items()},
        "position_in": where.model_dump() if where else None,
        "said": sent.outcome,
    }
    pictures = [photo.model_dump(mode="json") for photo in sent.photos]
    if photos is not None:
        pictures = [{**each, **photos.told(each["sha256"], spot.form.station)} for each in pictures]
    return Visit(
        station=there.station,
        at=there.at,
        who=there.who,
        received=there.received,
        key=sent.key,
        form=sent.form,
        outcome=reading.outcome,
        answers=_json(sent.answers),
        photos=_json(pictures),
        note=sent.note,
        told=_json(told),
        lon=spot.here.lon if spot.here else None,
        lat=spot.here.lat if spot.here else None,
        accuracy_m=where.accuracy_m if where else None,
        distance_m=spot.distance_m,
    )


def _json(document: object) -> str:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
