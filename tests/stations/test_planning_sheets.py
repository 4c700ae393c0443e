"""Workbooks and pictures of plans."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from matplotlib.image import imread

from geodata.errors import UsageError
from stations.planning import candidates, wording
from stations.planning.plots import plot
from stations.planning.saving import SavedPlan
from stations.planning.sheets import workbook
from stations.planning.study import Study
from stations.report.spoken import Said
from tests.stations.planning_world import places, scheme_of, store_in, wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stations.planning import Scheme
    from stations.store import Store

EVIL = '=HYPERLINK("http://x","y") ${alert(1)} <script>'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_in(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def scheme(store: Store) -> Scheme:
    frame = places().assign(name=EVIL, host="=1+1")
    return scheme_of(store, wish(budgets=(200_000, 300_000)), candidates=frame)


def kept(scheme: Scheme) -> SavedPlan:
    return SavedPlan.of(scheme, evidence=0, notes=[Said("未核对", "unchecked")])


def sheets(content: bytes) -> dict[str, pd.DataFrame]:
    return pd.read_excel(io.BytesIO(content), None, engine="calamine", header=None, dtype=object)


def table(sheet: pd.DataFrame, heading: str) -> pd.DataFrame:
    first = sheet[0].astype(str).str.split("\n").str[0]
    top = int(first[first == heading].index[0])
    below = sheet.iloc[top + 1 :]
    ends = below[0].isna() & below[1].isna()
    below = below[: int(ends.to_numpy().argmax())] if ends.any() else below
    names = sheet.iloc[top].dropna().str.split("\n").str[0].tolist()
    return pd.DataFrame(below.to_numpy()[:, : len(names)], columns=names)


def test_what_an_office_gets(scheme: Scheme) -> None:
    study = Study.of(scheme)
    content = workbook(scheme, kept(scheme), study)
    book = sheets(content)
    assert list(book) == [
        "方案 Plan",
        "措施 Actions",
        "理由 Reasons",
        "各县 County",
        "前沿 Frontier",
        "方法与数据 Method",
    ]
    plan = table(book["方案 Plan"], "指标").set_index("指标")
    assert plan.loc["费用（元）", "数值"] == scheme.cost
    assert plan.loc["目标值：增加人时", "数值"] == pytest.approx(scheme.objective)
    years = table(book["方案 Plan"], "年度")
    assert years["费用（元）"].sum() == scheme.cost
    assert years["预算（元）"].tolist() == [200_000, 300_000]
    assert years["年末覆盖率"].iloc[-1] == pytest.approx(scheme.after["share"])
    actions = table(book["措施 Actions"], "序号")
    assert actions["编号"].tolist() == [each.id for each in scheme.actions]
    assert actions["费用（元）"].tolist() == [each.cost for each in scheme.actions]
    reasons = table(book["理由 Reasons"], "序号")
    assert reasons["去掉则少人时"].tolist() == pytest.approx(
        [each.loss for each in scheme.reasons()]
    )
    counties = table(book["各县 County"], "代码")
    assert counties["增加"].sum() == pytest.approx(
        scheme.after["steps"]["trust"] - scheme.before["steps"]["trust"]
    )
    frontier = table(book["前沿 Frontier"], "预算（元）")
    assert frontier["预算（元）"].tolist() == [each.budget for each in study.frontier.points]
    knees = frontier["拐点"].notna().sum()
    assert knees == (study.frontier.knee is not None)
    notes = table(book["方法与数据 Method"], "事项").set_index("事项")["内容"]
    assert notes["登记簿版本"] == "1"
    prices = table(book["方法与数据 Method"], "措施")
    assert len(prices) == len(scheme.costs.prices)
    assert prices["依据"].str.startswith("假设").all()
    for sheet in book.values():
        assert "驿站建设方案" in str(sheet.iloc[0, 0])
        assert "须有如厕" in str(sheet.iloc[1, 0])


def test_texts_stay_texts_and_bytes_stay_the_same(scheme: Scheme) -> None:
    content = workbook(scheme, kept(scheme))
    assert content == workbook(scheme, kept(scheme))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            assert b"<f>" not in parts.read(name)
            assert b"<hyperlink" not in parts.read(name)
    book = sheets(content)
    assert "前沿 Frontier" not in book
    assert EVIL in table(book["措施 Actions"], "序号")["地点"].tolist()
    assert "=1+1" in table(book["措施 Actions"], "序号")["共建单位"].tolist()


def test_an_impossible_wish_has_a_sheet_that_says_why(store: Store) -> None:
    scheme = scheme_of(store, wish(cover_all=True, budgets=(1_000,)))
    book = sheets(workbook(scheme, kept(scheme)))
    plan = table(book["方案 Plan"], "指标").set_index("指标")
    words = plan["说明"].astype(str)
    assert words["结论"] == "无法做到 impossible"
    assert "预算" in words["障碍"]
    assert plan["占比"].isna()["差距"]


def test_restricted_and_synthetic_are_said_on_every_sheet(tmp_path: Path) -> None:
    with store_in(tmp_path, restricted=True) as inside:
        scheme = scheme_of(inside)
        assert [label.en for label in wording.labels(scheme)] == [
            "Restricted layer, for staff only"
        ]
        book = sheets(workbook(scheme, kept(scheme)))
        assert all("受限图层" in str(sheet.iloc[3, 0]) for sheet in book.values())


def test_the_question_in_words() -> None:
    asked = wording.asked(
        wish(
            budgets=(1_000_000, 2_000_000), sites=9, per_county=2, spacing_m=500.0,
            must=("c1",), keep=("a",), forbid=("c2",), objective="worst_county",
        )
    )  # fmt: skip
    for text in (
        "直线 500 米以内", "须有如厕", "预算2 年，各年 1,000,000、2,000,000 元", "至多 9 项措施",
        "每县至多新建 2 处", "间距至少 500 米", "必做：c1", "保留：a", "不做：c2", "最差的县优先",
    ):  # fmt: skip
        assert text in asked.zh
    assert "budget 1,000,000 + 2,000,000 yuan, 2 years" in asked.en
    assert "cover all at least cost" in wording.asked(wish(cover_all=True)).en


@pytest.mark.parametrize("font", [None, ""])
def test_pictures_are_the_same_every_time(scheme: Scheme, font: str | None) -> None:
    study = Study.of(scheme)
    made = plot(scheme, study, font=font)
    assert made == plot(scheme, study, font=font)
    assert imread(io.BytesIO(made)).std() > 0.05
    assert b"<dc:date>" not in plot(scheme, study, "svg", font=font)
    kind: Any = "pdf"
    with pytest.raises(UsageError, match="png or svg"):
        plot(scheme, study, kind)


def test_a_plan_without_anything_has_sheets_and_a_picture(store: Store) -> None:
    scheme = scheme_of(store, wish(budgets=(0,)), candidates=candidates.from_records([]))
    assert scheme.actions == ()
    assert len(sheets(workbook(scheme, kept(scheme), Study.of(scheme)))) == 6
    assert plot(scheme, Study.of(scheme)).startswith(b"\x89PNG")
