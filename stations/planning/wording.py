"""What is asked of a plan, and how it was answered, as people say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations.catalogue import catalogue
from stations.planning.kinds import KINDS
from stations.report.spoken import RESTRICTED, SYNTHETIC, Said
from stations.travel import mode_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stations.planning.scheme import Scheme
    from stations.planning.wish import Wish

STATUSES = {
    "optimal": Said("已证明最优", "proven best"),
    "gap reached": Said("已证明足够接近最优", "proven near enough to the best"),
    "time limit": Said("时间用完时的最好方案", "best found when time ran out"),
    "stopped": Said("被中止时的最好方案", "best found when it was stopped"),
    "infeasible": Said("无法做到", "impossible"),
}
OBJECTIVES = {
    "most": Said("覆盖人时最多", "most worker-hours"),
    "worst_county": Said("最差的县优先", "the worst county first"),
    "equal_prefectures": Said("各州市经费均等", "equal shares by prefecture"),
}


def heading(scheme: Scheme) -> Said:
    """Return the title of a plan."""
    info = scheme.registry.layer(scheme.wish.layer).info
    return Said(f"{info.zh}：驿站建设方案", f"{info.en}: plan of stations")


def asked(wish: Wish) -> Said:
    """Return what was asked, in one line."""
    zh, en = zip(*_asked(wish), strict=True)
    return Said("；".join(zh), "; ".join(en))


def labels(scheme: Scheme) -> list[Said]:
    """Return the labels every output must show: synthetic, restricted."""
    told = [Said(*SYNTHETIC)] if scheme.synthetic else []
    return told + ([Said(*RESTRICTED)] if scheme.restricted else [])


def unit(scheme: Scheme) -> Said:
    """Return what is counted: worker-hours a week, or site-hours where no workers are known."""
    if scheme.cube_before.weighed:
        return Said("人时", "worker-hours")
    return Said("点时", "site-hours")


def _asked(wish: Wish) -> Iterator[Said]:
    yield _within(wish)
    known = catalogue().amenities.terms
    if wish.needs:
        yield Said(
            "须有" + "、".join(known[code].zh for code in wish.needs),
            "with " + ", ".join(known[code].en for code in wish.needs),
        )
    yield Said(*wish.terms.hours.words)
    yield from _limits(wish)
    if not wish.cover_all:
        yield OBJECTIVES[wish.objective]
    kinds = [KINDS.terms[code] for code in wish.actions]
    yield Said(
        "可用措施：" + "、".join(each.zh for each in kinds),
        "by: " + ", ".join(each.en.lower() for each in kinds),
    )
    for each in wish.terms.supposed:
        yield Said(f"假设：{each.text}", f"what if: {each.text}")


def _within(wish: Wish) -> Said:
    limit = wish.limit
    if limit.unit == "m":
        return Said(f"直线 {limit.value:,.0f} 米以内", f"within {limit.value:,.0f} m, straight")
    mode = mode_of(limit.mode)
    return Said(f"{mode.zh} {limit.value:g} 分钟以内", f"within {limit.value:g} min, {mode.en}")


def _limits(wish: Wish) -> Iterator[Said]:
    if wish.cover_all:
        yield Said("全部覆盖，费用最少", "cover all at least cost")
    if wish.budgets is not None:
        money = "、".join(f"{each:,}" for each in wish.budgets)
        years = f"{wish.years} 年，各年" if wish.years > 1 else ""
        said = f", {wish.years} years" if wish.years > 1 else ""
        yield Said(f"预算{years} {money} 元", f"budget {money.replace('、', ' + ')} yuan{said}")
    if wish.sites is not None:
        yield Said(f"至多 {wish.sites:,} 项措施", f"at most {wish.sites:,} actions")
    if wish.per_county is not None:
        yield Said(
            f"每县至多新建 {wish.per_county:,} 处", f"at most {wish.per_county:,} new a county"
        )
    if wish.spacing_m is not None:
        yield Said(f"间距至少 {wish.spacing_m:,.0f} 米", f"{wish.spacing_m:,.0f} m apart")
    for ids, zh, en in (
        (wish.must, "必做", "must"),
        (wish.keep, "保留", "keep"),
        (wish.forbid, "不做", "forbidden"),
    ):
        if ids:
            yield Said(f"{zh}：{'、'.join(ids)}", f"{en}: {', '.join(ids)}")
