"""The same network behind the engine's own server on loopback, and servers that are none."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import numpy as np
import pytest
import valhalla

from geodata import roads
from geodata.errors import UsageError
from geodata.roads import folder as kept
from geodata.roads.engine import engine_config

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from geodata.roads import RoadNetwork


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def address(liechtenstein_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the engine's server over the same tiles until the module is done."""
    place, port = tmp_path_factory.mktemp("server"), free_port()
    config = engine_config(str(kept.current(liechtenstein_folder) / kept.TILES))
    config["httpd"]["service"] = {
        "listen": f"tcp://127.0.0.1:{port}",
        "loopback": f"ipc://{place}/loopback",
        "interrupt": f"ipc://{place}/interrupt",
        "drain_seconds": 1,
        "shutdown_seconds": 1,
        "timeout_seconds": -1,
    }
    for part in ("loki", "thor", "odin"):
        config[part]["service"]["proxy"] = f"ipc://{place}/{part}"
    (place / "config.json").write_text(json.dumps(config))
    tool = valhalla.PYVALHALLA_DIR / "bin" / "valhalla_service"
    with subprocess.Popen(
        [str(tool), str(place / "config.json"), "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait(server, port)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.kill()


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            with pytest.raises(subprocess.TimeoutExpired):
                server.wait(0.05)
        else:
            return
    pytest.fail("the engine's server did not begin to listen")


@pytest.mark.shared_data
def test_a_server_answers_as_the_folder_does(
    address: str, liechtenstein_roads: RoadNetwork
) -> None:
    server = roads.RoadNetwork.open(address)
    assert server.info.engine == "3.9.1"
    assert server.info.id.startswith("valhalla 3.9.1 ")
    assert server.info.where == address.rstrip("/")
    lon, lat = np.random.default_rng(1).uniform((9.50, 47.10), (9.56, 47.20), (45, 2)).T
    for mode in roads.MODES:
        points = liechtenstein_roads.snap(lon, lat, mode)
        ours = liechtenstein_roads.matrix(points, points.take(np.arange(12)), mode)
        theirs = server.matrix(points, points.take(np.arange(12)), mode)
        np.testing.assert_array_equal(ours.minutes, theirs.minutes)
        np.testing.assert_array_equal(ours.metres, theirs.metres)
        again = server.snap(lon, lat, mode)
        both = points.found & again.found
        assert both.sum() > 10
        assert (again.metres[both] <= points.metres[both]).all()  # it knows no rivers
        assert (again.metres == points.metres).mean() > 0.5
    assert not server.calibrations
    with pytest.raises(UsageError, match="not on a server"):
        server.save()


@pytest.mark.shared_data
def test_a_road_closed_on_a_server_is_closed(
    address: str, liechtenstein_roads: RoadNetwork
) -> None:
    lon, lat = np.random.default_rng(8).uniform((9.515, 47.135), (9.525, 47.15), (20, 2)).T
    for mode in roads.MODES:
        place = ([9.5215], [47.1415], mode)
        here, there = (
            each.closing(*place) for each in (liechtenstein_roads, roads.RoadNetwork.open(address))
        )
        assert here.costing(mode) == there.costing(mode)
        points = here.snap(lon, lat, mode)
        ours, theirs = (each.matrix(points, points, mode).minutes for each in (here, there))
        np.testing.assert_array_equal(ours, theirs)
        before = liechtenstein_roads.snap(lon, lat, mode)
        assert (ours != liechtenstein_roads.matrix(before, before, mode).minutes).any()


def test_nobody_there() -> None:
    with pytest.raises(roads.RoadsServerError, match="is it running"):
        roads.RoadNetwork.open(f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("address", ["http://", "http:///x"])
def test_an_address_needs_a_host(address: str) -> None:
    with pytest.raises(UsageError, match="http\\(s\\)://host:port"):
        roads.RoadNetwork.open(address)


@contextmanager
def answering(status: int, texts: dict[str, str]) -> Iterator[str]:
    """Run a server that says what it is told at each path, and nothing elsewhere."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(texts.get(self.path, "").encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as other:
        threading.Thread(target=other.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{other.server_port}"
        finally:
            other.shutdown()


@pytest.mark.parametrize(
    ("status", "text"),
    [(200, "<html>"), (200, "[]"), (200, "{}"), (404, "{}"), (500, "oops")],
)
def test_somebody_else_there(status: int, text: str) -> None:
    with (
        answering(status, {"/status": text}) as address,
        pytest.raises(roads.RoadsServerError, match="no Valhalla server"),
    ):
        roads.RoadNetwork.open(address)


EDGE = {"correlated_lon": 9.5, "correlated_lat": 47, "edge_id": {"value": 7}}
NEAR = {"edges": [{**EDGE, "outbound_reach": 50, "inbound_reach": 50}]}
TABLE = {"durations": [[60]], "distances": [[0.1]]}


@pytest.mark.parametrize(
    "odd",
    [
        {"/status": {"version": "3", "bbox": 7}},
        {"/status": {"version": "3", "tileset_last_modified": 2**62}},
        {"/locate": None},
        {"/locate": [{"edges": [EDGE]}]},
        {"/locate": [{"edges": [{**NEAR["edges"][0], "correlated_lat": 470}]}]},
        {"/sources_to_targets": {"sources_to_targets": {"durations": [[60]]}}},
        {"/sources_to_targets": {"sources_to_targets": {**TABLE, "durations": [[60, 60]]}}},
        {"/sources_to_targets": {"sources_to_targets": {**TABLE, "distances": [["far"]]}}},
    ],
)
def test_answers_of_another_shape_are_refused(odd: dict[str, object]) -> None:
    told = {"/status": {"version": "3"}, "/locate": [NEAR]}
    sound = {**told, "/sources_to_targets": {"sources_to_targets": TABLE}}

    def walked(says: Mapping[str, object]) -> float:
        with answering(200, {path: json.dumps(said) for path, said in says.items()}) as address:
            network = roads.RoadNetwork.open(address)
            point = network.snap([9.5], [47], "walk")
            return float(network.matrix(point, point, "walk").minutes[0, 0])

    assert walked(sound) == 1
    with pytest.raises(roads.RoadsEngineError, match="not understood"):
        walked({**sound, **odd})
