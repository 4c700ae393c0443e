"""The register as the caller sees it: what is computed from it can give nothing else away."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from web.api import replies
from web.auth import caller, visible_layers
from web.kept import Kept

if TYPE_CHECKING:
    from stations.registry import Registry

KEPT = 32
"""Parts of one snapshot that are kept."""
_parts: WeakKeyDictionary[Registry, Kept[tuple[object, ...], Registry]] = WeakKeyDictionary()


def seen(registry: Registry) -> Registry:
    """Return the snapshot with the layers, and of restricted ones the sites, the caller sees."""
    asking = caller()
    kept = _parts.setdefault(registry, Kept(KEPT))
    key = (asking.role, asking.area)
    part = kept.get(key)
    if part is None:
        replies.contents_of(registry)  # the whole's name is its parts' too: they share the stands
        part = registry.with_layers(visible_layers(registry, asking).values())
        kept.put(key, part)
    return part
