"""A register with something in every table, and all its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import select

from stations.store import (
    Account,
    ActivityStep,
    Changes,
    FindingStep,
    Identity,
    Session,
    Token,
    Visit,
)
from stations.store._tables import meta, metadata
from stations.trust import Evidence
from tests.stations.register_samples import BY, PARKS, POSTS, sites, stations, when

if TYPE_CHECKING:
    from stations.store import Store

ODD: dict[str, dict[str, Any]] = {
    "A": {"capacity": None, "entrance_lon": 0.1 + 0.2, "entrance_lat": -0.0, "ebike_parking": None},
    "a": {"lon": -0.0, "lat": 5e-324, "name": "\ufeff\u2028 'x' \\ \r\n\t%s"},
    "B": {"lon": 102.123456789012345, "capacity": 2**53 + 1, "host": ""},
    "é": {"name": "🚻" * 500},
    "_": {},
}
"""Ids that a database which sorts as people do has in another order."""


def fill(store: Store) -> None:
    """Record something in every table."""
    posts = sites({"x": {"geometry": shapely.box(-0.0, 24, 98, 25), "workers": None}})
    first = Changes(stations(ODD), layers=(PARKS, POSTS), sites={"border_posts": posts})
    store.commit(first, **BY, at=when(0).replace(microsecond=120))
    store.commit(Changes(stations({"B": {}}), removed_stations=("é",)), **BY, at=when(1))
    found = [Evidence(each, "report", "cannot_see", when(2), key=each) for each in "aBA"]
    store.add_evidence(found, received=when(2))
    about = {"rule": "place.null_island", "station": "A", "fact": "f"}
    opening = FindingStep("open", when(3), "王芳", "审计", details={"due": "x"}, **about)  # type: ignore[arg-type]
    visit = Visit("A", when(4), "王", when(4), "v", "", "worked", "{}", "[]", "", "{}", -0.0, 25.1)
    store.add_visit(visit, [opening], base=0, number=1)
    store.add_activity_step(
        ActivityStep("plan", when(5), "李", "", {"title": "送清凉"}, "k", station="A"), base=0
    )
    store.sign("bulletin", {"month": "2026-01"}, who="李强", at=when(6))
    store.accounts.add(Account("anna", "安娜", "editor", "53", when(7), "hash"), who="test")
    store.identities.link(Identity("anna", "https://id", when(7), "subject"), who="test")
    store.accounts.attempt("door", when(7), lambda _: when(8) - when(7))
    store.credentials.begin(Session("s", "anna", "", when(7), when(7), when(9)), "h", instead=None)
    store.credentials.add_token(Token("t", "anna", "", "read", when(7), when(9)), "h", who="anna")


def rows(store: Store) -> dict[str, list[Any]]:
    """Return all there is but ``meta``, by table, in the order of the keys."""
    found = {}
    with store.transaction(writes=False) as connection:
        for table in metadata.sorted_tables:
            read = connection.execute(select(table).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in read]
    del found[meta.name]
    return found
