"""A register with things wrong, and people of two counties to mend them."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stations.registry import LiveRegistry
from stations.store import Changes, Store
from tests.stations import worlds
from tests.stations.audit.quality_cases import GUANDU, HOME, read_as, row
from tests.web import sample
from web.app import create_app
from web.auth import people
from web.auth.scopes import SCOPES
from web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient

PASSWORD = "correct horse 9 battery"
PEOPLE = {
    "wang": ("王芳", "inspector", "530114"),
    "zhou": ("周平", "inspector", "530111"),
    "li": ("李强", "editor", "530114"),
    "sun": ("孙丽", "editor", "5301"),
    "yang": ("杨帆", "planner", ""),
    "boss": ("", "admin", ""),
}
DOORS = [f"G{at}" for at in range(4)]
"""Records of one upload whose pairs are in GCJ-02 and said to be WGS 84."""
TWINS = ("D1", "D2")
HOSTILE = "E1"


def _true(at: int) -> tuple[float, float]:
    return HOME[0] + 0.01 * at, HOME[1] + 0.012


def filled(folder: Path) -> Store:
    """Return a store: two uploads, ten records, six accounts."""
    full: dict[str, Any] = {
        "amenities": "toilet;water",
        "opening_hours": "24/7",
        "phone": "0871-60000001",
    }
    twin: dict[str, Any] = {
        "name": "呈贡区工会驿站·商业银行人民路支行",
        "host": "商业银行人民路支行",
    }
    first: dict[str, Any] = {
        "S1": row(*HOME, name="呈贡一号驿站", **full),
        "S2": row(HOME[0], HOME[1] - 0.02, name="呈贡二号驿站", opening_hours="24/7; Su off"),
        "N1": row(0.0, 0.0, name="零点驿站", amenities="rest"),
        TWINS[0]: row(HOME[0] + 0.03, HOME[1], phone="0871-65550000", amenities="rest", **twin),
        TWINS[1]: row(HOME[0] + 0.0301, HOME[1], phone="0871-65550000", capacity=20, **twin),
        HOSTILE: row(*GUANDU, name=sample.NASTY, area_code="530111", amenities="water"),
    }
    second: dict[str, Any] = {}
    for at, id_ in enumerate(DOORS):
        lon, lat = _true(at)
        door = {"entrance_lon": lon + 0.0002, "entrance_lat": lat}
        named: dict[str, Any] = {"name": f"批次驿站{at}", "amenities": "rest", **door}
        second[id_] = read_as(lon, lat, true="gcj02", said="wgs84", **named)
    store = Store.open(f"sqlite:///{folder / 'stations.db'}", create=True)
    for at, rows in enumerate((first, second)):
        changes = Changes(stations=worlds.stations(rows))
        when = sample.WHEN + timedelta(hours=at)
        store.commit(changes, who="test", why="sample", at=when)
    for name, (title, role, area) in PEOPLE.items():
        people.make(
            store, name, title=title, role=role, area=area, who="test", now=sample.WHEN,
            password=PASSWORD,
        )  # fmt: skip
    return store


def bearer(store: Store, name: str) -> dict[str, str]:
    """Return the headers of somebody's requests."""
    text, _ = people.make_token(
        store, name, label="test", scopes=SCOPES.keys(), days=30, who="test", now=sample.WHEN
    )
    return {"Authorization": f"Bearer {text}"}


def true_place(id_: str) -> tuple[float, float]:
    """Return where a record of the second upload really is."""
    return _true(int(id_[1:]))


def recorded(client: FlaskClient, headers: dict[str, str], query: str = "") -> Any:
    """Audit, record, and return what was recorded."""
    begun = client.post(f"/api/v1/findings/update?{query}", headers=headers)
    assert begun.status_code == 202, begun.get_data(as_text=True)
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)
    answer = client.get(f"{begun.headers['Location']}/result", headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def listed(client: FlaskClient, headers: dict[str, str], query: str = "") -> list[dict[str, Any]]:
    """Return the findings somebody is told."""
    answer = client.get(f"/api/v1/findings?limit=1000&{query}", headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[dict[str, Any]] = answer.get_json()["findings"]
    return found


def app_of(store: Store, *, poll_s: float = 1000.0) -> APIFlask:
    """Return the application over a store, at `sample.NOW`."""
    live = LiveRegistry(store, poll_s, lambda: 0.0)
    return create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)
