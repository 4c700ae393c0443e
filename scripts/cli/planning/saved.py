"""Saved plans: replay one, compare two, accept one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from scripts.cli import cover
from scripts.cli.output import (
    db_option,
    default_who,
    json_option,
    outputs_option,
    print_json,
    progress,
    roads_option,
)
from scripts.cli.planning import shown, writing
from scripts.cli.planning.asking import solving, travel_of
from scripts.cli.planning.group import site
from scripts.cli.reading import trust_as_set
from stations.coverage import ReachCache, Travel
from stations.planning.accepting import accept as accept_plan
from stations.planning.beside import beside
from stations.planning.replaying import replay as replay_plan
from stations.planning.saving import SavedPlan
from stations.planning.study import Study
from stations.store import Store

DIFFERS_EXIT = 1
"""`stations site replay` found that the plan is no longer the same."""


@site.command()
@click.argument("file", type=click.Path(path_type=Path))
@outputs_option("Also write the plan as made now.")
@roads_option
@db_option
@json_option
def replay(*, file: Path, outputs: tuple[Path, ...], roads: str, db: str, as_json: bool) -> None:
    """Make a saved plan again, on the register as it was, and tell what differs.

    Exit code 0: it is the same plan; 1: something differs.

    Example: stations site replay plan.json
    """
    writing.check(outputs)
    saved = SavedPlan.read(file)
    by = Travel() if saved.inputs["network"] is None else travel_of(saved.wish, roads)
    cache = ReachCache(cover.CACHE_FOLDER)
    with Store.open(db) as store, progress("pairs by road") as advance, solving() as told:
        again = replay_plan(
            saved,
            store,
            travel=by,
            cache=cache,
            model=trust_as_set(),
            relating=advance,
            progress=told,
        )
    study = None
    if writing.studied(outputs) and again.scheme.blame is None:
        study = Study.of(again.scheme)
    for path in outputs:
        writing.write(path, again.scheme, again.plan, study)
    if as_json:
        differs = [each._asdict() for each in again.differs]
        print_json({"same": again.same, "differs": differs, "plan": again.plan.summary()})
    else:
        shown.show_replay(again)
    if not again.same:
        raise SystemExit(DIFFERS_EXIT)


@site.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@json_option
def compare(*, first: Path, second: Path, as_json: bool) -> None:
    """Set two saved plans side by side.

    Example: stations site compare cheap.json dear.json
    """
    found = beside(SavedPlan.read(first), SavedPlan.read(second))
    if as_json:
        print_json(found.as_dict())
    else:
        shown.show_comparison(found, first.name, second.name)


@site.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--action", "ids", multiple=True, metavar="ID", help="Only this; repeatable.")
@click.option("--who", help="Who decided; your user name if not given.")
@click.option("--why", help="Why; the actions' names if not given.")
@db_option
@json_option
def accept(
    *, file: Path, ids: tuple[str, ...], who: str | None, why: str | None, db: str, as_json: bool
) -> None:
    """Put a saved plan's actions into the register as planned stations, in one revision.

    Nothing that is in use changes: what a station is to become stands beside it, as planned. What
    the register has already is not put there again.

    Example: stations site accept plan.json --who 王芳
    """
    saved = SavedPlan.read(file)
    with Store.open(db) as store:
        made = accept_plan(
            saved,
            ids or None,
            store,
            who=who or default_who(),
            at=datetime.now(UTC),
            why=why or "",
        )
    added = 0 if made is None else made.summary["stations_added"]
    if as_json:
        print_json({"planned": added, "revision": None if made is None else made.number})
    elif made is None:
        click.echo("nothing stored: the register already says so")
    else:
        click.echo(f"{added:,} planned stations stored as revision {made.number}")
