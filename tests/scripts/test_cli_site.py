"""``stations site`` as its caller meets it: planned, written, replayed, compared, accepted."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest

from scripts import cli
from tests.scripts.test_cli_coverage import shell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.shell import Shell

__all__ = ["shell"]

STATIONS = (
    "id,name,lon,lat,amenities,opening_hours,host\n"
    "a,甲站,102.70,25.001,toilet;water,08:00-20:00,农行\n"
    "b,乙站,102.72,25.001,water,24/7,邮局\n"
)
SITES = "id,name,lon,lat,workers\n" + "".join(
    f"{n},工地{n},{102.70 + n * 0.02:.2f},25.0,{10 * (n + 1)}\n" for n in range(6)
)
PLACES = "编号,名称,经度,纬度,共建单位\n" + "".join(
    f"c{n},候选{n},{102.70 + n * 0.02:.2f},25.0005,\n" for n in range(6)
)
ASKED = ("site", "work_sites", "--within", "500m", "--needs", "toilet", "--gap", "0")


@pytest.fixture
def town(shell: Shell) -> Shell:
    for name, text in (("stations", STATIONS), ("work_sites", SITES), ("places", PLACES)):
        path = shell.folder / f"{name}.csv"
        path.write_text(text, "utf-8")
        if name != "places":
            shell.json("import", str(path), "--as", name)
    return shell


def places(town: Shell) -> tuple[str, str]:
    return "--candidates", str(town.folder / "places.csv")


def run(town: Shell, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command that needs no store."""
    sys.argv = ["stations", *words]
    with pytest.raises(SystemExit) as ended:
        cli.main()
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_a_budget_a_number_of_sites_or_all(town: Shell) -> None:
    told = town.json(*ASKED, *places(town), "--budget", "40万")
    assert {"chosen", "objective", "bound", "gap", "status", "before", "after"} <= told.keys()
    assert told["status"] == "optimal"
    assert told["objective"] == told["bound"]
    assert told["gap"] == 0
    assert told["cost"] == sum(each["cost"] for each in told["chosen"]) <= 400_000
    assert told["wish"]["budgets"] == [400_000]
    assert len(told["wish"]["actions"]) == 9
    again = town.json(*ASKED, *places(town), "--budget", "400000")
    assert again == told
    two = town.json(*ASKED, *places(town), "--sites", "2")
    assert [each["place"] for each in two["chosen"]] == ["c4", "c5"]
    everybody = town.json(*ASKED, *places(town), "--cover-all")
    assert everybody["after"]["share"] == 1.0
    assert everybody["objective"] == everybody["cost"]
    years = town.json(*ASKED, *places(town), "--budget", "200000", "--years", "2")
    assert years["wish"]["budgets"] == [200_000, 200_000]
    assert all(cost <= 200_000 for cost in years["cost_by_year"])


def test_places_are_generated_if_none_are_given(town: Shell) -> None:
    told = town.json(*ASKED, "--sites", "1", "--grid", "400")
    assert told["inputs"]["candidates_from"] == "auto"
    assert any("water" in note["en"] for note in told["inputs"]["notes"])
    assert told["chosen"][0]["place"]
    path = town.folder / "候选.xlsx"
    town.json("site", "candidates", *ASKED[1:6], "--grid", "400", "-o", str(path))
    again = town.json(*ASKED, "--sites", "1", "--candidates", str(path))
    assert again["objective"] == told["objective"]
    assert again["inputs"]["candidates_from"] == "候选.xlsx"


def test_an_impossible_wish_is_answered(town: Shell) -> None:
    asked = (*ASKED, *places(town), "--cover-all", "--budget", "300000")
    told = town.json(*asked)
    assert told["status"] == "infeasible"
    assert told["chosen"] == []
    assert told["blame"]["sites"]
    assert "300,000" in told["blame"]["en"]
    code, out, err = town(*asked)
    assert (code, err) == (0, "")
    assert "无法做到 impossible" in out
    assert "预算 300,000 元" in out


def test_what_a_planner_reads(town: Shell) -> None:
    code, out, err = town(*ASKED, *places(town), "--budget", "400000", "--frontier")
    assert (code, err) == (0, "")
    for text in ("驿站建设方案", "须有如厕", "已证明最优", "候选4", "拐点", "the next 100,000",
                 "prices ±20 %", "400,000 yuan"):  # fmt: skip
        assert text in out


def test_every_file_in_one_go_and_twice_the_same(town: Shell) -> None:
    names = ["p.xlsx", "p.json", "p.png", "p.svg", "p.gpkg", "p.geojson", "p.csv", "p.parquet",
             "p.html"]  # fmt: skip
    paths = [town.folder / name for name in names]
    words = [word for path in paths for word in ("-o", str(path))]
    told = town.json(*ASKED, *places(town), "--budget", "400000", *words)
    assert told["frontier"]["points"]
    first = [path.read_bytes() for path in paths]
    town.json(*ASKED, *places(town), "--budget", "400000", *words)
    assert first == [path.read_bytes() for path in paths]
    frame = gpd.read_file(town.folder / "p.gpkg")
    assert frame["id"].tolist() == [each["id"] for each in told["chosen"]]
    assert frame.crs == "EPSG:4326"
    assert "措施 Actions" in pd.read_excel(town.folder / "p.xlsx", None, engine="calamine")
    assert json.loads(first[1])["chosen"] == told["chosen"]


@pytest.mark.parametrize("more", [(), ("--cover-all",)], ids=["a plan", "impossible"])
def test_the_page_of_a_plan_stands_alone(town: Shell, more: tuple[str, ...]) -> None:
    path = town.folder / "plan.html"
    told = town.json(*ASKED, *places(town), "--budget", "300000", *more, "-o", str(path))
    page = path.read_text("utf-8")
    assert "default-src 'none'" in page
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert [each["id"] for each in data["actions"]] == [each["id"] for each in told["chosen"]]
    assert (data["blame"] is None) == (told["blame"] is None) == (not more)
    assert (data["study"] is None) == bool(more)


def test_saved_plans_are_replayed_compared_and_accepted(
    town: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    cheap, dear = (str(town.folder / f"{name}.json") for name in ("cheap", "dear"))
    town.json(*ASKED, *places(town), "--budget", "300000", "-o", cheap)
    town.json(*ASKED, *places(town), "--budget", "600000", "-o", dear)
    assert town.json("site", "replay", cheap)["same"]
    code, out, _ = town("site", "replay", cheap)
    assert (code, "the same plan" in out) == (0, True)
    code, out, _ = run(town, capsys, "site", "compare", cheap, dear, "--json")
    assert code == 0
    assert json.loads(out)["wishes"] == ["budgets"]
    code, out, _ = run(town, capsys, "site", "compare", cheap, dear)
    assert "only in B" in out
    first = json.loads(Path(cheap).read_text("utf-8"))["chosen"][0]["id"]
    assert town.json("site", "accept", cheap, "--action", first)["planned"] == 1
    rest = town.json("site", "accept", cheap, "--who", "王芳")
    assert town.json("site", "accept", cheap) == {"planned": 0, "revision": None}
    with closing(sqlite3.connect(town.folder / "register.db")) as db:
        [who] = db.execute("select who from revisions where number = ?", (rest["revision"],))
    assert who == ("王芳",)
    assert town.json("site", "replay", cheap)["same"]  # on the register as it was
    told = json.loads(Path(cheap).read_text("utf-8"))
    told["objective"] += 1
    Path(cheap).write_text(json.dumps(told), "utf-8")
    code, out, _ = town("site", "replay", cheap)
    assert (code, "objective" in out) == (1, True)


def test_prices_are_edited_and_used(town: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    path = town.folder / "价目.xlsx"
    code, out, _ = run(town, capsys, "site", "prices", "-o", str(path))
    assert (code, "假设" in out) == (0, True)
    frame = pd.read_excel(path, engine="calamine", dtype=str)
    frame["金额（元）"] = "1000"
    frame.to_csv(town.folder / "cheap.csv", index=False)
    costs = ("--costs", str(town.folder / "cheap.csv"))
    code, out, _ = run(town, capsys, "site", "prices", *costs, "--json")
    assert {row["yuan"] for row in json.loads(out)["prices"]} == {1000}
    told = town.json(*ASKED, *places(town), "--budget", "12000", *costs)
    assert told["after"]["share"] == 1.0
    frame.loc[3, "金额（元）"] = "贵"
    frame.to_csv(town.folder / "bad.csv", index=False)
    code, _, err = run(town, capsys, "site", "prices", "--costs", str(town.folder / "bad.csv"))
    assert code == 2
    assert "row 5" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "a budget, a number of sites, or to cover all"),
        (["--budget", "cheap"], "a budget is whole yuan"),
        (["--budget", "1.5"], "a budget is whole yuan"),
        (["--budget", "5,-3"], "a budget is whole yuan"),
        (["--years", "2", "--sites", "1"], "--years repeats a --budget"),
        (["--budget", "1,2", "--years", "3"], "leave one out"),
        (["--sites", "-1"], "sites"),
        (["--sites", "1", "--actions", "paint"], "no action 'paint'"),
        (["--sites", "1", "--needs", "sauna"], "sauna"),
        (["--sites", "1", "--spacing", "nan"], "spacing"),
        (["--sites", "1", "--gap", "2"], "gap"),
        (["--sites", "1", "--candidates", "absent.csv"], "absent.csv"),
        (["--sites", "1", "--costs", "absent.xlsx"], "absent.xlsx"),
        (["--sites", "1", "--datum", "gcj02"], "--datum"),
        (["--sites", "1", "--hosts", "palaces"], "palaces"),
        (["--sites", "1", "--grid", "0"], "grid"),
        (["--sites", "1", "-o", "plan.docx"], "plan.docx"),
        (["--sites", "1", "-o", "/nowhere/plan.json"], "folder"),
        (["--sites", "1", "--hours", "soon"], "hours are written such as"),
        (["--sites", "1", "--must", "moon"], "moon"),
    ],
)
def test_what_is_wrong_is_one_line(town: Shell, words: Sequence[str], says: str) -> None:
    code, out, err = town(*ASKED, *words)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


def test_layers_and_files_that_are_not_there(town: Shell) -> None:
    code, _, err = town("site", "moon_bases", "--within", "1km", "--sites", "1")
    assert (code, "moon_bases" in err) == (2, True)
    for command in ("replay", "accept"):
        code, _, err = town("site", command, str(town.folder / "absent.json"))
        assert (code, "absent.json" in err) == (2, True)


def test_help_shows_an_example(town: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ((), ("plan",), ("replay",), ("compare",), ("accept",), ("prices",),
                    ("candidates",)):  # fmt: skip
        code, out, _ = run(town, capsys, "site", *command, "--help")
        assert code == 0
        assert "Example: stations site" in out
    assert "--cover-all" in run(town, capsys, "site", "--help")[1]


def test_broken_off_it_leaves_nothing(town: Shell) -> None:
    output, waiting = town.folder / "out", town.folder / "slow.csv"
    output.mkdir()
    os.mkfifo(waiting)
    words = [
        sys.executable, "-c", "from scripts.cli import main; main()", *ASKED, "--budget", "9",
        "--costs", str(waiting), "-o", str(output / "plan.json"),
        "--db", f"sqlite:///{town.folder / 'register.db'}",
    ]  # fmt: skip
    before = (town.folder / "register.db").read_bytes()
    checkout = Path(cli.__file__).parents[2]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else deaf in the background
    child = subprocess.Popen(words, cwd=checkout, stderr=subprocess.PIPE, text=True)
    with waiting.open("w"):  # opens as soon as the command reads its prices
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=120)
    assert child.returncode == 1
    assert "Traceback" not in err
    assert list(output.iterdir()) == []
    assert (town.folder / "register.db").read_bytes() == before
