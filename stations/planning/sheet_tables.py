"""What stands in the tables of a plan's workbook: columns, and their rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stations.catalogue import catalogue
from stations.planning import figures, wording
from stations.planning.prices import shown_rows
from stations.report.tables import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stations.planning.frontier import Frontier, Next, Sensitivity
    from stations.planning.reasons import Reason
    from stations.planning.saving import SavedPlan
    from stations.planning.scheme import Scheme

GAINERS = 3
"""Sites named in a reason."""
PLAN_COLUMNS = (
    Column("zh", "指标", "Figure", "text", 26),
    Column("en", "英文", "in English", "text", 34),
    Column("value", "数值", "value", "figure", 18),
    Column("share", "占比", "share", "share", 12),
    Column("text", "说明", "in words", "wrap", 60),
)
YEAR_COLUMNS = (
    Column("year", "年度", "Year", "count"),
    Column("budget", "预算（元）", "budget, yuan", "count"),
    Column("cost", "费用（元）", "cost, yuan", "count"),
    Column("actions", "措施数", "actions", "count"),
    Column("share", "年末覆盖率", "covered at its end", "share"),
)
ACTION_COLUMNS = (
    Column("number", "序号", "No.", "count", 6),
    Column("year", "年度", "Year", "count", 6),
    Column("zh", "措施", "Action", "wrap", 20),
    Column("name", "地点", "Where", "wrap", 34),
    Column("host", "共建单位", "Host", "wrap", 24),
    Column("county", "县", "County", "wrap", 24),
    Column("cost", "费用（元）", "Cost, yuan", "count", 12),
    Column("opening_hours", "开放时间", "Hours then", "wrap", 20),
    Column("amenities", "服务设施", "Amenities", "wrap", 34),
    Column("into", "并入/迁往", "Into", "wrap", 18),
    Column("lon", "经度", "Longitude", "degree", 12),
    Column("lat", "纬度", "Latitude", "degree", 12),
    Column("id", "编号", "Id", "text", 34),
    Column("en", "英文", "in English", "text", 28),
)
COUNTY_COLUMNS = (
    Column("code", "代码", "Code", "text", 10),
    Column("name", "县", "County", "text", 34),
    Column("present", "总量", "present", "count", 16),
    Column("before", "现在覆盖", "covered now", "count", 16),
    Column("after", "方案后覆盖", "covered then", "count", 16),
    Column("gained", "增加", "gained", "change", 14),
    Column("share_before", "现在覆盖率", "share now", "share", 12),
    Column("share_after", "方案后覆盖率", "share then", "share", 12),
)
NEXT_COLUMNS = (
    Column("zh", "再问", "What else", "wrap"),
    Column("en", "英文", "in English", "wrap"),
    Column("yuan", "金额（元）", "yuan", "count"),
    Column("gain", "增加", "gain", "figure"),
    Column("text", "措施", "actions", "wrap"),
)
NOTE_COLUMNS = (
    Column("zh", "事项", "Item", "wrap", 44),
    Column("en", "英文", "in English", "wrap", 44),
    Column("value", "内容", "Value", "wrap", 60),
)
PRICE_WORDS = {
    "措施": "Action",
    "行政区划代码": "area code",
    "设施": "amenity",
    "计价单位": "unit",
    "金额（元）": "yuan",
    "依据": "basis",
}
PRICE_COLUMNS = tuple(
    Column(zh, zh, en, "count" if zh == "金额（元）" else "wrap") for zh, en in PRICE_WORDS.items()
)


def summary(scheme: Scheme) -> list[dict[str, Any]]:
    """Return the plan in figures: how good, what it costs, whom it serves."""
    status, counted = wording.STATUSES[scheme.status], wording.unit(scheme)
    money = scheme.wish.cover_all
    goal = ("费用（元）", "cost, yuan") if money else (f"增加{counted.zh}", f"{counted.en} gained")
    rows: list[dict[str, Any]] = [
        {"zh": "结论", "en": "outcome", "text": f"{status.zh} {status.en}"},
    ]
    if scheme.blame is not None:
        blame = scheme.blame.said()
        rows.append({"zh": "障碍", "en": "in the way", "text": f"{blame.zh}\n{blame.en}"})
    rows += [
        {"zh": f"目标值：{goal[0]}", "en": f"objective: {goal[1]}", "value": scheme.objective},
        {"zh": "证明的界", "en": "proven bound", "value": scheme.bound},
        {"zh": "差距", "en": "gap", "share": scheme.gap},
        {"zh": "费用（元）", "en": "cost, yuan", "value": scheme.cost},
        {"zh": "措施数", "en": "actions", "value": len(scheme.actions)},
        *_covered(scheme, counted.zh, counted.en),
    ]
    return [{k: v for k, v in row.items() if not _endless(v)} for row in rows]


def _endless(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _covered(scheme: Scheme, zh: str, en: str) -> list[dict[str, Any]]:
    rows = []
    for told, when_zh, when_en in (
        (scheme.before, "现在", "now"),
        (scheme.after, "方案完成后", "when all is done"),
    ):
        covered, share = told["exact"], told["share"]
        row = {"zh": f"{when_zh}覆盖{zh}", "en": f"{en} covered {when_en}", "value": covered}
        rows.append(row | {"share": share})
    return rows


def years(scheme: Scheme) -> list[dict[str, Any]]:
    """Return what each year does."""
    rows = []
    for year in range(1, scheme.wish.years + 1):
        mine = [each for each in scheme.actions if each.year == year]
        cube = scheme.cube_at(year)
        budget = None if scheme.wish.budgets is None else scheme.wish.budgets[year - 1]
        cost = sum(each.cost for each in mine)
        row = {"year": year, "budget": budget, "cost": cost, "actions": len(mine)}
        rows.append(row | {"share": figures.total(cube)["share"]})
    return rows


def actions(scheme: Scheme) -> list[dict[str, Any]]:
    """Return the actions in the plan's order."""
    known = catalogue().amenities.terms
    return [
        {
            **each.as_dict(),
            "number": number,
            "amenities": "、".join(known[code].zh for code in each.amenities),
        }
        for number, each in enumerate(scheme.actions, 1)
    ]


def reason_columns(scheme: Scheme) -> tuple[Column, ...]:
    """Return the columns of `reasons`."""
    zh, en = wording.unit(scheme)
    return (
        Column("number", "序号", "No.", "count", 6),
        Column("what", "措施", "Action", "wrap", 40),
        Column("gain", f"单独增加{zh}", f"{en} gained alone", "figure", 14),
        Column("loss", f"去掉则少{zh}", f"{en} lost without", "figure", 14),
        Column("per_10000", f"每万元{zh}", f"{en} per 10,000 yuan", "figure", 14),
        Column("workers", "受益人数", "who gain", "count", 10),
        Column("sites", "受益地点数", "sites", "count", 10),
        Column("hours", "受益时段", "When", "wrap", 28),
        Column("who", "主要受益地点", "Sites, most first", "wrap", 44),
        Column("superfluous", "因此可有可无的驿站", "Made superfluous", "wrap", 28),
        Column("runner_up", "次优替代", "Runner-up", "wrap", 34),
    )


def reasons(scheme: Scheme, found: Sequence[Reason]) -> list[dict[str, Any]]:
    """Return the reasons, in the actions' order."""
    pairs = enumerate(zip(scheme.actions, found, strict=True), 1)
    return [
        {
            "number": number,
            "what": f"{action.zh} {action.name}",
            "gain": reason.gain,
            "loss": reason.loss,
            "per_10000": reason.per_10000,
            "workers": reason.workers,
            "sites": len(reason.sites),
            "hours": reason.hours_zh,
            "who": "；".join(
                f"{each.name}（{each.worker_hours:,.0f}）" for each in reason.sites[:GAINERS]
            ),
            "superfluous": "、".join(reason.superfluous),
            "runner_up": _runner_up(reason),
        }
        for number, (action, reason) in pairs
    ]


def _runner_up(reason: Reason) -> str:
    other = reason.runner_up
    return "" if other is None else f"{other.name}（{other.cost:,} 元，{other.gain:,.0f}）"


def counties(scheme: Scheme) -> list[dict[str, Any]]:
    """Return before and after by county, most gained first, then by code."""
    rows = [
        {
            "code": row["code"],
            "name": row["name"],
            "present": row["before"]["worker_hours"],
            "before": row["before"]["steps"]["trust"],
            "after": row["after"]["steps"]["trust"],
            "gained": row["after"]["steps"]["trust"] - row["before"]["steps"]["trust"],
            "share_before": row["before"]["share"],
            "share_after": row["after"]["share"],
        }
        for row in scheme.rows("county")
    ]
    return sorted(rows, key=lambda row: (-row["gained"], row["code"]))


def frontier_columns(scheme: Scheme) -> tuple[Column, ...]:
    """Return the columns of `frontier`."""
    zh, en = wording.unit(scheme)
    return (
        Column("budget", "预算（元）", "Budget, yuan", "count", 30),
        Column("cost", "费用（元）", "cost, yuan", "count", 30),
        Column("gain", f"增加{zh}", f"{en} gained", "figure", 16),
        Column("bound", "证明的上界", "proven bound", "figure", 16),
        Column("actions", "措施数", "actions", "count", 40),
        Column("knee", "拐点", "knee", "text", 12),
    )


def frontier(found: Frontier) -> list[dict[str, Any]]:
    """Return what each budget gains, with the knee marked."""
    return [
        {**each._asdict(), "knee": "拐点 knee" if each.budget == found.knee else ""}
        for each in found.points
    ]


def what_else(next_: Next, shaken: Sensitivity) -> list[dict[str, Any]]:
    """Return what the next yuan buy, and what hangs on a price."""
    more = {"zh": "再多这些钱能买到", "en": "what so much more buys", "yuan": next_.yuan}
    rows = [more | {"gain": next_.gain, "text": "、".join(next_.actions) or "–"}]
    for each in shaken.shaken:
        zh = f"{each.kind} 价格 ×{each.factor:g}：保留的措施"
        en = f"price of {each.kind} × {each.factor:g}: actions that stay"
        rows.append({"zh": zh, "en": en, "gain": each.gain, "text": "、".join(each.kept) or "–"})
    rows.append({
        "zh": "价格变动都保留的措施", "en": "actions that stay whatever changes",
        "text": "、".join(shaken.stable) or "–",
    })  # fmt: skip
    return rows


def notes(plan: SavedPlan) -> list[dict[str, Any]]:
    """Return what the plan was made of."""
    told = plan.inputs
    rows = [
        ("登记簿版本", "register revision", told["revision"]),
        ("登记簿内容", "register's fingerprint", told["register"]),
        ("路网", "road network", told["network"] or "无，按直线估计 none: estimated"),
        ("候选站址来源", "candidates from", told["candidates_from"]),
        ("候选站址数", "candidates", len(plan.candidates)),
        ("候选站址内容", "candidates' fingerprint", told["candidates"]),
        ("价目内容", "price list's fingerprint", told["costs"]),
        ("允许差距", "gap allowed", plan.wish.gap),
    ]
    listed = [{"zh": zh, "en": en, "value": str(value)} for zh, en, value in rows]
    return listed + [{**note, "value": ""} for note in told["notes"]]


def prices(plan: SavedPlan) -> list[dict[str, Any]]:
    """Return the price list, with where each number comes from."""
    return [dict(row) for row in shown_rows(plan.costs.prices)]
