"""``stations audit coverage`` and ``stations audit signed``: figures signed off by name."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geodata.errors import UsageError
from scripts.cli.cover import CACHE_FOLDER
from scripts.cli.output import (
    db_option,
    json_option,
    outputs_option,
    percent,
    print_json,
    print_table,
    progress,
    roads_option,
    travel,
)
from scripts.cli.writing import json_bytes, put_all, refuse_others
from stations.audit import coverage as audits
from stations.audit.bulletin import Period
from stations.catalogue import catalogue
from stations.coverage import Need, ReachCache, Travel, parse_within
from stations.hours.clock import ZONE
from stations.store import Store
from stations.travel import modes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.store import Signature

ENDINGS = (".pdf", ".html", ".json")
_output_option = outputs_option("Also write it: .pdf, .html or .json; may be repeated.")


@click.command("coverage")
@click.argument("layer")
@click.option("--within", required=True, help="Limit, such as 1000m, 1.5km or 10min (inclusive).")
@click.option("--mode", type=click.Choice(list(modes())), default="walk", show_default=True)
@click.option("--needs", default="", metavar="A,B", help="Amenities a station must have.")
@click.option("--trust-floor", type=float, default=0.5, show_default=True, metavar="0..1")
@click.option("--date", "day", metavar="DAY", help="As at the end of this day; now if not given.")
@click.option(
    "--between",
    nargs=2,
    metavar="DAY DAY",
    help="From the end of one day to the end of another, with what every revision changed.",
)
@click.option("--sign", "who", metavar="NAME", help="Sign it off by this name.")
@_output_option
@roads_option
@db_option
@json_option
def coverage_audit(
    *,
    day: str | None,
    between: tuple[str, str] | None,
    who: str | None,
    outputs: tuple[Path, ...],
    db: str,
    as_json: bool,
    **wanted: Any,  # noqa: ANN401 - the options above
) -> None:
    """Audit the coverage of LAYER for a date, or between two, and sign it off by name.

    Example: stations audit coverage parks --within 10min --mode ebike --needs toilet,water --date
    2026-11-22 --sign 王芳

    stations audit coverage parks --within 1000m --between 2026-10-31 2026-11-22 -o 审计.pdf
    """
    refuse_others(outputs, ENDINGS)
    if day is not None and between is not None:
        raise UsageError("--date and --between: name one of the two")
    now = datetime.now(UTC)
    limit = parse_within(wanted["within"], wanted["mode"])
    need = Need(wanted["layer"], limit, catalogue().amenities.parse(wanted["needs"]))
    since, at = _moments(day, between, now)
    with Store.open(db) as store, _ways(wanted["roads"], minutes=limit.unit == "min") as ways:
        question = audits.Question.of(
            store, need, at=at, since=since, trust_floor=wanted["trust_floor"]
        )
        document = audits.audited(store, question, ways)
        signed = None if who is None else audits.sign(store, document, who=who, at=now)
    told = _told(document, signed)
    _write(outputs, told)
    if as_json:
        print_json(told)
    else:
        _show(told)


def _moments(
    day: str | None, between: tuple[str, str] | None, now: datetime
) -> tuple[datetime | None, datetime]:
    """Return the instants asked about: the end of each day, or now where it is not over."""
    if between is not None:
        period = Period.read(*between)
        return Period(period.since, period.since).last(now), _last(period.until.isoformat(), now)
    return None, now if day is None else _last(day, now)


def _last(day: str, now: datetime) -> datetime:
    return Period.read(day, day).last(now)


@click.command("signed")
@click.argument("number", type=int, required=False)
@click.option("--check", is_flag=True, help="Compute the figures anew, and verify the history.")
@_output_option
@roads_option
@db_option
@json_option
def signed(
    *,
    number: int | None,
    check: bool,
    outputs: tuple[Path, ...],
    roads: str,
    db: str,
    as_json: bool,
) -> None:
    """List what was signed off; or show, write or check one: NUMBER.

    A check computes the figures anew from the register as of then, and leaves with 1 if anything
    differs or the history is not what was recorded.

    Example: stations audit signed 3 --check

    stations audit signed 3 -o 审计.pdf
    """
    refuse_others(outputs, ENDINGS)
    with Store.open(db) as store:
        if number is None:
            if check or outputs:
                raise UsageError("--check and -o want a number, such as: stations audit signed 3")
            _list(store.signatures(), as_json=as_json)
            return
        found = audits.signature(store, number)
        told = _told(dict(found.document), found)
        _write(outputs, told)
        if check:
            minutes = found.document["question"]["within"].endswith("min")
            with _ways(roads, minutes=minutes) as ways:
                _check(audits.check(store, found, ways), number, as_json=as_json)
            return
    if as_json:
        print_json(told)
    else:
        _show(told)


@contextmanager
def _ways(roads: str, *, minutes: bool) -> Iterator[audits.Ways]:
    by_way = travel(roads) if minutes else Travel()
    with progress("pairs by road") as advance:
        yield audits.Ways(by_way, ReachCache(CACHE_FOLDER), advance)


def _told(document: dict[str, Any], found: Signature | None) -> dict[str, Any]:
    if found is None:
        return {"signed": None, **document}
    mark = {"number": found.number, "who": found.who, "at": found.at.isoformat()}
    return {"signed": mark, **document}


def _write(outputs: tuple[Path, ...], told: dict[str, Any]) -> None:
    from web.paper import pdf, signed_sheet  # noqa: PLC0415 - templates, only for paper

    def html() -> str:
        return signed_sheet(told, told["signed"])

    put_all(
        outputs,
        {
            ".pdf": lambda: pdf(html()),
            ".html": lambda: html().encode(),
            ".json": lambda: json_bytes(told),
        },
    )


def _list(found: list[Signature], *, as_json: bool) -> None:
    rows = []
    for each in found:
        question = each.document["question"]
        about = f"{question['layer']} {question['within']} {question['mode']}"
        days = [question["since"], question["then"]]
        when = " – ".join(_day(moment["at"]) for moment in days if moment)
        rows.append({"number": each.number, "at": each.at.isoformat(), "who": each.who,
                     "about": about, "dates": when})  # fmt: skip
    if as_json:
        print_json({"signatures": rows})
    else:
        headings = ("number", "at", "who", "about", "dates")
        print_table("已签署 Signed", headings, [list(row.values()) for row in rows])


def _day(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(ZONE):%Y-%m-%d %H:%M}"


def _check(found: audits.Check, number: int, *, as_json: bool) -> None:
    broken = found.history.broken
    if as_json:
        told = {"figures": found.figures, "differences": list(found.differences),
                "history": broken is None, "broken": broken and vars(broken),
                "noted": found.noted, "whole": found.whole}  # fmt: skip
        print_json({"number": number, **told})
    else:
        click.echo("数字一致 The figures computed anew are the same." if found.figures else
                   f"数字不一致 {len(found.differences)} figures differ:")  # fmt: skip
        for each in found.differences[:_SHOWN]:
            click.echo(f"  {each['where']}: {each['signed']} → {each['now']}")
        if broken is None:
            click.echo("历史完整 The history is whole.")
        else:
            which = f"{broken.kind} {broken.first}"
            click.echo(f"历史有改动 The history is broken: {which} {broken.why}")
        if not found.noted:
            click.echo("校验链中没有所记的哈希 The chain has not got the hash it names.")
    if not found.whole:
        raise SystemExit(1)


_SHOWN = 20
_HEADINGS = ("地区 area", "处数 sites", "账面 paper", "实际 real")


def _show(told: dict[str, Any]) -> None:
    figures = told["figures"]
    rows = [*figures["prefectures"], {"name": "合计 all", **figures["total"]}]
    table = [(each["name"], each["sites"], percent(each["share_paper"]),
              percent(each["share_real"])) for each in rows]  # fmt: skip
    then = told["question"]["then"]
    title = f"覆盖审计 {told['layer']['zh']}，{_day(then['at'])}，版本 {then['revision']}"
    print_table(title, _HEADINGS, table)
    for each in figures["changes"]:
        made = each["revision"]
        name = f"版本 {made['number']} {made['who']}：{made['why']}" if made else "核实与时间"
        click.echo(f"{name}: {each['after'] - each['before']:+,}")
    mark, head = told["signed"], told["state"]["head"]
    click.echo(f"signed {mark['number']}: {mark['who']}" if mark else "未签署 not signed")
    click.echo(f"revisions behind it: {told['revisions_in_all']:,}; chain {head}")
    if told["synthetic"]:
        click.echo("合成演示数据 Synthetic demonstration data")
