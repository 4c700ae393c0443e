from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geodata.errors import Fault, FaultyDataError, ProjectError, StoreError
from stations import errors as station_errors
from web.app import create_app
from web.errors import STATUS
from web.settings import Settings

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from stations.registry import LiveRegistry


INSIDE = "secret /srv/stations.db 97.853214"


def every_error(kind: type[ProjectError]) -> set[type[ProjectError]]:
    below = kind.__subclasses__()
    return {*below, *(leaf for each in below for leaf in every_error(each))}


def test_every_error_has_a_status() -> None:
    assert station_errors.StationMissingError in STATUS  # the leaves of stations are loaded
    assert every_error(ProjectError) == set(STATUS)


@pytest.fixture
def broken(live: LiveRegistry) -> APIFlask:
    app = create_app(Settings(), live)

    def fail_by_surprise() -> str:
        raise RuntimeError(INSIDE)

    def fail_by_store() -> str:
        raise StoreError(INSIDE)

    def fail_by_data() -> str:
        raise FaultyDataError("one fault", [Fault(3, "lon", "abc", "not a number")])

    for fail in (fail_by_surprise, fail_by_store, fail_by_data):
        app.add_url_rule(f"/api/v1/{fail.__name__}", view_func=fail)
        app.add_url_rule(f"/{fail.__name__}", endpoint=f"page_{fail.__name__}", view_func=fail)
    return app


@pytest.mark.parametrize(("path", "status"), [("fail_by_surprise", 500), ("fail_by_store", 503)])
def test_what_fails_on_our_side_says_nothing_of_the_inside(
    broken: APIFlask, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = broken.test_client()
    problem = client.get(f"/api/v1/{path}")
    page = client.get(f"/{path}")
    assert problem.status_code == page.status_code == status
    assert problem.content_type == "application/problem+json"
    assert page.content_type.startswith("text/html")
    told = problem.get_data(as_text=True) + page.get_data(as_text=True) + caplog.text
    assert "secret" not in told
    assert problem.get_json()["request_id"] in caplog.text
    assert "97.853214" not in told


def test_faults_are_listed(broken: APIFlask) -> None:
    answer = broken.test_client().get("/api/v1/fail_by_data")
    assert answer.status_code == 422
    assert answer.get_json()["faults"] == [
        {"row": 3, "field": "lon", "value": "abc", "problem": "not a number"}
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/nothing", 404),
        ("GET", "/api/v1/stations/nobody", 404),
        ("GET", "/api/v1/layers/nothing?within=1km", 404),
        ("POST", "/api/v1/nearest", 405),
        ("GET", "/api/v1/nearest", 400),
    ],
)
def test_problems_have_the_promised_form(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    problem = answer.get_json()
    assert answer.status_code == problem["status"] == status
    assert answer.content_type == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["instance"] == path.partition("?")[0]
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert problem["detail"]


def test_people_get_a_page_in_chinese(client: FlaskClient) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.get_data(as_text=True)


def test_a_large_body_is_refused_before_it_is_read(client: FlaskClient) -> None:
    answer = client.post("/api/v1/nearest", data=b"x" * 70_000)
    assert answer.status_code == 413
    assert answer.get_json()["status"] == 413


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    assert "GET" in client.delete("/api/v1/stations").headers["Allow"]
