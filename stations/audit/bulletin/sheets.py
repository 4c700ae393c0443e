"""The bulletin as a workbook: 汇总, 州市, 县区, 问题, 说明."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stations.audit.bulletin.counting import COUNTS
from stations.audit.bulletin.telling import TITLE, asked_of, document, labels, words
from stations.hours.clock import ZONE
from stations.report.book import Book
from stations.report.spoken import Said
from stations.report.tables import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.bulletin.issue import Bulletin

_SUMMARY = (
    Column("zh", "指标", "figure", width=22),
    Column("en", "英文", "in English", width=22),
    Column("count", "本期", "this period", "count", 14),
    Column("before", "上期", "before", "count", 14),
    Column("change", "变化", "change", "change", 14),
)
_SHARES = (
    Column("zh", "比率", "share", width=22),
    Column("en", "英文", "in English", width=22),
    Column("value", "本期", "this period", "share", 14),
    Column("before", "上期", "before", "share", 14),
)
_FINDINGS = (
    Column("id", "问题编号", "finding", "count", 10),
    Column("severity", "严重程度", "severity", width=10),
    Column("state", "状态", "state", width=10),
    Column("late", "逾期", "overdue", width=8),
    Column("due", "整改期限", "due", width=12),
    Column("assignee", "责任人", "assignee", width=12),
    Column("area_code", "行政区划", "area", width=10),
    Column("station", "驿站编号", "station", width=18),
    Column("name", "名称", "name", "wrap", 28),
    Column("rule", "条目", "rule", width=20),
    Column("title", "问题", "what", "wrap", 36),
    Column("opened", "发现时间", "opened", width=18),
    Column("since", "末次办理", "last step", width=18),
    Column("period", "本期", "in the period", width=14),
    Column("why", "说明", "why", "wrap", 40),
)
_NOTES = (
    Column("zh", "指标", "figure", "wrap", 20),
    Column("why_zh", "口径", "how it is counted", "wrap", 60),
    Column("en", "英文", "in English", "wrap", 24),
    Column("why_en", "英文口径", "in English", "wrap", 60),
)
_PERIOD = {
    "is_opened": "新发现",
    "is_returned": "复发",
    "is_mended": "整改办结",
    "is_closed": "豁免或误报",
}


def workbook(made: Bulletin) -> bytes:
    """Return the XLSX of a bulletin; the same bulletin gives the same bytes."""
    out = io.BytesIO()
    told = document(made)
    with Book.into(out, TITLE, line(told), labels(made)) as book:
        _summary(book, told)
        for by, name, key in (
            ("州市", "Prefectures", "prefectures"),
            ("县区", "Counties", "counties"),
        ):
            rows = [flat(row) for row in told[key]]
            book.listed(f"{by} {name}", area_columns(told), rows, 2)
        book.listed("问题 Findings", _FINDINGS, [_finding(row) for row in told["findings"]], 3)
        _notes(book, made, told)
    return out.getvalue()


def line(told: Mapping[str, Any]) -> Said:
    """Return the period, the state it is told as at, and the register's, in one line."""
    period, state = told["period"], told["state"]
    over = ("", "") if period["over"] else ("（期未满）", " (not over yet)")
    zh = f"{period['since']} 至 {period['until']}{over[0]}；截至 {told['at_beijing']}"
    en = f"{period['since']} to {period['until']}{over[1]}; as at {told['at_beijing']} in Beijing"
    if told["area"]:
        zh, en = f"{zh}；行政区划 {told['area']}", f"{en}; area {told['area']}"
    mark = f"{state['revision']}"
    return Said(f"{zh}；登记簿版本 {mark}", f"{en}; register revision {mark}")


def area_columns(told: Mapping[str, Any]) -> list[Column]:
    """Return the columns of `flat` rows."""
    known = words()["figures"]
    columns = [Column("name", "地区", "area", width=30), Column("code", "代码", "code", width=10)]
    for name in COUNTS:
        columns.append(Column(name, known[name]["zh"], known[name]["en"], "count", 11))
        if name in {"checked", "mended"}:
            share = f"share_{name}"
            columns.append(Column(share, known[share]["zh"], known[share]["en"], "share", 11))
    columns.append(Column("open_change", "未办结增减", "change of open", "change", 11))
    for layer in told["layers"]:
        zh, en, name = layer["zh"], layer["en"], layer["name"]
        columns += [
            Column(f"{name}.sites", f"{zh}数", f"{en}: sites", "count", 11),
            Column(f"{name}.share_paper", f"{zh}账面覆盖率", f"{en}: on paper", "share", 13),
            Column(f"{name}.share_real", f"{zh}实际覆盖率", f"{en}: in truth", "share", 13),
            Column(f"{name}.before", "上期末实际", "in truth before", "share", 13),
        ]
    return columns


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an area's row with one value a column."""
    told = {name: value for name, value in row.items() if name not in {"coverage", "before"}}
    was = row["before"]
    told["open_change"] = None if was is None else row["open"] - was["open"]
    for layer, figures in row["coverage"].items():
        told |= {f"{layer}.{name}": value for name, value in (figures or {}).items()}
        old = None if was is None else was["coverage"][layer]
        told[f"{layer}.before"] = None if old is None else old["share_real"]
    return told


def _summary(book: Book, told: Mapping[str, Any]) -> None:
    sheet, row = book.sheet("汇总 Summary", [each.width for each in _SUMMARY])
    for each in told["said"]:
        sheet.write_string(row, 0, each["zh"], book.formats["asked"])
        row += 1
    row = book.table(sheet, row + 1, _SUMMARY, counts_of(told["total"]))
    book.table(sheet, row + 1, _SHARES, shares_of(told))
    sheet.freeze_panes(3, 0)


def counts_of(total: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the counts over all: this period, the one before, and the change."""
    known, was, rows = words()["figures"], total["before"], []
    for name in COUNTS:
        now, old = total[name], None if was is None else was[name]
        more = {"count": now, "before": old, "change": None if old is None else now - old}
        rows.append({"zh": known[name]["zh"], "en": known[name]["en"], **more})
    return rows


def shares_of(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the shares over all: checked, mended, covered on paper and in truth."""
    known, now = words()["figures"], told["total"]
    was, rows = now["before"], []
    for name in ("share_checked", "share_mended"):
        old = None if was is None else was[name]
        said = {"zh": known[name]["zh"], "en": known[name]["en"]}
        rows.append({**said, "value": now[name], "before": old})
    for layer in told["layers"]:
        mine = now["coverage"][layer["name"]]
        old = None if was is None else was["coverage"][layer["name"]]
        for part in ("paper", "real"):
            zh, en = known[part]["zh"], known[part]["en"]
            said = {"zh": f"{layer['zh']}{zh}", "en": f"{layer['en']}: {en}"}
            share = f"share_{part}"
            rows.append({**said, "value": mine[share], "before": old and old[share]})
    return rows


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    known = words()
    return {
        **row,
        "severity": known["severities"][row["severity"]]["zh"],
        "state": known["states"][row["state"]]["zh"],
        "late": "逾期" if row["overdue"] else "",
        "title": row["title"]["zh"],
        "opened": _day(row["opened"]),
        "since": _day(row["since"]),
        "period": "、".join(zh for name, zh in _PERIOD.items() if row[name]),
    }


def _day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZONE).date().isoformat()


def _notes(book: Book, made: Bulletin, told: Mapping[str, Any]) -> None:
    sheet, row = book.sheet("说明 Notes", [each.width for each in _NOTES])
    row = book.table(sheet, row, _NOTES, told["method"]) + 1
    question, state = asked_of(made.asked.question), made.state
    numbers = (state.revision, state.evidence, state.steps)
    more = [
        (f"覆盖：{question.zh}。", f"Coverage: {question.en}."),
        *((each["zh"], each["en"]) for each in told["limits"]),
        (
            "数据：登记簿版本 {}，核实记录 {}，问题步骤 {}。".format(*numbers),
            "Data: register revision {}, evidence {}, steps {}.".format(*numbers),
        ),
        (f"校验链：{state.head}", f"Chain: {state.head}"),
        (f"截至：{told['at_beijing']}（北京时间）。", f"As at {told['at_beijing']}, Beijing time."),
    ]
    for zh, en in more:
        sheet.write_string(row, 1, zh, book.formats["wrap"])
        sheet.write_string(row, 3, en, book.formats["wrap"])
        row += 1
    sheet.freeze_panes(3, 0)
