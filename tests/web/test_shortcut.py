"""The way round Flask answers as Flask does, to the byte, and is taken by plain questions only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Request

from geodata.errors import UsageError
from tests.web import sample
from web import guard
from web.api import queries
from web.app import create_app
from web.settings import Settings
from web.shortcut import PATH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIApplication

    from apiflask import APIFlask

    from stations.registry import LiveRegistry

LON, LAT = sample.KUNMING
HERE = f"lon={LON}&lat={LAT}"
ARRIVAL = f"{HERE}&needs=toilet&open=arrival&mode=ebike&stay=20&at=2026-11-24T10:00"


@pytest.fixture(scope="module")
def shown(live: LiveRegistry) -> tuple[APIFlask, list[str]]:
    """Return an application, and the list of what its Flask is asked."""
    app = create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)
    asked: list[str] = []

    @app.before_request
    def note() -> None:
        asked.append("asked")

    return app, asked


def told(app: WSGIApplication, query: str, **more: Any) -> tuple[str, list[Any], Any]:
    """Ask; return status, headers and body without the request's id."""
    environ = EnvironBuilder(PATH, query_string="", **more).get_environ()
    environ["QUERY_STRING"] = query
    body, status, headers = run_wsgi_app(app, environ)
    text = b"".join(body)
    pairs = [pair for pair in headers if pair[0] != "X-Request-Id"]
    if not status.startswith("200"):
        return status, pairs, {**json.loads(text or b"{}"), "request_id": ""}
    return status, pairs, text


PLACES = st.sampled_from([HERE, "lon=102.7&lat=25.04", "lon=-0&lat=89.5", "lat=25", "lon=1&lat=x"])
MORE = st.sampled_from(
    [
        *(
            "",
            "limit=3",
            "limit=0",
            "limit=999",
            "needs=toilet%2Ccharging",
            "needs=%E5%85%85%E7%94%B5",
        ),
        *(
            "needs=toilet,water",
            "open=arrival",
            "open=now",
            "open=never",
            "mode=walk",
            "mode=truck",
        ),
        *("stay=20", "stay=2_0", "by=distance", "by=time", "access=walk_in", "access=wand"),
        *("at=2026-11-24T02:00", "at=2026-11-24T02:00%2B08:00", "at=2026-11-24T02:00+08:00"),
        *("at=soon", "ebike_parking=true", "truck_bays=maybe", "datum=gcj02", "lon=3", "%FF=%FF"),
        *("x=1", "limit", "limit=%33", "&&", "=", "ne+eds=toilet", "needs=\xe5", "limit=5;stay=3"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(place=PLACES, more=st.lists(MORE, max_size=4))
@example(place=ARRIVAL, more=[])
def test_answers_and_errors_are_those_of_flask(
    shown: tuple[APIFlask, list[str]], place: str, more: list[str]
) -> None:
    app, _ = shown
    query = "&".join([place, *more])
    flask = guard._escaped(type(app).wsgi_app.__get__(app))
    assert told(app, query) == told(flask, query)


@pytest.mark.parametrize("query", [HERE, ARRIVAL, f"{HERE}&needs=toilet%2Ccharging"])
def test_plain_questions_never_reach_flask(shown: tuple[APIFlask, list[str]], query: str) -> None:
    app, asked = shown
    asked.clear()
    status, _, body = told(app, query)
    assert (status, asked) == ("200 OK", [])
    assert json.loads(body)["stations"]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"headers": {"Authorization": f"Bearer {sample.TOKEN}"}}, "200 OK"),
        ({"headers": {"Authorization": "Bearer wrong"}}, "401 UNAUTHORIZED"),
        ({"headers": {"Cookie": "a=b"}}, "200 OK"),
        ({"headers": {"Upgrade": "websocket"}}, "200 OK"),
        ({"method": "HEAD"}, "200 OK"),
        ({"method": "POST"}, "405 METHOD NOT ALLOWED"),
        ({"data": b"x"}, "200 OK"),
        ({"data": b"x" * 70_000}, "413 REQUEST ENTITY TOO LARGE"),
        ({"headers": {"Transfer-Encoding": "chunked"}}, "200 OK"),
    ],
)
def test_what_is_unusual_is_left_to_flask(
    shown: tuple[APIFlask, list[str]], more: Mapping[str, Any], status: str
) -> None:
    app, asked = shown
    asked.clear()
    assert told(app, HERE, **more)[0] == status
    assert asked or status.startswith(("4", "5"))


def test_what_fails_inside_is_worded_by_flask(live: LiveRegistry) -> None:
    def broken() -> Any:
        raise RuntimeError("secret 97.853214")

    app = create_app(Settings(), live, lambda: sample.NOW, broken)
    status, _, body = told(app, HERE)
    assert status == "500 INTERNAL SERVER ERROR"
    assert "97.853214" not in json.dumps(body)


@settings(max_examples=300, deadline=None)
@given(st.text("ab=&%+;2C0fE5\x7f 充", max_size=40))
@example("a=%E5%85%85&b=%FF&c=+%2B&&d&=e")
def test_a_query_string_is_taken_apart_as_werkzeug_does(query: str) -> None:
    if not query.isascii():
        with pytest.raises(UsageError, match="ASCII"):
            queries.pairs(query)
        return
    args = Request({"QUERY_STRING": query}).args
    assert sorted(queries.pairs(query)) == sorted(args.items(multi=True))
