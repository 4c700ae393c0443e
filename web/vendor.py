"""Scripts and styles of others, served from their packages: no other host is ever asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, abort, send_from_directory
from swagger_ui_bundle import swagger_ui_path
from xstatic.pkg import leaflet, leaflet_markercluster

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("vendor", __name__, url_prefix="/static/vendor")

DAY_S = 86_400


@dataclass(frozen=True)
class Package:
    """A folder of files to serve, and their version."""

    folder: Path
    version: str


PACKAGES = {
    "leaflet": Package(Path(leaflet.BASE_DIR), leaflet.VERSION),
    "markercluster": Package(Path(leaflet_markercluster.BASE_DIR), leaflet_markercluster.VERSION),
    "swagger-ui": Package(Path(swagger_ui_path), "4.15.5"),
}


def asset_url(package: str, file: str) -> str:
    """Return our address of a package's file; its version is in it, so it may be kept long."""
    return f"{blueprint.url_prefix}/{package}/{file}?v={PACKAGES[package].version}"


@blueprint.get("/<package>/<path:file>")
def serve(package: str, file: str) -> Response:
    """Send one file of one package."""
    if package not in PACKAGES:
        abort(404)
    return send_from_directory(PACKAGES[package].folder, file, max_age=30 * DAY_S)
