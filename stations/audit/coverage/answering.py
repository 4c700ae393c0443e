"""The figures of a coverage audit, from the register as it was."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from stations import coverage as covering
from stations.audit.coverage.questions import Moment
from stations.coverage.figures import whole
from stations.cube.trend import KINDS
from stations.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from stations.audit.coverage.questions import Question
    from stations.coverage import ReachCache, Travel, Truth
    from stations.cube import Trend
    from stations.reach.pairs import Progress
    from stations.store import Revision, Store

EDITS, NAMED = 30, 12
"""How many edits of one step are told, and how many stations of one edit."""


class Ways(NamedTuple):
    """How reach is found: roads, and where it is kept."""

    travel: Travel
    cache: ReachCache | None = None
    progress: Progress | None = None


def answer(store: Store, question: Question, moment: Moment, ways: Ways) -> Truth:
    """Ask for coverage in truth of the register as it was, with what was heard up to then."""
    heard = store.evidence()
    heard = heard[(heard.index <= question.evidence) & (heard["at"] <= moment.at)]
    registry = Registry.load(store, moment.revision, evidence=heard)
    terms = question.terms(moment.at)
    return covering.truth(
        registry, question.need, terms, ways.travel, ways.cache, progress=ways.progress
    )


def figures(found: Truth) -> dict[str, Any]:
    """Return the figures by prefecture, which add up to the total."""
    rows = [
        {"code": row["code"], "name": row["name"], **_parts(row)}
        for row in found.rows("prefecture")
    ]
    return {"total": _parts(found.total()), "prefectures": rows}


def _parts(row: Mapping[str, Any]) -> dict[str, Any]:
    present, paper, real = row["worker_hours"], row["steps"]["paper"], row["steps"]["trust"]
    return {
        "sites": row["sites"],
        "workers": row["workers"],
        "worker_hours": present,
        "paper": paper,
        "real": real,
        "share_paper": paper / present if present else None,
        "share_real": real / present if present else None,
        "lost": dict(row["lost"]),
    }


def changes(store: Store, question: Question, ways: Ways, last: Truth) -> list[dict[str, Any]]:
    """Return every step from `Question.since` to ``then``: what it changed, and by which edit.

    One a revision, as at the instant it was made; the last, without a revision, is what evidence
    and time changed since. ``last`` is the answer at the end. The changes add up exactly.
    """
    if question.since is None:
        return []
    made = [each for each in store.revisions()
            if question.since.revision < each.number <= question.then.revision]  # fmt: skip
    moments = [question.since, *(Moment(each.at, each.number) for each in made)]
    answers = [answer(store, question, moment, ways) for moment in moments]
    steps = zip([*made, None], pairwise([*answers, last]), strict=True)
    return [_step(revision, after.since(before)) for revision, (before, after) in steps]


def _step(revision: Revision | None, trend: Trend) -> dict[str, Any]:
    sums = {str(name): whole(value) for name, value in trend.sites.sum().items()}
    edits = _edits(trend.edits)
    return {
        "revision": None if revision is None else revision_told(revision),
        "before": sums["before"],
        "after": sums["after"],
        "change": {kind: sums[kind] for kind in KINDS},
        "edits_in_all": len(edits),
        "edits": edits[:EDITS],
    }


def _edits(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Sum up edits over sites, the largest change first; ties by kind and stations."""
    told = []
    for _, each in frame.groupby(["kind", "stations"], sort=True):
        stations: tuple[str, ...] = each["stations"].iloc[0]
        named = {"stations": list(stations[:NAMED]), "stations_in_all": len(stations)}
        change = whole(each["change"].sum())
        told.append({"kind": each["kind"].iloc[0], "change": change, "sites": len(each), **named})
    return sorted(told, key=lambda edit: -abs(edit["change"]))


def revision_told(revision: Revision) -> dict[str, Any]:
    """Return a revision as JSON has it."""
    return {
        "number": revision.number,
        "at": revision.at.isoformat(),
        "who": revision.who,
        "why": revision.why,
        "summary": dict(revision.summary),
    }
