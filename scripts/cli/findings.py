"""``stations findings``: what was found wrong at stations, and the loop that mends it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geodata import files
from geodata.errors import MissingError, UsageError
from scripts.cli.listed import platform_options, read_platform
from scripts.cli.output import (
    db_option,
    default_who,
    json_option,
    output_option,
    print_json,
    print_table,
    roads_option,
    travel,
)
from scripts.cli.reading import read_register
from stations import audit as auditing
from stations.audit import findings as loop
from stations.audit.quality import uploads
from stations.store import Store
from stations.trust import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 40
_STATES = ",".join(loop.STATES)


def _words(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _day(_: click.Context, parameter: click.Parameter, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{parameter.opts[0]} takes a day such as 2026-12-31, not {text[:40]!r}"  # type: ignore[index]
        ) from None


@click.group("findings", invoke_without_command=True)
@click.option("--area", default="", metavar="CODE", help="Leading digits of an area code: 5301.")
@click.option("--rule", "rules", callback=_words, default="", metavar="A,B", help="place, hours…")
@click.option("--severity", "severities", callback=_words, default="", metavar="A,B")
@click.option("--state", "states", callback=_words, default="", metavar="A,B", help=_STATES)
@click.option("--assignee", default="", metavar="NAME", help="Only what is given to somebody.")
@click.option("--station", default="", metavar="ID")
@click.option("--overdue", is_flag=True, help="Only what should have been mended by now.")
@output_option("Also write them as a sheet: .xlsx or .csv.")
@db_option
@json_option
@click.pass_context
def findings(
    context: click.Context,
    /,
    *,
    output: Path | None,
    db: str,
    as_json: bool,
    **wanted: Any,  # noqa: ANN401 - the options above
) -> None:
    """List what was found wrong at stations, the gravest first; take the steps that mend it.

    Example: stations findings --area 5301 --overdue -o 逾期.xlsx

    stations findings assign 12 --to 李明 --due 2026-12-01
    """
    if context.invoked_subcommand is not None:
        return
    if output is not None and output.suffix.lower() not in {".xlsx", ".csv"}:
        raise UsageError(f"{output.name}: write .xlsx or .csv")
    asked, at = loop.Wanted(**wanted), datetime.now(UTC)
    with Store.open(db) as store:
        frame = store.stations()
        found = loop.listed(loop.standing(store.steps(), at), frame, asked)
    if output is not None:
        files.write(loop.sheet(found), output)
    synthetic = bool(frame["synthetic"].any())
    if as_json:
        rows = loop.records(found)
        print_json({"findings": rows, "at": at.isoformat(), "synthetic": synthetic})
        return
    _show(loop.records(found.head(_SHOWN)), len(found))
    if synthetic:
        click.echo("合成演示数据 Synthetic demonstration data")


def _show(rows: list[dict[str, Any]], total: int) -> None:
    headings = ["id", "severity", "state", "due", "assignee", "station", "finding"]
    shown = [
        [str(row["id"]), row["severity"], row["state"] + " 逾期 overdue" * row["overdue"],
         row["due"], row["assignee"], f"{row['station']} {row['name']}", row["title"]["zh"]]
        for row in rows
    ]  # fmt: skip
    print_table(f"{total:,} findings", headings, shown)
    if total > len(rows):
        click.echo(f"({total - len(rows):,} more; -o FILE.xlsx writes all)")


@findings.command()
@click.option("--standard", default="national", show_default=True, metavar="NAME|FILE")
@click.option("--only", multiple=True, metavar="standard|quality|RULE", help="As in audit.")
@click.option("--who", help="Who answers for it; your user name if not given.")
@platform_options
@roads_option
@db_option
@json_option
def update(*, who: str | None, db: str, as_json: bool, **asked: Any) -> None:  # noqa: ANN401 - the options above
    """Audit the register, hear what riders reported, and record both as findings.

    What is new opens, what is mended is verified, what came back is reopened.

    Example: stations findings update --only quality

    stations findings update --platform 高德.xlsx --platform-datum gcj02
    """
    at, name = datetime.now(UTC), who or default_who()
    platform = read_platform(asked["platform"], asked["platform_datum"])
    with Store.open(db) as store:
        registry, batches = read_register(store), uploads(store)
        context = auditing.Context(registry, at, travel(asked["roads"]), batches, platform)
        rules = auditing.rules_for(asked["standard"], asked["only"])
        audited = loop.update(store, context, rules, who=name)
        heard = loop.hear(store, who=name, at=at)
    told = {"audit": audited._asdict(), "reports": heard._asdict()}
    if as_json:
        print_json(told)
        return
    for source, counts in told.items():
        click.echo(f"{source}: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()))


def _step(*, needs_why: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command what every step has."""

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        options = [
            click.argument("finding", type=click.IntRange(1, 2**31 - 1), metavar="ID"),
            click.option("--why", required=needs_why, default="" if needs_why else "指派 assigned"),
            click.option("--who", help="Who takes the step; your user name if not given."),
            db_option,
            json_option,
        ]
        for option in reversed(options):
            command = option(command)
        return command

    return decorated


def _take(  # the step, then what it was told
    taken: Callable[..., int], told: dict[str, Any], **more: object
) -> None:
    by = loop.By(told["who"] or default_who(), datetime.now(UTC), told["why"])
    with Store.open(told["db"]) as store:
        taken(store, told["finding"], by, **more)
    _tell(told["db"], told["finding"], by.at, as_json=told["as_json"])


def _tell(db: str, finding: int, at: datetime, *, as_json: bool) -> None:
    with Store.open(db) as store:
        steps = store.steps(finding)
        found = loop.listed(loop.standing(steps, at), store.stations(), loop.Wanted())
    if found.empty:
        raise MissingError(f"no finding {finding}")
    [record] = loop.records(found)
    proofs = [json.loads(text).get("proof", []) for text in steps["details"]]
    taken = [
        {**each, **({"proof": proof} if proof else {})}
        for each, proof in zip(loop.steps_told(steps), proofs, strict=True)
    ]
    if as_json:
        print_json({**record, "steps": taken})
        return
    about = f"{record['station']} {record['name']}: {record['title']['zh']} {record['title']['en']}"
    title = f"{finding} {about}; {record['state']}, due {record['due']}"
    rows = [[each["at"][:16], each["step"], each["who"], each["why"]] for each in taken]
    print_table(title, ["at (UTC)", "step", "who", "why"], rows)
    for each in taken:
        for file in each.get("proof", ()):
            told = f"{file['name']}, {file['bytes']} bytes, SHA-256 {file['sha256']}"
            click.echo(f"proof of {each['at'][:16]}: {told}")


@findings.command()
@click.argument("finding", type=click.IntRange(1, 2**31 - 1), metavar="ID")
@db_option
@json_option
def show(*, finding: int, db: str, as_json: bool) -> None:
    """Tell one finding and every step taken.

    Example: stations findings show 12
    """
    _tell(db, finding, datetime.now(UTC), as_json=as_json)


@findings.command()
@click.option("--to", "assignee", required=True, metavar="NAME", help="Who is to mend it.")
@click.option("--due", callback=_day, metavar="DAY", help="As its severity says if not given.")
@_step(needs_why=False)
def assign(*, assignee: str, due: date | None, **told: Any) -> None:  # noqa: ANN401 - see _step
    """Give a finding to somebody to mend.

    Example: stations findings assign 12 --to 李明 --due 2026-12-01
    """
    _take(loop.assign, told, assignee=assignee, until=due)


@findings.command()
@click.option(
    "--proof",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that proves it, such as a photo: its SHA-256 is kept, not the file.",
)
@_step()
def fix(*, proof: tuple[Path, ...], **told: Any) -> None:  # noqa: ANN401 - see _step
    """Say that it is mended, and how.

    Example: stations findings fix 12 --why 换了门锁 --proof 门.jpg
    """
    _take(loop.fix, told, proof=proof)


@findings.command()
@click.option("--desk", is_flag=True, help="Checked from the desk: no inspection.")
@click.option("--alone", is_flag=True, help="There is nobody else: verify your own fix.")
@_step()
def verify(*, desk: bool, alone: bool, **told: Any) -> None:  # noqa: ANN401 - see _step
    """Say that the mending holds; on the spot, which is an inspection and restores trust.

    Whoever fixed it does not verify it.

    Example: stations findings verify 12 --why 现场查看可用
    """
    _take(loop.verify, told, visited=not desk, alone=alone)


@findings.command()
@click.option("--seen", type=click.Choice(OUTCOMES[1:]), help="What was found on the spot.")
@_step()
def reopen(*, seen: str | None, **told: Any) -> None:  # noqa: ANN401 - see _step
    """Say that it is not mended, or not to be left as it is.

    Example: stations findings reopen 12 --why 门又锁了 --seen cannot_enter
    """
    _take(loop.reopen, told, seen=seen or "")


@findings.command()
@click.option("--seen", type=click.Choice(OUTCOMES[1:]), required=True)
@_step()
def confirm(*, seen: str, **told: Any) -> None:  # noqa: ANN401 - see _step
    """Say what was found on the spot: an inspection, which lowers trust.

    Example: stations findings confirm 12 --why 门锁着 --seen cannot_enter
    """
    _take(loop.confirm, told, seen=seen)


@findings.command()
@click.option("--until", callback=_day, required=True, metavar="DAY", help="Its last day.")
@_step()
def waive(*, until: date, **told: Any) -> None:  # noqa: ANN401 - see _step
    """Leave it as it is up to a day; then it is back.

    Example: stations findings waive 12 --until 2027-03-31 --why 待搬迁
    """
    _take(loop.waive, told, until=until)


@findings.command()
@click.option("--visited", is_flag=True, help="Seen on the spot to work: an inspection.")
@_step()
def settle(*, visited: bool, **told: Any) -> None:  # noqa: ANN401 - see _step
    """Say that it was a false alarm: it returns only if the facts change.

    Example: stations findings settle 12 --why 界线画错，位置无误
    """
    _take(loop.settle, told, visited=visited)
