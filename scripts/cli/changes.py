"""``stations history`` and ``stations undo``: what happened to a station, and taking it back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from geodata.errors import UsageError
from scripts.cli.output import db_option, default_who, json_option, print_json, print_table
from stations import editing
from stations.hours.clock import wall
from stations.store import Store

if TYPE_CHECKING:
    from stations.editing import Change, Touched


@click.command("history")
@click.argument("station", metavar="ID")
@db_option
@json_option
def history_(*, station: str, db: str, as_json: bool) -> None:
    """Tell what happened to a station, revision by revision, newest first.

    Example: stations history YN530102-0001
    """
    with Store.open(db) as store:
        told = editing.history(store, station)
    if as_json:
        print_json({"id": station, "revisions": [_told(each) for each in reversed(told)]})
        return
    for each in reversed(told):
        made = each.revision
        click.echo(f"{made.number}  {wall(made.at):%Y-%m-%d %H:%M}  {made.who}: {made.why}")
        if each.after is None:
            click.echo("   taken off the register")
        for change in each.changes if each.before is not None and each.after is not None else ():
            title = f"{change.title.zh} {change.title.en}"
            click.echo(f"   {title}: {change.before.zh or '–'} → {change.after.zh or '–'}")


@click.command("undo")
@click.argument("station", metavar="[ID]", required=False)
@click.option("--revision", type=int, required=True, help="The revision to take back.")
@click.option("--whole", is_flag=True, help="All stations it changed, such as an import's.")
@click.option("--anyway", is_flag=True, help="Also where later changes touched the same fields.")
@click.option("--who", help="Who is changing the register; your user name if not given.")
@click.option("--why", required=True, help="Why; it stays in the history.")
@db_option
@json_option
def undo(
    *,
    station: str | None,
    revision: int,
    whole: bool,
    anyway: bool,
    who: str | None,
    why: str,
    db: str,
    as_json: bool,
) -> None:
    """Take back what a revision changed of a station, or of all stations, as a new revision.

    The fields it changed get the values they had before; others stay as they are.

    Example: stations undo YN530102-0001 --revision 12 --why 误改
    """
    if whole == (station is not None) or (whole and anyway):
        raise UsageError("name a station, or say --whole (which takes no --anyway)")
    with Store.open(db) as store:
        by = editing.By(who or default_who(), why, datetime.now(UTC), lambda _: True)
        made = (
            editing.undo_revision(store, revision, by)
            if station is None
            else editing.undo(store, station, revision, store.revision(), by, anyway=anyway)
        )
    changes = [_change(each) for each in made.changes]
    number = made.revision.number
    if as_json:
        print_json({"revision": number, "stations": made.stations, "changes": changes})
        return
    if made.changes:
        rows = [(f"{c.title.zh} {c.title.en}", c.before.zh, c.after.zh) for c in made.changes]
        print_table("undone", ["field", "before", "after"], rows)
    click.echo(f"stored as revision {number}: {made.stations:,} stations")


def _told(each: Touched) -> dict[str, object]:
    made = each.revision
    return {
        "revision": made.number,
        "at": made.at.isoformat(),
        "who": made.who,
        "why": made.why,
        "removed": each.after is None,
        "changes": [_change(change) for change in each.changes],
    }


def _change(change: Change) -> dict[str, object]:
    parts = {name: dict(vars(getattr(change, name))) for name in ("title", "before", "after")}
    return {"field": change.field, **parts}
