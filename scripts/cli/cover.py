"""``stations coverage``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli import large
from scripts.cli.output import (
    db_option,
    json_option,
    percent,
    print_json,
    print_table,
    progress,
    roads_option,
    travel,
)
from scripts.cli.truth import Ask, terms_of, truth_options, wanted
from stations import Registry
from stations import coverage as covering
from stations.catalogue import catalogue
from stations.coverage import Need, ReachCache, parse_within
from stations.store import Store
from stations.travel import modes
from web.settings import DATA_FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from stations.coverage import Coverage, Travel

SHOWN = 40
CACHE_FOLDER = DATA_FOLDER / "reach"
ESTIMATED = "估计 estimated"


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
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the sites: .gpkg, .geojson, .parquet, .xlsx or .csv; with --beside also "
    "a map, .html; with --hours .xlsx is a report, and .png and .svg are plots. May be repeated.",
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
    parks.xlsx -o parks.png

    stations coverage stops.parquet --within 1000m --hours all --scheduler tcp://10.0.0.5:8786
    """
    if large.is_path(layer):
        if beside is not None or wanted(None, further) or len(outputs) > 1:
            raise UsageError(
                "a file of points is counted by --hours and written to one -o; --beside, --stay, "
                "--trust-floor, --profile, --what-if and --since are for layers of the register"
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
            ask = Ask(store, need, terms_of(hours, further), by_way, cache, by, outputs, as_json)
            ask.tell(further["since"])
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
        raise UsageError("a map, .html, sets two limits side by side: give --beside 800m too")
    asked = [need]
    if beside is not None:
        asked.append(replace(need, limit=parse_within(beside, need.limit.mode)))
    with Store.open(db) as store:
        registry = Registry.load(store)
    answers = _measured(registry, asked, travel(roads) if _by_time(asked) else covering.Travel())
    if beside is None:
        _tell_one(answers[0], by, outputs, as_json=as_json)
    else:
        _tell_both(registry, answers, by, outputs, as_json=as_json)


def _by_time(asked: Sequence[Need]) -> bool:
    return any(need.limit.unit == "min" for need in asked)


def _measured(registry: Registry, asked: Sequence[Need], by: Travel) -> list[Coverage]:
    cache = ReachCache(CACHE_FOLDER)
    with progress("pairs by road") as advance:
        return [covering.measure(registry, need, by, cache, progress=advance) for need in asked]


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


def print_coverage(answer: Coverage, by: str) -> None:
    """Print a coverage answer for people: its rows, worst first, and the total."""
    rows = sorted(answer.rows(by), key=lambda row: row["workers_covered"] - row["workers"])
    total = answer.total()
    headings = ["", "sites", "covered", "workers", "in reach", "share"]
    headings += ["nearest", "m"] if by == "site" else []
    headings += ["min"] if by == "site" and answer.by_time else []
    headings += ["min are", "no road"] if answer.by_time else []
    lines = [_line(row, headings) for row in [*rows[:SHOWN], {**total, "name": "合计 total"}]]
    print_table(f"{_title(answer)}: {_asked(answer)}", headings, lines)
    if len(rows) > SHOWN:
        click.echo(f"(the {len(rows) - SHOWN} best rows are left out; --json gives all)")
    for note in _notes(answer):
        click.echo(note)


def print_flips(answer: Coverage, other: Coverage, paired: gpd.GeoDataFrame) -> None:
    """Print the sites of which one of two limits reaches less."""
    here, there = answer.need.limit.text, other.need.limit.text
    names = {"share": "share", "nearest_m": "m", "nearest_min": "min"}
    headings = ["", "id", "workers", "flips"]
    headings += [f"{each}, {text}" for text in (here, there) for each in names.values()]
    lines = [
        [row["name"], row["id"], row["workers"], row["flips"], *_side(row), *_side(row, "beside")]
        for row in covering.flip_rows(covering.changed(paired))
    ]
    print_table(f"{_title(answer)}: {here} beside {there}, what changes", headings, lines)
    counts = covering.flip_counts(paired)
    click.echo(
        f"less within {here} than within {there}: {counts['less']}, more: {counts['more']}; alike "
        f"and covered: {counts['same_covered']}, alike and not: {counts['same_uncovered']}; "
        f"{counts['flips']} flip: all, part or nothing in reach, and another of these beside"
    )


def _side(row: dict[str, Any], side: str = "here") -> list[object]:
    figures = row[side]
    return [percent(figures["share"]), figures["nearest_m"], figures["nearest_min"]]


def _title(answer: Coverage) -> str:
    return f"{answer.layer.zh} {answer.layer.en}"


def _asked(answer: Coverage) -> str:
    limit, needs = answer.need.limit, answer.need.needs
    mode = modes()[limit.mode]
    how = f" {mode.zh} {mode.en}" if answer.by_time else ""
    flag = {"all": f", {ESTIMATED}", "some": f", some {ESTIMATED}", "none": ""}[answer.estimated]
    offering = f" with {', '.join(needs)}" if needs else ""
    return f"a station within {limit.text}{how}{offering}{flag}"


def _notes(answer: Coverage) -> list[str]:
    """Say how the figures were made, as far as a reader must know."""
    notes = []
    if answer.by_time and answer.roads is not None:
        as_of = f", map of {answer.roads.osm_at:%Y-%m-%d}" if answer.roads.osm_at else ""
        notes.append(f"Minutes over the roads of {answer.roads.source}{as_of}.")
    if answer.estimated != "none":
        notes.append(f"{ESTIMATED}: minutes made from the straight distance, no road looked at.")
    if answer.sampling is not None:
        notes.append(f"Sampled: {answer.sampling['method']}; {answer.sampling['error']}.")
    if answer.synthetic:
        notes.append("合成演示数据 Synthetic demonstration data")
    return notes


def _line(row: dict[str, Any], headings: Sequence[str]) -> list[object]:
    cells = {
        "": row["name"],
        "sites": row["sites"],
        "covered": row["covered"],
        "workers": row["workers"],
        "in reach": row["workers_covered"],
        "share": percent(row["share"]),
        "nearest": row.get("nearest_id", ""),
        "m": row.get("nearest_m"),
        "min": row.get("nearest_min"),
        "min are": ESTIMATED if row["estimated"] else "by road",
        "no road": row["unreachable"],
    }
    return [cells[heading] for heading in headings]
