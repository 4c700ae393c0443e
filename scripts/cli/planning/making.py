"""``stations site LAYER``: make a plan, write it, tell it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts.cli import cover
from scripts.cli.output import (
    db_option,
    json_option,
    outputs_option,
    print_json,
    progress,
    roads_option,
)
from scripts.cli.planning import shown, writing
from scripts.cli.planning.asking import AUTO, asking, candidates_of, solving, travel_of, wish_of
from scripts.cli.planning.group import site
from scripts.cli.reading import read_register
from stations import planning
from stations.coverage import ReachCache
from stations.planning import KINDS, OBJECTIVES, CostTable
from stations.planning.saving import SavedPlan
from stations.planning.study import Study
from stations.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.planning.scheme import Scheme


@site.command("plan")
@asking
@click.option("--sites", type=int, metavar="N", help="At most so many actions.")
@click.option("--budget", metavar="YUAN[,YUAN…]", help="Yuan, for each year; 万 may follow.")
@click.option("--years", type=click.IntRange(1, 10), metavar="N", help="The budget so many times.")
@click.option("--cover-all", is_flag=True, help="Everybody, at least cost.")
@click.option(
    "--candidates", default=AUTO, show_default=True, metavar="FILE|auto", help="Places to build at."
)
@click.option("--datum", help="Of the candidates' positions, as for `stations import`.")
@click.option(
    "--costs",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Prices; see `stations site prices`.",
)
@click.option(
    "--actions",
    metavar="A,B|all",
    help=f"Of {', '.join(KINDS.terms)}; all with a budget, else the builds.",
)
@click.option("--objective", type=click.Choice(OBJECTIVES), default="most", show_default=True)
@click.option("--per-county", type=int, metavar="N", help="At most so many new in a county.")
@click.option("--spacing", type=float, metavar="METRES", help="Least distance of new stations.")
@click.option("--must", multiple=True, metavar="ID", help="Build or better this; repeatable.")
@click.option("--keep", multiple=True, metavar="ID", help="Do not move or close; repeatable.")
@click.option("--forbid", multiple=True, metavar="ID", help="Do nothing here; repeatable.")
@click.option("--gap", type=float, default=0.005, show_default=True, help="Near enough the best.")
@click.option(
    "--time-limit",
    type=float,
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Of solving; then the best found so far, with its gap.",
)
@click.option(
    "--frontier", is_flag=True, help="Also: other budgets, the next 100,000 yuan, other prices."
)
@outputs_option(f"{', '.join(writing.SUFFIXES)}; .json can be replayed. May be repeated.")
@roads_option
@db_option
@json_option
def plan(*, roads: str, db: str, as_json: bool, outputs: tuple[Path, ...], **asked: Any) -> None:  # noqa: ANN401 - the options above
    """Plan for LAYER; `stations site LAYER …` is the same.

    Example: stations site plan parks --within 800m --sites 20
    """
    writing.check(outputs)
    wish = wish_of(asked)
    costs = CostTable.default() if asked["costs"] is None else CostTable.read(asked["costs"])
    by, cache = travel_of(wish, roads), ReachCache(cover.CACHE_FOLDER)
    with Store.open(db) as store:
        registry, evidence = read_register(store), store.evidence_number()
    found = candidates_of(asked, registry, wish, by, cache)
    with progress("pairs by road") as advance, solving() as told:
        scheme = planning.plan(
            registry,
            wish,
            candidates=found.frame,
            costs=costs,
            travel=by,
            cache=cache,
            relating=advance,
            progress=told,
        )
    origin = AUTO if asked["candidates"] == AUTO else Path(asked["candidates"]).name
    saved = SavedPlan.of(scheme, evidence=evidence, candidates_from=origin, notes=found.notes)
    Told(scheme, saved, asked["frontier"]).tell(outputs, as_json=as_json)


@dataclass(frozen=True)
class Told:
    """A plan and how it is told."""

    scheme: Scheme
    saved: SavedPlan
    frontier: bool

    def tell(self, outputs: Sequence[Path], *, as_json: bool) -> None:
        """Write the files, then print."""
        study = None
        if self.scheme.blame is None and (self.frontier or writing.studied(outputs)):
            with solving("other budgets and prices"):
                study = Study.of(self.scheme)
        for path in outputs:
            writing.write(path, self.scheme, self.saved, study)
        if as_json:
            print_json(self.saved.summary() | ({} if study is None else study.as_dict()))
        else:
            shown.show(self.scheme, self.saved, study)
