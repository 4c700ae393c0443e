"""Which layers a caller sees, and which part of those that are restricted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stations.errors import LayerMissingError
from web.auth.callers import READERS

if TYPE_CHECKING:
    from stations.registry import Layer, Registry
    from web.auth.callers import Caller


def visible_layers(registry: Registry, asking: Caller) -> dict[str, Layer]:
    """Return the layers ``asking`` sees, by name; of restricted ones the sites in its areas.

    Where a site lies is what its area code says; one without is seen by those only who are
    responsible for everywhere.
    """
    parts = {name: _part(layer, asking) for name, layer in registry.layers.items()}
    return {name: layer for name, layer in parts.items() if layer is not None}


def visible_layer(registry: Registry, name: str, asking: Caller) -> Layer:
    """Return one of them; a hidden one raises exactly what an unknown one does."""
    layers = visible_layers(registry, asking)
    if name not in layers:
        open_ones = ", ".join(sorted(layers)) or "none"
        raise LayerMissingError(
            f"no layer of that name is open to you (open: {open_ones}); staff sign in, "
            "or send Authorization: Bearer and a token"
        )
    return layers[name]


def part_of(layer: Layer, area: str) -> str:
    """Name the part of a layer seen by who is responsible for ``area``; empty: all of it."""
    return area if layer.info.restricted else ""


def _part(layer: Layer, asking: Caller) -> Layer | None:
    if not layer.info.restricted:
        return layer
    if asking.role not in READERS:
        return None
    if not asking.area:
        return layer
    mine = layer.sites["area_code"].str.startswith(asking.area)
    return replace(layer, sites=layer.sites[mine.to_numpy(dtype=bool)])
