"""``stations coverage``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli import large
from scripts.cli.output import (
    data_folder,
    db_option,
    json_option,
    outputs_option,
    print_json,
    progress,
    roads_option,
    travel,
)
from scripts.cli.paper_told import print_coverage, print_flips
from scripts.cli.reading import read_register
from scripts.cli.truth import Ask, terms_of, truth_options, wanted
from stations import Registry
from stations import coverage as covering
from stations.catalogue import catalogue
from stations.coverage import Need, ReachCache, parse_within
from stations.hours.clock import ZONE
from stations.store import Store
from stations.travel import modes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stations.coverage import Coverage, Travel

CACHE_FOLDER = data_folder() / "reach"


@click.command()
@click.argument("layer")
@click.option("--within", required=True, help="Limit, such as 1000m, 1.5km or 10min (inclusive).")
@click.option(
    "--mode",
    type=click.Choice(list(modes())),
    default="walk",
    show_default=True,
    help="How minutes are spent; straight: the beeline, walked.",
)
@click.option("--needs", default="", metavar="A,B", help="Amenities a station must have.")
@click.option("--by", type=click.Choice((*covering.GROUPINGS, "hour")), default="county")
@click.option(
    "--beside", metavar="LIMIT", help="A second limit: tell which sites only one of them covers."
)
@outputs_option(
    "Also write the sites: .gpkg, .geojson, .parquet, .xlsx or .csv; with --beside or "
    "--hours also a map, .html; with --hours .xlsx is a report, and .png and .svg are plots. May "
    "be repeated."
)
@click.option(
    "--hours",
    metavar="all|ISO|HOURS",
    help="From paper to real, at the hours of the ordinary week (all), of the week of a date, at "
    "an instant, or at some hours: 02:00, night, day, weekends, 'Mo-Fr 22:00-06:00'. Without: on "
    "paper, whatever the hours.",
)
@truth_options
@large.scheduler_option
@roads_option
@db_option
@json_option
def coverage(
    *,
    layer: str,
    within: str,
    mode: str,
    needs: str,
    by: str,
    beside: str | None,
    outputs: tuple[Path, ...],
    hours: str | None,
    scheduler: str | None,
    roads: str,
    db: str,
    as_json: bool,
    **further: Any,  # noqa: ANN401 - `truth_options`, read by `terms_of`
) -> None:
    """Tell which sites of LAYER have a station within reach, and sum it up.

    LAYER is a layer of the register, or a Parquet file or folder of points with or without a
    number of workers, however many, which is not imported. Minutes are those of the road network,
    or estimated where there is none; for a file of points always estimated.

    Example: stations coverage parks --within 10min --mode walk --beside 800m -o flips.html

    stations coverage parks --within 10min --mode ebike --needs toilet,water --hours all -o
    parks.xlsx -o parks.png -o week.html

    stations coverage stops.parquet --within 1000m --hours all --scheduler tcp://10.0.0.5:8786
    """
    if large.is_path(layer):
        if beside is not None or wanted(None, further) or len(outputs) > 1:
            raise UsageError(
                "a file of points is counted by --hours and written to one -o; --beside, --stay, "
                "--trust-floor, --profile, --what-if, --since and --compare are for layers of the "
                "register"
            )
        large.tell(
            layer,
            parse_within(within, mode),
            catalogue().amenities.parse(needs),
            by,
            hours=hours,
            scheduler=scheduler,
            travel=travel(roads),
            db=db,
            output=outputs[0] if outputs else None,
            as_json=as_json,
        )
        return
    if scheduler is not None:
        raise UsageError(
            f"--scheduler is for a file or folder of points, and {layer[:80]!r} is none; name it "
            "by its path, such as ./stops.parquet"
        )
    codes = catalogue().amenities.parse(needs)
    need = Need(layer, parse_within(within, mode), codes)
    if wanted(hours, further):
        if beside is not None:
            raise UsageError("--beside compares limits on paper; leave it out with --hours")
        by_way = travel(roads) if _by_time([need]) else covering.Travel()
        with Store.open(db) as store:
            cache = ReachCache(CACHE_FOLDER)
            asked = (store, need, terms_of(hours, further), by_way, cache, by, outputs, as_json)
            Ask(*asked, further["compare"], further["since"]).tell()
        return
    _on_paper(need, beside, by, outputs, roads=roads, db=db, as_json=as_json)


def _on_paper(
    need: Need,
    beside: str | None,
    by: str,
    outputs: Sequence[Path],
    *,
    roads: str,
    db: str,
    as_json: bool,
) -> None:
    """Answer from the register alone, within one limit or two."""
    if beside is None and any(each.suffix.lower() == ".html" for each in outputs):
        raise UsageError(
            "a map, .html, shows a week or two limits: give --hours all or --beside 800m"
        )
    asked = [need]
    if beside is not None:
        asked.append(replace(need, limit=parse_within(beside, need.limit.mode)))
    with Store.open(db) as store:
        registry = read_register(store)
    answers = _measured(registry, asked, travel(roads) if _by_time(asked) else covering.Travel())
    if beside is None:
        _tell_one(answers[0], by, outputs, as_json=as_json)
    else:
        _tell_both(registry, answers, by, outputs, as_json=as_json)


def _by_time(asked: Sequence[Need]) -> bool:
    return any(need.limit.unit == "min" for need in asked)


def _measured(registry: Registry, asked: Sequence[Need], by: Travel) -> list[Coverage]:
    cache, today = ReachCache(CACHE_FOLDER), datetime.now(ZONE).date()
    with progress("pairs by road") as advance:
        return [
            covering.measure(registry, need, by, cache, progress=advance, on=today)
            for need in asked
        ]


def _tell_one(answer: Coverage, by: str, outputs: Sequence[Path], *, as_json: bool) -> None:
    for output in outputs:
        files.write(answer.sites, output)
    if as_json:
        print_json(answer.as_dict(by))
    else:
        print_coverage(answer, by)


def _tell_both(
    registry: Registry, answers: list[Coverage], by: str, outputs: Sequence[Path], *, as_json: bool
) -> None:
    answer, other = answers
    paired = covering.flips(answer, other)
    for output in outputs:
        if output.suffix.lower() == ".html":
            from web.flips import flips_page  # noqa: PLC0415 - folium, only for a map

            output.write_text(flips_page(registry, answer, other), "utf-8")
        else:
            files.write(paired, output)
    if as_json:
        rows = covering.flip_rows(covering.changed(paired))
        flips = {**covering.flip_counts(paired), "sites": rows}
        both = {"beside": other.as_dict(by), "flips": flips}
        print_json(answer.as_dict(by) | both)
    else:
        print_coverage(answer, by)
        print_coverage(other, by)
        print_flips(answer, other, paired)
