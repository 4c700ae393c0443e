"""The road network breaks: tiles damaged under the engine, a Valhalla server that is lost."""

from __future__ import annotations

import os
import random
import shutil
import socket
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from shapely import Point

from geodata import roads
from geodata.roads import RoadNetwork
from stations.store import Changes, Store
from tests.stations.worlds import stations
from tests.trials._scene import ASKED, Rules, Scene
from tests.trials._server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.trials._scene import Told

STATIONS = 2_000
EXTRACT = Path(__file__).parents[3] / "shared/data/osm/liechtenstein-latest.osm.pbf"
VADUZ = 9.5209, 47.1397
BY_ROAD = ASKED | {
    "nearest": f"/api/v1/nearest?lon={VADUZ[0]}&lat={VADUZ[1]}&limit=3&open=arrival&mode=walk",
    "elsewhere": ASKED["nearest"],
}
WRITES = ("edit", "report")
NEAR = 30
"""Stations on the network."""


@contextmanager
def _beside(place: str, folder: Path) -> Iterator[Server]:
    """Serve with stations on the network."""
    server = Server(folder, STATIONS, 2)
    dice = random.Random(1)
    rows = {
        f"R{n}": (Point(VADUZ[0] + dice.gauss(0, 0.01), VADUZ[1] + dice.gauss(0, 0.01)),
                  {"opening_hours": "24/7"})
        for n in range(NEAR)
    }  # fmt: skip
    with Store.open(server.db) as store:
        changes = Changes(stations=stations(rows))
        store.commit(changes, who="trial", why="on the network", at=datetime.now(UTC))
    server.environment["STATIONS_ROADS"] = place
    server.begin()
    try:
        yield server
    finally:
        server.end()


def _damaged(name: str, hurt: Callable[[Path], object], *, before: bool = False) -> Told:
    """Damage the tiles of a network, before or while it is served, and put them back."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held) / "roads"
        roads.build(EXTRACT, folder)
        tiles = next(folder.glob("network-*/tiles.tar"))
        kept = Path(held) / "kept.tar"
        shutil.copy2(tiles, kept)
        if before:
            hurt(tiles)
        with _beside(str(folder), Path(held)) as server:
            scene = Scene(server, WRITES, BY_ROAD)
            rules = Rules(refused=False, cut_off=True, estimates=True)
            return scene.play(
                name, (lambda: None) if before else lambda: hurt(tiles),
                lambda: shutil.copyfile(kept, tiles), rules,
            )  # fmt: skip


def _cut(tiles: Path) -> None:
    os.truncate(tiles, tiles.stat().st_size // 2)


def _noise(tiles: Path) -> None:
    with tiles.open("r+b") as file:
        file.write(random.Random(2).randbytes(tiles.stat().st_size))


def tiles_cut() -> Told:
    """Take half of the tiles away while they are read."""
    return _damaged("tiles truncated while serving", _cut)


def tiles_noise() -> Told:
    """Overwrite the tiles by noise while they are read."""
    return _damaged("tiles overwritten by noise while serving", _noise)


def tiles_cut_at_start() -> Told:
    """Begin with half of the tiles gone."""
    return _damaged("tiles truncated at the start", _cut, before=True)


def tiles_missing_at_start() -> Told:
    """Begin with no tiles there."""
    return _damaged("tiles missing at the start", Path.unlink, before=True)


class _Valhalla(ThreadingHTTPServer):
    """A Valhalla server over a network in a folder, which can be made to fail in some way."""

    daemon_threads = True

    def __init__(self, network: RoadNetwork) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.network, self.way = network, ""
        self.asking = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """Say nothing of those who went away."""


class _Answer(BaseHTTPRequestHandler):
    """An answer as Valhalla gives it, or as it should not."""

    server: _Valhalla

    def do_POST(self) -> None:
        """Answer by the engine in this process."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        way = self.server.way
        if way == "hangs":
            time.sleep(30)
            return
        if way == "slow":
            time.sleep(0.7)
        action = {"sources_to_targets": "matrix"}.get(self.path.strip("/"), self.path.strip("/"))
        text = b"<html>502</html>" if way == "garbage" else self._answer(action, body)
        if way == "odd":
            text = b'{"version": "3.5.1", "sources_to_targets": {"durations": [7]}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        for at in range(len(text)):
            if way != "dribbles":
                self.wfile.write(text)
                return
            with suppress(OSError):
                self.wfile.write(text[at : at + 1])
                time.sleep(0.2)

    def _answer(self, action: str, body: bytes) -> bytes:
        with self.server.asking:
            return orjson.dumps(self.server.network.ask(action, orjson.loads(body)))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _valhalla() -> Iterator[_Valhalla]:
    with tempfile.TemporaryDirectory() as held:
        roads.build(EXTRACT, Path(held) / "roads")
        server = _Valhalla(RoadNetwork.open(Path(held) / "roads"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()


def _lost(way: str) -> Told:
    with _valhalla() as engine, tempfile.TemporaryDirectory() as folder:
        address = f"http://127.0.0.1:{engine.server_address[1]}"

        def turn(to: str) -> Callable[[], None]:
            def act() -> None:
                engine.way = to

            return act

        with _beside(address, Path(folder)) as server:
            rules = Rules(refused=False, estimates=True)
            scene = Scene(server, WRITES, BY_ROAD)
            return scene.play(f"Valhalla's server: {way}", turn(way), turn(""), rules)


def engine_hangs() -> Told:
    """Have it take questions and never answer."""
    return _lost("hangs")


def engine_slow() -> Told:
    """Have each answer take 0.7 s."""
    return _lost("slow")


def engine_dribbles() -> Told:
    """Have answers come byte by byte."""
    return _lost("dribbles")


def engine_garbage() -> Told:
    """Have it answer what is no JSON."""
    return _lost("garbage")


def engine_odd() -> Told:
    """Have it answer JSON that is no answer."""
    return _lost("odd")


def engine_refuses() -> Told:
    """Have nobody listen there any more, and then somebody again."""
    with _valhalla() as engine, tempfile.TemporaryDirectory() as folder:
        door = int(engine.server_address[1])
        again: list[_Valhalla] = []

        def hurt() -> None:
            engine.shutdown()
            engine.socket.shutdown(socket.SHUT_RDWR)
            engine.server_close()

        def heal() -> None:
            made = _Valhalla.__new__(_Valhalla)
            ThreadingHTTPServer.__init__(made, ("127.0.0.1", door), _Answer)
            made.network, made.way, made.asking = engine.network, "", threading.Lock()
            threading.Thread(target=made.serve_forever, daemon=True).start()
            again.append(made)

        with _beside(f"http://127.0.0.1:{door}", Path(folder)) as server:
            scene = Scene(server, WRITES, BY_ROAD)
            rules = Rules(refused=False, estimates=True)
            return scene.play("Valhalla's server: gone and back", hurt, heal, rules)


FAULTS = (
    tiles_cut, tiles_noise, tiles_cut_at_start, tiles_missing_at_start,
    engine_hangs, engine_slow, engine_dribbles, engine_garbage, engine_odd, engine_refuses,
)  # fmt: skip
