"""Pages for people. They hold no record: the browser fetches the data, as the caller it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, render_template, request, url_for

from web import bulletin_page, maps, offline, rider_page
from web.api import happening, queries
from web.api.happening import FeedQuery
from web.guard import content_policy
from web.vendor import asset_url

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from web.maps import MapParts

blueprint = Blueprint("pages", __name__)


@blueprint.app_template_global()
def modules(first: str) -> tuple[str, ...]:
    """Return the addresses of a page's script and of all it imports."""
    return offline.modules(first, Path(str(current_app.static_folder)))


@blueprint.get("/")
def rider() -> Response:
    """Tell a rider where to go now, with or without a network."""
    return _page(rider_page.html(), content_policy())


@blueprint.get("/worker.js")
def rider_worker() -> Response:
    """Keep the rider's page for when there is no network."""
    return Response(rider_page.worker(), mimetype="text/javascript", headers=offline.HEADERS)


@blueprint.get("/map")
def station_map() -> Response:
    """Show stations, coverage and gaps on a map."""
    parts: MapParts = current_app.extensions["stations.map"]()
    policy = content_policy(scripts=parts.script_hash, images=parts.image_hosts)
    return _page(render_template("map.html", map=parts), policy)


@blueprint.get("/plan")
def plan() -> Response:
    """Ask how far people are covered in truth and what if, and plan what to build."""
    parts: MapParts = current_app.extensions["stations.map"]()
    policy = content_policy(scripts=parts.script_hash, images=parts.image_hosts)
    return _page(render_template("plan.html", map=parts), policy)


@blueprint.get("/visit")
def visit() -> Response:
    """Take stations along on a phone and visit them, with or without a network."""
    return _page(render_template("visit.html"), content_policy(images="blob:"))


@blueprint.get("/visit/worker.js")
def visit_worker() -> Response:
    """Keep the page of visits for when there is no network."""
    static = Path(str(current_app.static_folder))
    script = offline.worker(url_for("pages.visit"), render_template("visit.html"), static)
    headers = {**offline.HEADERS, "Service-Worker-Allowed": url_for("pages.visit")}
    return Response(script, mimetype="text/javascript", headers=headers)


@blueprint.get("/audit")
def audit() -> Response:
    """Look after findings: what is wrong, who mends it, whom to visit, what to merge."""
    return _desk("audit")


@blueprint.get("/register")
def stations_register() -> Response:
    """Keep the register: stations one by one or by file, what changed when, activities."""
    return _desk("register")


def _desk(name: str) -> Response:
    parts = maps.plain_map(asset_url, name, current_app.extensions["stations.settings"])
    policy = content_policy(scripts=parts.script_hash, images=parts.image_hosts)
    return _page(render_template(f"{name}.html", map=parts), policy)


@blueprint.get("/activities.ics")
def activities_feed() -> Response:
    """Send the calendar of activities of an area or a station, to subscribe to."""
    query = queries.parse(FeedQuery)
    return happening.feed(query.area, query.station)


@blueprint.get("/bulletin")
def bulletin() -> BaseResponse:
    """Show what was checked, found, mended and covered in a period."""
    return bulletin_page.page()


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
