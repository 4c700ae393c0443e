"""``stations audit``: what is wrong with the register, by a standard and in the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli.listed import platform_options, read_platform
from scripts.cli.output import (
    db_option,
    instant_of,
    json_option,
    outputs_option,
    print_json,
    print_table,
    roads_option,
    travel,
)
from scripts.cli.planted import planted
from scripts.cli.reading import read_register
from scripts.cli.signing import coverage_audit, signed
from stations import audit as auditing
from stations.audit import findings, telling
from stations.audit.quality import uploads
from stations.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from stations.audit import Rule, Standard

SUFFIXES = (".xlsx", ".csv", ".gpkg")
_MANY = 20


@click.group("audit", invoke_without_command=True)
@click.option(
    "--standard",
    default="national",
    show_default=True,
    metavar="NAME|FILE",
    help="A standard (see `stations audit standards`), or a .toml file of your own.",
)
@click.option(
    "--at",
    metavar="ISO",
    help="The rules of that day, and the register as it was then "
    "(its first revision if there was none yet); now if not given.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="standard|quality|RULE",
    help="Only the standard's rules, those about the data, or one rule or family, such as "
    "place or national.water; may be repeated.",
)
@click.option("--station", default="", metavar="ID", help="Only what is said of one station.")
@click.option(
    "--area", default="", metavar="CODE", help="Only in an area: leading digits, as 5301."
)
@platform_options
@click.option(
    "--grades",
    "grades_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write every grade, and what holds it down: .xlsx, .csv or .gpkg.",
)
@outputs_option("Also write every ruling: .xlsx, .csv or .gpkg; may be repeated.")
@roads_option
@db_option
@json_option
@click.pass_context
def audit(context: click.Context, /, **asked: Any) -> None:  # noqa: ANN401 - the options above
    """Tell what is wrong with the register, from the desk: by a standard, and in the data itself.

    What the register cannot tell is "unknown": neither a pass nor a breach, but a thing to look at
    on the next visit. Nothing is changed.

    Example: stations audit --standard fuzhou --area 5301 -o audit.xlsx

    stations audit --only quality --platform 高德.xlsx --platform-datum gcj02

    stations audit --standard ours.toml --at 2025-12-31 --station YN530102-0001
    """
    if context.invoked_subcommand is None:
        _tell(asked)


@audit.command()
@json_option
def standards(*, as_json: bool) -> None:
    """List the standards that come with the program.

    Example: stations audit standards
    """
    known = [auditing.load(name) for name in auditing.SHIPPED]
    if as_json:
        print_json({"standards": [_about(each) for each in known]})
        return
    rows = [(s.id, f"{s.zh} {s.en}", s.version, len(s.rules), len(s.grades)) for s in known]
    print_table("标准 Standards", ("standard", "title", "version", "rules", "grades"), rows)


for command in (planted, coverage_audit, signed):
    audit.add_command(command)


def _about(standard: Standard) -> dict[str, Any]:
    about = {name: getattr(standard, name) for name in ("id", "zh", "en", "version", "source")}
    return {**about, "rules": len(standard.rules), "grades": len(standard.grades)}


@dataclass(frozen=True)
class _Answer:
    """One audit, and what it was asked."""

    standard: Standard
    rules: list[Rule]
    context: auditing.Context
    rulings: pd.DataFrame
    graded: pd.DataFrame | None
    asked: dict[str, Any]


def _tell(asked: dict[str, Any]) -> None:
    sheets = [each for each in (*asked["outputs"], asked["grades_file"]) if each is not None]
    for each in sheets:
        if each.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{each.name}: write one of {', '.join(SUFFIXES)}")
    answer = _answer(asked)
    for path in asked["outputs"]:
        files.write(telling.sheet(answer.rulings, answer.rules, answer.context.registry), path)
    if asked["grades_file"] is not None:
        _write_grades(answer, asked["grades_file"])
    if asked["as_json"]:
        print_json(_document(answer))
    else:
        _show(answer)


def _write_grades(answer: _Answer, path: Path) -> None:
    if answer.graded is None or not answer.standard.grades:
        raise UsageError(f"--grades: {answer.standard.id} has no grades, or was not asked")
    told = telling.grades_sheet(answer.graded, answer.standard, answer.context.registry)
    files.write(told, path)


def _answer(asked: dict[str, Any]) -> _Answer:
    standard, at = auditing.load(asked["standard"]), _instant(asked["at"])
    every = auditing.rules_for(standard, asked["only"])
    context, standing = _context(asked, at)
    rules = [rule for rule in every if rule.in_force(context.day)]
    where = {name: asked[name] for name in ("area", "station")}
    rulings = auditing.picked(auditing.judge_all(rules, context), context.registry, **where)
    graded = None
    if not asked["only"] or "standard" in asked["only"]:
        every_grade = auditing.graded(context, standard, findings=standing)
        graded = auditing.picked(every_grade, context.registry, **where)
    return _Answer(standard, rules, context, rulings, graded, asked)


def _instant(text: str | None) -> datetime:
    return datetime.now(UTC) if text is None else instant_of(text, "--at")


def _context(asked: dict[str, Any], at: datetime) -> tuple[auditing.Context, pd.DataFrame]:
    """Read the register as it was, what the checks look at besides, and where findings stood."""
    platform = read_platform(asked["platform"], asked["platform_datum"])
    with Store.open(asked["db"]) as store:
        number = None
        if asked["at"] is not None:
            number = max(store.revision_at(at), min(store.revision(), 1))
        registry = read_register(store, number)
        batches = uploads(store, number)
        standing = findings.standing(store.steps(), at)
    return auditing.Context(registry, at, travel(asked["roads"]), batches, platform), standing


def _document(answer: _Answer) -> dict[str, Any]:
    asked, context, rulings = answer.asked, answer.context, answer.rulings
    unknown = auditing.is_unknown(rulings)
    return {
        "revision": context.registry.revision,
        "synthetic": bool(context.registry.stations["synthetic"].any()),
        "findings": auditing.told(rulings[~unknown], answer.rules),
        "unknown": auditing.told(rulings[unknown], answer.rules),
        "rules": auditing.by_rule(rulings, answer.rules),
        "grades": _grades(answer),
        "method": {
            "standard": _about(answer.standard),
            "at": context.at.isoformat(),
            "day": context.day.isoformat(),
            **{name: asked[name] for name in ("only", "area", "station")},
            "platform": None if asked["platform"] is None else asked["platform"].name,
            "roads": context.travel.roads is not None,
            "unknown": telling.UNKNOWN,
            "prices": telling.PRICES,
        },
    }


def _grades(answer: _Answer) -> list[dict[str, Any]]:
    if answer.graded is None:
        return []
    return telling.grades_told(answer.graded, answer.standard)


def _show(answer: _Answer) -> None:
    told = auditing.by_rule(answer.rulings, answer.rules)
    rows = [
        (each["rule"], f"{each['title']['zh']} {each['title']['en']}", each["level"],
         each["severity"], each["breaches"], each["unknown"])
        for each in told
        if each["breaches"] or each["unknown"]
    ]  # fmt: skip
    standard, register = answer.standard, answer.context.registry
    title = f"{standard.zh} {standard.en} ({standard.version}), {answer.context.day}; "
    title += f"revision {register.revision}"
    print_table(title, ("rule", "title", "level", "severity", "breaches", "unknown"), rows)
    if answer.asked["station"] or len(answer.rulings) <= _MANY:
        _show_each(answer)
    if answer.graded is not None and len(answer.graded):
        _show_grades(answer.graded, standard)
    click.echo(f"{len(told) - len(rows)} rules in force had nothing to say. "
               f"unknown: {telling.UNKNOWN}; a visit tells.")  # fmt: skip
    if register.stations["synthetic"].any():
        click.echo("合成数据 made up for demonstration")


def _show_each(answer: _Answer) -> None:
    rows = []
    for each in auditing.told(answer.rulings, answer.rules):
        seen = {name: value for name, value in each["evidence"].items() if name != "verdict"}
        facts = ", ".join(f"{name}: {value}" for name, value in seen.items())
        rows.append((each["station"], each["rule"], each["severity"], each["verdict"], facts))
    if rows:
        print_table("", ("station", "rule", "severity", "verdict", "evidence"), rows)


def _show_grades(graded: pd.DataFrame, standard: Standard) -> None:
    names = {0: "未达级 none", **{g.number: f"{g.zh} {g.en}" for g in standard.grades}}
    if len(graded) == 1:
        [one] = telling.grades_told(graded, standard)
        price = "no price known" if one["yuan"] is None else f"{one['yuan']:,} yuan"
        click.echo(f"级别 Grade: {names[one['grade']]}; at best {names[one['at_best']]}")
        if one["held"]:
            click.echo(f"{one['told']['zh']}\n{one['told']['en']}")
        click.echo(f"missing for the next: {', '.join(one['missing']) or 'nothing known'}; "
                   f"unknown: {', '.join(one['unknown']) or 'nothing'}")  # fmt: skip
        click.echo(
            f"cheapest way: {'; '.join(map(_step, one['way'])) or 'nothing to do'} ({price})"
        )
        return
    rows = []
    for number, name in names.items():
        mine = graded["grade"] == number
        best = int((graded["at_best"] == number).sum())
        seen = int((graded["shown"] == number).sum())
        rows.append((name, int(mine.sum()), seen, best, _median(graded.loc[mine, "yuan"])))
    headings = ("grade", "stations", "shown", "at best", "median yuan to the next")
    print_table("级别 Grades", headings, rows)


def _step(step: dict[str, Any]) -> str:
    details = [step[name] for name in step if name not in {"action", "yuan"}]
    return " ".join([step["action"], *(str(detail) for detail in details)])


def _median(yuan: pd.Series[int]) -> int | None:
    known = yuan.dropna()
    return int(known.median()) if len(known) else None
