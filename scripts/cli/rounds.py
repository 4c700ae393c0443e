"""``stations rounds``: whom to visit on a day, in which order, by whom."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geodata import LonLat
from geodata.errors import UsageError
from scripts.cli.output import (
    db_option,
    json_option,
    outputs_option,
    print_json,
    print_table,
    progress,
    roads_option,
    travel,
)
from scripts.cli.reading import read_register
from stations.audit import findings as loop
from stations.audit import rounds as auditing
from stations.audit.rounds import Ask, Inspector
from stations.hours.clock import wall
from stations.store import Store
from stations.travel import STRAIGHT, modes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    type Document = Mapping[str, Any]


def _page(document: Document) -> bytes:
    from web import paper  # noqa: PLC0415 - the paper's fonts, only for paper

    return paper.round_sheet(document).encode()


def _pdf(document: Document) -> bytes:
    from web import paper  # noqa: PLC0415

    return paper.pdf(paper.round_sheet(document))


WRITERS: Mapping[str, Callable[[Document], bytes]] = {
    ".xlsx": auditing.workbook,
    ".json": lambda document: json.dumps(document, ensure_ascii=False).encode(),
    ".gpx": auditing.gpx,
    ".html": _page,
    ".pdf": _pdf,
}
_OPEN = {"open": "", "unknown": " 时间不明?"}


@click.command("rounds")
@click.option("--area", default="", metavar="CODE", help="Leading digits of an area code: 5301.")
@click.option("--date", "day", metavar="DAY", help="Such as 2026-11-24; today if not given.")
@click.option(
    "--inspectors", default="巡检员", show_default=True, metavar="A,B", help="Who goes: names."
)
@click.option(
    "--start",
    "starts",
    multiple=True,
    required=True,
    metavar="LON,LAT",
    help="Where they set out and come back to: one place for all, or one for each, in order.",
)
@click.option("--from", "since", multiple=True, default=("08:30",), show_default=True,
              metavar="HH:MM", help="When work begins: for all, or for each.")  # fmt: skip
@click.option("--until", multiple=True, default=("17:30",), show_default=True,
              metavar="HH:MM", help="When to be back: for all, or for each.")  # fmt: skip
@click.option("--jurisdiction", "areas", multiple=True, metavar="CODE",
              help="Where each may visit, in order: leading digits of area codes.")  # fmt: skip
@click.option("--lunch", "lunch_min", default=0, metavar="MIN", help="A break of so many minutes.")
@click.option("--candidates", default=200, show_default=True, metavar="N",
              help="How many of the most urgent are weighed against each other.")  # fmt: skip
@click.option("--visits", type=int, metavar="N", help="At most so many visits of each.")
@click.option("--mode", type=click.Choice([each for each in modes() if each != STRAIGHT]),
              default="car", show_default=True, help="How they travel.")  # fmt: skip
@outputs_option(f"Also write it: {', '.join(WRITERS)}; may be repeated.")
@roads_option
@db_option
@json_option
def rounds(  # the options above
    *,
    outputs: tuple[Path, ...],
    roads: str,
    db: str,
    as_json: bool,
    **asked: Any,  # noqa: ANN401
) -> None:
    """Plan a day's round: the most urgent stations, at times they are open, by road.

    Urgent is what is probably wrong, matters to many and was not inspected for long; every stop
    says why. Stations left out are listed with the reason.

    Example: stations rounds --area 5301 --date 2026-11-24 --inspectors 王芳,李明
    --start 102.7183,25.0389 --lunch 60 -o 巡检.pdf -o 巡检.gpx
    """
    _check(outputs)
    now = datetime.now(UTC)
    ask = _ask(asked, now)
    at = ask.weighed_at(now)
    with Store.open(db) as store:
        registry, steps = read_register(store), store.steps()
    standing = loop.standing(steps, at)
    ranked = auditing.candidates(registry, standing, at, area=ask.area)
    with progress("巡检路线 round") as advance:
        made = auditing.plan(
            registry,
            ranked,
            ask,
            travel=travel(roads),
            questions=auditing.questions_of(registry, standing, at),
            progress=lambda _, done, total: advance(done, total),
        )
    document = made.to_dict()
    for path in outputs:
        _write(path, WRITERS[path.suffix.lower()](document))
    if as_json:
        print_json(document)
    else:
        _show(document)


def _check(outputs: Sequence[Path]) -> None:
    """Refuse what could not be written, before any work is done."""
    for path in outputs:
        if path.suffix.lower() not in WRITERS:
            raise UsageError(f"{path.name}: write one of {', '.join(WRITERS)}")
        if not path.parent.is_dir() or path.is_dir():
            raise UsageError(f"{path.name} cannot be written: name a file in a folder that exists")


def _ask(asked: dict[str, Any], now: datetime) -> Ask:
    names = [name.strip() for name in asked["inspectors"].replace("，", ",").split(",")]
    columns = [
        [LonLat.parse(text) for text in asked["starts"]],
        [auditing.minutes_of(text) for text in asked["since"]],
        [auditing.minutes_of(text) for text in asked["until"]],
        asked["areas"] or [""],
    ]
    options = ("--start", "--from", "--until", "--jurisdiction")
    spread = [
        _each(values, len(names), option) for values, option in zip(columns, options, strict=True)
    ]
    named = ("area", "lunch_min", "candidates", "visits", "mode")
    return Ask(
        _day(asked["day"], now),
        tuple(Inspector(*row) for row in zip(names, *spread, strict=True)),
        **{name: asked[name] for name in named},
    )


def _each[T](values: Sequence[T], count: int, option: str) -> list[T]:
    if len(values) not in {1, count}:
        raise UsageError(f"{option}: give it once, or once for each of the {count} inspectors")
    return list(values) if len(values) == count else list(values) * count


def _day(text: str | None, now: datetime) -> date:
    try:
        return wall(now).date() if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date takes a day such as 2026-11-24, not {text!r}") from None


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        made = Path(folder) / path.name
        made.write_bytes(content)
        made.replace(path)


def _show(document: Document) -> None:
    for route in document["routes"]:
        _show_route(route)
    totals, left = document["totals"], Counter(each["zh"] for each in document["left_out"])
    share = totals["priority"] / max(totals["priority_candidates"], 1e-9)
    click.echo(
        f"{totals['visits']} of the {totals['candidates']} most urgent of {totals['stations']:,} "
        f"stations, with {share:.0%} of the candidates' priority"
    )
    if left:
        told = "，".join(f"{reason} {count}" for reason, count in left.items())
        click.echo(f"未安排 left out: {told}")
    for note in document["method"]["notes"]:
        click.echo(f"{note['zh']} {note['en']}")
    if document["synthetic"]:
        click.echo("合成演示数据 Synthetic demonstration data")


def _show_route(route: Document) -> None:
    lunch = route["lunch"]
    title = f"{route['name']}: {route['leave']}–{route['back']}, {len(route['stops'])} visits, "
    title += f"{route['travel_min']} min on the way"
    title += "" if lunch is None else f", 午休 break {lunch['from']}–{lunch['until']}"
    rows = [
        [stop["number"], f"{stop['arrive']}–{stop['leave']}{_OPEN[stop['open']]}",
         stop["travel_min"], f"{stop['id']} {stop['name']}", round(stop["priority"]),
         "；".join(stop["why"][name]["zh"] for name in ("wrong", "people", "days")),
         "；".join(each["title"]["zh"] for each in stop["findings"])]
        for stop in route["stops"]
    ]  # fmt: skip
    headings = ["no.", "there", "way, min", "station", "priority", "why", "findings"]
    print_table(title, headings, rows)
