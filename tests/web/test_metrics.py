"""What Prometheus is told, by whom it may be read, and that several processes add up."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.web import sample
from web.app import create_app
from web.metrics import METHODS
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from stations.registry import LiveRegistry

SECRET = "a-token-for-measures"
NEAR = "/api/v1/nearest?lon=102.7183&lat=25.0389&limit=3"


@pytest.fixture
def counting(live: LiveRegistry) -> FlaskClient:
    return create_app(Settings(), live, lambda: sample.NOW).test_client()


def told(client: FlaskClient, **more: Any) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics", **more)
    assert answer.status_code == 200
    return parsed(answer.get_data(as_text=True))


def parsed(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def series(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"stations_{name}", frozenset(labels.items())


def test_requests_are_counted_by_view_on_both_ways(counting: FlaskClient) -> None:
    for _ in range(3):
        assert counting.get(NEAR).status_code == 200  # past Flask
    counting.get(NEAR, headers={"Cookie": "a=b"})  # through it
    counting.get("/api/v1/nearest?lon=900&lat=25")
    counting.get("/102.7183/25.0389")
    counting.open("/", method="BREW")
    found = told(counting)
    near = {"view": "v1.nearest", "method": "GET"}
    assert found[series("requests_total", **near, status="200")] == 4
    assert found[series("requests_total", **near, status="400")] == 1
    assert found[series("requests_total", view="none", method="GET", status="404")] == 1
    assert found[series("requests_total", view="none", method="other", status="405")] == 1
    assert found[series("request_seconds_count", view="v1.nearest")] == 5
    assert found[series("requests_in_flight")] == 1  # this question itself


def test_there_are_no_more_series_than_views(counting: FlaskClient, app: APIFlask) -> None:
    for number in range(60):
        counting.get(f"/api/v1/stations/S{number:03}")
        counting.get(f"/nothing/{number}?lon={number}")
    views = {label for _, labels in told(counting) for name, label in labels if name == "view"}
    assert views <= {*app.view_functions, "none"}
    assert len(told(counting)) < 100
    assert "other" not in METHODS


def test_the_register_is_measured(counting: FlaskClient, live: LiveRegistry) -> None:
    found = told(counting)
    now = live.current()
    assert found[series("register_revision")] == now.revision
    assert found[series("register_stations")] == len(now.stations)
    assert found[series("register_behind")] == 0
    assert found[series("register_up")] == 1
    trust = now.trust(sample.NOW)[now.active]
    assert found[series("trust_mean")] == pytest.approx(trust.mean())
    assert found[series("trust_doubtful")] == (trust < 0.5).sum()


@pytest.mark.parametrize(
    ("token", "sent", "status"),
    [
        ("", {}, 200),
        ("", {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}, 404),
        ("", {"headers": {"X-Forwarded-For": "127.0.0.1"}}, 404),
        ("", {"environ_base": {"REMOTE_ADDR": "::1"}}, 200),
        (SECRET, {}, 404),
        (SECRET, {"headers": {"Authorization": f"Bearer {SECRET}"}}, 200),
        (SECRET, {"headers": {"Authorization": "Bearer wrong"}}, 404),
        (SECRET, {"headers": {"Authorization": f"Basic {SECRET}"}}, 404),
    ],
)
def test_who_may_read_it(live: LiveRegistry, token: str, sent: dict[str, Any], status: int) -> None:
    app = create_app(Settings(metrics_token=token), live, lambda: sample.NOW)
    assert app.test_client().get("/metrics", **sent).status_code == status


COUNTING = """
import sys, time
from pathlib import Path
from web.metrics import Metrics, take_slot
slot = take_slot(Path(sys.argv[1]))
found = Metrics(Path(sys.argv[1]))
count, timer = found.of("v1.nearest", "GET", 200)
found.in_flight.inc()
for _ in range(int(sys.argv[2])):
    count.inc()
    timer.observe(0.002)
print(slot, flush=True)
sys.stdin.read()
"""
READING = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry, generate_latest
from web.metrics import Metrics, take_slot
take_slot(Path(sys.argv[1]))
sys.stdout.write(Metrics(Path(sys.argv[1])).text(CollectorRegistry()).decode())
"""


@pytest.fixture
def counters(tmp_path: Path) -> Iterator[Callable[[int], tuple[subprocess.Popen[str], int]]]:
    with ExitStack() as stack:

        def begin(number: int) -> tuple[subprocess.Popen[str], int]:
            command = [sys.executable, "-c", COUNTING, str(tmp_path), str(number)]
            made = stack.enter_context(subprocess.Popen(command, stdin=-1, stdout=-1, text=True))
            stack.callback(made.kill)
            assert made.stdout is not None
            return made, int(made.stdout.readline())

        yield begin


def test_processes_add_up_and_counts_outlive_them(
    tmp_path: Path, counters: Callable[[int], tuple[subprocess.Popen[str], int]]
) -> None:
    def read() -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        command = [sys.executable, "-c", READING, str(tmp_path)]
        return parsed(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    counted = series("requests_total", view="v1.nearest", method="GET", status="200")
    (first, slot), (_, other) = counters(5), counters(7)
    assert (slot, other) == (0, 1)
    assert read()[counted] == 12
    first.kill()
    first.wait()
    _, again = counters(11)
    assert again == slot  # goes on where the one that was killed stopped
    found = read()
    assert found[counted] == 23
    assert found[series("requests_in_flight")] == 2  # not the one it was killed with
    assert len(list(tmp_path.glob("counter_*.db"))) <= 3


def test_a_snapshot_says_when_it_was_loaded(counting: FlaskClient, app: APIFlask) -> None:
    before = time.time()
    counting.application.extensions["stations.metrics"].loaded(7)
    found = told(counting)
    assert found[series("snapshot_revision_oldest")] == 7
    assert before <= found[series("snapshot_loaded_seconds")] <= time.time()
