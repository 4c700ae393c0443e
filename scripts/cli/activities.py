"""``stations activities``: what is held at stations, and how many came."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geodata import files
from geodata.errors import MissingError, UsageError
from scripts.cli.output import (
    db_option,
    default_who,
    instant,
    json_option,
    output_option,
    print_json,
    print_table,
)
from stations import Registry
from stations import activities as domain
from stations.hours.clock import ZONE
from stations.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from stations.activities import Activity
    from stations.store import ActivityStep

_SHOWN = 40
_STATES = {"planned": "计划中", "called_off": "已取消", "held": "已举办"}
_SUFFIXES = {".xlsx", ".csv", ".ics"}


@click.group("activities", invoke_without_command=True)
@click.option("--area", default="", metavar="CODE", help="Leading digits of an area code: 5301.")
@click.option("--station", default="", metavar="ID")
@click.option("--since", callback=instant, metavar="TIME", help="Not those over by then.")
@click.option("--until", callback=instant, metavar="TIME", help="Not those that begin later.")
@output_option("Also write them: .xlsx, .csv, or .ics, a calendar.")
@db_option
@json_option
@click.pass_context
def activities(
    context: click.Context,
    /,
    *,
    area: str,
    station: str,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    db: str,
    as_json: bool,
) -> None:
    """List activities at stations by their start; plan one, call it off, say how many came.

    Times are Beijing's where they have no zone.

    Example: stations activities --area 5301 --since 2026-11-01 -o 活动.xlsx

    stations activities plan YN530102-0001 --kind 义诊 --title 冬季义诊 --starts 2026-11-25T14:00
    --ends 2026-11-25T16:00
    """
    if context.invoked_subcommand is not None:
        return
    if output is not None and output.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{output.name}: write {', '.join(sorted(_SUFFIXES))}")
    wanted = domain.Wanted(area, {station} if station else None, since, until)
    with Store.open(db) as store:
        frame = Registry.load(store).stations
        found = domain.listed(
            domain.activities_of(store.activity_steps()), frame["area_code"].to_dict(), wanted
        )
    if output is not None:
        _write(output, found, frame)
    by_month = domain.sums(found, frame["area_code"].to_dict(), "month")
    if as_json:
        told = [_told(each) for each in found]
        print_json({"total": len(found), "activities": told, "months": by_month})
        return
    rows = [_row(each, str(frame["name"][each.station])) for each in found[:_SHOWN]]
    print_table("activities", ["no.", "when", "what", "where", "state", "came"], rows)
    for month in by_month:
        click.echo(f"{month['code']}: {month['held']} held, {month['came']:,} came")


@activities.command("plan")
@click.argument("station", metavar="ID")
@click.option("--kind", required=True, help="health_check, haircut, legal_advice… or its word.")
@click.option("--title", required=True)
@click.option("--starts", required=True, callback=instant, metavar="TIME")
@click.option("--ends", required=True, callback=instant, metavar="TIME")
@click.option("--place", default="", help="If it is not in the station.")
@click.option("--holder", default="", help="Who holds it.")
@click.option("--who", help="Who plans it; your user name if not given.")
@db_option
@json_option
def plan(*, station: str, who: str | None, db: str, as_json: bool, **said: Any) -> None:  # noqa: ANN401
    """Plan an activity at a station.

    Example: stations activities plan YN1 --kind 理发 --title 义剪 --starts 2026-11-25T14:00 --ends
    2026-11-25T16:00
    """
    step = domain.planned(
        domain.Planned(**said), station, who=who or default_who(), at=_now(), key=_key()
    )
    with Store.open(db) as store:
        if station not in store.present([station]):
            raise MissingError(f"no station {station[:80]!r}")
        number = store.add_activity_step(step, base=store.activities_number())
        _report(store, number, as_json=as_json)


@activities.command("call-off")
@click.argument("number", type=int)
@click.option("--why", required=True)
@click.option("--who")
@db_option
@json_option
def call_off(*, number: int, why: str, who: str | None, db: str, as_json: bool) -> None:
    """Call an activity off.

    Example: stations activities call-off 12 --why 停电
    """
    with Store.open(db) as store:
        activity = _activity(store, number)
        who = who or default_who()
        step = domain.called_off(activity, who=who, at=_now(), key=_key(), why=why)
        _take(store, step, number, as_json=as_json)


@activities.command("held")
@click.argument("number", type=int)
@click.option("--came", type=int, required=True, help="How many people came.")
@click.option("--why", default="", help="Required to correct the number.")
@click.option("--who")
@db_option
@json_option
def held(*, number: int, came: int, why: str, who: str | None, db: str, as_json: bool) -> None:
    """Say how many came to an activity.

    Example: stations activities held 12 --came 35
    """
    with Store.open(db) as store:
        activity = _activity(store, number)
        who = who or default_who()
        step = domain.held(activity, came, who=who, at=_now(), key=_key(), why=why)
        _take(store, step, number, as_json=as_json)


def _now() -> datetime:
    return datetime.now(UTC)


def _key() -> str:
    return secrets.token_hex(16)


def _activity(store: Store, number: int) -> Activity:
    for each in domain.activities_of(store.activity_steps()):
        if each.number == number:
            return each
    raise MissingError(f"no activity {number}; `stations activities` lists them")


def _take(store: Store, step: ActivityStep, number: int, *, as_json: bool) -> None:
    store.add_activity_step(step, base=store.activities_number())
    _report(store, number, as_json=as_json)


def _report(store: Store, number: int, *, as_json: bool) -> None:
    activity = _activity(store, number)
    if as_json:
        print_json(_told(activity))
    else:
        click.echo(f"{number}: {activity.title}, {_STATES[activity.state]} {activity.state}")


def _told(each: Activity) -> dict[str, Any]:
    told = dict(vars(each))
    for name in ("starts", "ends", "planned_at", "changed_at"):
        told[name] = told[name].isoformat()
    return told


def _row(each: Activity, name: str) -> tuple[object, ...]:
    when = f"{each.starts.astimezone(ZONE):%Y-%m-%d %H:%M}–{each.ends.astimezone(ZONE):%H:%M}"
    where = " ".join(filter(None, (name, each.place)))
    what = f"{each.title}（{domain.kinds().terms[each.kind].zh}）"
    return each.number, when, what, where, _STATES[each.state], each.came


def _write(output: Path, found: list[Activity], frame: Any) -> None:  # noqa: ANN401 - a GeoDataFrame
    codes = frame["area_code"].to_dict()
    if output.suffix.lower() != ".ics":
        files.write(domain.sheet(found, codes, frame["name"]), output)
        return
    at = frame.loc[[each.station for each in found]]
    points = zip(at["name"], at.geometry.x, at.geometry.y, strict=True)
    where = dict(zip(at.index, points, strict=True))
    output.write_bytes(domain.calendar_of(found, where, title="工会驿站活动", host=domain.HOST))
