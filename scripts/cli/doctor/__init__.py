"""``stations doctor``: what is wrong with an installation, and how to mend it."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import click

from geodata.errors import ProjectError
from scripts.cli.doctor import machine, register, serving
from scripts.cli.doctor.found import MARKS, Found, Level
from scripts.cli.output import db_option, json_option, print_json
from stations.store import Store
from web.settings import Settings

_WRONG_EXIT = 1


@click.command("doctor")
@click.option("--whole", is_flag=True, help="Verify all history and every photo: takes minutes.")
@db_option
@json_option
def doctor(*, whole: bool, db: str, as_json: bool) -> None:
    """Look an installation over: what is wrong, and how to mend it.

    Reads the same STATIONS_… variables as `stations serve`, changes nothing. Leaves with 1 if
    anything is wrong, with 0 if there are only hints. Run it as the user who serves.

    Example: sudo -u stations stations doctor --whole
    """
    found = look(db, now=datetime.now(UTC), whole=whole)
    wrong = sum(each.level == "wrong" for each in found)
    if as_json:
        print_json({"healthy": not wrong, "found": [each.told() for each in found]})
    else:
        for each in found:
            click.echo(f"{MARKS[each.level]}  {each.check}: {each.said}")
            if each.mend:
                click.echo(f"        → {each.mend}")
    if wrong:
        raise SystemExit(_WRONG_EXIT)


def look(db: str, *, now: datetime, whole: bool) -> list[Found]:
    """Return what each check found, in order; what cannot be looked at is wrong."""
    found = [*machine.look(now)]
    try:
        settings = Settings.from_env({**os.environ, "STATIONS_DB": db})
    except ProjectError as error:
        return [
            *found,
            Found("settings", "wrong", str(error), "correct the variable and run again"),
        ]
    found += [*serving.look(settings)]
    try:
        store = Store.open(db)
    except ProjectError as error:
        return [*found, Found("register", "wrong", str(error), "see README.md of stations/store")]
    with store:
        found += [*register.look(store, settings, now, whole=whole)]
    return found


__all__ = ["Found", "Level", "doctor", "look"]
