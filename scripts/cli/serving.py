"""``stations serve`` and ``stations demo``."""

from __future__ import annotations

import errno
import gc
import os
import socket
import tempfile
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from geodata.errors import UsageError
from scripts.cli.output import db_option, print_table, progress
from stations.store import Store
from web.metrics import SHARED
from web.roads import LiveTravel
from web.settings import Settings

if TYPE_CHECKING:
    from stations import Registry

DEMO_WITHIN_M = 1_000

host_option = click.option("--host", default="127.0.0.1", show_default=True)
port_option = click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)


def _serve(db: str, host: str, port: int, workers: int) -> None:
    """Serve until stopped; what cannot work raises its error here, before any worker starts."""
    settings = _settings(db)
    address = free_address(host, port)
    gc.disable()  # modules and the register are made once, and none of it is garbage
    with progress("reading the register"):
        from web.server import Server  # noqa: PLC0415 - only a server needs it
        from web.serving import Start  # noqa: PLC0415 - as above

        start = Start.of(settings)
    click.echo(f"http://{f'[{host}]' if ':' in host else host}:{port}/map")
    with tempfile.TemporaryDirectory(prefix="stations-counts-") as counts:
        os.environ.setdefault(SHARED, counts)
        server = Server(address, port, workers, start)
        gc.enable()
        server.run()


def _settings(db: str) -> Settings:
    os.environ["STATIONS_DB"] = db
    return Settings.from_env(os.environ)


def free_address(host: str, port: int) -> str:
    """Return the address of a host, IPv4 if it has one; `UsageError` if nobody can listen there.

    The server itself would share a port with another one of its kind, and half the requests would
    be answered from each one's register.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        with socket.socket(family, kind, protocol) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"something serves at {host} port {port} already; stop it, or give another --port"
            ) from None
        raise UsageError(
            f"cannot serve at {host} port {port}: {error.strerror}; give another --host or --port"
        ) from None
    return str(address[0])


@click.command()
@host_option
@port_option
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--check", is_flag=True, help="Say what is set, and stop before serving.")
@db_option
def serve(*, host: str, port: int, workers: int, check: bool, db: str) -> None:
    """Serve the map and the API.

    Told what to do by STATIONS_… variables; `stations doctor` looks at the whole installation.
    SIGHUP starts every worker anew while the old ones answer, SIGTERM ends.

    Example: STATIONS_STAFF_TOKEN=… stations serve --host 0.0.0.0 --port 8000 --workers 2
    """
    Store.open(db).close()
    if check:
        settings = _settings(db)
        if error := LiveTravel.of(settings, time.monotonic).error:
            raise error
        print_table("设置 Settings", ["", "", ""], told_settings(settings))
        return
    _serve(db, host, port, workers)


def told_settings(settings: Settings) -> list[tuple[str, str, str]]:
    """Return each variable, its value (of a secret: that there is one) and who set it."""
    rows = []
    for name, value, secret in settings.told():
        shown = ("hidden" if value else "") if secret else str("" if value is None else value)
        rows.append((name, shown, "set" if name in os.environ else "default"))
    return rows


@click.command()
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
@host_option
@port_option
@db_option
def demo(*, seed: int, no_serve: bool, host: str, port: int, db: str) -> None:
    """Make the synthetic Yunnan, print its coverage, serve its map.

    A second run finds it made and goes on. A register with anything else in it is left alone.

    Example: stations demo --no-serve --db sqlite:///demo.db
    """
    from scripts.cli.paper_told import print_coverage  # noqa: PLC0415 - not for who serves only
    from stations import coverage  # noqa: PLC0415 - as above

    registry = _demo_registry(db, seed)
    for layer in ("parks", "border_posts"):
        need = coverage.Need(layer, coverage.Limit(DEMO_WITHIN_M))
        print_coverage(coverage.measure(registry, need), "prefecture")
    if not no_serve:
        _serve(db, host, port, workers=1)


def _demo_registry(db: str, seed: int) -> Registry:
    from stations import Registry  # noqa: PLC0415 - as above
    from stations import demo as synthetic  # noqa: PLC0415 - only the demonstration needs it

    why = f"synthetic demonstration data, seed {seed}"
    with Store.open(db, create=True) as store:
        recorded = store.revisions()
        if recorded and recorded[0].why != why:
            raise UsageError(
                "this register holds something else than the demonstration with this seed; "
                "name another one: --db sqlite:///demo.db"
            )
        if not recorded:
            changes = synthetic.build(seed)
            with progress("storing the demonstration") as advance:
                store.commit(
                    changes, who="stations demo", why=why, at=datetime.now(UTC), progress=advance
                )
        if not store.evidence_number():
            with progress("storing what people found"):
                pieces = synthetic.evidence(seed, store.stations().index.tolist())
                store.add_evidence(pieces, received=synthetic.UNTIL)
        return Registry.load(store)
