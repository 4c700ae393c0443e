"""CPU time of one request to ``/api/v1/nearest`` in process, beside the empty JSON view.

No server, no client: what is left is steadier on a busy machine than requests a second. Requests of
both take turns, a hundred each. ``--stations`` changes the size.
"""

from __future__ import annotations

import argparse
import importlib
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from werkzeug.test import EnvironBuilder, run_wsgi_app

from stations.store import Changes, Store
from tests.benchmarks._register import large_register
from tests.benchmarks.http import ARRIVAL, AT, NEEDS, OURS, PATH

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

TURN = 100
VARIED = 3_000


def _varied() -> list[str]:
    """Make questions from as many places, seeded: more than anything is kept for."""
    places = np.random.default_rng(7).uniform((98, 22), (105.5, 28), (VARIED, 2))
    more = f"needs={NEEDS}&limit=5{ARRIVAL}&at={AT}"
    return [f"{PATH}?lon={x:.6f}&lat={y:.6f}&{more}" for x, y in places]


def _seconds(app: WSGIApplication, asked: list[WSGIEnvironment]) -> float:
    start = time.process_time()
    for environ in asked:
        body, status, _ = run_wsgi_app(app, environ, buffered=True)
        if not status.startswith("200"):
            raise RuntimeError(status)
        del body
    return time.process_time() - start


def _line(app: WSGIApplication, what: str, paths: list[str]) -> None:
    empty = [EnvironBuilder("/empty").get_environ() for _ in range(TURN)]
    asked = [EnvironBuilder(path).get_environ() for path in paths]
    turns = [asked[first : first + TURN] for first in range(0, len(asked), TURN)]
    _seconds(app, asked)  # what is made once is made now
    spent = [(_seconds(app, empty), _seconds(app, turn)) for turn in 2 * turns]
    none, ours = (1e6 / TURN * median(each) for each in zip(*spent, strict=True))
    print(f"  {what:40}{ours:7.0f} µs, empty view {none:5.0f} µs: {none / ours:.2f}")


def main() -> None:
    """Print microseconds a request, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=200_000)
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with Store.open(url, create=True) as store:
            changes = Changes(stations=large_register(sizes.stations))
            store.commit(changes, who="bench", why="bench", at=datetime.now(UTC))
        os.environ |= {"STATIONS_DB": url, "STATIONS_ROADS": "none"}
        app = importlib.import_module("tests.benchmarks._wsgi").app
        for what, paths in {**OURS, f"the same, {VARIED:,} places": _varied()}.items():
            _line(app, what, paths)


if __name__ == "__main__":
    main()
