"""``stations visits``: what inspectors are asked on the spot, and what they found."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli.output import (
    db_option,
    default_who,
    instant,
    json_option,
    output_option,
    print_json,
    print_table,
)
from scripts.cli.reading import read_register
from stations.audit import visits as visiting
from stations.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.visits import VisitSent

_SHOWN = 40
_LARGEST = 1_000_000
_MARK = 32
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("visits", invoke_without_command=True)
@click.option("--area", default="", metavar="CODE", help="Leading digits of an area code: 5301.")
@click.option("--station", default="", metavar="ID")
@click.option("--who", default="", metavar="NAME", help="Only this inspector's.")
@click.option("--since", callback=instant, metavar="DAY", help="Not those before.")
@output_option("Also write them as a sheet: .xlsx or .csv.")
@db_option
@json_option
@click.pass_context
def visits(
    context: click.Context,
    /,
    *,
    output: Path | None,
    db: str,
    as_json: bool,
    **wanted: Any,  # noqa: ANN401 - the options above
) -> None:
    """List visits, the newest first; make a form, record a filled one.

    Example: stations visits --area 5301 --since 2026-11-01 -o 核查.xlsx

    stations visits form YN001 -o 核查表.json
    """
    if context.invoked_subcommand is not None:
        return
    if output is not None and output.suffix.lower() not in {".xlsx", ".csv"}:
        raise UsageError(f"{output.name}: write .xlsx or .csv")
    with Store.open(db) as store:
        registry = read_register(store)
        found = visiting.listed(store, registry, visiting.Wanted(**wanted))
        photos = visiting.Photos.beside(store.files)
        rows = visiting.records(store, registry, found, photos)
    if output is not None:
        files.write(visiting.sheet(rows), output)
    synthetic = bool(registry.stations["synthetic"].any())
    if as_json:
        print_json({"visits": rows, "total": len(rows), "synthetic": synthetic})
        return
    _show(rows)
    if synthetic:
        click.echo("合成演示数据 Synthetic demonstration data")


def _show(rows: list[dict[str, Any]]) -> None:
    shown = [
        [
            str(row["visit"]),
            row["at"][:16],
            row["who"],
            f"{row['station']} {row['name']}",
            row["outcome"] + " 过远 far" * row["far"],
            ", ".join(f"{each['number']} {each['step']}" for each in row["findings"]),
        ]
        for row in rows[:_SHOWN]
    ]
    headings = ["visit", "at (UTC)", "who", "station", "outcome", "findings"]
    print_table(f"{len(rows):,} visits", headings, shown)
    if len(rows) > _SHOWN:
        click.echo(f"({len(rows) - _SHOWN:,} more; -o FILE.xlsx writes all)")


@visits.command()
@click.argument("station", metavar="ID")
@click.option("--standard", default="national", show_default=True, metavar="NAME")
@output_option("A file to fill in and send back: .json.")
@db_option
@json_option
def form(*, station: str, standard: str, output: Path | None, db: str, as_json: bool) -> None:
    """Make the form of a station: every question somebody on the spot can answer.

    The file holds the questions and, under "visit", what `stations visits record` reads:
    fill in its answers and its time.

    Example: stations visits form YN001 -o 核查表.json
    """
    at = datetime.now(UTC)
    with Store.open(db) as store:
        asked = visiting.asked(read_register(store), store, station, standard, at)
    told = asked.to_dict()
    blank: dict[str, Any] = {
        "station": station,
        "key": hashlib.sha256(f"{asked.version} {at.isoformat()}".encode()).hexdigest()[:_MARK],
        "at": at.isoformat(timespec="seconds"),
        "form": asked.version,
        "standard": standard,
        "position": None,
        "answers": {},
        "outcome": "",
        "note": "",
        "photos": [],
    }
    document = {**told, "visit": blank}
    if output is not None:
        if output.suffix.lower() != ".json":
            raise UsageError(f"{output.name}: write .json")
        output.write_text(json.dumps(document, ensure_ascii=False, indent=2), "utf-8")
    if as_json:
        print_json(document)
        return
    rows = [
        [each["id"], each["zh"], each["en"], str(each["claimed"] or ""), each["rule"] or ""]
        for each in told["questions"]
    ]
    headings = ["id", "问题", "question", "claimed", "rule"]
    print_table(f"{station} {told['station']['name']}", headings, rows)


@visits.command()
@click.argument("file", type=_FILE)
@click.option("--photo", "photos", multiple=True, type=_FILE, help="A photo; may be given again.")
@click.option("--who", help="Who was there; your user name if not given.")
@db_option
@json_option
def record(
    *, file: Path, photos: tuple[Path, ...], who: str | None, db: str, as_json: bool
) -> None:
    """Record a form that was filled in: evidence, and the steps of findings it leads to.

    Recorded twice it counts once.

    Example: stations visits record 核查表.json --who 王芳 --photo 门.jpg
    """
    name, at = who or default_who(), datetime.now(UTC)
    taken = {path: path.read_bytes() for path in photos}
    marks = {path: hashlib.sha256(data).hexdigest() for path, data in taken.items()}
    sent = _filled(file, {mark: path.name for path, mark in marks.items()})
    with Store.open(db) as store:
        registry = read_register(store)
        registry.position_of(sent.station)
        kept = visiting.Photos.beside(store.files)
        for path, data in taken.items():
            kept.take(data, marks[path], station=sent.station, who=name, received=at)
        made = visiting.record(store, registry, sent, who=name, received=at, photos=kept)
        found = visiting.listed(store, registry, visiting.Wanted(station=sent.station))
        [told] = visiting.records(store, registry, found.loc[[made.number]], kept)
    if as_json:
        print_json({**told, "new": made.new})
        return
    _tell(told, new=made.new)


def _filled(file: Path, photos: Mapping[str, str]) -> VisitSent:
    """Read a filled form, alone or as ``visits form`` writes it; name photos it does not name."""
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"{file.name}: a filled form is smaller than {_LARGEST:,} bytes")
    try:
        document = json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError):
        raise UsageError(f"{file.name}: expected JSON, as stations visits form writes it") from None
    body = document.get("visit", document) if isinstance(document, dict) else document
    sent = visiting.read(json.dumps(body).encode())
    named = {each.sha256 for each in sent.photos}
    more = [
        visiting.PhotoNamed(sha256=mark, name=name, question="")
        for mark, name in photos.items()
        if mark not in named
    ]
    return sent.model_copy(update={"photos": (*sent.photos, *more)})


def _tell(told: Mapping[str, Any], *, new: bool) -> None:
    again = "" if new else " (已有记录 recorded before)"
    outcome = told["outcome"] or "不构成证据 no evidence"
    click.echo(f"visit {told['visit']}{again}: {told['station']} {told['name']}: {outcome}")
    if told["far"]:
        click.echo(f"离标注 {told['distance_m']:,.0f} m from the pin")
    for each in told["findings"]:
        click.echo(f"  {each['number']} {each['step']}: {_both(each['title'])}")
    for each in told["left"]:
        click.echo(f"  {each['number']}: {_both(each)}")
    if told["unread"]:
        click.echo(f"  未识别 not understood: {', '.join(told['unread'])}")


def _both(words: Mapping[str, str]) -> str:
    return f"{words['zh']} {words['en']}"


@visits.command()
@db_option
def sweep(*, db: str) -> None:
    """Remove photos that were sent long ago and that no visit names.

    Example: stations visits sweep
    """
    with Store.open(db) as store:
        named = visiting.photos_named(store)
        gone = visiting.Photos.beside(store.files).sweep(named, datetime.now(UTC))
    click.echo(f"{gone:,} photos removed")
