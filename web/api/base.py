"""The blueprint every endpoint hangs on, and the snapshot they all read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import current_app, g

from web import auth

if TYPE_CHECKING:
    from stations.registry import LiveRegistry, Registry

blueprint = APIBlueprint("v1", __name__, url_prefix="/api/v1", tag="Stations 工会驿站")


def register() -> Registry:
    """Return the snapshot to answer from: ask once per request, so that one answer is one truth."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    return live.current()


@blueprint.before_request
def _recognise() -> None:
    """Refuse a wrong token everywhere, so that a mistyped one is not taken for an empty map."""
    g.role = auth.role()
