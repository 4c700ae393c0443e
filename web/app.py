"""The application: parts in, WSGI out. Wiring only."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask import current_app

from web import api, errors, guard, maps, pages, vendor
from web.api import answers, replies
from web.api.demand import CoverageCache
from web.api.document import describe
from web.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from stations.registry import LiveRegistry
    from web.settings import Settings


def utc_now() -> datetime:
    """Return the instant, aware."""
    return datetime.now(UTC)


def create_app(
    settings: Settings, live: LiveRegistry, clock: Callable[[], datetime] = utc_now
) -> APIFlask:
    """Return the application that serves ``live`` to everybody, as ``settings`` say.

    It is plain WSGI and starts nothing: any server may run it, in as many workers as it likes.
    ``clock`` tells the instant, aware, that "now" is in its answers.
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
        "stations.coverage": CoverageCache(),
        "stations.limits": Limits(settings.report_limits),
        "stations.map": maps.station_map(settings, vendor.asset_url),
    }
    for blueprint in (api.blueprint, pages.blueprint, vendor.blueprint):
        app.register_blueprint(blueprint)
    app.get("/healthz")(app.output(answers.Health)(health))
    guard.register(app)
    guard.trust_proxies(app, settings.proxies)
    errors.register(app)
    return app


def health() -> Response:
    """Tell whether this service answers, and whether from the newest revision."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    revision = live.current().revision
    return replies.fresh({"status": "stale" if live.error else "ok", "revision": revision})
