"""Photos of visits: their bytes come by themselves, and are kept without what cameras add."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import FileSchema
from flask import Response, current_app, request
from pydantic import Field
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from geodata.errors import ForbiddenError
from stations.audit import visits
from web import guard
from web.api import replies
from web.api.answers.visits import PhotoTold
from web.api.base import endpoint, now, register
from web.api.queries import NoQuery, Query
from web.api.visits import READERS, VISITORS, spend
from web.auth import require

if TYPE_CHECKING:
    from stations.audit.visits import Photo
    from stations.registry import LiveRegistry, Registry

TYPES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
JPEG = "image/jpeg"


class PhotoQuery(Query):
    """Says where a photo was taken."""

    station: str = Field(min_length=1, max_length=200, description="The station's id.")


@endpoint("/photos/<sha256>", PhotoQuery, PhotoTold, method="PUT", status=201)
@guard.takes(visits.LARGEST)
def send_photo(query: PhotoQuery, sha256: str) -> Response:
    """Keep a photo of a station: the pixels, upright and made smaller, and nothing else.

    The body is a JPEG, PNG or WebP of 8 MB at most, the address the SHA-256 of its bytes. Sent
    again it is answered with 200. For inspectors and editors, in their jurisdiction.
    """
    caller = require(*VISITORS)
    spend(caller)
    registry = register()
    station = registry.station(query.station)
    require(*VISITORS, area_code=station["area_code"])
    if request.mimetype not in TYPES:
        raise UnsupportedMediaType(f"Send one of {', '.join(TYPES)}.")
    photos, instant = _photos(), now()
    who = caller.signature("staff")
    photo, new = photos.take(_body(), sha256, station=query.station, who=who, received=instant)
    told = photos.told(
        sha256, registry.stand(registry.stands.now(registry.position_of(query.station), instant))
    )
    answer = replies.secret(
        {
            "new": new,
            **{name: getattr(photo, name) for name in _FIELDS},
            "taken": photo.taken or None,
            **{name: told[name] for name in ("gps", "distance_m", "far")},
            "station": query.station,
        }
    )
    answer.status_code = 201 if new else 200
    return answer


_FIELDS = ("sha256", "kept", "bytes", "width", "height")


def _body() -> bytes:
    """Return the body; of one that does not tell its length, no more than needed is read."""
    request.max_content_length = visits.LARGEST + 1
    data = request.get_data()
    if len(data) > visits.LARGEST:
        raise RequestEntityTooLarge(f"At most {visits.LARGEST} bytes may be sent here.")
    return data


@endpoint(
    "/photos/<sha256>", NoQuery, FileSchema(type="string", format="binary"), content_type=JPEG
)
def photo(_: NoQuery, sha256: str) -> Response:
    """Show a photo by the SHA-256 it was sent under. For staff, in their jurisdiction."""
    require(*READERS)
    photos = _photos()
    found = photos.photo(sha256)
    _refuse_unless_reached(found, register())
    answer = Response(photos.read(found), content_type=JPEG)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer


def _refuse_unless_reached(photo: Photo, registry: Registry) -> None:
    caller = require(*READERS)
    live: LiveRegistry = current_app.extensions["stations.register"]
    codes = visits.homes(live.store, registry, photo.stations)["area_code"]
    if not any(caller.reaches(code) for code in codes):
        raise ForbiddenError("this photo is not of your areas")


def _photos() -> visits.Photos:
    live: LiveRegistry = current_app.extensions["stations.register"]
    return visits.Photos.beside(live.store.files)
