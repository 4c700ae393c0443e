"""Demand layers: which there are, how far they are covered, where the gaps are."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import current_app, g

from stations import coverage as covering
from stations.coverage import Need
from web.api import answers, features, replies
from web.api.base import GEOJSON, JSON, endpoint, register
from web.api.queries import CoverageQuery, GapsQuery, NeedQuery, NoQuery, SitesQuery
from web.auth import Role, visible_layer, visible_layers

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from flask import Response

    from stations.coverage import Coverage
    from stations.registry import Layer, Registry

KEPT = 24
"""How many coverage answers are kept."""


class CoverageCache:
    """The latest coverage answers. A new revision has new answers; the old ones fall out.

    Who may see an answer is decided before it is asked for, never here.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, Need], Coverage] = OrderedDict()
        self._lock = Lock()

    def measure(self, registry: Registry, need: Need) -> Coverage:
        """Return `coverage.measure`'s answer, computed or kept."""
        key = (replies.version_of(registry), need)
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        answer = covering.measure(registry, need)
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return answer


@endpoint("/layers", NoQuery, answers.Layers)
def layers(_: NoQuery) -> Response:
    """List the demand layers open to the caller."""
    caller: Role = g.role
    registry = register()

    def build() -> dict[str, Any]:
        seen = sorted(visible_layers(registry, caller).items())
        titles = [{**vars(layer.info), "sites": len(layer.sites)} for _, layer in seen]
        return {"revision": registry.revision, "layers": titles}

    if caller is Role.STAFF:
        return replies.secret(build())
    return replies.versioned(registry, build)


@endpoint("/layers/<name>", SitesQuery, answers.Sites, content_type=GEOJSON)
def sites(query: SitesQuery, name: str) -> Response:
    """List a layer's sites as GeoJSON, by id, each with how far it is covered."""
    return _collection(query, name, query.limit, lambda coverage: coverage.sites)


@endpoint("/coverage", CoverageQuery, answers.Coverage)
def coverage(query: CoverageQuery) -> Response:
    """Measure how much of a layer is covered, in all and by area or site.

    On paper: the register alone, straight distances, hours not considered.
    """
    registry = register()
    layer = visible_layer(registry, query.layer, g.role)
    return _answer(registry, layer, lambda: _measure(registry, layer, query).as_dict(query.by))


@endpoint("/gaps", GapsQuery, answers.Sites, content_type=GEOJSON)
def gaps(query: GapsQuery) -> Response:
    """List the sites not, or not wholly, in reach as GeoJSON, worst first.

    Worst: most workers left out, then farthest from any station, then id.
    """
    return _collection(query, query.layer, query.limit, lambda coverage: coverage.gaps())


def _measure(registry: Registry, layer: Layer, query: NeedQuery) -> Coverage:
    cache: CoverageCache = current_app.extensions["stations.coverage"]
    return cache.measure(registry, Need(layer.info.name, query.within, query.needs))


def _collection(
    query: NeedQuery, name: str, limit: int, select: Callable[[Coverage], gpd.GeoDataFrame]
) -> Response:
    """Answer sites of one layer as a feature collection."""
    registry = register()
    layer = visible_layer(registry, name, g.role)

    def build() -> dict[str, Any]:
        measured = _measure(registry, layer, query)
        chosen = select(measured)
        page = chosen.iloc[:limit]
        return {
            "type": "FeatureCollection",
            "numberMatched": len(chosen),
            "numberReturned": len(page),
            "layer": name,
            "revision": registry.revision,
            "synthetic": measured.synthetic,
            "features": features.sites(page),
        }

    return _answer(registry, layer, build, content_type=GEOJSON)


def _answer(
    registry: Registry,
    layer: Layer,
    build: Callable[[], dict[str, Any]],
    *,
    content_type: str = JSON,
) -> Response:
    """Answer from a layer: kept by nobody if it is restricted."""
    if layer.info.restricted:
        return replies.secret(build(), content_type=content_type)
    return replies.versioned(registry, build, content_type=content_type)
