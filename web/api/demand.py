"""Demand layers: which there are, how far they are covered, where the gaps are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app

from stations import Registry
from stations.coverage import Need, Terms, revision_before
from stations.coverage.hour_sets import ALL
from stations.hours.clock import wall
from web.api import answers, features, replies, sources, weeks
from web.api.base import GEOJSON, JSON, endpoint, now, register
from web.api.measured import Asked
from web.api.needs import (
    CoverageQuery,
    GapsQuery,
    NeedQuery,
    SitesQuery,
    TruthQuery,
    WeekQuery,
)
from web.api.queries import NoQuery
from web.api.seen import seen
from web.auth import Role, caller, visible_layer, visible_layers

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from stations.registry import Layer, LiveRegistry
    from web.api.measured import Progress


@endpoint("/layers", NoQuery, answers.Layers)
def layers(_: NoQuery) -> Response:
    """List the demand layers open to the caller."""
    registry = register()
    asking = caller()

    def build() -> dict[str, Any]:
        seen = sorted(visible_layers(registry, asking).items())
        titles = [_title(layer) for _, layer in seen]
        return {"revision": registry.revision, "layers": titles}

    if asking.role is not Role.PUBLIC:
        return replies.secret(build())
    return replies.versioned(registry, build)


def _title(layer: Layer) -> dict[str, Any]:
    return {
        **vars(layer.info),
        "sites": len(layer.sites),
        "attribution": sources.attribution(layer.sites.index),
    }


@endpoint("/layers/<name>", SitesQuery, answers.Sites, content_type=GEOJSON)
def sites(query: SitesQuery, name: str) -> Response:
    """List a layer's sites as GeoJSON, by id, each with how far it is covered on paper."""
    source = asked(query, name)

    def build() -> dict[str, Any]:
        measured = source.paper()
        return features.collection(measured, measured.sites, query.limit, features.sites)

    return answered(source, ("sites", query.limit), build, content_type=GEOJSON)


@endpoint("/coverage", CoverageQuery, answers.CoverageAnswer)
def coverage(query: CoverageQuery) -> Response:
    """Measure how much of a layer is covered, in all and by area, site or hour.

    Without `hours` on paper: the register alone. With `hours` in truth: for every hour asked about,
    from paper by opening hours, amenities and trust to what is real, and at each step how many
    worker-hours are lost and why; `hours=all` is the ordinary week. Within metres, as the crow
    flies; within minutes, over roads where a network is known, else estimated: `method` and
    `estimated` tell. In truth also: how evenly counties and types of worker are covered, what hangs
    on a single station or host, and what changed (`since`). Over roads the first answer may take
    long: ask for it as a job then.
    """
    source = asked(query, query.layer)
    return answered(source, ("coverage", query.by), lambda: measured(source, query))


def measured(
    source: Asked, query: CoverageQuery, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the document that answers a coverage question."""
    answer = source.paper(progress) if source.terms is None else source.truth(progress)
    return answer.as_dict(query.by)


@endpoint("/gaps", GapsQuery, answers.GapsAnswer, content_type=GEOJSON)
def gaps(query: GapsQuery) -> Response:
    """List the sites not, or not wholly, in reach as GeoJSON, worst first.

    Worst on paper: most workers left out, then farthest from any station (no way at all is
    farthest), then id. In truth (`hours`): most worker-hours lost, then id; each with when it is
    lost, the main cause, the nearest station, the nearest that is usable then, and the one change
    that wins most; its type of worker, places for each, and what hangs on one station or host.
    """
    source = asked(query, query.layer)
    what = ("gaps", query.limit)
    return answered(source, what, lambda: gaps_of(source, query), content_type=GEOJSON)


def gaps_of(source: Asked, query: GapsQuery, progress: Progress | None = None) -> dict[str, Any]:
    """Return the document that answers a question about gaps."""
    if source.terms is None:
        paper = source.paper(progress)
        return features.collection(paper, paper.gaps(), query.limit, features.sites)
    truth = source.truth(progress)
    columns = ["worker_type", "places_per_worker", "one_station", "one_host"]
    frame = truth.gaps().join(truth.sites[columns])
    return features.collection(truth, frame, query.limit, features.gaps)


@endpoint("/coverage/week", WeekQuery, answers.Week)
def week(query: WeekQuery) -> Response:
    """Tell the share covered in truth at each hour of the week, by area or by site."""
    source = asked(query, query.layer, hours_needed=True)
    return answered(source, ("week", query.by), lambda: weeks.week_of(source.truth(), query.by))


def asked(query: NeedQuery, name: str, *, hours_needed: bool = False) -> Asked:
    """Return what answers a question about a layer the caller may see."""
    registry = seen(register())
    layer = visible_layer(registry, name, caller())
    need, today = Need(name, query.within, query.needs), wall(now()).date()
    if not isinstance(query, TruthQuery):
        return Asked.of(registry, layer, need, on=today)
    terms = _terms(query, hours_needed=hours_needed)
    source = Asked.of(registry, layer, need, terms, on=today)
    if terms is None:
        return source
    others = tuple(
        source._replace(
            layer=visible_layer(registry, other, caller()), need=replace(need, layer=other)
        )
        for other in query.compare
        if other != name
    )
    earlier = _earlier(query.since, source) if query.since else None
    return source._replace(others=others, earlier=earlier)


def _earlier(since: str, source: Asked) -> Asked:
    """Return the same question to the register as it was; trust is weighed as it was then.

    A layer that was restricted then stays so.
    """
    live: LiveRegistry = current_app.extensions["stations.register"]
    revision = revision_before(live.store, since, now=now())
    kept = source.cache.registers
    key = (replies.contents_of(source.registry), revision.number)
    then = kept.get(key)
    if then is None:
        model, heard = source.registry.model, live.store.evidence()
        then = Registry.load(live.store, revision.number, model=model, evidence=heard)
        kept.put(key, then)
    then = seen(then)
    layer = visible_layer(then, source.need.layer, caller())
    terms = source.terms
    if terms is not None and terms.at is not None:
        terms = replace(terms, at=min(terms.at, revision.at))
    return Asked.of(then, layer, source.need, terms, on=wall(now()).date())


def _terms(query: TruthQuery, *, hours_needed: bool) -> Terms | None:
    """Return the terms of a question in truth; None for one on paper.

    Trust is weighed at the beginning of this hour: an answer holds that long.
    """
    if query.hours is None and not hours_needed:
        return None
    moment = now()
    hour = moment - timedelta(
        minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond
    )
    return Terms(
        hours=query.hours or ALL,
        stay_min=query.stay,
        trust_floor=query.trust_floor,
        at=hour if query.trust_floor > 0 else None,
        profile=query.profile,
        supposed=query.what_if,
    )


def answered(
    source: Asked,
    what: tuple[object, ...],
    build: Callable[[], dict[str, Any]],
    *,
    content_type: str = JSON,
) -> Response:
    """Answer a document about a layer, built or kept."""

    def body() -> bytes:
        return source.written(what, lambda: replies.encode(build()))

    return sent(source, body, content_type=content_type)


def sent(source: Asked, body: Callable[[], bytes], *, content_type: str) -> Response:
    """Answer bytes about a layer: kept by nobody if it is restricted."""
    if source.restricted:
        return replies.secret_bytes(body(), content_type=content_type)
    return replies.tagged(source.version, body, content_type=content_type)
