"""What an application answers after changes is what one begun anew answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stations.registry import LiveRegistry
from stations.store import Changes, Store
from stations.trust import Evidence
from tests.stations.register_samples import BY, PARKS, POSTS, sites, stations, when
from tests.web import sample
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

NEAREST = "/api/v1/nearest?lon=102.7&lat=25&limit=3"
PATHS = (
    "/api/v1/register",
    NEAREST,
    f"{NEAREST}&needs=toilet&open=arrival&mode=ebike&at=2026-11-24T12:00%2B08:00",
    "/api/v1/stations?needs=toilet&limit=5",
    "/api/v1/stations/B?at=2026-11-24T12:00%2B08:00",
    "/api/v1/search?q=%E9%A9%BF",
    "/api/v1/marks/10/804/436",
    "/ogc/collections/stations/items?bbox=102,24,103,26",
    "/ogc/collections/parks/items",
)
THREE: dict[str, dict[str, Any]] = {
    "A": {"name": "北驿"},
    "B": {"lon": 102.71, "host": "加油站"},
    "C": {"lat": 25.01},
}
CHANGES = (
    Changes(stations({"A": {"name": "北驿", "phone": "0871-1"}})),
    Changes(stations({"B": {"lon": 102.69, "amenities": ""}, "Bb": {"area_code": "110101"}})),
    Changes(removed_stations=("A",), layers=(PARKS,), sites={"parks": sites({"q": {}})}),
    Changes(stations({"A": {"opening_hours": "24/7", "synthetic": False}})),
    Changes(layers=(POSTS,), sites={"border_posts": sites({"x": {}})}),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/s.db", create=True) as opened:
        begun = Changes(stations(THREE), layers=(PARKS,), sites={"parks": sites({"p": {}})})
        opened.commit(begun, **BY, at=when(0))
        yield opened


def begun(store: Store) -> FlaskClient:
    live = LiveRegistry(store, 0.0, lambda: 0.0)
    return create_app(Settings(), live, lambda: sample.NOW).test_client()


def told(client: FlaskClient) -> dict[str, tuple[int, bytes, str | None]]:
    answers = {path: client.get(path) for path in PATHS}
    return {path: (a.status_code, a.data, a.headers.get("ETag")) for path, a in answers.items()}


def test_answers_and_their_tags_are_those_of_a_new_start(store: Store) -> None:
    client = begun(store)
    before = told(client)
    assert {status for status, _, _ in before.values()} == {200}
    for number, change in enumerate(CHANGES, 1):
        store.commit(change, **BY, at=when(number))
        piece = Evidence("B", "report", "cannot_enter", when(500), key=str(number))
        store.add_evidence([piece], received=when(500))
        now = told(client)
        assert now == told(begun(store))
        assert now["/api/v1/register"][2] != before["/api/v1/register"][2]
        before = now
