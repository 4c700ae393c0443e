"""Who is asking, and what they may see."""

from __future__ import annotations

import hmac
from enum import StrEnum
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from stations.errors import LayerMissingError

if TYPE_CHECKING:
    from stations.registry import Layer, Registry
    from web.settings import Settings

REALM = WWWAuthenticate("bearer", {"realm": "staff"})


class Role(StrEnum):
    """What a caller may see."""

    PUBLIC = "public"
    STAFF = "staff"


def role() -> Role:
    """Return the role of the request's caller.

    No ``Authorization`` header: the public. A header that is not the staff token raises 401.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return Role.PUBLIC
    settings: Settings = current_app.extensions["stations.settings"]
    scheme, _, token = header.partition(" ")
    expected = settings.staff_token.encode()
    matches = hmac.compare_digest(token.strip().encode(), expected)
    if scheme.lower() == "bearer" and expected and matches:
        return Role.STAFF
    raise Unauthorized(
        "That is not the staff token. Send Authorization: Bearer and the token, "
        "or no such header at all.",
        www_authenticate=REALM,
    )


def visible_layers(registry: Registry, caller: Role) -> dict[str, Layer]:
    """Return the layers ``caller`` may see, by name."""
    return {
        name: layer
        for name, layer in registry.layers.items()
        if caller is Role.STAFF or not layer.info.restricted
    }


def visible_layer(registry: Registry, name: str, caller: Role) -> Layer:
    """Return one layer; a hidden one raises exactly what an unknown one does."""
    layers = visible_layers(registry, caller)
    if name not in layers:
        open_ones = ", ".join(sorted(layers)) or "none"
        raise LayerMissingError(
            f"no layer of that name is open to you (open: {open_ones}); "
            "staff send Authorization: Bearer and their token"
        )
    return layers[name]
