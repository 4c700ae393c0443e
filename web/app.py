"""The application: parts in, WSGI out. Wiring only."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask import current_app

from stations.travel import Travel
from web import api, errors, guard, maps, packing, pages, roads, shortcut, signing, vendor
from web.api import answers, area, offline, replies
from web.api.document import describe
from web.api.measured import CoverageCache
from web.jobs import Jobs
from web.kept import Kept
from web.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Response

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
) -> APIFlask:
    """Return the application that serves ``live`` to everybody, as ``settings`` say.

    It is plain WSGI and starts nothing: any server may run it, in as many workers as it likes.
    ``clock`` tells the instant, aware, that "now" is in its answers; ``travel`` how one gets about
    by now, over roads or by estimate; ``kept`` is where reach by road is kept on disk. The jobs in
    ``jobs_folder`` are known to all who share it, None: to this application alone.
    """
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
        "stations.limits": Limits(settings.report_limits),
        "stations.sign_ins": Limits(settings.sign_in_limits),
        "stations.map": maps.station_map(settings, vendor.asset_url),
    }
    for blueprint in (api.blueprint, pages.blueprint, signing.blueprint, vendor.blueprint):
        app.register_blueprint(blueprint)
    app.get("/healthz")(app.output(answers.Health)(health))
    guard.register(app)
    packing.register(app)
    shortcut.register(app)
    guard.trust_proxies(app, settings.proxies)
    errors.register(app)
    return app


def health() -> Response:
    """Tell whether this service answers, and whether from the newest revision."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    revision = live.current().revision
    return replies.fresh(
        {
            "status": "stale" if live.error else "ok",
            "revision": revision,
            "roads": roads.told(roads.current()),
        }
    )
