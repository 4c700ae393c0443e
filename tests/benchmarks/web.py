"""The rider's first answer in a real browser, with 200,000 stations in the register.

A phone's screen, Chromium slowed down four times, an empty cache, every byte as it went over the
wire. Beside it the map page, from the same run and server: until its first stations stand on it.
Also the same over a slow network, and what ``/api/v1/nearest`` answers a second to those who take
it packed and to those who do not. ``--rounds``, ``--stations`` and ``--seconds`` change the sizes.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from stations.store import Changes, Store
from tests.benchmarks._register import large_register
from tests.benchmarks.http import ARRIVAL, PATH, load, questions, served
from tests.web.browsing import CHROMIUM, PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

SLOWER = 4
"""Times the browser's processor is slowed down."""
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 25_000}
"""Milliseconds, bytes a second: a poor phone connection."""
PACKAGE = "/api/v1/offline?area=5301"
PATIENCE_MS = 120_000


@dataclass
class Visited:
    """What one visit took."""

    bytes: int
    """Over the wire, headers and all."""
    requests: int
    usable: float
    """Seconds from the address to a page that takes a tap."""
    answered: float
    """Seconds more from the tap to the answer."""


def visit(
    browser: Browser, address: str, view: Callable[[Page], tuple[float, float]], slow: Any = None
) -> Visited:
    """Open a page in a browser that knows nothing of it."""
    phone: Any = PHONE
    context = browser.new_context(
        locale="zh-CN",
        base_url=address,
        geolocation={"longitude": 102.7183, "latitude": 25.0389},
        permissions=["geolocation"],
        service_workers="block",  # it fetches everything again, after the answer
        **phone,
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if slow:
        session.send("Network.emulateNetworkConditions", slow)
    usable, answered = view(page)
    context.close()
    return Visited(int(sum(sizes)), len(sizes), usable, answered)


def rider(page: Page) -> tuple[float, float]:
    """Find the nearest on the rider's page."""
    started = time.perf_counter()
    page.goto("/", wait_until="commit")
    expect(page.locator("#locate")).to_be_enabled(timeout=PATIENCE_MS)
    tapped = time.perf_counter()
    page.click("#locate")
    expect(page.locator("#near > li")).to_have_count(5, timeout=PATIENCE_MS)
    return tapped - started, time.perf_counter() - tapped


def station_map(page: Page) -> tuple[float, float]:
    """See the first stations on the map, and then the nearest in its list."""
    started = time.perf_counter()
    page.goto("/map", wait_until="commit")
    page.locator(".bunch, .pin").first.wait_for(timeout=PATIENCE_MS)
    tapped = time.perf_counter()
    page.click("#locate-here")
    expect(page.locator("#near > li")).to_have_count(5, timeout=PATIENCE_MS)
    return tapped - started, time.perf_counter() - tapped


def show(what: str, visits: list[Visited]) -> None:
    """Print the medians."""
    size, requests, usable, answered = (
        statistics.median(getattr(each, name) for each in visits)
        for name in ("bytes", "requests", "usable", "answered")
    )
    print(
        f"  {what:30}{size / 1000:8.1f} kB in {requests:3.0f} requests,"
        f" usable after {usable:5.2f} s, answer {answered:5.2f} s after the tap"
    )


def measure(address: str, rounds: int) -> None:
    """Visit both pages in turn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        visit(browser, address, rider)  # the server's first of everything
        found: dict[str, list[Visited]] = {}
        for _ in range(rounds):
            for what, view, slow in VIEWS:
                found.setdefault(what, []).append(visit(browser, address, view, slow))
        browser.close()
    for what, visits in found.items():
        show(what, visits)


VIEWS: list[tuple[str, Callable[[Page], tuple[float, float]], Any]] = [
    ("rider /", rider, None),
    ("map /map", station_map, None),
    ("rider /, slow network", rider, SLOW),
    ("map /map, slow network", station_map, SLOW),
]


def package(address: str) -> None:
    """Print what a phone takes along, as it goes over the wire."""
    request = urllib.request.Request(address + PACKAGE, headers={"Accept-Encoding": "gzip"})
    body = urllib.request.urlopen(request).read()
    print(f"  taken along for offline use        {len(body) / 1000:8.1f} kB")


def main() -> None:
    """Print bytes and times of both pages, and the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stations", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=5)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with Store.open(url, create=True) as store:
            stations = large_register(sizes.stations)
            store.commit(Changes(stations=stations), who="bench", why="bench", at=datetime.now(UTC))
        with served(
            "web.wsgi:app", {"STATIONS_DB": url, "STATIONS_ROADS": "none"}, "/healthz"
        ) as address:
            print(f"\n{sizes.stations:,} stations, phone screen, processor {SLOWER} times slower:")
            measure(address, sizes.rounds)
            package(address)
            if shutil.which("wrk"):
                rates(address, sizes.seconds)


def rates(address: str, seconds: int) -> None:
    """Print the nearest answers a second, plain and packed, in turn."""
    plain = questions(PATH, ARRIVAL)
    for _ in range(2):
        asked = {
            "plain": load(address, plain, seconds),
            "packed": load(address, plain, seconds, gzip=True),
        }
        said = ", ".join(f"{what} {rate:,.0f}/s" for what, (rate, _) in asked.items())
        print(f"  nearest, open on arrival: {said}")


if __name__ == "__main__":
    main()
