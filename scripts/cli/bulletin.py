"""``stations bulletin``: what was checked, found, mended and covered in a period."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from scripts.cli.cover import CACHE_FOLDER
from scripts.cli.output import (
    db_option,
    json_option,
    outputs_option,
    percent,
    print_json,
    print_table,
    roads_option,
    travel,
)
from scripts.cli.writing import json_bytes, put_all, refuse_others
from stations.audit.bulletin import Asked, Period, Question
from stations.audit.bulletin import bulletin as issued
from stations.audit.bulletin.sheets import line, workbook
from stations.audit.bulletin.telling import TITLE, document
from stations.catalogue import catalogue
from stations.coverage import ReachCache, Travel, parse_within
from stations.store import Store
from stations.travel import modes

if TYPE_CHECKING:
    from pathlib import Path

    from stations.audit.bulletin import Bulletin

ENDINGS = (".xlsx", ".pdf", ".html", ".json")


@click.command()
@click.option("--since", required=True, metavar="DAY", help="The first day, as 2026-11-01.")
@click.option("--until", required=True, metavar="DAY", help="The last day, inclusive.")
@click.option("--area", default="", metavar="CODE", help="Leading digits of an area code: 5301.")
@click.option(
    "--layer",
    "layers",
    multiple=True,
    default=("parks",),
    show_default=True,
    metavar="LAYER",
    help="Whose coverage is told; may be repeated.",
)
@click.option("--within", default="1000m", show_default=True, help="Limit, as 1000m or 10min.")
@click.option("--mode", type=click.Choice(list(modes())), default="walk", show_default=True)
@click.option("--needs", default="", metavar="A,B", help="Amenities a station must have.")
@click.option(
    "--trust-floor",
    type=float,
    default=0.5,
    show_default=True,
    metavar="0..1",
    help="In truth count only stations at least so sure to be as recorded.",
)
@outputs_option("Also write it: .xlsx, .pdf, .html or .json; may be repeated.")
@roads_option
@db_option
@json_option
def bulletin(*, outputs: tuple[Path, ...], db: str, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401
    """Tell what was checked, found and mended in a period, and what is covered, area by area.

    Days are Beijing's, both inclusive; the period before has as many.

    Example: stations bulletin --since 2026-11-01 --until 2026-11-30 --area 5301 -o 通报.xlsx -o
    通报.pdf
    """
    refuse_others(outputs, ENDINGS)
    limit = parse_within(wanted["within"], wanted["mode"])
    needs = catalogue().amenities.parse(wanted["needs"])
    question = Question(limit, needs, wanted["trust_floor"])
    layers = tuple(dict.fromkeys(wanted["layers"]))
    period = Period.read(wanted["since"], wanted["until"])
    asked = Asked(period, wanted["area"], layers, question)
    by_way = travel(wanted["roads"]) if limit.unit == "min" else Travel()
    with Store.open(db) as store:
        made = issued(
            store, asked, now=datetime.now(UTC), travel=by_way, cache=ReachCache(CACHE_FOLDER)
        )
    told = document(made)
    put_all(
        outputs,
        {
            ".xlsx": lambda: workbook(made),
            ".pdf": lambda: _pdf(told),
            ".html": lambda: _html(told).encode(),
            ".json": lambda: json_bytes(told),
        },
    )
    if as_json:
        print_json(told)
    else:
        _show(made, told)


def _html(told: dict[str, Any]) -> str:
    from web.paper import bulletin_sheet  # noqa: PLC0415 - templates, only for paper

    return bulletin_sheet(told)


def _pdf(told: dict[str, Any]) -> bytes:
    from web.paper import pdf  # noqa: PLC0415

    return pdf(_html(told))


_HEADINGS = ("地区 area", "驿站", "检查率", "新发现", "办结", "未办结", "逾期", "账面", "实际")


def _show(made: Bulletin, told: dict[str, Any]) -> None:
    rows = [*told["prefectures"], {"name": "合计 all", **told["total"]}]
    first = told["layers"][0]["name"] if told["layers"] else ""
    print_table(f"{TITLE.zh} {line(told).zh}", _HEADINGS, [_row(each, first) for each in rows])
    for each in told["said"]:
        click.echo(each["zh"])
        click.echo(f"  {each['en']}")
    for each in told["labels"]:
        click.echo(f"{each['zh']} {each['en']}")
    if not made.over:
        click.echo("期未满 The period is not over yet.")


def _row(each: dict[str, Any], layer: str) -> list[object]:
    covered = each["coverage"].get(layer) or {}
    shares = [percent(covered.get(f"share_{part}")) for part in ("paper", "real")]
    counts = [each[name] for name in ("opened", "mended", "open", "overdue")]
    return [each["name"], each["stations"], percent(each["share_checked"]), *counts, *shares]
