"""Plans accepted over HTTP: staff only, from the job that made them, in one revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stations.registry import LiveRegistry
from stations.store import Changes
from tests.web import sample, town
from tests.web.test_plans import WISH, ask, ended
from web.api import accepts
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from stations.store import Store

STAFF = {"headers": sample.STAFF}
OPEN = ["add_amenities", "extend_hours", "build_smart"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with town.filled(tmp_path) as filled:
        yield filled


@pytest.fixture
def client(store: Store) -> FlaskClient:
    live = LiveRegistry(store, 1000.0, lambda: 0.0)  # hears only what it is told to look at
    settings = Settings(staff_token=sample.TOKEN)
    app = create_app(settings, live, lambda: sample.NOW)
    return app.test_client()


def job_of(client: FlaskClient, **more: Any) -> dict[str, Any]:
    """Return a job of the staff's that has made a plan."""
    return ended(client, ask(client, {**WISH, "actions": OPEN, **more}, **STAFF), **STAFF)


def chosen(client: FlaskClient, job: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/jobs/{job['id']}/result", **STAFF)
    actions: list[dict[str, Any]] = answer.get_json()["chosen"]
    return actions


def accept(client: FlaskClient, job_id: str, **sent: Any) -> TestResponse:
    body = {"who": "王芳", **sent}
    return client.post(f"/api/v1/site/jobs/{job_id}/accept", json=body, **STAFF)


def test_what_is_accepted_is_planned_and_nothing_else_changes(
    client: FlaskClient, store: Store
) -> None:
    job = job_of(client)
    actions = [each for each in chosen(client, job) if not each["restricted"]]
    ids = [each["id"] for each in actions]
    assert len(ids) >= 2
    before = client.get("/api/v1/coverage?layer=work_sites&within=500m").get_json()["total"]
    answer = accept(client, job["id"], actions=ids, why="一期")
    assert answer.status_code == 201
    assert answer.get_json() == {"planned": len(ids), "revision": 2}
    last = store.revisions()[-1]
    assert (last.number, last.who, last.why, last.at) == (2, "王芳", "一期", sample.NOW)
    rows = store.stations()
    assert (rows["status"] == "planned").sum() == len(ids)
    assert rows.loc[["a", "b"], "status"].tolist() == ["active", "active"]
    name = rows.index[rows["status"] == "planned"][0]
    assert client.get(f"/api/v1/stations/{name}").get_json()["status"] == "planned"
    after = client.get("/api/v1/coverage?layer=work_sites&within=500m").get_json()["total"]
    assert after == before
    again = accept(client, job["id"], actions=ids)
    assert (again.status_code, again.get_json()) == (200, {"planned": 0, "revision": None})


def test_only_staff_accept(client: FlaskClient, store: Store) -> None:
    job = job_of(client)
    public = ended(client, ask(client, {**WISH, "actions": OPEN}))
    for id_ in (job["id"], public["id"], "none"):
        answer = client.post(f"/api/v1/site/jobs/{id_}/accept", json={"who": "王芳"})
        assert answer.status_code == 401
        assert "staff" in answer.get_json()["detail"]
    assert accept(client, public["id"]).status_code == 404
    assert store.revision() == 1


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        ({"who": ""}, 400, "who: "),
        ({"who": "  "}, 400, "who"),
        ({"who": None}, 400, "who: "),
        ({"who": "x" * 101}, 400, "who: "),
        ({"why": "x" * 501}, 400, "why: "),
        ({"actions": ["moon"]}, 400, "no action 'moon'"),
        ({"actions": []}, 400, "name the actions"),
        ({"actions": "all"}, 400, "actions: "),
        ({"plan": {}}, 400, "plan: not a field here"),
        ({"why": "x" * accepts.LARGEST}, 413, "bytes"),
    ],
)
def test_what_cannot_be_accepted_changes_nothing(
    client: FlaskClient, store: Store, sent: dict[str, Any], status: int, says: str
) -> None:
    job = job_of(client, actions=["add_amenities", "extend_hours"])
    answer = accept(client, job["id"], **sent)
    assert answer.status_code == status
    assert says in answer.get_json()["detail"]
    assert store.revision() == 1


def test_a_place_that_tells_of_a_restricted_one_is_refused(
    client: FlaskClient, store: Store
) -> None:
    job = job_of(client, actions=["build_mobile"])
    assert any(each["restricted"] for each in chosen(client, job))
    answer = accept(client, job["id"])
    assert answer.status_code == 400
    assert "restricted" in answer.get_json()["detail"]
    assert store.revision() == 1


def test_the_register_may_have_moved_on(client: FlaskClient, store: Store) -> None:
    job = job_of(client, actions=["extend_hours"])
    [action] = chosen(client, job)
    assert action["station"] == "a"
    gone = Changes(removed_stations=("a",))
    store.commit(gone, who="测试", why="撤销", at=sample.NOW)
    answer = accept(client, job["id"])
    assert answer.status_code == 400
    assert "no longer a station in use" in answer.get_json()["detail"]
    assert store.revision() == 2


def test_jobs_that_are_no_plan(client: FlaskClient) -> None:
    begun = client.post("/api/v1/coverage/jobs?layer=work_sites&within=500m", **STAFF)
    other = ended(client, begun, **STAFF)
    assert accept(client, other["id"]).status_code == 400
    failed = job_of(client, must=["moon"])
    assert failed["state"] == "failed"
    assert accept(client, failed["id"]).status_code == 404
    assert accept(client, "none").status_code == 404
    empty = job_of(client, sites=0)
    assert "no action to accept" in accept(client, empty["id"]).get_json()["detail"]
