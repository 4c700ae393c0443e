"""Why a wish is impossible, in words: whom no plan can serve, and which limits are in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geodata import boundaries
from stations.cube import bits, hours_text
from stations.hours.timetable import WEEK_HOURS
from stations.planning.solving import Change, solve
from stations.travel import mode_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geodata.geodesy import IntArray
    from stations.planning.problem import Problem
    from stations.planning.solving import Solved
    from stations.siting import Obstacle

NAMED = 5
"""Sites named in a sentence."""
LEAST_S = 20.0
"""How long is looked for the least cost of all that can be served; its bound is told."""


class Hard(NamedTuple):
    """A site some part of which cannot be served."""

    id: str
    name: str
    hours_zh: str
    hours_en: str


@dataclass(frozen=True)
class Blame:
    """What stands in the way."""

    sites: tuple[Hard, ...]
    """A smallest set of sites that cannot be served together, with the hours; by id."""
    alone: tuple[Hard, ...]
    """All sites that nothing on offer can serve, whatever is spent; by id."""
    must: tuple[str, ...]
    """Ids of the wish that must be done and are in the way of each other or of the sites."""
    limits: tuple[tuple[str, str], ...]
    """Limits that would have to give way, in Chinese and in English. None: nothing on offer helps,
    whatever is allowed."""
    smallest: bool
    """Whether it is known that no smaller set is impossible."""
    least_cost: int | None
    """Yuan at least, to serve all that can be served at all; None where that was not asked or is
    not known."""
    budget: int | None
    """Yuan the wish has, all years together."""
    within: hours_text.Words
    """The limit of the wish in words."""

    def said(self, *, named: bool = True) -> hours_text.Words:
        """Return the whole in a few sentences; without names only how many sites there are."""
        return hours_text.Words("".join(_zh(self, named=named)), " ".join(_en(self, named=named)))

    def as_dict(self, *, named: bool = True) -> dict[str, Any]:
        """Return it for JSON; without names only how many sites there are."""
        told: dict[str, Any] = {
            "limits": [{"zh": zh, "en": en} for zh, en in self.limits],
            "sites_in_the_way": len(self.sites),
            "sites_out_of_reach": len(self.alone),
            "smallest": self.smallest,
            "least_cost": self.least_cost,
        }
        if named:
            told |= {
                "sites": [each._asdict() for each in self.sites],
                "alone": [each._asdict() for each in self.alone],
                "must": list(self.must),
            }
        return told | self.said(named=named)._asdict()


def explain(problem: Problem, solved: Solved) -> Blame | None:
    """Return what the solver blames, in words; None where there is a plan."""
    if solved.blame is None:
        return None
    found = solved.blame
    extra = problem.limits.must
    names = dict(zip(extra, problem.limits.must_names, strict=True))
    alone = np.array(found.alone, dtype=np.int64)
    return Blame(
        _sites(problem, np.array(found.rows, dtype=np.int64)),
        _sites(problem, alone),
        tuple(names[column] for column in found.must if column in names),
        _limits(problem, found),
        found.smallest,
        _least(problem, alone) if problem.wish.cover_all else None,
        None if problem.wish.budgets is None else sum(problem.wish.budgets),
        _within(problem),
    )


def _least(problem: Problem, alone: IntArray) -> int | None:
    """Ask what serving all that can be served costs, were there money enough."""
    change = Change(free=True, without=tuple(alone.tolist()), time_limit_s=LEAST_S)
    found = solve(problem, change)
    return int(np.ceil(found.bound - 1e-6)) if np.isfinite(found.bound) else None


def _sites(problem: Problem, rows: IntArray) -> tuple[Hard, ...]:
    demand, cells = problem.demand, problem.cells
    site = demand.ground.site_of[cells.spot[rows]]
    found = []
    for each in np.unique(site).tolist():
        words = np.bitwise_or.reduce(cells.hours[rows[site == each]], axis=0)
        week = np.zeros(WEEK_HOURS, dtype=np.bool_)
        first, hours = demand.question.first_hour, demand.question.hours
        week[first : first + hours] = bits.unpacked(words, hours)
        name = str(demand.sites["name"].iloc[each])
        found.append(Hard(str(demand.sites.index[each]), name, *hours_text.words(week)))
    return tuple(found)


def _limits(problem: Problem, found: Obstacle) -> tuple[tuple[str, str], ...]:
    """Say each limit once, in the order of the blame."""
    told = [_limit(problem, name, number) for name, number in found.limits]
    names = dict(zip(problem.limits.must, problem.limits.must_names, strict=True))
    if {names.get(column) for column in found.must} & set(problem.limits.crowded):
        told.append(_spacing(problem))
    return tuple(dict.fromkeys(each for each in told if each is not None))


def _limit(problem: Problem, name: str, number: int) -> tuple[str, str] | None:
    """Say one limit; None for what is no wish of anybody's (how a package is made up)."""
    wish, limits = problem.wish, problem.limits
    if name == "budgets" and wish.budgets is not None:
        said = f"{wish.budgets[number]:,}"
        return f"第 {number + 1} 年预算 {said} 元", f"{said} yuan in year {number + 1}"
    if name == "at_most":
        return _count(limits.counts[number], limits.at_most[number][1])
    if name == "spend":
        return _share(limits.spenders[number])
    if name == "exclusive" and number >= limits.spaced_from:
        return _spacing(problem)
    one = ("同一地点只做一项", "one thing at each place")
    return one if name in {"exclusive", "conflicts"} else None


def _spacing(problem: Problem) -> tuple[str, str]:
    metres = f"{problem.wish.spacing_m:g}"
    return f"新站与各站间距不小于 {metres} 米", f"new stations at least {metres} m from any other"


def _share(code: str) -> tuple[str, str]:
    if not code:
        return "没有服务对象的州市不分份额", "no share for prefectures without sites"
    area = boundaries.name_of(code)
    return f"{area}的等额份额", f"the equal share of {area}"


def _count(of: str, most: int) -> tuple[str, str]:
    if of == "sites":
        return f"至多 {most} 项措施", f"at most {most} actions"
    area = boundaries.name_of(of)
    return f"{area}至多新建 {most} 处", f"at most {most} new in {area}"


def _within(problem: Problem) -> hours_text.Words:
    limit = problem.wish.limit
    if limit.unit == "m":
        return hours_text.Words(f"{limit.value:,g} 米", f"{limit.value:,g} m")
    mode = mode_of(limit.mode)
    return hours_text.Words(f"{mode.zh} {limit.value:g} 分钟", f"{limit.value:g} min ({mode.en})")


def _zh(blame: Blame, *, named: bool) -> Iterator[str]:
    within, limits = blame.within.zh, "、".join(zh for zh, _ in blame.limits)
    if blame.alone:
        who = _listed(blame.alone, "：", "、", " 等", named=named, language="zh")
        yield f"有 {len(blame.alone)} 处，任何可选措施都不在其{within}之内{who}。"
    elif blame.sites:
        who = _listed(blame.sites, "：", "、", " 等", named=named, language="zh")
        perhaps = "" if blame.smallest else "（未必是最少的一组）"
        yield f"有 {len(blame.sites)} 处无法同时服务到{perhaps}{who}。"
    if blame.must and named:
        yield f"必须实施的 {'、'.join(blame.must)} 无法同时做到。"
    if limits:
        yield f"受限于：{limits}。"
    if blame.least_cost is not None:
        rest = "其余" if blame.alone else ""
        yield f"服务到{rest}全部至少需要 {blame.least_cost:,} 元"
        yield "。" if blame.budget is None else f"，预算为 {blame.budget:,} 元。"


def _en(blame: Blame, *, named: bool) -> Iterator[str]:
    within, limits = blame.within.en, "; ".join(en for _, en in blame.limits)
    if blame.alone:
        who = _listed(blame.alone, ": ", ", ", " and more", named=named, language="en")
        yield f"{len(blame.alone)} sites have nothing on offer within {within}{who}."
    elif blame.sites:
        who = _listed(blame.sites, ": ", ", ", " and more", named=named, language="en")
        perhaps = "" if blame.smallest else " (fewer may do)"
        yield f"{len(blame.sites)} sites cannot be served together{perhaps}{who}."
    if blame.must and named:
        yield f"What must be done cannot be: {', '.join(blame.must)}."
    if limits:
        yield f"In the way: {limits}."
    if blame.least_cost is not None:
        has = "" if blame.budget is None else f", the budget is {blame.budget:,}"
        rest = "all others" if blame.alone else "all"
        yield f"To serve {rest} takes at least {blame.least_cost:,} yuan{has}."


def _listed(
    sites: tuple[Hard, ...], start: str, comma: str, more: str, *, named: bool, language: str
) -> str:
    """Name a few sites and their hours."""
    if not named:
        return ""
    said = [
        f"{each.name}（{each.hours_zh}）" if language == "zh" else f"{each.name} ({each.hours_en})"
        for each in sites[:NAMED]
    ]
    return start + comma.join(said) + (more if len(sites) > NAMED else "")
