"""``stations verify``: is the register's history what was recorded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from geodata.errors import UsageError
from scripts.cli.output import db_option, json_option, print_json
from stations.store import Store

if TYPE_CHECKING:
    from stations.store import Verdict

_BROKEN_EXIT = 1


@click.command("verify")
@click.option("--noted", default="", metavar="HASH", help="A hash noted before: is it in there?")
@db_option
@json_option
def verify(*, noted: str, db: str, as_json: bool) -> None:
    """Tell whether the history is what was recorded: whole, or the first thing that is not.

    Compares the hash chain over all revisions, evidence and findings. Note the hash it prints
    somewhere else: who owns the file can compute the whole chain anew, but not to that hash. A
    register that has no chain yet is neither ("whole": null).

    Example: stations verify --noted 3f7a0c12
    """
    if noted and not re.fullmatch("[0-9a-f]{8,64}", noted):
        raise UsageError("--noted takes the hash `stations verify` printed, 8 digits of it or more")
    with Store.open(db) as store:
        verdict, link = store.verify(), store.link_with(noted) if noted else None
    missing = bool(noted) and link is None
    whole = verdict.broken is None and not missing
    if as_json:
        broken = None if verdict.broken is None else vars(verdict.broken)
        known = whole if verdict.links or not whole else None
        print_json({"whole": known, "links": verdict.links, "head": verdict.head,
                    "broken": broken, "noted_link": link})  # fmt: skip
    else:
        click.echo(_said(verdict, noted, missing=missing))
    if not whole:
        raise SystemExit(_BROKEN_EXIT)


def _said(verdict: Verdict, noted: str, *, missing: bool) -> str:
    if (broken := verdict.broken) is not None:
        last = f" to {broken.last}" if broken.last > broken.first else ""
        which = f"{broken.kind} {broken.first}{last}"
        return f"历史有改动 The history is broken: {which} {broken.why}"
    if missing:
        return f"历史被重写 No link has the hash {noted}: this is not the chain that was noted."
    if not verdict.links:
        return "尚无校验 Nothing is chained yet: the next change recorded begins the chain."
    return f"历史完整 The history is whole: {verdict.links:,} links, hash {verdict.head}"
