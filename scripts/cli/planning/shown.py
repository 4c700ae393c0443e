"""Plans printed as a planner reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts.cli.output import percent, print_table
from stations.planning import sheet_tables as tables
from stations.planning import wording
from stations.planning.prices import shown_rows

if TYPE_CHECKING:
    from stations.planning import CostTable
    from stations.planning.beside import Comparison
    from stations.planning.replaying import Replay
    from stations.planning.saving import SavedPlan
    from stations.planning.scheme import Scheme
    from stations.planning.study import Study

SHOWN, NAMED = 40, 5
"""Actions listed, and those named in a line."""


def show(scheme: Scheme, saved: SavedPlan, study: Study | None) -> None:
    """Print a plan: what was asked, how good it is, its actions, whom they serve."""
    title, asked = wording.heading(scheme), wording.asked(scheme.wish)
    click.echo(f"{title.zh} {title.en}\n{asked.zh}\n{asked.en}")
    status = wording.STATUSES[scheme.status]
    if scheme.blame is not None:
        blame = scheme.blame.said()
        click.echo(f"{status.zh} {status.en}\n{blame.zh}\n{blame.en}")
    else:
        click.echo(f"{status.zh} {status.en}: {_goodness(scheme)}")
        _show_actions(scheme)
        counted = wording.unit(scheme)
        before, after = percent(scheme.before["share"]), percent(scheme.after["share"])
        click.echo(f"覆盖{counted.zh} {counted.en} covered: {before} → {after}")
    if study is not None:
        _show_study(scheme, study)
    for note in saved.inputs["notes"]:
        click.echo(f"{note['zh']} {note['en']}")
    for label in wording.labels(scheme):
        click.echo(f"{label.zh} {label.en}")


def _goodness(scheme: Scheme) -> str:
    counted = wording.unit(scheme)
    what = "yuan" if scheme.wish.cover_all else f"{counted.en} gained"
    limit = f"at most {scheme.bound:,.0f} is possible"
    if scheme.wish.cover_all:
        limit = f"at least {scheme.bound:,.0f} is needed"
    gap, size = f"gap {scheme.gap:.2%}", len(scheme.actions)
    return f"{scheme.objective:,.0f} {what}, {limit} ({gap}); {scheme.cost:,} yuan, {size} actions"


def _show_actions(scheme: Scheme) -> None:
    reasons = {each.action: each for each in scheme.reasons()}
    headings = ["", "", "", "yuan", "gains", "per 10,000", "who", "id"]
    rows = [
        [str(each.year), f"{each.zh}\n{each.en}", f"{each.name}\n{each.county}", each.cost,
         round(reasons[each.id].gain), reasons[each.id].per_10000, reasons[each.id].workers,
         each.id]
        for each in scheme.actions[:SHOWN]
    ]  # fmt: skip
    print_table(f"措施 {len(rows)} of {len(scheme.actions)} actions", headings, rows)


def _show_study(scheme: Scheme, study: Study) -> None:
    headings = ["budget", "yuan", "gains", "at most", "actions", ""]
    rows = [
        [each["budget"], each["cost"], round(each["gain"]), round(each["bound"]), each["actions"],
         each["knee"]]
        for each in tables.frontier(study.frontier)
    ]  # fmt: skip
    print_table("前沿 Frontier", headings, rows)
    counted = wording.unit(scheme)
    more = study.next_yuan
    named = ", ".join(more.actions[:NAMED]) or "nothing on offer"
    others = f" and {len(more.actions) - NAMED} more" if len(more.actions) > NAMED else ""
    click.echo(
        f"再多 {more.yuan:,} 元 the next {more.yuan:,} yuan: +{more.gain:,.0f} {counted.en} by "
        f"{named}{others}"
    )
    stable, size = len(study.sensitivity.stable), len(scheme.actions)
    click.echo(f"价格变动 prices ±20 %: {stable} of {size} actions stay whatever changes")


def show_replay(again: Replay) -> None:
    """Print what differs, or that nothing does."""
    if again.same:
        size = len(again.scheme.actions)
        click.echo(f"同一方案 the same plan: {size} actions, {again.scheme.cost:,} yuan")
    for each in again.differs:
        click.echo(f"{each.zh} {each.en}")


def show_comparison(found: Comparison, first: str, second: str) -> None:
    """Print two plans side by side."""
    rows = [[f"{each.zh} {each.en}", _shown(each.a), _shown(each.b)] for each in found.figures]
    print_table(f"甲 A {first}, 乙 B {second}", ["", "A", "B"], rows)
    asked = ", ".join(found.wishes) or "–"
    others = ", ".join(found.inputs) or "–"
    click.echo(f"所问不同 asked otherwise: {asked}; 数据不同 made of other: {others}")
    click.echo(f"共同措施 actions in both: {found.shared}")
    for each in found.said():
        click.echo(f"{each.zh}  [{each.en}]")


def _shown(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"


def show_prices(table: CostTable) -> None:
    """Print a price list."""
    rows = [list(row.values()) for row in shown_rows(table.prices)]
    print_table("价目 Prices", list(tables.PRICE_WORDS), rows)
