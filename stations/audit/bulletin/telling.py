"""A bulletin in words and as JSON: what happened, how it was counted, and what it cannot tell."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol

from stations.audit.bulletin.counting import flag
from stations.audit.bulletin.rows import name_of, overdue_most, ranks
from stations.audit.findings import records
from stations.catalogue import catalogue
from stations.hours.clock import ZONE
from stations.report.spoken import RESTRICTED, SYNTHETIC, Said
from stations.travel import mode_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.bulletin.covering import LayerFigures
    from stations.audit.bulletin.issue import Bulletin
    from stations.reach import Limit

TITLE = Said("工会驿站检查整改通报", "Bulletin on rest stations: checks and rectification")


@cache
def words() -> Mapping[str, Any]:
    """Return the names of the figures, and how they are counted: ``words.toml``."""
    return tomllib.loads((files(__package__ or "") / "words.toml").read_text("utf-8"))


def document(made: Bulletin, most: int | None = None) -> dict[str, Any]:
    """Return all of a bulletin as JSON has it, with the first ``most`` findings, None: all."""
    asked, state = made.asked, made.state
    shown = made.findings if most is None else made.findings.head(most)
    return {
        "period": _period(made),
        "area": asked.area,
        "at": made.at.isoformat(),
        "at_beijing": f"{made.at.astimezone(ZONE):%Y-%m-%d %H:%M}",
        "state": state._asdict(),
        "synthetic": made.synthetic,
        "labels": [each._asdict() for each in labels(made)],
        "total": made.total(),
        "prefectures": made.rows("prefecture"),
        "counties": made.rows("county"),
        "layers": [_layer(each) for each in made.layers],
        "ranks": ranks(made),
        "overdue_most": overdue_most(made),
        "findings_in_all": len(made.findings),
        "findings": [
            {**row, **{flag(name): bool(made.findings[flag(name)][row["id"]]) for name in FLAGS}}
            for row in records(shown)
        ],
        "said": [each._asdict() for each in said(made)],
        "asked": asked_of(asked.question)._asdict(),
        "method": [{"key": key, **each} for key, each in words()["figures"].items()],
        "limits": list(words()["limits"]),
    }


FLAGS = ("opened", "returned", "mended", "closed", "open")
"""What the period did to a finding."""


def _period(made: Bulletin) -> dict[str, Any]:
    period = made.asked.period
    before = period.before()
    return {
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "days": period.days,
        "over": made.over,
        "before": [before.since.isoformat(), before.until.isoformat()],
    }


def labels(made: Bulletin) -> list[Said]:
    """Return what every sheet and page must say: synthetic, restricted."""
    told = [Said(*SYNTHETIC)] if made.synthetic else []
    if any(each.info.restricted for each in made.layers):
        told.append(Said(*RESTRICTED))
    return told


def _layer(each: LayerFigures) -> dict[str, Any]:
    info, method = each.info, each.method
    return {
        "name": info.name,
        "zh": info.zh,
        "en": info.en,
        "restricted": info.restricted,
        "weighed": each.weighed,
        "estimated": method["estimated"],
        "roads": method["roads"],
        "distance": method["distance"],
    }


class Asking(Protocol):
    """A question about coverage."""

    @property
    def limit(self) -> Limit:
        """How far."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Amenity codes."""

    @property
    def trust_floor(self) -> float:
        """How sure a station must be."""


def asked_of(question: Asking) -> Said:
    """Return what counts as covered, in one line."""
    limit = question.limit
    zh, en = f"直线 {limit.value:,.0f} 米以内", f"within {limit.value:,.0f} m, straight"
    if limit.unit == "min":
        mode = mode_of(limit.mode)
        zh, en = f"{mode.zh} {limit.value:g} 分钟以内", f"within {limit.value:g} min, {mode.en}"
    if question.needs:
        needs = [each for each in catalogue().amenities if each.code in question.needs]
        zh += "，须有" + "、".join(each.zh for each in needs)
        en += ", with " + ", ".join(each.en for each in needs)
    zh += f"；常规周各时段停留 60 分钟；实际：可信度不低于 {question.trust_floor:g}"
    en += "; ordinary week, staying 60 min at each hour; "
    return Said(zh, f"{en}real: trust at least {question.trust_floor:g}")


def said(made: Bulletin) -> list[Said]:
    """Return the bulletin in a few plain sentences, and who is best and worst."""
    return [_checked(made), _found(made), *_covered(made), *_ranked(made), *_late(made)]


def _checked(made: Bulletin) -> Said:
    now = made.total()
    was = now["before"]
    zh, en = "", ""
    if was is not None:
        share = percent(was["share_checked"])
        zh, en = f"（上期 {share}）", f" ({share} before)"
    return Said(
        f"截至 {made.at.astimezone(ZONE):%Y年%m月%d日 %H:%M}，使用中的驿站 {now['stations']:,} 个；"
        f"期内检查 {now['visits']:,} 次，查到驿站 {now['checked']:,} 个，"
        f"检查率 {percent(now['share_checked'])}{zh}。",
        f"{now['stations']:,} stations in use; {now['visits']:,} visits to {now['checked']:,} of "
        f"them in the period: {percent(now['share_checked'])} checked{en}.",
    )


def _found(made: Bulletin) -> Said:
    now = made.total()
    return Said(
        f"期初未办结问题 {now['open_before']:,} 项，期内新发现 {now['opened']:,} 项，"
        f"复发 {now['returned']:,} 项；整改办结 {now['mended']:,} 项，"
        f"豁免或属误报 {now['closed']:,} 项；期末未办结 {now['open']:,} 项，"
        f"其中待核验 {now['fixed']:,} 项，逾期 {now['overdue']:,} 项。",
        f"{now['open_before']:,} findings open before; {now['opened']:,} opened, "
        f"{now['returned']:,} returned, {now['mended']:,} mended, {now['closed']:,} waived or "
        f"settled; {now['open']:,} open at the end, {now['fixed']:,} of them to be verified, "
        f"{now['overdue']:,} overdue.",
    )


def _covered(made: Bulletin) -> list[Said]:
    total = made.total()
    told = []
    for each in made.layers:
        now, was = total["coverage"][each.info.name], total["before"]
        old = was["coverage"][each.info.name] if was else None
        zh, en = "", ""
        if old is not None:
            zh = f"（上期末 {percent(old['share_real'])}）"
            en = f" ({percent(old['share_real'])} before)"
        told.append(
            Said(
                f"{each.info.zh} {now['sites']:,} 处：账面覆盖率 {percent(now['share_paper'])}，"
                f"实际覆盖率 {percent(now['share_real'])}{zh}。",
                f"{each.info.en}, {now['sites']:,} sites: {percent(now['share_paper'])} covered on "
                f"paper, {percent(now['share_real'])} in truth{en}.",
            )
        )
    return told


def _ranked(made: Bulletin) -> list[Said]:
    told, shared = [], _province(made)
    for each in ranks(made):
        zh, en = f"{each['zh']}最高：", f"{each['en']}, highest: "
        best, worst = (_named(each[end], shared) for end in ("best", "worst"))
        zh, en = f"{zh}{best.zh}；最低：{worst.zh}。", f"{en}{best.en}; lowest: {worst.en}."
        told.append(Said(zh, en))
    return told


def _named(end: Mapping[str, Any], shared: str) -> Said:
    """Name the areas of one end, without the name of the province they share."""
    shown = [
        f"{each['name'].removeprefix(shared)} {percent(each['value'])}" for each in end["areas"]
    ]
    zh, en = "、".join(shown), ", ".join(shown)
    if not end["tied"]:
        return Said(zh, en)
    return Said(
        f"{zh}（另有 {end['tied']} 个县区与末位相同）", f"{en} ({end['tied']} more as the last)"
    )


def _province(made: Bulletin) -> str:
    """Return the name of the province all is about; "" for several."""
    codes = {row["code"][:2] for row in made.rows("prefecture") if row["code"]}
    return name_of(codes.pop()) if len(codes) == 1 else ""


def _late(made: Bulletin) -> list[Said]:
    shared = _province(made)
    late = [{**each, "name": each["name"].removeprefix(shared)} for each in overdue_most(made)]
    if not late:
        return [Said("没有逾期问题。", "Nothing is overdue.")]
    zh = "、".join(f"{each['name']} {each['value']:,} 项" for each in late)
    en = ", ".join(f"{each['name']} {each['value']:,}" for each in late)
    return [Said(f"逾期最多：{zh}。", f"Most overdue: {en}.")]


def percent(share: float | None) -> str:
    """Write a share to a tenth of a per cent; a part that is not all never as 100 %."""
    if share is None:
        return "–"
    shown = round(share * 100, 1)
    return f"{min(shown, 99.9) if share < 1 else shown:.1f}%"
