"""``stations coverage --hours …``: from paper to real, told, and written to files."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli.output import percent, print_json, print_table, progress
from scripts.cli.register import revision_at
from stations import Registry, report
from stations import coverage as covering
from stations import cube as cubes
from stations.coverage import Terms, remedies
from stations.coverage.method import words
from stations.cube import profiles
from stations.errors import RevisionMissingError
from stations.hours.clock import ZONE
from stations.report import spoken, tables
from stations.report.spoken import RESTRICTED, SYNTHETIC

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stations.coverage import Need, ReachCache, Travel, Truth
    from stations.cube import Trend
    from stations.store import Store

WORST, TOP, GAPS = 12, 10, 100
"""Areas and gaps shown, and gaps in JSON."""
LABELS = (SYNTHETIC[0], RESTRICTED[0])
PICTURES: dict[str, Literal["png", "svg"]] = {".png": "png", ".svg": "svg"}
_OPTIONS = (
    click.option("--stay", type=float, metavar="MIN", help="Minutes they stay: open throughout; "
                 "if not given the whole hour, or that instant alone."),
    click.option("--trust-floor", type=float, default=0.0, metavar="0..1",
                 help="Count only stations at least so sure to be as recorded."),
    click.option("--at", metavar="ISO", help="When trust is weighed; now if not given."),
    click.option("--profile", type=click.Choice(list(profiles())), default="constant",
                 help="When the workers are there."),
    click.option("--what-if", multiple=True, metavar="CHANGE",
                 help="Suppose, such as 'host:商业银行振兴路支行 shut weekends', "
                 "'county:530102 trust 0.3' or 'station:ID removed'; may be repeated."),
    click.option("--since", metavar="REVISION|DATE",
                 help="Also tell what changed real coverage since then, and by which stations."),
)  # fmt: skip


USUAL = {
    "stay": None, "trust_floor": 0.0, "at": None, "profile": "constant", "what_if": (),
    "since": None,
}  # fmt: skip


def truth_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of coverage in truth; they arrive under their names."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wanted(hours: str | None, asked: dict[str, Any]) -> bool:
    """Tell whether any of these options is used: without, coverage is on paper."""
    return hours is not None or asked != USUAL


def terms_of(hours: str | None, asked: dict[str, Any]) -> Terms:
    """Read the options; trust is weighed now if nobody says when."""
    floor, at = asked["trust_floor"], asked["at"]
    weighed = None if at is None and not floor > 0 else _instant(at)
    return Terms(
        hours=covering.parse_hours(hours or "all"),
        stay_min=asked["stay"],
        trust_floor=floor,
        at=weighed,
        profile=asked["profile"],
        supposed=tuple(map(covering.parse_what_if, asked["what_if"])),
    )


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--at takes an instant such as 2026-11-24T02:00 (Beijing time), not {text[:40]!r}"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=ZONE)


@dataclass(frozen=True)
class Ask:
    """One question, all it is asked of, and how the answer is wanted."""

    store: Store
    need: Need
    terms: Terms
    travel: Travel
    cache: ReachCache
    by: str
    outputs: Sequence[Path]
    as_json: bool

    def tell(self, since: str | None) -> None:
        """Answer, write the files, print."""
        known = (*files.WRITTEN_SUFFIXES, *PICTURES)
        for each in self.outputs:
            if each.suffix.lower() not in known:
                raise UsageError(f"{each.name}: write one of {', '.join(known)}")
        self.terms.question(self.need.needs)
        registry = Registry.load(self.store)
        answer = self.answered(registry, self.terms)
        plain = None
        if self.terms.supposed:
            plain = self.answered(registry, replace(self.terms, supposed=()))
        trend = None if since is None else answer.since(self.before(since))
        for path in self.outputs:
            write(answer, path, self.by)
        if self.as_json:
            print_json(document(answer, self.by, plain, trend))
            return
        show(answer, self.by)
        if plain is not None:
            show_difference(plain, answer, self.by)
        if trend is not None and since is not None:
            show_trend(trend, since)

    def answered(self, registry: Registry, terms: Terms) -> Truth:
        """Ask the truth of a register."""
        with progress("pairs by road") as advance:
            return covering.truth(
                registry, self.need, terms, self.travel, self.cache, progress=advance
            )

    def before(self, since: str) -> Truth:
        """Ask the same of the register as it was; trust as it was then."""
        number = revision_at(self.store, since)
        made = {each.number: each.at for each in self.store.revisions()}
        if number not in made:
            raise RevisionMissingError(
                f"no revision {number}; the newest is {max(made, default=0)}"
            )
        at = None if self.terms.at is None else min(self.terms.at, made[number])
        return self.answered(Registry.load(self.store, number), replace(self.terms, at=at))


def write(answer: Truth, path: Path, by: str) -> None:
    """Write an answer in the form its ending names; tables of sites with their method beside."""
    suffix = path.suffix.lower()
    areas = by if by in covering.DIGITS else "county"
    if suffix == ".xlsx":
        _put(path, report.workbook(answer, areas))
    elif suffix in PICTURES:
        from stations.report.plots import plot  # noqa: PLC0415 - matplotlib, only for pictures

        _put(path, plot(answer, "all", PICTURES[suffix], areas))
    else:
        said = report.asked(answer)
        told = {"asked": f"{said.zh}  {said.en}", "revision": answer.revision}
        files.write(answer.sites.assign(**told), path)
        method = {**answer.method(), "revision": answer.revision, "synthetic": answer.synthetic}
        text = json.dumps({"layer": answer.layer.name, **method}, ensure_ascii=False, indent=1)
        _put(path.with_name(f"{path.name}.method.json"), f"{text}\n".encode())


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    if not path.parent.is_dir() or path.is_dir():
        raise UsageError(f"{path.name} cannot be written: name a file in a folder that exists")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        made = Path(folder) / path.name
        made.write_bytes(content)
        made.replace(path)


def document(answer: Truth, by: str, plain: Truth | None, trend: Trend | None) -> dict[str, Any]:
    """Return the one JSON document: the answer, its first gaps, what if, and since when."""
    told = {**answer.as_dict(by), "gaps": remedies.gap_rows(answer.gaps(GAPS))}
    if plain is not None:
        told["without_what_if"] = plain.as_dict(by)
    if trend is not None:
        edits = trend.edits.assign(stations=trend.edits["stations"].map(list))
        sums = {str(name): int(value) for name, value in trend.sites.sum().items()}
        told["since"] = {"total": sums, "edits": edits.to_dict("records")}
    return told


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
    for note in spoken.notes(answer):
        click.echo(note.en if note.zh not in LABELS else f"{note.zh} {note.en}")


def _why(row: dict[str, Any]) -> str:
    return f"{row['cause_zh']}\n{row['cause_en']}" if "cause_zh" in row else ""


def _show_rows(answer: Truth, by: str) -> None:
    rows = answer.rows(by)
    worst = sorted(rows, key=lambda row: row["steps"]["trust"] - row["worker_hours"])[:WORST]
    headings = ["", "workers", "paper", "real", "left out", "most by"]
    lines = [
        [_name(row), row["workers"], *_shares(row), row["worker_hours"] - row["steps"]["trust"],
         _most(row["lost"])]
        for row in [*worst, {**answer.total(), "name": "合计 total"}]
    ]  # fmt: skip
    print_table(f"{len(worst)} of {len(rows)}, most left out first", headings, lines)


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
        [row["name"], row["lost"], row["hours_zh"], _away(row["nearest_m"]),
         _away(row["usable_m"]), row["advice_zh"]]
        for row in frame.head(TOP).to_dict("records")
    ]  # fmt: skip
    print_table(f"盲区 {min(TOP, len(frame))} of {len(frame)} gaps", headings, lines)


def _away(metres: float) -> str:
    return f"{metres / 1000:,.1f} km" if math.isfinite(metres) else "–"


def show_difference(plain: Truth, answer: Truth, by: str) -> None:
    """Print what the supposed changes do."""
    change = answer.waterfall(by)["trust"] - plain.waterfall(by)["trust"]
    for each in answer.terms.supposed:
        click.echo(f"假设 what if: {each.text}")
    before, after = plain.total()["share"], answer.total()["share"]
    click.echo(f"实际 real {percent(before)} → {percent(after)}: {int(change.sum()):+,}")
    names = {_key(row): _name(row) for row in answer.rows(by)}
    changed = change[change != 0].sort_values(kind="stable")
    lines = [[names[key], f"{int(value):+,}"] for key, value in changed.head(WORST).items()]
    print_table(f"{len(lines)} of {len(changed)} that change", ["", "worker-hours"], lines)


def _key(row: dict[str, Any]) -> Any:  # noqa: ANN401 - a code, an id or an hour
    return next(row[name] for name in ("code", "id", "hour") if name in row)


def show_trend(trend: Trend, since: str) -> None:
    """Print what changed real coverage since then."""
    sums = trend.sites.sum()
    lines = [[name, f"{int(sums[name]):+,}"] for name in cubes.trend.KINDS]
    click.echo(f"since {since}: {int(sums['before']):,} → {int(sums['after']):,} worker-hours")
    print_table("什么变了 What changed it", ["", "worker-hours"], lines)
    order = trend.edits["change"].abs().sort_values(ascending=False, kind="stable").index
    edits = trend.edits.loc[order].head(TOP)
    rows = [
        [row["site"], row["kind"], f"{row['change']:+,}", ", ".join(row["stations"])]
        for row in edits.to_dict("records")
    ]
    print_table(f"{len(edits)} of {len(trend.edits)} edits", ["site", "", "", "stations"], rows)
