"""Sheets and plots: whole, labelled, readable, the same every time, harmless in Excel."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from shapely import Point

from geodata.errors import UsageError
from stations import coverage, report
from stations.coverage import Limit, Need, Terms, Truth, parse_hours, parse_what_if
from stations.report import tables
from stations.report.fonts import MISSING, PLACES, chinese_font
from stations.report.lettering import Lettering
from stations.report.plots import PLOTS, plot
from tests.stations.test_truth import bank_and_park
from tests.stations.worlds import register

EVIL = '=HYPERLINK("http://example.com","$x$")'


def evil_park(**more: Any) -> Truth:
    """Ask about a synthetic park whose name is a formula."""
    rows = {"=1+1": (Point(102.7, 25), {"name": EVIL, "workers": 5, "synthetic": True})}
    bank = {"name": "http://example.com", "opening_hours": "Mo-Fr 08:00-18:00"}
    registry = register({"b": (Point(102.7, 25.001), bank)}, {"parks": rows})
    return coverage.truth(registry, Need("parks", Limit(500)), Terms(**more))


def sheets(answer: Truth, by: str = "county") -> dict[str, pd.DataFrame]:
    """Read a workbook back, texts and numbers as they are."""
    book = io.BytesIO(report.workbook(answer, by))
    return pd.read_excel(book, sheet_name=None, header=None, engine="calamine")


def table(sheet: pd.DataFrame, heading: str) -> pd.DataFrame:
    """Return the table whose first heading is so in Chinese."""
    first = sheet[0].astype(str)
    row = int(np.flatnonzero(first.str.startswith(f"{heading}\n"))[0])
    rows = sheet.iloc[row + 1 :]
    empty = rows.isna().all(axis=1).to_numpy()
    rows = rows.iloc[: int(np.argmax(empty))] if empty.any() else rows
    return rows.set_axis([str(name).split("\n")[0] for name in sheet.iloc[row]], axis=1)


def test_the_sheets_say_what_the_answer_says() -> None:
    answer = bank_and_park()
    book = sheets(answer)
    assert list(book) == [
        "汇总 Summary",
        "各县 County",
        "盲区 Gaps",
        "备份 Backup",
        "均衡 Fairness",
        "时段 Hours",
        "方法与数据 Method",
    ]
    steps = table(book["汇总 Summary"], "步骤")
    assert steps["人时"].tolist() == [17_976, 16_800, 5_000, 5_000, 5_000]
    assert steps["本步损失"].tolist()[1:] == [1_176, 11_800, 0, 0]
    counties = table(book["各县 County"], "代码")
    assert counties["人时"].sum() == 17_976
    assert counties["实际覆盖率"].tolist() == pytest.approx([0, 50 / 168])
    gaps = table(book["盲区 Gaps"], "序号")
    assert gaps["编号"].tolist() == ["p", "q"]
    assert gaps["未覆盖人时"].sum() == 17_976 - 5_000
    assert len(table(book["时段 Hours"], "时段")) == 168
    state = table(book["方法与数据 Method"], "数据状况").set_index("数据状况")["数值"]
    assert state["可及驿站中开放时间不明"] == "50.0%"
    for sheet in book.values():
        texts = sheet[0].astype(str).tolist()
        assert "驿站覆盖" in texts[0]
        assert "须有如厕" in texts[1]
        assert "受限图层" in texts[3]


def test_backup_evenness_and_change_have_sheets() -> None:
    answer = bank_and_park()
    before = bank_and_park(supposed=(parse_what_if("station:bank shut Fr"),))
    book = sheets(replace(answer, earlier=before, others=(evil_park(),)))
    backup = book["备份 Backup"]
    alone = table(backup, "无备份的覆盖")
    assert alone["人时"].tolist() == [5_000, 5_000, 5_000]
    assert table(backup, "被独靠的驿站").iloc[0].tolist()[:3] == ["招商银行站", "bank", 5_000]
    assert table(backup, "被独靠的共建单位")["占实际覆盖"].tolist() == [1.0]
    assert table(backup, "地点")["编号"].tolist() == ["p"]
    fair = book["均衡 Fairness"]
    even = table(fair, "均衡程度").set_index("均衡程度")
    assert even.loc["县际", "平均覆盖率"] == pytest.approx(5_000 / (107 * 168))
    assert even.loc["职工类型之间", "平均覆盖率"] == pytest.approx(5_250 / (112 * 168))
    assert table(fair, "职工类型")["人时"].sum() == 112 * 168
    places = table(fair, "地区").set_index("代码")["人均座位"]
    assert places.loc["530102"] == pytest.approx(0.1)
    change = table(book["变化 Change"], "什么变了").set_index("什么变了")["实际覆盖人时"]
    assert change.loc["开放时间变化"] == 1_000
    assert change.iloc[0] + change.iloc[1:-1].sum() == change.iloc[-1]
    assert table(book["变化 Change"], "地点编号")["相关驿站"].tolist() == ["bank"]


def test_where_nobody_is_covered_there_is_no_gini() -> None:
    answer = bank_and_park(needs=("aed",))
    book = sheets(answer)
    assert "无人覆盖" in table(book["均衡 Fairness"], "均衡程度")["说明"].iloc[0]
    assert table(book["均衡 Fairness"], "均衡程度")["基尼系数"].isna().all()
    figures = table(book["汇总 Summary"], "指标").set_index("指标")
    assert figures.loc["无人覆盖，不计基尼系数", ["数值", "占比"]].isna().all()
    assert plot(answer, "lorenz").startswith(b"\x89PNG")


def test_one_area_alone_is_not_called_even() -> None:
    row = table(sheets(evil_park())["均衡 Fairness"], "均衡程度").iloc[0]
    assert "只有一组" in row["说明"]
    assert np.isnan(row["基尼系数"])


def test_workers_nobody_knows_are_not_none() -> None:
    rows: dict[str, Any] = {
        "a": (Point(102.7, 25), {"area_code": "530102", "workers": 3}),
        "b": (Point(102.7, 25), {"area_code": "530103"}),
    }
    answer = coverage.truth(register({}, {"parks": rows}), Need("parks", Limit(500)))
    people = table(sheets(answer)["各县 County"], "代码")["人数"]
    assert people.isna().tolist() == [False, True]


def test_texts_stay_texts_and_synthetic_data_says_so() -> None:
    book = sheets(evil_park())
    gap = table(book["盲区 Gaps"], "序号").iloc[0]
    assert (gap["编号"], gap["地点"], gap["最近驿站（任意）"]) == (
        "=1+1",
        EVIL,
        "http://example.com",
    )
    assert all("合成演示数据" in str(sheet.iloc[3, 0]) for sheet in book.values())
    packed = report.workbook(evil_park())
    assert packed == report.workbook(evil_park())
    assert b"<f>" not in packed


@pytest.mark.parametrize("by", ["county", "prefecture", "province"])
def test_an_empty_layer_has_sheets_and_plots_too(by: str) -> None:
    answer = coverage.truth(register({}, {"parks": {}}), Need("parks", Limit(0)))
    assert len(sheets(answer, by)) == 7
    assert plot(answer, by=by).startswith(b"\x89PNG")


def test_a_layer_without_workers_speaks_of_sites() -> None:
    rows: dict[str, Any] = {"p": (Point(102.7, 25), {})}
    answer = coverage.truth(register({}, {"parks": rows}), Need("parks", Limit(500)))
    assert "点时" in table(sheets(answer)["汇总 Summary"], "步骤").columns
    assert tables.unit(answer) == ("点时", "site-hours")


@pytest.mark.parametrize(("which", "kind"), [*((name, "png") for name in PLOTS), ("all", "svg")])
def test_plots_are_the_same_every_time(which: str, kind: Any) -> None:
    made = plot(evil_park(), which, kind)
    assert made == plot(evil_park(), which, kind)
    if kind == "svg":
        assert b"<dc:date>" not in made
    else:
        assert imread(io.BytesIO(made)).std() > 0.05


def test_plots_without_a_chinese_font_are_in_english_and_say_so() -> None:
    letters = Lettering(chinese=False)
    assert letters.both("已关门", "shut") == "shut"
    assert letters.name("昆明市五华区", "530102") == "530102"
    assert letters.plain("within 招商 $5") == "within ?? $5"
    assert Lettering(chinese=True).lines("一二三四五", "one two", 6) == [
        "一二三",
        "四五",
        "one",
        "two",
    ]
    answer = evil_park(hours=parse_hours("02:00"))
    made = plot(answer, font="")  # a missing letter would be a warning, and so an error
    assert made != plot(answer)
    assert "fonts-noto-cjk" in MISSING
    assert chinese_font(("/nowhere/font.ttc",)) is None


def test_a_chinese_font_is_found_by_its_path() -> None:
    if not any(Path(place).is_file() for place in PLACES):
        pytest.skip("no Chinese font on this machine")
    assert chinese_font()


@pytest.mark.parametrize(("which", "kind"), [("pie", "png"), ("all", "pdf")])
def test_other_plots_are_refused(which: str, kind: Any) -> None:
    with pytest.raises(UsageError, match="plot"):
        plot(evil_park(), which, kind)
