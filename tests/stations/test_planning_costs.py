"""The price list: what it answers, how it is edited, what is refused."""

from __future__ import annotations

import tomllib
from importlib.resources import files as resources
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import files
from geodata.errors import FaultyDataError, FileFormatError, UsageError
from stations.planning.costs import CostTable
from stations.planning.kinds import BUILDS, KINDS
from stations.planning.prices import Price

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AREAS = ("", "53", "5301", "530102")
FEW = ("build_smart", "extend_hours", "add_amenities", "close")
prices = st.builds(
    Price,
    action=st.sampled_from(FEW),
    area=st.sampled_from(AREAS),
    unit=st.sampled_from(["once", "weekly_hour"]),
    item=st.just(""),
    yuan=st.integers(0, 500_000),
    basis=st.sampled_from(["", "假设：一", "=1+1", 'a,b；"c"']),
) | st.builds(
    Price,
    action=st.sampled_from(FEW),
    area=st.sampled_from(AREAS),
    unit=st.just("item"),
    item=st.sampled_from(["", "toilet", "water"]),
    yuan=st.integers(0, 500_000),
)
tables = st.lists(prices, min_size=1, unique_by=lambda p: (p.action, p.area, p.unit, p.item)).map(
    lambda rows: CostTable(tuple(sorted(rows)))
)


def expected(
    rows: Sequence[Price], kind: str, area: str, amenities: Sequence[str], hours: float
) -> int | None:
    """Look every row up for every question; None where no price is known."""

    def best(unit: str, item: str) -> int | None:
        fits = [p for p in rows if (p.action, p.unit, p.item) == (kind, unit, item)]
        fits = [p for p in fits if area.startswith(p.area)]
        return max(fits, key=lambda p: len(p.area)).yuan if fits else None

    once, weekly = best("once", ""), best("weekly_hour", "")
    if kind == "extend_hours" and once is None and weekly is None:
        return None
    if kind not in {"extend_hours", "add_amenities"} and once is None:
        return None
    total = (once or 0) + round((weekly or 0) * hours)
    for code in amenities:
        price = best("item", code)
        price = best("item", "") if price is None else price
        if price is None and kind == "add_amenities":
            return None
        total += price or 0
    return total


@given(
    tables,
    st.sampled_from([*FEW, "move"]),
    st.sampled_from(["", "530102", "530111", "532523", "110101"]),
    st.lists(st.sampled_from(["toilet", "water", "aed"]), max_size=3),
    st.integers(0, 168),
)
def test_the_smallest_area_counts(
    table: CostTable, kind: str, area: str, amenities: list[str], hours: int
) -> None:
    wanted = expected(table.prices, kind, area, amenities, hours)
    if wanted is None:
        with pytest.raises(UsageError, match="no price"):
            table.price(kind, area_code=area, amenities=amenities, weekly_hours=hours)
    else:
        got = table.price(kind, area_code=area, amenities=amenities, weekly_hours=hours)
        assert got == wanted


@pytest.mark.parametrize(("unit", "item"), [("once", ""), ("item", "toilet"), ("weekly_hour", "")])
def test_a_county_goes_before_its_prefecture_and_province(unit: str, item: str) -> None:
    rows = [Price("extend_hours", area, unit, item, 10 ** len(area)) for area in AREAS]
    rows.append(Price("extend_hours", "", "once", "", 0) if unit != "once" else rows[0])
    table = CostTable(tuple(sorted(set(rows))))
    wanted = {"530102": 10**6, "530111": 10**4, "532523": 100, "110101": 1, "": 1}
    for area, yuan in wanted.items():
        got = table.price("extend_hours", area_code=area, amenities=["toilet"], weekly_hours=1)
        assert got == yuan


@given(tables)
def test_what_is_kept_as_json_comes_back(table: CostTable) -> None:
    again = CostTable.from_records(table.as_records())
    assert again == table
    assert again.fingerprint == table.fingerprint
    dearer = table.scaled(table.prices[0].action, 1.5)
    unchanged = [p for p in table.prices if p.action != table.prices[0].action]
    assert [p for p in dearer.prices if p.action != table.prices[0].action] == unchanged


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".toml"])
@pytest.mark.parametrize("odd", [False, True])
def test_what_is_written_reads_back(tmp_path: Path, suffix: str, odd: bool) -> None:  # noqa: FBT001
    table = CostTable.default()
    if odd:
        more = (
            Price("close", "53", "once", "", -5000, '省水电 "A"\\'),
            Price("build_smart", "530102", "item", "shower", 1, "=1+1"),
        )
        table = CostTable(tuple(sorted((*table.prices, *more))))
    path = tmp_path / f"价目{suffix}"
    table.write(path)
    assert CostTable.read(path) == table
    first = path.read_bytes()
    CostTable.read(path).write(path)
    assert path.read_bytes() == first


def test_every_kind_has_a_price_and_every_price_says_why() -> None:
    table = CostTable.default()
    for kind in KINDS.terms:
        some = ("toilet", "reading") if kind == "add_amenities" else ()
        assert table.price(kind, area_code="530114", amenities=some, weekly_hours=10) > 0
    assert all(price.basis.startswith("假设") for price in table.prices)
    for kind in BUILDS:
        plain = table.price(kind)
        assert table.price(kind, amenities=["toilet", "water"]) > plain
    raw = tomllib.loads((resources("stations") / "data" / "costs.toml").read_text("utf-8"))
    assert len(raw["price"]) == len(table.prices)


def test_a_sheet_as_an_office_keeps_it(tmp_path: Path) -> None:
    rows = {
        "措施": ["新建标准站", "增加设施", "撤站", "延时开放"],
        "区划代码（可空）": ["530100", "", "530121", ""],
        "设施": ["", "淋浴", "", ""],
        "单价（元）": ["¥80,000", "25000.0", "-3000", "300"],
        "计价": ["", "", "每次", "每周小时"],
        "备注": ["招标价", "", "省租金", ""],
    }
    path = tmp_path / "价目.xlsx"
    files.write(pd.DataFrame(rows), path)
    table = CostTable.read(path)
    assert table.price("build_standard", area_code="530102") == 80_000
    assert table.price("add_amenities", amenities=["shower"]) == 25_000
    assert table.price("close", area_code="530114") == -3_000  # 530121 became 530114
    assert table.price("extend_hours", weekly_hours=10.5) == 3_150
    with pytest.raises(UsageError, match="no price for 新建标准站"):
        table.price("build_standard", area_code="532523")
    with pytest.raises(UsageError, match="of water"):
        table.price("add_amenities", amenities=["water"])


def test_every_fault_of_every_row(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    lines = [
        "措施,行政区划代码,设施,计价单位,金额（元）",
        "新建标准站,,,,60000",
        "新建宫殿,,,,1",
        "新建智能站,99,,,1",
        "新建智能站,,游泳池,,1",
        "新建智能站,,淋浴,每次,1",
        "新建智能站,,,每年,1",
        "新建智能站,,,,很贵",
        "新建智能站,,,,-1",
        "新建智能站,,,,nan",
        "新建标准站,,,每次,70000",
        "新建智能站,,,,9999999999",
    ]
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(FaultyDataError, match="10 faults in the price list") as caught:
        CostTable.read(path)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (3, "措施"),
        (4, "行政区划代码"),
        (5, "设施"),
        (6, "计价单位"),
        (7, "计价单位"),
        (8, "金额（元）"),
        (9, "金额（元）"),
        (10, "金额（元）"),
        (11, "措施"),
        (12, "金额（元）"),
    ]
    assert "row 2 already" in caught.value.faults[8].problem


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.csv", "名称,金额\n甲,1\n", "no column 措施"),
        ("x.csv", "措施,金额\n", "no price in the file"),
        ("x.toml", "price = 3", r"\[\[price\]\]"),
        ("x.toml", "[[price", "not TOML"),
        ("x.toml", f"price = {'[' * 10_000}", "not TOML"),
        ("x.toml", "", "no price in the file"),
        ("x.toml", '[[price]]\naction = "close"\nyuan = "x"', "whole yuan"),
        ("x.docx", "", "one of .xlsx"),
    ],
)
def test_what_is_no_price_list(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises((FaultyDataError, FileFormatError), match=says):
        CostTable.read(tmp_path / name)


def test_other_questions_are_refused(tmp_path: Path) -> None:
    table = CostTable.default()
    with pytest.raises(UsageError, match="no action"):
        table.price("paint")
    with pytest.raises(UsageError, match="hours"):
        table.price("extend_hours", weekly_hours=float("nan"))
    for path in ("prices.docx", "nowhere/prices.toml"):
        with pytest.raises(UsageError):
            table.write(tmp_path / path)
    with pytest.raises(FileFormatError):
        CostTable.read(tmp_path / "absent.toml")
