"""The application: parts in, WSGI out. Wiring only."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from apiflask import APIFlask
from flask import current_app

from web import api, errors, guard, maps, pages, vendor
from web.api import answers, replies
from web.api.demand import CoverageCache

if TYPE_CHECKING:
    from flask import Response

    from stations.registry import LiveRegistry
    from web.settings import Settings

ABOUT = """Rest stations for outdoor workers (工会驿站): where they are, who has none in reach.

Positions are WGS 84 longitude and latitude. Errors are RFC 9457 problems. Layers that are
restricted are open to staff only: they send `Authorization: Bearer` and their token."""


def create_app(settings: Settings, live: LiveRegistry) -> APIFlask:
    """Return the application that serves ``live`` to everybody, as ``settings`` say.

    It is plain WSGI and starts nothing: any server may run it, in as many workers as it likes.
    """
    app = APIFlask(
        __name__,
        title="工会驿站 Worker stations",
        version=version("worker-stations"),
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    _describe(app)
    app.extensions |= {
        "stations.settings": settings,
        "stations.register": live,
        "stations.coverage": CoverageCache(),
        "stations.map": maps.station_map(settings, vendor.asset_url),
    }
    for blueprint in (api.blueprint, pages.blueprint, vendor.blueprint):
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", view_func=health)
    guard.register(app)
    errors.register(app)
    return app


def health() -> Response:
    """Tell whether this service answers, and whether from the newest revision."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    revision = live.current().revision
    return replies.fresh({"status": "stale" if live.error else "ok", "revision": revision})


def _describe(app: APIFlask) -> None:
    """Say in the OpenAPI document what its types cannot."""
    app.config |= {
        "DESCRIPTION": ABOUT,
        "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        "AUTO_SERVERS": False,
        "SERVERS": [{"url": "/"}],
        "VALIDATION_ERROR_STATUS_CODE": 400,
        "VALIDATION_ERROR_SCHEMA": answers.Problem.model_json_schema(),
        "HTTP_ERROR_SCHEMA": answers.Problem.model_json_schema(),
        "SECURITY_SCHEMES": {"staff": {"type": "http", "scheme": "bearer"}},
    }
