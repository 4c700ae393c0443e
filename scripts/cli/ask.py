"""``stations nearest``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypedDict, Unpack

import click
import numpy as np

from geodata import datum as datum_module
from geodata.geodesy import LonLat
from scripts.cli.output import (
    db_option,
    instant,
    json_option,
    print_json,
    print_table,
    roads_option,
    travel,
)
from scripts.cli.reading import read_register
from stations import Registry
from stations import nearest as nearest_module
from stations.catalogue import catalogue
from stations.nearest.reasons import Said, said
from stations.store import Store
from stations.travel import modes

DEGREES = ("wgs84", "cgcs2000", "gcj02", "bd09")

needs_option = click.option(
    "--needs", default="", metavar="A,B", help="Amenities a station must have, such as toilet,充电."
)


class Asked(TypedDict):
    """The options of ``stations nearest`` that `stations.nearest.find` takes as they are."""

    limit: int
    at: datetime
    open_: nearest_module.Open
    mode: str
    stay: float
    by: nearest_module.By | None
    access: tuple[str, ...]
    ebike: bool
    truck: bool


def _registry(db: str) -> Registry:
    with Store.open(db) as store:
        return read_register(store)


def _place(text: str, reference: str) -> LonLat:
    """Read a point in degrees of a datum; the answer is WGS 84."""
    pair = LonLat.parse(text)
    lon, lat = datum_module.to_wgs84(np.array([pair.lon]), np.array([pair.lat]), reference)
    return LonLat(float(lon[0]), float(lat[0]))


def _instant(context: click.Context, option: click.Parameter, text: str | None) -> datetime:
    """Read the option's instant; without one it is now."""
    return instant(context, option, text) or datetime.now(UTC)


def _access(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    """Read ways in, by their code or any word for them."""
    known = catalogue().access
    return tuple(known.code(word) or word for word in text.split(",") if word)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("origin", metavar="LON,LAT")
@click.option("--limit", type=click.IntRange(1, 1000), default=5, show_default=True)
@needs_option
@click.option(
    "--at",
    callback=_instant,
    metavar="ISO",
    help="When to set out, such as 2026-11-24T02:00; Beijing time if no zone is given; now.",
)
@click.option(
    "--open",
    "open_",
    type=click.Choice(nearest_module.OPEN),
    default="any",
    show_default=True,
    help="Only stations open then, or on arrival; those with unknown hours come last.",
)
@click.option("--mode", type=click.Choice(list(modes())), default="walk", show_default=True)
@click.option("--stay", type=float, default=0.0, metavar="MIN", help="Minutes you want to stay.")
@click.option(
    "--by",
    type=click.Choice(nearest_module.BY),
    help="Order: expected time (default by road, and unless --open is any) or straight distance.",
)
@click.option(
    "--access", callback=_access, default="", metavar="A,B", help="Ways in that will do: walk_in…"
)
@click.option("--ebike", is_flag=True, help="Only with parking for e-bikes.")
@click.option("--truck", is_flag=True, help="Only with parking for trucks.")
@click.option("--datum", type=click.Choice(DEGREES), default="wgs84", help="Datum of LON,LAT.")
@db_option
@roads_option
@json_option
def nearest(
    *,
    origin: str,
    needs: str,
    datum: str,
    db: str,
    roads: str,
    as_json: bool,
    **asked: Unpack[Asked],
) -> None:
    """Find the stations to go to from a point: in use, with what is needed, open if wanted.

    Minutes are by road where there is a network, else estimated from the straight distance.

    Example: stations nearest 102.7183,25.0389 --needs toilet,charging --open arrival --mode ebike
    """
    place = _place(origin, datum)
    codes = catalogue().amenities.parse(needs)
    how = travel(roads)
    hits = nearest_module.find(_registry(db), place, needs=codes, travel=how, **asked)
    if as_json:
        reason = hits.why_none and hits.why_none._asdict()
        print_json({"stations": [hit.as_dict() for hit in hits], "why_none": reason})
    else:
        print_nearest(f"Nearest to {place.lon:.6f},{place.lat:.6f}", hits)


def print_nearest(title: str, hits: nearest_module.Hits) -> None:
    """Print hits: a table, how sure each is, the reasons; or why there is none."""
    headings = ["m", "min", "way", "id", "name", "open", "trust", "else"]
    print_table(title, headings, [_hit_line(hit.as_dict()) for hit in hits])
    if hits.why_none:
        click.echo(f"{hits.why_none.zh} {hits.why_none.en}")
    for hit in hits:
        if hit.visit is not None:
            for told in (_sure(hit.visit), *hit.visit.why):
                click.echo(f"{hit.station['id']}: {told['zh']} / {told['en']}")
    if any(hit.station["synthetic"] for hit in hits):
        click.echo("合成演示数据 Synthetic demonstration data")


def _sure(visit: nearest_module.Visit) -> Said:
    share, text = f"{visit.trust:.0%}", visit.trust_text
    return said(f"可信度 {share}，{text['zh']}", f"trust {share}, {text['en']}")


def _hit_line(hit: dict[str, Any]) -> list[object]:
    way = "估计 estimated" if hit["estimated"] else "按道路 by road"
    place = hit.get("place") or {}
    name = " @ ".join(filter(None, (hit["name"], place.get("name"))))
    shown = [hit["distance_m"], hit["minutes"], way, hit["id"], name, hit["open"]]
    fallback = hit["fallback"]
    other = "–" if fallback is None else f"{fallback['id']} +{fallback['minutes']:.0f} min"
    return [*shown, f"{hit['trust']:.0%}", other]
