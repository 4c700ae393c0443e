"""Evidence and steps in words, in both languages: what a page shows beside the facts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from geodata.boundaries import name_of
from geodata.errors import MissingError
from stations.audit.ruling import Words
from stations.catalogue import catalogue
from stations.trust import trust_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_LABELS: Mapping[str, tuple[str, str]] = {
    "access": ("进入方式", "way in"),
    "amenity": ("设施", "amenity"),
    "area_code": ("所填区划代码", "area code given"),
    "asks": ("门口要求", "the door asks for"),
    "became": ("现行代码", "became"),
    "behaves_like": ("表现为", "behaves like"),
    "choice": ("任选其中", "of these"),
    "days": ("未核实天数", "days unconfirmed"),
    "decimals": ("小数位数", "decimals"),
    "declared": ("所填", "declared"),
    "found": ("登记数量", "recorded"),
    "host_likeness": ("共建单位相似度（0–1）", "hosts alike, 0 to 1"),
    "hours": ("开放时间", "hours"),
    "inspected": ("巡检发现", "seen by an inspector"),
    "its_hours": ("设施时间", "its hours"),
    "kind": ("类型", "kind"),
    "lacking_of_choice": ("还缺几项", "still lacking"),
    "last_evidence": ("最后核实", "last confirmed"),
    "lat": ("纬度", "latitude"),
    "lies_in": ("实际位于", "lies in"),
    "listed_as": ("平台上的名称", "listed as"),
    "listed_lat": ("平台纬度", "listed latitude"),
    "listed_lon": ("平台经度", "listed longitude"),
    "log10_odds": ("单条证据比（10 的几次方）", "odds of the record, power of ten"),
    "lon": ("经度", "longitude"),
    "metres": ("相差（米）", "metres apart"),
    "minutes": ("分钟", "minutes"),
    "minutes_a_week": ("每周分钟", "minutes a week"),
    "missing": ("缺少", "missing"),
    "name": ("名称", "name"),
    "name_likeness": ("名称相似度（0–1）", "names alike, 0 to 1"),
    "needs": ("需要配套", "needs"),
    "next": ("最近的驿站", "next station"),
    "off_m_up_to": ("误差可达（米）", "off by up to, metres"),
    "opening_hours": ("开放时间", "opening hours"),
    "outcome": ("反映", "reported"),
    "position_in": ("原始坐标", "position as it came"),
    "position_of": ("坐标其实属于", "has the position of"),
    "problem": ("矛盾", "problem"),
    "records": ("记录数", "records"),
    "records_against": ("反对的记录", "records against"),
    "records_for": ("支持的记录", "records for"),
    "reports": ("反映次数", "reports"),
    "rows_against": ("反对的行", "rows against"),
    "rows_for": ("支持的行", "rows for"),
    "same_as": ("与之重复", "same as"),
    "same_phone": ("电话相同", "same telephone"),
    "score": ("综合得分", "score"),
    "since": ("上次巡检可用", "last found working"),
    "station_hours": ("驿站时间", "the station's hours"),
    "truck_bays": ("货车位", "truck bays"),
    "turned_in": ("对调后位于", "turned round, in"),
    "upload": ("上传批次", "upload"),
    "upload_log10_odds": ("整批证据比（10 的几次方）", "odds of the upload, power of ten"),
    "weekly_hours": ("每周小时", "hours a week"),
}
"""What is seen → how it is called; what is not here is told by its own name."""
_FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("名称", "name"),
    "kind": ("类型", "kind"),
    "amenities": ("服务设施", "amenities"),
    "opening_hours": ("开放时间", "opening hours"),
    "access": ("进入方式", "way in"),
    "host": ("共建单位", "host"),
    "capacity": ("可容纳人数", "capacity"),
    "area_code": ("行政区划代码", "area code"),
    "status": ("状态", "status"),
    "phone": ("电话", "telephone"),
    "calendar": ("日历", "calendar"),
    "host_hours": ("共建单位时间", "the host's hours"),
    "amenity_hours": ("设施时间", "amenities' hours"),
    "closures": ("临时关闭", "closures"),
    "access_hours": ("其他进法", "other ways in"),
    "door_asks": ("门口要求", "the door asks for"),
    "ebike_parking": ("电动车位", "e-bike places"),
    "truck_bays": ("货车位", "truck bays"),
    "entrance": ("入口", "entrance"),
    "places": ("停靠安排", "places"),
    "position": ("位置", "position"),
    "synthetic": ("合成数据", "synthetic"),
}
_DATUMS: Mapping[str, tuple[str, str]] = {
    "wgs84": ("WGS 84", "WGS 84"),
    "cgcs2000": ("CGCS2000", "CGCS2000"),
    "gcj02": ("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"),
    "bd09": ("BD-09（百度）", "BD-09 (Baidu)"),
}
_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "outside": ("超出驿站开放时间", "outside the station's hours"),
    "never_together": ("与驿站从不同时开放", "never open with the station"),
    "not_listed": ("设施未登记", "the amenity is not recorded"),
    "unreadable": ("无法识别", "cannot be read"),
}
_TRUTH: Mapping[str, tuple[str, str]] = {"True": ("是", "yes"), "False": ("否", "no")}
_FLAGS: Mapping[str, tuple[str, str]] = {"1": ("是", "yes"), "0": ("否", "no")}
_STEPS: Mapping[str, tuple[str, str]] = {
    "open": ("发现问题", "Found"),
    "assign": ("指派", "Assign"),
    "fix": ("报告整改完成", "Report as mended"),
    "verify": ("核验通过", "Verify"),
    "reopen": ("退回重办", "Reopen"),
    "waive": ("暂予豁免", "Waive"),
    "settle": ("认定为误报", "Settle as a false alarm"),
    "confirm": ("现场确认属实", "Confirm on the spot"),
    "back": ("又有人反映", "Reported again"),
    "gone": ("审计已看不到", "Not seen any more"),
    "return": ("审计再次发现", "Seen again"),
}


def cell_told(name: str, value: object) -> Words:
    """Return what a field of a station's record holds; "" for nothing."""
    text = ";".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return Words("", "") if text in {"", "<NA>", "nan"} else _value(name, text)


def field_title(name: str) -> Words:
    """Return what a field of a station's record is called."""
    return _words(_FIELDS, name)


def step_title(step: str) -> Words:
    """Return what a step is called; one that is not known by its own name."""
    return _words(_STEPS, step)


def evidence_told(evidence: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was seen as ``{"zh", "en", "value": {"zh", "en"}}``, in its order.

    What says nothing (null, "", the verdict itself) is left out.
    """
    told = []
    for name, value in evidence.items():
        if name == "verdict" or value is None or value == "":
            continue
        label = _words(_LABELS, name)
        said = _value(name, value)
        told.append({"zh": label.zh, "en": label.en, "value": {"zh": said.zh, "en": said.en}})
    return told


def step_told(step: str, details: Mapping[str, Any]) -> Words:
    """Return a step and what was settled with it as one line."""
    title = step_title(step)
    parts = [_DETAILS[name](value) for name, value in details.items() if name in _DETAILS and value]
    zh = "，".join([title.zh, *(each.zh for each in parts)])
    return Words(zh, ", ".join([title.en, *(each.en for each in parts)]))


def _outcome(code: str) -> Words:
    outcomes = trust_model().outcomes
    return Words(outcomes[code].zh, outcomes[code].en) if code in outcomes else Words(code, code)


_DETAILS: Mapping[str, Callable[[Any], Words]] = {
    "assignee": lambda name: Words(f"责任人 {name}", f"to {name}"),
    "due": lambda day: Words(f"{day} 前办结", f"due {day}"),
    "until": lambda day: Words(f"至 {day}", f"until {day}"),
    "proof": lambda files: Words(f"证明材料 {len(files)} 份", f"{len(files)} pieces of proof"),
    "seen": lambda code: Words(f"现场：{_outcome(code).zh}", f"seen: {_outcome(code).en}"),
}


def _value(name: str, value: object) -> Words:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if name == "declared" and text in _DATUMS:
        return _words(_DATUMS, text)
    return _READ.get(name, _plain)(text)


def _plain(text: str) -> Words:
    return _words(_TRUTH, text)


def _listed(parts: Iterable[str], read: Callable[[str], Words]) -> Words:
    words = [read(part) for part in parts if part]
    return Words("、".join(each.zh for each in words), ", ".join(each.en for each in words))


def _area(code: str) -> Words:
    try:
        name = name_of(code)
    except MissingError:
        return Words(code, code)
    return Words(f"{name}（{code}）", f"{name} ({code})")


def _term(vocabulary: str, code: str) -> Words:
    term = getattr(catalogue(), vocabulary).terms.get(code)
    return Words(term.zh, term.en) if term else Words(code, code)


def _terms(vocabulary: str) -> Callable[[str], Words]:
    return lambda text: _listed(text.split(";"), partial(_term, vocabulary))


def _areas(text: str) -> Words:
    return _listed(text.split(";"), _area)


def _words(known: Mapping[str, tuple[str, str]], name: str) -> Words:
    return Words(*known.get(name, (name, name)))


_AMENITIES = _terms("amenities")
_READ: Mapping[str, Callable[[str], Words]] = {
    **dict.fromkeys(("declared", "lies_in", "turned_in", "area_code", "became"), _areas),
    **dict.fromkeys(("amenity", "amenities", "missing", "needs", "choice"), _AMENITIES),
    **dict.fromkeys(("behaves_like", "datum_in"), partial(_words, _DATUMS)),
    "kind": _terms("kinds"),
    "access": _terms("access"),
    "status": _terms("statuses"),
    **dict.fromkeys(("asks", "door_asks"), _terms("door_asks")),
    "outcome": _outcome,
    "problem": partial(_words, _PROBLEMS),
    "same_phone": partial(_words, _FLAGS),
}
"""How a value is read, by the name it stands under."""
