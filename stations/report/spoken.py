"""What every output says of itself: what was asked, how it was made, and how far to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stations.catalogue import catalogue
from stations.coverage.method import words
from stations.cube import profile_of
from stations.travel import mode_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stations.coverage import Coverage, Truth

SYNTHETIC = ("合成演示数据，非真实情况", "Synthetic demonstration data")
RESTRICTED = ("受限图层，仅限内部使用", "Restricted layer, for staff only")


class Said(NamedTuple):
    """The same said in Chinese and in English."""

    zh: str
    en: str


def heading(answer: Truth) -> Said:
    """Return the title of an answer."""
    layer = answer.layer
    return Said(f"{layer.zh}：驿站覆盖，从账面到实际", f"{layer.en}: coverage, from paper to real")


def asked(answer: Truth) -> Said:
    """Return what was asked, in one line."""
    zh, en = zip(*_asked(answer), strict=True)
    return Said("；".join(zh), "; ".join(en))


def _asked(answer: Truth) -> list[Said]:
    question = answer.cube.question
    told = [_within(answer)]
    if answer.need.needs:
        entries = [each for each in catalogue().amenities if each.code in answer.need.needs]
        told.append(
            Said(
                "须有" + "、".join(each.zh for each in entries),
                "with " + ", ".join(each.en for each in entries),
            )
        )
    told.append(Said(*answer.terms.hours.words))
    told.append(Said(f"停留 {question.stay_min:g} 分钟", f"staying {question.stay_min:g} min"))
    if question.trust_floor > 0:
        floor = f"{question.trust_floor:g}"
        told.append(Said(f"可信度不低于 {floor}", f"trust at least {floor}"))
    if question.profile != "constant":
        profile = profile_of(question.profile)
        told.append(Said(f"作息：{profile.zh}", f"workers: {profile.en}"))
    return told + [
        Said(f"假设：{each.text}", f"what if: {each.text}") for each in answer.terms.supposed
    ]


def _within(answer: Truth) -> Said:
    limit = answer.need.limit
    if limit.unit == "m":
        return Said(f"直线 {limit.value:,.0f} 米以内", f"within {limit.value:,.0f} m, straight")
    mode = mode_of(limit.mode)
    return Said(f"{mode.zh} {limit.value:g} 分钟以内", f"within {limit.value:g} min, {mode.en}")


def _in_time(answer: Truth) -> Iterator[Said]:
    """Tell which sites are in no figure by their dates, and where mobile stations are taken."""
    if absent := answer.total()["not_there"]:
        yield Said(
            f"另有 {absent:,} 处按起止日期当时不在，未计入。",
            f"{absent:,} more sites are left out: by their dates not there then.",
        )
    if answer.paper.days:
        yield places_on(answer.paper)


def places_on(paper: Coverage) -> Said:
    """Return the days whose places count where stations move."""
    zh, en = (joint.join(paper.method()["places_on"].split("/")) for joint in (" 至 ", " to "))
    return Said(f"流动驿站按其 {zh} 的停靠点计。", f"Mobile stations: at their places of {en}.")


def notes(answer: Truth) -> list[Said]:
    """Return what a reader must know: reach, sampling, register, data, limits, labels."""
    told = [ways(answer)]
    if answer.paper.sampling is not None:
        sampling = answer.paper.sampling
        told.append(
            Said(
                "区域按抽样点计算（误差见英文）",
                f"Sampled: {sampling['method']}; {sampling['error']}.",
            )
        )
    told.append(Said(f"登记簿版本 {answer.revision}。", f"Register revision {answer.revision}."))
    if not answer.weighed:
        told.append(
            Said("该图层无从业人数，按地点数计。", "The layer knows no workers: sites are counted.")
        )
    told += _in_time(answer)
    told += [Said(limit["zh"], limit["en"]) for limit in words()["limits"]]
    return [*labels(answer), *told]


def labels(answer: Truth) -> list[Said]:
    """Return the labels every output must show: synthetic, restricted."""
    told = [Said(*SYNTHETIC)] if answer.synthetic else []
    return told + ([Said(*RESTRICTED)] if answer.layer.restricted else [])


def ways(answer: Truth) -> Said:
    """Return whether distances are straight, minutes estimated or by road."""
    paper = answer.paper
    if not paper.by_time:
        return Said("距离为直线距离。", "Distances are straight.")
    source = paper.roads
    estimate = Said(
        "分钟数由直线距离估计，未查道路。",
        "Minutes are estimated from the straight distance, no road looked at.",
    )
    if source is None or paper.estimated == "all":
        return estimate
    zh = f"分钟数按 {source.title} 的道路计算。"
    en = f"Minutes over the roads of {source.title}."
    if paper.estimated == "some":
        return Said(f"{zh}部分地点：{estimate.zh}", f"{en} For some sites: {estimate.en}")
    return Said(zh, en)
