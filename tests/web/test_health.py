"""Alive, and ready or not: what is wrong is said, where things are is not."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Any

import pytest

from geodata.roads.errors import RoadsServerError
from stations.registry import LiveRegistry
from stations.store import Changes
from stations.travel import Travel
from tests.web import sample
from web import health
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from geodata.roads import RoadNetwork


@pytest.fixture
def own(tmp_path: Path) -> Any:
    with sample.filled_store(tmp_path) as store:
        yield store


def asked(live: LiveRegistry, *more: Any) -> tuple[int, dict[str, Any], str]:
    app = create_app(Settings(), live, lambda: sample.NOW, *more)
    answer = app.test_client().get("/readyz")
    told = answer.get_json()
    problems = {each["name"]: each["problem"] for each in told["checks"]}
    assert told["ready"] == (answer.status_code == 200) == (set(problems.values()) == {None})
    return answer.status_code, problems, answer.get_data(as_text=True)


def test_all_is_well(own: Any) -> None:
    status, problems, _ = asked(LiveRegistry(own, 0, time.monotonic))
    assert status == 200
    assert problems == {"register": None, "roads": None, "disk": None}


def test_a_store_that_is_gone_is_told_and_health_stays_alive(own: Any, tmp_path: Path) -> None:
    live = LiveRegistry(own, 0, time.monotonic)
    own.close()
    for path in tmp_path.glob("stations.db*"):
        path.rename(tmp_path / f"away-{path.name}")
    status, problems, text = asked(live)
    assert status == 503
    assert "loaded last" in problems["register"]
    assert str(tmp_path) not in text
    alive = create_app(Settings(), live, lambda: sample.NOW).test_client().get("/healthz")
    assert (alive.status_code, alive.get_json()["status"]) == (200, "stale")
    for path in tmp_path.glob("away-*"):
        path.rename(tmp_path / path.name.removeprefix("away-"))
    assert asked(live)[0] == 200


def test_readiness_brings_the_newest_revision(own: Any) -> None:
    live = LiveRegistry(own, 3600, time.monotonic)
    moved = sample.stations().head(1).assign(name="新")
    own.commit(Changes(stations=moved), who="w", why="w", at=sample.NOW)
    assert live.current().revision == 1
    assert asked(live)[0] == 200
    assert live.current().revision == 2


def test_a_routing_engine_that_answers(own: Any, liechtenstein_roads: RoadNetwork) -> None:
    travel = Travel(liechtenstein_roads)
    assert asked(LiveRegistry(own, 0, time.monotonic), lambda: travel)[1]["roads"] is None


def test_a_routing_engine_that_does_not(own: Any, liechtenstein_roads: RoadNetwork) -> None:
    class Gone:
        batch, many_origins, intact = 20, False, True

        def ask(self, *_asked: Any) -> Any:
            raise RoadsServerError("no answer from the Valhalla server at http://10.0.0.7:8002")

    lost = copy.copy(liechtenstein_roads)
    lost._engine = Gone()
    travel = Travel(lost)
    status, problems, text = asked(LiveRegistry(own, 0, time.monotonic), lambda: travel)
    assert (status, problems["roads"]) == (503, "the routing engine does not answer")
    assert "10.0.0.7" not in text


def test_a_full_or_closed_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(health.room(tmp_path / "not" / "there" / "yet")) == []
    monkeypatch.setattr(health, "ROOM_BYTES", 1 << 60)
    assert "nearly full" in next(health.room(tmp_path))
    assert "nothing can be written" in next(health.room(tmp_path.__class__("/proc/self")))
