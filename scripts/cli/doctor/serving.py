"""Checks of how it is set up to serve."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from scripts.cli.doctor.found import Found
from web import health
from web.roads import LiveTravel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from web.settings import Settings

EXAMPLES = ("example", "change", "secret", "password", "token", "123456", "abcdef")
FEWEST_SIGNS = 8
"""Different characters a token has at least."""
MORE_THAN_HOURS = 2 * 3600


def look(settings: Settings) -> Iterator[Found]:
    """Look at the settings, the folders and the road network."""
    yield from _tokens(settings)
    yield from _proxy(settings)
    yield from _folder(settings.data_folder)
    yield from _roads(settings)
    yield from _leftovers(settings.data_folder)


def _tokens(settings: Settings) -> Iterator[Found]:
    secrets = {"STAFF_TOKEN": settings.staff_token, "METRICS_TOKEN": settings.metrics_token}
    weak = [f"STATIONS_{name}" for name, token in secrets.items() if token and _weak(token)]
    if weak:
        yield Found(
            "tokens",
            "wrong",
            f"{', '.join(weak)} can be guessed",
            "make one: openssl rand -base64 32",
        )
    elif settings.staff_token:
        yield Found(
            "tokens",
            "hint",
            "the staff token opens everything, and names nobody",
            "unset STATIONS_STAFF_TOKEN when there are accounts",
        )
    else:
        yield Found("tokens", "good", "no staff token: accounts only")


def _weak(token: str) -> bool:
    return len(set(token)) < FEWEST_SIGNS or any(word in token.lower() for word in EXAMPLES)


def _proxy(settings: Settings) -> Iterator[Found]:
    if not settings.proxies:
        yield Found(
            "proxy",
            "hint",
            "STATIONS_PROXIES is 0: right only where none is before it",
            "behind one of yours set 1; else all senders share one limit",
        )
    elif not settings.hosts:
        yield Found(
            "proxy",
            "hint",
            "any Host is answered",
            "name yours in STATIONS_HOSTS, as in stations.example.org",
        )
    elif not settings.hsts_days:
        yield Found(
            "proxy",
            "hint",
            "browsers may come without https",
            "set STATIONS_HSTS_DAYS=365 when https works",
        )
    else:
        yield Found("proxy", "good", f"{settings.proxies} before it, {settings.hosts}")


def _folder(folder: Path) -> Iterator[Found]:
    problem = next(health.room(folder), None)
    if problem:
        yield Found(
            "data folder",
            "wrong",
            f"{folder}: {problem}",
            "give the user who serves the folder, or make room",
        )
    else:
        yield Found("data folder", "good", str(folder))


def _roads(settings: Settings) -> Iterator[Found]:
    live = LiveTravel.of(settings, time.monotonic)
    if live.error is not None:
        remote = str(settings.roads_place[0]).startswith(("http://", "https://"))
        mend = "start the server" if remote else "build it anew: stations roads build FILE.osm.pbf"
        yield Found("roads", "wrong", f"minutes are estimates: {live.error}", mend)
        return
    travel = live()
    if travel.roads is None:
        yield Found(
            "roads",
            "hint",
            "no road network: minutes are estimates, and say so",
            "stations roads build FILE.osm.pbf",
        )
        return
    info = travel.roads.info
    yield Found("roads", "good", f"{info.title}, map of {info.osm_at or 'an unknown day'}")


def _leftovers(folder: Path) -> Iterator[Found]:
    """Look for what a process that was killed left behind; servers sweep jobs and uploads."""
    old = time.time() - MORE_THAN_HOURS
    parts = ("jobs/*/new-*", "jobs/*-files/*/*", ".ready-*", "**/.new-*", "**/.writing-*")
    found = {path for part in parts for path in folder.glob(part)} if folder.is_dir() else set()
    left = [path for path in found if os.lstat(path).st_mtime < old]
    if left:
        yield Found(
            "leftovers",
            "hint",
            f"{len(left)} of unfinished work, such as {left[0].name}",
            "no harm; may be deleted while nothing is at work",
        )
    else:
        yield Found("leftovers", "good", "none")
