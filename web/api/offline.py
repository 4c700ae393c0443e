"""Areas to take along on a phone, for when there is no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app
from pydantic import Field

from web import roads
from web.api import replies, taken
from web.api.answers.offline import Package
from web.api.base import JSON, endpoint, now, register
from web.api.queries import Query

if TYPE_CHECKING:
    from flask import Response

    from web.kept import Kept

KEPT = 64
"""How many packages are kept, some 200 kB each."""


class PackageQuery(Query):
    """Asks for the stations of an area."""

    area: str = Field(
        pattern=r"^(?:[0-9]{4}|[0-9]{6})$",
        description="Area code of a county or prefecture.",
        examples=["530102", "5301"],
    )
    around: str = Field(
        "",
        max_length=200,
        description="Id of a station: of more than a phone should hold, those nearest to it.",
    )


@endpoint("/offline", PackageQuery, Package)
def offline(query: PackageQuery) -> Response:
    """Take along the stations of an area: hours of eight days, trust, and how to find the nearest.

    The question names an area, no position. It is the same for an hour, unless the register
    changes or something is reported.
    """
    registry, travel, at = register(), roads.current(), taken.hour_of(now())
    heard = len(registry.ledger.at)
    version = f"{replies.version_of(registry)}-{heard}-{at:%Y%m%dT%H}-{roads.told(travel)}"
    kept: Kept[tuple[str, str, str], bytes] = current_app.extensions["stations.packages"]

    def build() -> bytes:
        key = version, query.area, query.around
        body = kept.get(key)
        if body is None:
            around = registry.position_of(query.around) if query.around else None
            rows, over = taken.stands_of(registry, query.area, around)
            told = taken.package(registry, query.area, rows, at, travel)
            body = replies.encode({**told, "left_out": over})
            kept.put(key, body)
        return body

    return replies.tagged(version, build, content_type=JSON)
