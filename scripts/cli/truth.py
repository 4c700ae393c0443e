"""``stations coverage --hours …``: from paper to real, told, and written to files."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli.output import (
    instant_of,
    print_json,
    progress,
)
from scripts.cli.reading import read_register
from scripts.cli.truth_told import show, show_difference, show_trend
from scripts.cli.writing import put
from stations import Registry, report
from stations import coverage as covering
from stations.coverage import Terms, remedies
from stations.cube import profiles
from stations.hours.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stations.coverage import Need, ReachCache, Travel, Truth
    from stations.store import Store

GAPS = 100
"""Gaps in JSON."""
MAP = ".html"
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
                 "'county:530102 trust 0.3', 'station:ID removed' or 'road:LON,LAT closed'; may be "
                 "repeated."),
    click.option("--since", metavar="REVISION|DATE",
                 help="Also tell what changed real coverage since then, and by which stations."),
    click.option("--compare", multiple=True, metavar="LAYER",
                 help="Ask the same of another layer, to see how evenly types of worker are "
                 "covered; may be repeated."),
)  # fmt: skip


USUAL = {
    "stay": None, "trust_floor": 0.0, "at": None, "profile": "constant", "what_if": (),
    "since": None, "compare": (),
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
        on=datetime.now(ZONE).date(),
        profile=asked["profile"],
        supposed=tuple(map(covering.parse_what_if, asked["what_if"])),
    )


def _instant(text: str | None) -> datetime:
    return datetime.now(UTC) if text is None else instant_of(text, "--at")


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
    compare: Sequence[str] = ()
    since: str | None = None

    def tell(self) -> None:
        """Answer, write the files, print."""
        known = (*files.WRITTEN_SUFFIXES, *PICTURES, MAP)
        for each in self.outputs:
            if each.suffix.lower() not in known:
                raise UsageError(f"{each.name}: write one of {', '.join(known)}")
        self.terms.question(self.need.needs)
        registry = read_register(self.store)
        answer = self.whole(registry)
        plain = None
        if self.terms.supposed:
            plain = self.answered(registry, replace(self.terms, supposed=()))
        for path in self.outputs:
            write(answer, path, self.by)
        if self.as_json:
            print_json(document(answer, self.by, plain))
            return
        show(answer, self.by)
        if plain is not None:
            show_difference(plain, answer, self.by)
        if self.since is not None:
            show_trend(answer, self.since)

    def whole(self, registry: Registry) -> Truth:
        """Ask for the answer with what is to be compared to it: other layers, an earlier day."""
        others = [
            self.answered(registry, self.terms, replace(self.need, layer=layer))
            for layer in dict.fromkeys(self.compare)
            if layer != self.need.layer
        ]
        earlier = None if self.since is None else self.before(self.since)
        answer = self.answered(registry, self.terms)
        return replace(answer, others=tuple(others), earlier=earlier)

    def answered(self, registry: Registry, terms: Terms, need: Need | None = None) -> Truth:
        """Ask the truth of a register; of another layer if ``need`` names one."""
        with progress("pairs by road") as advance:
            return covering.truth(
                registry, need or self.need, terms, self.travel, self.cache, progress=advance
            )

    def before(self, since: str) -> Truth:
        """Ask the same of the register as it was; trust as it was then."""
        revision = covering.revision_before(self.store, since, now=datetime.now(UTC))
        at = None if self.terms.at is None else min(self.terms.at, revision.at)
        registry = read_register(self.store, revision.number)
        return self.answered(registry, replace(self.terms, at=at))


def write(answer: Truth, path: Path, by: str) -> None:
    """Write an answer in the form its ending names; tables of sites with their method beside."""
    suffix = path.suffix.lower()
    areas = by if by in covering.DIGITS else "county"
    if suffix == ".xlsx":
        put(path, report.workbook(answer, areas))
    elif suffix in PICTURES:
        from stations.report.plots import plot  # noqa: PLC0415 - matplotlib, only for pictures

        put(path, plot(answer, "all", PICTURES[suffix], areas))
    elif suffix == MAP:
        from web.weekmap import week_page  # noqa: PLC0415 - folium, only for a map

        put(path, week_page(answer).encode())
    else:
        said = report.asked(answer)
        told = {"asked": f"{said.zh}  {said.en}", "revision": answer.revision}
        files.write(answer.sites.assign(**told), path)
        method = {**answer.method(), "revision": answer.revision, "synthetic": answer.synthetic}
        text = json.dumps({"layer": answer.layer.name, **method}, ensure_ascii=False, indent=1)
        put(path.with_name(f"{path.name}.method.json"), f"{text}\n".encode())


def document(answer: Truth, by: str, plain: Truth | None) -> dict[str, Any]:
    """Return the one JSON document: the answer, its first gaps, and what if."""
    told = {**answer.as_dict(by), "gaps": remedies.gap_rows(answer.gaps(GAPS))}
    if plain is not None:
        told["without_what_if"] = plain.as_dict(by)
    return told
