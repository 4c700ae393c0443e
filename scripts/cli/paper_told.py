"""Coverage on paper as people read it on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from scripts.cli.output import people, percent, print_table
from stations import coverage as covering
from stations.report.spoken import places_on
from stations.travel import modes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from stations.coverage import Coverage

SHOWN = 40
ESTIMATED = "估计 estimated"


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
    layer = answer.layer
    return layer.zh if layer.zh == layer.en else f"{layer.zh} {layer.en}"


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
    if answer.days:
        notes.append(places_on(answer).en)
    if unknown := answer.total()["workers_unknown"]:
        notes.append(f"人数不明 workers unknown: {unknown:,} sites, counted as none.")
    if answer.synthetic:
        notes.append("合成演示数据 Synthetic demonstration data")
    return notes


def _line(row: dict[str, Any], headings: Sequence[str]) -> list[object]:
    cells = {
        "": row["name"],
        "sites": row["sites"],
        "covered": row["covered"],
        **dict(zip(("workers", "in reach"), people(row), strict=True)),
        "share": percent(row["share"]),
        "nearest": row.get("nearest_id", ""),
        "m": row.get("nearest_m"),
        "min": row.get("nearest_min"),
        "min are": ESTIMATED if row["estimated"] else "by road",
        "no road": row["unreachable"],
    }
    return [cells[heading] for heading in headings]
