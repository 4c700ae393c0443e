"""Coverage in truth as a planner reads it on a terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from scripts.cli.output import people, percent, print_table
from stations.coverage.figures import whole
from stations.coverage.method import words
from stations.report import spoken, spread, tables
from stations.report.spoken import RESTRICTED, SYNTHETIC

if TYPE_CHECKING:
    from stations.coverage import Truth

WORST, TOP, LEANING = 12, 10, 3
"""Areas and gaps shown, and stations and hosts that most hangs on."""
LABELS = (SYNTHETIC[0], RESTRICTED[0])


def show(answer: Truth, by: str) -> None:
    """Print an answer as a planner reads it: the waterfall, the worst areas, the top gaps."""
    title, question, unit = spoken.heading(answer), spoken.asked(answer), tables.unit(answer)
    click.echo(f"{title.zh} {title.en}\n{question.zh}\n{question.en}")
    headings = ["", " ".join(unit), "", "lost", "why"]
    rows = [
        [f"{r['zh']} {r['en']}", r["value"], percent(r["share"]), r.get("lost"), _why(r)]
        for r in tables.steps(answer)
    ]
    print_table("从账面到实际 From paper to real", headings, rows)
    _show_rows(answer, by)
    _show_gaps(answer)
    _show_spread(answer)
    for note in spoken.notes(answer):
        click.echo(note.en if note.zh not in LABELS else f"{note.zh} {note.en}")


def _why(row: dict[str, Any]) -> str:
    return f"{row['cause_zh']}\n{row['cause_en']}" if "cause_zh" in row else ""


def _show_rows(answer: Truth, by: str) -> None:
    rows = answer.rows(by)
    worst = sorted(rows, key=lambda row: row["steps"]["trust"] - row["worker_hours"])[:WORST]
    total = answer.total()
    headings = ["", "workers", "paper", "real", "left out", "most by"]
    absent = ["not_there"] if total["not_there"] and by != "hour" else []
    lines = [
        [_name(row), _workers(row), *_shares(row), row["worker_hours"] - row["steps"]["trust"],
         _most(row["lost"]), *(row[each] for each in absent)]
        for row in [*worst, {**total, "name": "合计 total"}]
    ]  # fmt: skip
    headings += ["not there" for _ in absent]
    print_table(f"{len(worst)} of {len(rows)}, most left out first", headings, lines)


def _workers(row: dict[str, Any]) -> int | None:
    """Return the workers of a row; of an hour, of those present."""
    return people(row)[0] if "workers_unknown" in row else row["workers"]


def _name(row: dict[str, Any]) -> str:
    return str(row["name"]) if "name" in row else f"{row['zh']} {row['en']}"


def _shares(row: dict[str, Any]) -> list[str]:
    paper = row["steps"]["paper"] / row["worker_hours"] if row["worker_hours"] else None
    return [percent(paper), percent(row["share"])]


def _most(lost: dict[str, int]) -> str:
    cause = max(lost, key=lambda each: lost[each])
    said = words()["causes"][cause]
    return f"{said['zh']} {said['en']}" if lost[cause] else "–"


def _show_gaps(answer: Truth) -> None:
    frame = answer.gaps()
    headings = ["", "left out", "when", "nearest of all", "nearest usable", "what would help most"]
    lines = [
        [row["name"], row["lost"], row["hours_zh"], _way(row, "nearest", row["estimated"]),
         _way(row, "usable", row["usable_estimated"]), row["advice_zh"]]
        for row in frame.head(TOP).to_dict("records")
    ]  # fmt: skip
    print_table(f"盲区 {min(TOP, len(frame))} of {len(frame)} gaps", headings, lines)


def _show_spread(answer: Truth) -> None:
    """Print what hangs on one station or host, and how evenly coverage is spread."""
    rows = [
        [f"{row['zh']} {row['en']}", row["value"], percent(row["share"]), row.get("sites")]
        for row in spread.alone(answer)[1:]
    ]
    rows += [
        [f"　{row['name']}", row["worker_hours"], percent(row["share"]), row["sites"]]
        for of in ("station", "host")
        for row in spread.leaning(answer, of)[:LEANING]
    ]
    unit = " ".join(tables.unit(answer))
    print_table("备份 Covered without a backup", ["", unit, "of covered", "sites"], rows)
    even = [
        [f"{row['zh']} {row['en']}", row["note"] or _ratio(row["gini"]), _ratio(row["worst"])]
        for row in spread.evenness(answer)
    ]
    even += [[f"　{row['name']}", "", percent(row["share"])] for row in spread.types(answer)]
    print_table("均衡 How evenly", ["", "Gini", "worst tenth / share"], even)
    access = [
        [f"{row['zh']} {row['en']}", _ratio(row["value"])] for row in spread.access(answer)[:-1]
    ]
    if access:
        print_table("人均座位 Places for each worker (E2SFCA)", ["", ""], access)


def _ratio(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _way(row: dict[str, Any], which: str, estimated: bool) -> str:  # noqa: FBT001 - a flag of row
    """Tell the way to a station: minutes where they were asked for, and metres."""
    away, minutes = _away(row[f"{which}_m"]), row[f"{which}_min"]
    if not math.isfinite(minutes):
        return away
    return f"{'~' if estimated else ''}{minutes:,.0f} min, {away}"


def _away(metres: float) -> str:
    return f"{metres / 1000:,.1f} km" if math.isfinite(metres) else "–"


def show_difference(plain: Truth, answer: Truth, by: str) -> None:
    """Print what the supposed changes do."""
    change = answer.waterfall(by)["trust"] - plain.waterfall(by)["trust"]
    for each in answer.terms.supposed:
        click.echo(f"假设 what if: {each.text}")
    before, after = plain.total()["share"], answer.total()["share"]
    click.echo(f"实际 real {percent(before)} → {percent(after)}: {whole(change.sum()):+,}")
    names = {_key(row): _name(row) for row in answer.rows(by)}
    changed = change[change != 0].sort_values(kind="stable")
    lines = [[names[key], f"{whole(value):+,}"] for key, value in changed.head(WORST).items()]
    print_table(f"{len(lines)} of {len(changed)} that change", ["", "worker-hours"], lines)


def _key(row: dict[str, Any]) -> Any:  # noqa: ANN401 - a code, an id or an hour
    return next(row[name] for name in ("code", "id", "hour") if name in row)


def show_trend(answer: Truth, since: str) -> None:
    """Print what changed real coverage since then."""
    then, *kinds, now = spread.changes(answer)
    lines = [[f"{row['zh']} {row['en']}", f"{row['value']:+,}"] for row in kinds]
    unit = " ".join(tables.unit(answer))
    click.echo(f"since {since}: {then['value']:,} → {now['value']:,} {tables.unit(answer)[1]}")
    print_table("什么变了 What changed it", ["", unit], lines)
    edits = spread.edits(answer)
    rows = [
        [row["site"], row["kind"], f"{row['change']:+,}", row["stations"]] for row in edits[:TOP]
    ]
    print_table(f"{len(rows)} of {len(edits)} edits", ["site", "", "", "stations"], rows)
