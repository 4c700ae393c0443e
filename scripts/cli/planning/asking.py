"""The options that say what is asked of a plan, and how they are read."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from geodata.errors import UsageError
from scripts.cli.output import progress, travel
from scripts.cli.truth import terms_of
from stations.catalogue import catalogue
from stations.coverage import Travel, parse_within
from stations.cube import profiles
from stations.planning import BUILDS, KINDS, Wish
from stations.planning import candidates as places
from stations.travel import modes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stations.coverage import ReachCache
    from stations.planning.candidates import Found
    from stations.registry import Registry
    from stations.siting import Step

AUTO = "auto"
_TEN_THOUSAND = 10_000


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say whom to serve; they arrive under their names."""
    for option in reversed(_ASKING):
        command = option(command)
    return command


_ASKING = (
    click.argument("layer"),
    click.option("--within", required=True, help="Limit, such as 1000m, 1.5km or 10min."),
    click.option("--mode", type=click.Choice(list(modes())), default="walk", show_default=True,
                 help="How minutes are spent."),
    click.option("--needs", default="", metavar="A,B", help="Amenities a station must have."),
    click.option("--hours", default="all", show_default=True, metavar="all|ISO|HOURS",
                 help="When: as for `stations coverage`."),
    click.option("--stay", type=float, metavar="MIN", help="Minutes they stay."),
    click.option("--trust-floor", type=float, default=0.0, metavar="0..1",
                 help="Count only stations at least so sure to be as recorded."),
    click.option("--at", metavar="ISO", help="When trust is weighed; now if not given."),
    click.option("--profile", type=click.Choice(list(profiles())), default="constant",
                 help="When the workers are there."),
    click.option("--what-if", multiple=True, metavar="CHANGE", help="Suppose first; repeatable."),
    click.option("--hosts", metavar="LAYER,LAYER",
                 help="Layers of places that might house a station; banks, malls, fuel_stations "
                 "and the like if not given."),
    click.option("--grid", type=float, metavar="METRES", help="How far apart grid points are."),
)  # fmt: skip


def wish_of(asked: dict[str, Any]) -> Wish:
    """Read the wish; all kinds of action with a budget, else the builds, if nobody says."""
    return Wish(
        layer=asked["layer"],
        limit=parse_within(asked["within"], asked["mode"]),
        needs=catalogue().amenities.parse(asked["needs"]),
        terms=terms_of(asked["hours"], asked),
        actions=_kinds(asked["actions"], money=asked["budget"] is not None),
        budgets=_budgets(asked["budget"], asked["years"]),
        sites=asked["sites"],
        cover_all=asked["cover_all"],
        objective=asked["objective"],
        per_county=asked["per_county"],
        spacing_m=asked["spacing"],
        must=asked["must"],
        keep=asked["keep"],
        forbid=asked["forbid"],
        gap=asked["gap"],
        time_limit_s=asked["time_limit"],
    )


def _kinds(text: str | None, *, money: bool) -> tuple[str, ...]:
    if text is None:
        return tuple(KINDS.terms) if money else BUILDS
    words = [word for word in re.split(r"[,;，；、\s]+", text) if word]
    if words == ["all"]:
        return tuple(KINDS.terms)
    return tuple(KINDS.code(word) or word for word in words)


def _budgets(text: str | None, years: int | None) -> tuple[int, ...] | None:
    if text is None:
        if years is not None:
            raise UsageError("--years repeats a --budget; give one")
        return None
    amounts = tuple(_yuan(part) for part in text.split(","))
    if years is None or len(amounts) == years:
        return amounts
    if len(amounts) > 1:
        raise UsageError(f"--budget names {len(amounts)} years and --years {years}; leave one out")
    return amounts * years


def _yuan(text: str) -> int:
    match = re.fullmatch(r"\s*([0-9]{1,12})(?:\.([0-9]{1,4}))?\s*(万?)元?\s*", text)
    if match is None or (match[2] and not match[3]):
        raise UsageError(
            f"a budget is whole yuan for each year, such as 3000000 or 300万, not {text[:40]!r}"
        )
    if not match[3]:
        return int(match[1])
    return int(match[1]) * _TEN_THOUSAND + int((match[2] or "").ljust(4, "0"))


def travel_of(wish: Wish, roads: str) -> Travel:
    """Open the road network where minutes are asked."""
    return travel(roads) if wish.limit.unit == "min" else Travel()


def candidates_of(
    asked: dict[str, Any], registry: Registry, wish: Wish, by: Travel, cache: ReachCache
) -> Found:
    """Read the planner's places, or generate them."""
    if asked["candidates"] != AUTO:
        return places.read(Path(asked["candidates"]), datum=asked["datum"])
    if asked["datum"] is not None:
        raise UsageError("--datum is for a file of --candidates")
    with progress("candidates") as advance:
        return places.generate(
            registry,
            wish.need,
            terms=wish.terms,
            travel=by,
            cache=cache,
            host_layers=_hosts(asked["hosts"]),
            grid_m=asked["grid"],
            progress=advance,
        )


def _hosts(text: str | None) -> list[str] | None:
    return None if text is None else [word for word in re.split(r"[,;，；、\s]+", text) if word]


@contextmanager
def solving(what: str = "solving") -> Iterator[Callable[[Step], bool | None]]:
    """Show the best plan and its bound on standard error, only where that is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def told(step: Step) -> bool | None:
            best = f"best {step.objective:,.0f}, at most {step.bound:,.0f}"
            bar.update(task, description=f"{what}: {best}")
            return None

        yield told
