"""A round's document (`Round.to_dict`) as a workbook, and as tracks for a GPS device."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from stations.report.book import Book
from stations.report.spoken import SYNTHETIC, Said
from stations.report.tables import Column

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    type Document = Mapping[str, Any]

_STOPS = (
    Column("inspector", "巡检员", "inspector", width=12),
    Column("number", "序号", "no.", "count", 6),
    Column("arrive", "到达", "arrive", width=8),
    Column("begin", "开始", "begin", width=8),
    Column("leave", "离开", "leave", width=8),
    Column("id", "驿站编号", "station", width=18),
    Column("name", "驿站名称", "name", "wrap", 34),
    Column("hours", "当日开放", "hours that day", "wrap", 24),
    Column("open", "时间", "open", width=10),
    Column("travel_min", "路上（分钟）", "on the way, min", "count", 12),
    Column("km", "路程（公里）", "by road, km", "figure", 12),
    Column("visit_min", "检查（分钟）", "visit, min", "count", 12),
    Column("priority", "急需程度", "priority", "count", 12),
    Column("why", "理由", "why", "wrap", 40),
    Column("findings", "待查问题", "findings", "wrap", 48),
    Column("phone", "电话", "phone", width=16),
    Column("lon", "经度 (WGS 84)", "longitude", "degree", 13),
    Column("lat", "纬度 (WGS 84)", "latitude", "degree", 13),
    Column("link", "导航", "navigation", width=40),
)
_DAYS = (
    Column("name", "巡检员", "inspector", width=16),
    Column("area", "辖区", "area", width=10),
    Column("leave", "出发", "leave", width=8),
    Column("back", "返回", "back", width=8),
    Column("lunch", "午休", "break", width=14),
    Column("visits", "站数", "visits", "count", 8),
    Column("travel_min", "路上（分钟）", "on the way, min", "count", 14),
    Column("visit_min", "检查（分钟）", "visits, min", "count", 14),
    Column("wait_min", "等候（分钟）", "waiting, min", "count", 14),
    Column("km", "路程（公里）", "by road, km", "figure", 14),
)
_LEFT_OUT = (
    Column("id", "驿站编号", "station", width=18),
    Column("name", "驿站名称", "name", "wrap", 40),
    Column("area_code", "行政区划代码", "area", width=14),
    Column("priority", "急需程度", "priority", "count", 12),
    Column("findings", "待查问题", "findings", "count", 12),
    Column("zh", "未安排的原因", "why not", "wrap", 34),
    Column("en", "英文", "in English", "wrap", 40),
)
_NOTES = (Column("zh", "说明", "Note", "wrap", 70), Column("en", "英文", "in English", "wrap", 70))
_OPEN = {"open": "开放 open", "unknown": "时间不明 unknown"}
_M_PER_KM = 1000


def workbook(document: Document) -> bytes:
    """Return the XLSX of a round: 汇总, 行程, 未安排, 说明.

    The same document gives the same bytes. Texts are never formulas or links.
    """
    out = io.BytesIO()
    labels = [Said(*SYNTHETIC)] if document["synthetic"] else []
    with Book.into(out, _heading(document), _asked(document), labels) as made:
        sheet, row = made.sheet("汇总 Summary", [each.width for each in _DAYS])
        made.table(sheet, row, _DAYS, [_day(route) for route in document["routes"]])
        sheet.freeze_panes(3, 0)
        made.listed("行程 Route", _STOPS, list(_stops(document)), 2)
        made.listed("未安排 Left out", _LEFT_OUT, document["left_out"], 2)
        made.listed("说明 Method", _NOTES, document["method"]["notes"], 0)
    return out.getvalue()


def _heading(document: Document) -> Said:
    day = document["date"]
    return Said(f"巡检路线 {day}", f"Inspection round of {day}")


def _asked(document: Document) -> Said:
    totals, mode, area = document["totals"], document["mode"], document["area"]
    counts = {name: f"{totals[name]:,}" for name in ("visits", "candidates", "stations")}
    zh = f"{mode['zh']}；{f'辖区 {area}' if area else '全部辖区'}；"
    en = f"by {mode['en']}; {f'area {area}' if area else 'everywhere'}; "
    return Said(
        f"{zh}在用驿站 {counts['stations']} 座，比选 {counts['candidates']} 座，"
        f"安排 {counts['visits']} 座",
        f"{en}{counts['visits']} visits, chosen of the {counts['candidates']} most urgent of "
        f"{counts['stations']} stations",
    )


def _day(route: Document) -> dict[str, Any]:
    lunch = route["lunch"]
    return {
        **route,
        "visits": len(route["stops"]),
        "km": _km(route["metres"]),
        "lunch": "" if lunch is None else f"{lunch['from']}–{lunch['until']}",
    }


def _km(metres: float | None) -> float | None:
    return None if metres is None else metres / _M_PER_KM


def _stops(document: Document) -> Iterator[dict[str, Any]]:
    for route in document["routes"]:
        for stop in route["stops"]:
            found = (f"{each['number']} {each['title']['zh']}" for each in stop["findings"])
            why = stop["why"]
            yield {
                **stop,
                "inspector": route["name"],
                "open": _OPEN[stop["open"]],
                "km": _km(stop["metres"]),
                "why": "；".join(why[name]["zh"] for name in ("wrong", "people", "days")),
                "findings": "\n".join(found),
                "link": next((each["url"] for each in stop["links"]), ""),
            }


def gpx(document: Document) -> bytes:
    """Return the round as GPX 1.1: a route (``rte``) for each inspector who goes, in WGS 84.

    Each begins and ends at the start place. The same document gives the same bytes.
    """
    root = ET.Element(
        "gpx",
        {"version": "1.1", "creator": "stations rounds", "xmlns": _GPX},
    )
    about = ET.SubElement(root, "metadata")
    told = [_heading(document).zh] + ([SYNTHETIC[0]] if document["synthetic"] else [])
    ET.SubElement(about, "name").text = "；".join(told)
    for route in document["routes"]:
        if route["stops"]:
            _track(root, route)
    ET.indent(root)
    made: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


_GPX = "http://www.topografix.com/GPX/1/1"


def _track(root: ET.Element, route: Document) -> None:
    line = ET.SubElement(root, "rte")
    ET.SubElement(line, "name").text = _plain(route["name"])
    _point(line, route["start"], f"{route['leave']} 出发", "")
    for stop in route["stops"]:
        found = "；".join(each["title"]["zh"] for each in stop["findings"])
        name = f"{stop['number']} {stop['arrive']} {stop['name']}"
        _point(line, stop, name, found)
    _point(line, route["start"], f"{route['back']} 返回", "")


def _point(line: ET.Element, place: Document, name: str, about: str) -> None:
    where = {"lat": f"{place['lat']:.6f}", "lon": f"{place['lon']:.6f}"}
    point = ET.SubElement(line, "rtept", where)
    ET.SubElement(point, "name").text = _plain(name)
    if about:
        ET.SubElement(point, "desc").text = _plain(about)


def _plain(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(each for each in text if each >= " " and each not in "\ufffe\uffff")
