"""The application: parts in, WSGI out. Wiring only."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from apiflask import APIFlask

from stations.travel import Travel
from web import (
    api,
    errors,
    guard,
    health,
    maps,
    metrics,
    ogc,
    packing,
    pages,
    shortcut,
    signing,
    station_page,
    vendor,
    words,
)
from web import help as helping
from web.api import area, offline
from web.api.document import describe
from web.api.measured import CoverageCache
from web.auth import provider
from web.happening import Happening
from web.jobs import Jobs
from web.kept import Kept
from web.limits import Limits, Senders
from web.metrics import Metrics
from web.uploads import Uploads
from web.words import marking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stations.reach import ReachCache
    from stations.registry import LiveRegistry
    from web.settings import Settings


def utc_now() -> datetime:
    """Return the instant, aware."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    live: LiveRegistry,
    clock: Callable[[], datetime] = utc_now,
    travel: Callable[[], Travel] = Travel,
    kept: ReachCache | None = None,
    *,
    jobs_folder: Path | None = None,
    counted: Metrics | None = None,
    senders: Senders | None = None,
) -> APIFlask:
    """Return the application that serves ``live`` to everybody, as ``settings`` say.

    It is plain WSGI and starts nothing: any server may run it, in as many workers as it likes.
    ``clock`` tells the instant, aware, that "now" is in its answers; ``travel`` how one gets about
    by now, over roads or by estimate; ``kept`` is where reach by road is kept on disk. The jobs in
    ``jobs_folder`` are known to all who share it, None: to this application alone. ``counted`` is
    where requests are counted, ``senders`` where what is limited is; None: in this process's
    memory.
    """
    senders = senders or Senders()
    app = APIFlask(
        __name__,
        title="工会驿站 Worker stations",
        version=version("worker-stations"),
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    describe(app)
    app.extensions |= {
        "stations.settings": settings,
        "stations.register": live,
        "stations.clock": clock,
        "stations.travel": travel,
        "stations.coverage": CoverageCache(kept),
        "stations.jobs": Jobs(jobs_folder, partial(errors.explained, where="job")),
        "stations.areas": Kept(area.KEPT),
        "stations.packages": Kept(offline.KEPT),
        "stations.happening": Happening(),
        "stations.uploads": Uploads(jobs_folder and jobs_folder.with_suffix(".files")),
        "stations.limits": Limits(settings.report_limits, "reports", senders),
        "stations.sign_ins": Limits(settings.sign_in_limits, "sign-ins", senders),
        "stations.visits": Limits(settings.visit_limits, "visits", senders),
        "stations.map": cache(partial(maps.station_map, settings, vendor.asset_url)),
    }
    provider.register(app, settings)
    for blueprint in (
        api.blueprint,
        pages.blueprint,
        signing.blueprint,
        vendor.blueprint,
        words.blueprint,
        ogc.blueprint,
        station_page.blueprint,
        helping.blueprint,
    ):
        app.register_blueprint(blueprint)
    health.register(app)
    guard.register(app, settings)
    metrics.register(app, counted or Metrics(None), settings)
    packing.register(app)
    shortcut.register(app)
    guard.trust_proxies(app, settings.proxies)
    errors.register(app)
    marking.register(app)
    return app
