"""Log lines: one a request, as words or JSON, and never a position, a name, a token or a query."""

from __future__ import annotations

import json
import logging
import logging.config
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.web import sample
from web import logs
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stations.registry import LiveRegistry

POST = "97.853214"
PLACE = ("102.7183", "25.0389")
TOLD = {
    "positions": [*PLACE, "102.71", "25.03", "Kunming"],
    "tokens": [sample.TOKEN, "Bearer", "hunter2-hunter2", "cookie-of-somebody"],
    "names": ["王芳", "wangfang", "S-NASTY", "S001", "some-note", "13800138000"],
    "queries": ["?", "limit=", "q="],
}
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", f"/api/v1/nearest?lon={PLACE[0]}&lat={PLACE[1]}&limit=3", {}),
    ("GET", f"/api/v1/nearest?lon={PLACE[0]}&lat={PLACE[1]}", {"headers": {"Cookie": "a=b"}}),
    ("GET", f"/api/v1/nearest?lon={PLACE[0]}&lat=95", {}),
    ("GET", f"/{PLACE[0]},{PLACE[1]}", {}),
    ("GET", f"/api/v1/marks/12/3216/1752?x={PLACE[0]}", {}),
    ("GET", "/api/v1/search?q=王芳", {}),
    ("GET", "/api/v1/stations/S-NASTY", {"headers": sample.STAFF}),
    ("GET", "/api/v1/stations/S001?limit=1", {"headers": {"Authorization": "Bearer wrong"}}),
    ("GET", "/map", {"headers": {"Cookie": "stations=cookie-of-somebody"}}),
    (
        "POST",
        "/api/v1/stations/S001/reports",
        {"json": {"outcome": "worked", "note": "some-note", "phone": "13800138000"}},
    ),
    ("POST", "/api/v1/sessions", {"json": {"name": "wangfang", "password": "hunter2-hunter2"}}),
]


@pytest.fixture
def restored() -> Iterator[None]:
    """Put the loggers back as they were."""
    names = ["", "web", "_granian"]
    before = [
        (each, each.level, [*each.handlers], each.propagate)
        for each in map(logging.getLogger, names)
    ]
    yield
    for each, level, handlers, propagate in before:
        each.setLevel(level)
        each.handlers[:] = handlers
        each.propagate = propagate


def asked(live: LiveRegistry, kind: str, capsys: pytest.CaptureFixture[str]) -> str:
    logging.config.dictConfig(logs.configuration(kind))
    settings = Settings(log=kind, staff_token=sample.TOKEN, metrics_token="measures-measures")
    client = create_app(settings, live, lambda: sample.NOW).test_client()
    for method, path, more in ASKED:
        client.open(path, method=method, **more)
    return capsys.readouterr().err


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("kind", ["text", "json"])
def test_nothing_anybody_sent_is_in_the_log(
    live: LiveRegistry, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    written = asked(live, kind, capsys)
    assert len(written.splitlines()) >= len(ASKED)
    lines = [line for line in written.splitlines() if "web.access" in line]
    assert len(lines) == len(ASKED)
    for what, texts in TOLD.items():
        assert not [text for text in texts if text in written], what


@pytest.mark.usefixtures("restored")
def test_json_lines_say_how_it_went(live: LiveRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in asked(live, "json", capsys).splitlines()]
    first, *_ = [line for line in lines if line["logger"] == "web.access"]
    assert first.keys() == {
        *("at", "level", "logger", "worker", "id", "method", "route", "status", "ms")
    }
    assert (first["method"], first["route"], first["status"]) == ("GET", "/api/v1/nearest", 200)
    assert re.fullmatch(r"[0-9a-f]{16}", first["id"])
    assert {line["route"] for line in lines if "route" in line} >= {
        "/api/v1/stations/<path:station_id>", "-", "/map"
    }  # fmt: skip


@pytest.mark.usefixtures("restored")
def test_what_went_wrong_is_one_line_of_json_without_its_words(
    live: LiveRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "no road at " + POST

    def broken() -> Any:
        raise RuntimeError(words)

    logging.config.dictConfig(logs.configuration("json"))
    client = create_app(Settings(), live, lambda: sample.NOW, broken).test_client()
    assert client.get(f"/api/v1/nearest?lon={PLACE[0]}&lat={PLACE[1]}").status_code == 500
    failed = (ValueError, ValueError(POST), None)
    logging.getLogger("web").error("it failed", exc_info=failed)
    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line.get("raised") for line in lines if line["level"] == "error"][-1] == "ValueError"
    assert POST not in written


@pytest.mark.parametrize(
    ("proxies", "sent", "taken"),
    [
        (1, "4bf92f3577b34da6a3ce929d0e0e4736", True),
        (1, "req_01-AbZ9", True),
        (0, "4bf92f3577b34da6a3ce929d0e0e4736", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "forged\tline-in-log", False),
        (1, "102.7183,25.0389", False),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", f"/api/v1/nearest?lon={PLACE[0]}&lat={PLACE[1]}"])
def test_a_proxy_of_ours_may_name_a_request(
    live: LiveRegistry, path: str, proxies: int, sent: str, *, taken: bool
) -> None:
    client = create_app(Settings(proxies=proxies), live, lambda: sample.NOW).test_client()
    told = client.get(path, headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (told == sent) == taken
    assert taken or re.fullmatch(r"[0-9a-f]{16}", told)
