"""Two limits side by side on one map: a page that stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stations import coverage as covering
from stations.travel import modes
from web import alone
from web.api import sources

if TYPE_CHECKING:
    import geopandas as gpd

    from stations.coverage import Coverage
    from stations.registry import Registry

_HERE = Path(__file__).resolve().parent


def flips_page(registry: Registry, answer: Coverage, beside: Coverage) -> str:
    """Return the HTML of a map of one layer under two limits; nothing in it asks the network.

    ``registry`` is the one both were measured on. Every site is shown: the page of a restricted
    layer says that it is one, and is for those who may see it.
    """
    paired = covering.flips(answer, beside)
    return alone.page(
        _HERE,
        "flips",
        layer=answer.layer,
        here=_told(answer),
        beside=_told(beside),
        counts=covering.flip_counts(paired),
        synthetic=answer.synthetic or beside.synthetic,
        attribution=_attribution(registry, answer, beside),
        data=_data(registry, paired, answer, beside),
    )


def _told(answer: Coverage) -> dict[str, Any]:
    """Return a limit in words, and how its figures were made."""
    mode = modes()[answer.need.limit.mode]
    zh, en = (mode.zh, mode.en) if answer.by_time else ("直线", "straight line")
    text = answer.need.limit.text
    return {
        "limit": f"{text} {zh} {en}",
        "zh": f"{zh} {text}",
        "en": f"{text} {en}",
        "method": answer.method(),
        "share": answer.total()["share"],
    }


def _attribution(registry: Registry, *answers: Coverage) -> list[str]:
    roads = any(answer.roads is not None for answer in answers)
    return sources.attribution(registry.stations.index, answers[0].sites.index, roads=roads)


def _data(
    registry: Registry, paired: gpd.GeoDataFrame, answer: Coverage, beside: Coverage
) -> dict[str, Any]:
    """Return the sites, the stations nearest to them, and the counties around."""
    shapes = paired.geometry.to_numpy()
    rows = zip(covering.flip_rows(paired), alone.inside(shapes), alone.drawn(shapes), strict=True)
    sites = [{**row, "at": place, "geometry": shape} for row, place, shape in rows]
    named = sorted({*paired["nearest_id"], *paired["nearest_id_beside"]} - {""})
    stations = [
        {name: registry.station(id_)[name] for name in ("id", "name", "lon", "lat")}
        for id_ in named
    ]
    return {
        "sites": sites,
        "stations": stations,
        "outlines": alone.outlines(paired["area_code"]),
        "limits": {"here": _told(answer)["limit"], "beside": _told(beside)["limit"]},
    }
