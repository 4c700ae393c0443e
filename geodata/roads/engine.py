"""The routing engine, in this process or behind an address: requests in, parsed answers out."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import threading
import weakref
from collections import deque
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import orjson
from shapely.errors import GEOSException

from geodata.errors import ProjectError, UsageError
from geodata.roads.costing import HORIZON_MIN
from geodata.roads.errors import RoadsEngineError, RoadsServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from valhalla import Actor

NO_EDGE, NO_PATH = 171, 442
"""The engine's codes for "no road near" and "no way"."""
TIMEOUT_S = 60.0
_COST_S = int(HORIZON_MIN * 60 * 2)
"""The search ends at this cost. Cost is seconds and dislikes together; answers near it could depend
on what else was asked, so it lies twice as high as the longest answer that is kept."""
_METRES_PER_COST = {"pedestrian": 7, "bicycle": 19, "auto": 112, "truck": 112}
"""How the engine turns its setting ``max_matrix_distance`` into that cost."""


class RefusalError(Exception):
    """The engine's own error answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{message} (code {code})")
        self.code = code


_ODD = (
    LookupError, TypeError, AttributeError, ValueError, OverflowError, OSError, GEOSException
)  # fmt: skip


@contextmanager
def understood() -> Iterator[None]:
    """Read an answer within: of one that is not as the engine's are, RoadsEngineError."""
    try:
        yield
    except _ODD as error:
        if isinstance(error, ProjectError):
            raise
        raise RoadsEngineError(
            f"the routing engine's answer is not understood ({type(error).__name__}); is it the "
            "Valhalla this program knows?"
        ) from None


class Engine(Protocol):
    """Something that answers the engine's requests."""

    @property
    def intact(self) -> bool:
        """Whether what it reads is as it was when it was opened."""

    batch: int
    """Most locations in one request that is not a matrix."""
    many_origins: bool
    """Whether a matrix request may have several origins and still give the same answers."""

    def ask(self, action: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - parsed JSON
        """Return the parsed answer; RefusalError where the engine says no."""


class LocalEngine:
    """The engine in this process.

    One engine serves one call at a time (sharing one between threads crashes), so idle ones are
    kept and as many are started as calls run at once; a forked child starts its own.
    The tiles stay open by file descriptor: they can be read even after a newer build replaced them.
    """

    batch = 100
    many_origins = True

    def __init__(self, tiles: Path) -> None:
        held = os.open(tiles, os.O_RDONLY)
        self._held, self._opened = held, _version(held)
        weakref.finalize(self, os.close, held)
        config, name = tempfile.mkstemp()
        weakref.finalize(self, os.close, config)
        Path(name).write_text(json.dumps(engine_config(_by_descriptor(held))), "utf-8")
        Path(name).unlink()
        self._config = _by_descriptor(config)
        self._idle: tuple[int, deque[Actor]] = (os.getpid(), deque())

    @property
    def intact(self) -> bool:
        """Whether nobody has written to the tiles since: what is mapped and gone kills."""
        return _version(self._held) == self._opened

    def ask(self, action: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - parsed JSON
        """Return the parsed answer; RefusalError, RoadsEngineError."""
        body = orjson.dumps(request).decode()
        with self._actor() as actor:
            answer = getattr(actor, action)(body)
        return orjson.loads(answer)

    @contextmanager
    def _actor(self) -> Iterator[Actor]:
        from valhalla import Actor, ValhallaError  # noqa: PLC0415 - 40 MB, not before it is needed

        if self._idle[0] != os.getpid():
            self._idle = (os.getpid(), deque())
        idle = self._idle[1]
        try:
            actor = idle.pop()
        except IndexError:
            actor = Actor(self._config)
        try:
            yield actor
        except ValhallaError as error:
            raise RefusalError(int(error.code), str(error.message)) from None
        except RuntimeError as error:
            raise RoadsEngineError(f"the routing engine failed: {str(error)[:200]}") from None
        idle.append(actor)


def _version(file: int) -> tuple[int, int]:
    found = os.fstat(file)
    return found.st_size, found.st_mtime_ns


def _by_descriptor(number: int) -> str:
    return f"/dev/fd/{number}"


def build_config(tiles: Path, threads: int) -> dict[str, Any]:
    """Give the engine's configuration for building into the folder ``tiles``, which exists."""
    config = engine_config("")
    config["mjolnir"] |= {"tile_dir": str(tiles), "concurrency": threads}
    config["logging"] = {"type": "std_out", "color": False}
    return config


def engine_config(tar: str) -> dict[str, Any]:
    """Give the engine's configuration: its own defaults, silent, without what we do not have."""
    from valhalla import get_config  # noqa: PLC0415 - as above

    config: dict[str, Any] = get_config(tile_extract="", tile_dir=tempfile.gettempdir())
    config["logging"] = {"type": ""}
    config["additional_data"] = {}
    absent = ("admin", "landmarks", "timezone", "traffic_extract", "transit_dir")
    config["mjolnir"] |= dict.fromkeys((*absent, "transit_feeds_dir", "tile_dir"), "")
    config["mjolnir"] |= {"tile_extract": tar, "max_cache_size": 64_000_000}
    config["mjolnir"]["data_processing"]["use_admin_db"] = False
    config["thor"] |= {
        "source_to_target_algorithm": "timedistancematrix",
        "max_reserved_labels_count_dijkstras": 100_000,
        "clear_reserved_memory": False,
    }
    _raise_limits(config["service_limits"])
    return config


def _raise_limits(limits: dict[str, Any]) -> None:
    for name, metres in _METRES_PER_COST.items():
        limits[name] |= {
            "max_matrix_distance": float(metres * _COST_S),
            "max_matrix_location_pairs": 10_000_000,
            "max_locations": 100_000,
        }
    limits["isochrone"] |= {"max_time_contour": int(HORIZON_MIN), "max_distance": 2_000_000.0}
    limits |= {"max_radius": 1000, "allow_hard_exclusions": True}
    limits["status"]["allow_verbose"] = True


_UNTIL: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Wait for a server's answers no longer than this, all of the block's together."""
    before = _UNTIL.set(monotonic() + seconds)
    try:
        yield
    finally:
        _UNTIL.reset(before)


@contextmanager
def _cut_off(link: socket.socket, seconds: float) -> Iterator[None]:
    """End a connection after so long: its own limit is on each piece of an answer, not on all."""
    timer = threading.Timer(seconds, partial(_shut, link))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(link: socket.socket) -> None:
    with suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)


class RemoteEngine:
    """A Valhalla server, asked over HTTP; connections are not kept."""

    batch = 20
    many_origins = False
    intact = True

    def __init__(self, address: str, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"a Valhalla server's address is http(s)://host:port, not {address!r}")
        self.address = address.rstrip("/")
        self._parts, self._timeout_s = parts, timeout_s

    def ask(self, action: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - parsed JSON
        """Return the parsed answer; RefusalError, RoadsServerError."""
        name = {"matrix": "sources_to_targets"}.get(action, action)
        status, text = self._post(f"{self._parts.path.rstrip('/')}/{name}", orjson.dumps(request))
        try:
            answer = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise self._no_valhalla(f"HTTP {status}, no JSON") from None
        if status != 200:  # noqa: PLR2004 - HTTP's word for yes
            if not (isinstance(answer, dict) and isinstance(answer.get("error_code"), int)):
                raise self._no_valhalla(f"HTTP {status}")
            raise RefusalError(answer["error_code"], str(answer.get("error", ""))[:200])
        return answer

    def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        try:
            seconds = self._seconds()
            connection = kind(self._parts.netloc.rpartition("@")[2], timeout=seconds)
            try:
                connection.connect()
                with _cut_off(connection.sock, seconds):
                    connection.request("POST", path, body, {"Content-Type": "application/json"})
                    response = connection.getresponse()
                    return response.status, response.read()
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError) as error:
            raise RoadsServerError(
                f"no answer from the Valhalla server at {self.address} ({error}); is it running?"
            ) from None

    def _seconds(self) -> float:
        """Return for how long an answer is waited for now."""
        until = _UNTIL.get()
        left = self._timeout_s if until is None else min(self._timeout_s, until - monotonic())
        if left <= 0:
            raise TimeoutError("it took too long")
        return left

    def _no_valhalla(self, what: str) -> RoadsServerError:
        return RoadsServerError(f"what answers at {self.address} is no Valhalla server ({what})")
