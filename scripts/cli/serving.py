"""``stations serve`` and ``stations demo``."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

import click

from geodata.errors import UsageError
from scripts.cli.cover import print_coverage
from scripts.cli.output import db_option, progress
from stations import Registry
from stations import coverage as coverage_module
from stations.store import Store
from web.roads import LiveTravel
from web.settings import Settings

DEMO_WITHIN_M = 1_000

host_option = click.option("--host", default="127.0.0.1", show_default=True)
port_option = click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)


def _serve(db: str, host: str, port: int, workers: int) -> None:
    """Serve until stopped; the settings are checked here, before any worker starts."""
    from granian import Granian  # noqa: PLC0415 - only a server needs it
    from granian.constants import Interfaces  # noqa: PLC0415

    os.environ["STATIONS_DB"] = db
    settings = Settings.from_env(os.environ)
    LiveTravel.of(settings, time.monotonic)  # a damaged road network is refused here, in one line
    click.echo(f"http://{host}:{port}/map")
    Granian(
        "web.wsgi:app",
        address=host,
        port=port,
        workers=workers,
        interface=Interfaces.WSGI,
        blocking_threads=1,  # one thread a worker: more of them only wait for one another
        log_access=False,
    ).serve()


@click.command()
@host_option
@port_option
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@db_option
def serve(host: str, port: int, workers: int, db: str) -> None:
    """Serve the map and the API.

    Example: STATIONS_STAFF_TOKEN=… stations serve --host 0.0.0.0 --port 8000 --workers 2
    """
    Store.open(db).close()
    _serve(db, host, port, workers)


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
    registry = _demo_registry(db, seed)
    for layer in ("parks", "border_posts"):
        need = coverage_module.Need(layer, coverage_module.Limit(DEMO_WITHIN_M))
        print_coverage(coverage_module.measure(registry, need), "prefecture")
    if not no_serve:
        _serve(db, host, port, workers=1)


def _demo_registry(db: str, seed: int) -> Registry:
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
