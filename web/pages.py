"""Pages for people. They hold no record: the browser fetches the data, as the caller it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for

from web import maps
from web.guard import content_policy
from web.vendor import asset_url

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from web.maps import MapParts

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def start() -> BaseResponse:
    """Lead to the map."""
    return redirect(url_for("pages.station_map"))


@blueprint.get("/map")
def station_map() -> Response:
    """Show stations, coverage and gaps on a map."""
    parts: MapParts = current_app.extensions["stations.map"]
    policy = content_policy(scripts=parts.script_hash, images=parts.image_hosts)
    return _page(render_template("map.html", map=parts), policy)


@blueprint.get("/plan")
def plan() -> Response:
    """Ask for a plan, and show it on two maps."""
    today, then = (maps.plain_map(asset_url, name) for name in ("before", "after"))
    policy = content_policy(scripts=f"{today.script_hash} {then.script_hash}")
    return _page(render_template("plan.html", map=today, after=then), policy)


@blueprint.get("/api/docs")
def docs() -> Response:
    """Show the API, with forms to try it."""
    assets = {
        name: asset_url("swagger-ui", name) for name in ("swagger-ui.css", "swagger-ui-bundle.js")
    }
    policy = content_policy(styles="'unsafe-inline'")  # Swagger UI sets styles in its markup
    return _page(render_template("docs.html", assets=assets), policy)


def _page(text: str, policy: str) -> Response:
    answer = Response(text, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
