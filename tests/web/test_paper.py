"""Paper: the figures are in the PDF, names do nothing, nothing is fetched, bytes are the same."""

from __future__ import annotations

import copy
import hashlib
import io
import math
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from geodata.geodesy import distance_m
from stations import navigation
from tests.conftest import CHECKOUT
from web import paper
from web.paper import making
from web.paper.sketch import WIDE, sketch

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<script>alert(1)</script>${7*7}{{7*7}}\u202egnp.exe<img src="http://x.invalid/i">'
AT = "2026-11-22T08:00:00+00:00"
START = (102.7183, 25.0389)


def stop(number: int, **more: Any) -> dict[str, Any]:
    lon, lat = START[0] + number / 100, START[1] - number / 200
    told = {
        "number": number, "id": f"S{number}", "name": f"第{number}驿站", "lon": lon, "lat": lat,
        "area_code": "530102", "host": "某银行", "phone": "0871-65123456", "arrive": "09:00",
        "begin": "09:05", "leave": "09:20", "travel_min": 5.2, "metres": None, "estimated": True,
        "wait_min": 5, "visit_min": 15, "open": "open", "hours": "08:00–18:00", "priority": 1.0,
        "why": {"wrong": {"zh": "可信度 70%"}, "people": {"zh": "约 438 名职工"},
                "days": {"zh": "从未巡检"}},
        "findings": [],
        "links": [link._asdict() for link in navigation.links(f"第{number}驿站", lon, lat)],
    }  # fmt: skip
    return {**told, **more}


FINDING = {
    "number": 12, "rule": "place.seen", "title": {"zh": "位置不对", "en": "elsewhere"},
    "severity": "major", "state": "assigned", "due": "2026-11-20", "overdue": True,
}  # fmt: skip


def round_told(**more: Any) -> dict[str, Any]:
    route = {
        "name": "王芳", "area": "", "start": {"lon": START[0], "lat": START[1]}, "from": "08:30",
        "until": "17:30", "leave": "08:41", "back": "16:55", "travel_min": 94.0,
        "visit_min": 378.0, "wait_min": 0, "metres": None, "back_min": 9.0, "back_metres": None,
        "lunch": {"from": "11:31", "until": "12:31", "after": 2},
        "stops": [stop(1), stop(2, findings=[FINDING]), stop(3, phone="", host="", hours="")],
    }  # fmt: skip
    notes = [{"zh": "急需程度说明。", "en": "x"}]
    left = {"id": "S9", "name": "远站", "area_code": "", "priority": 1, "reason": "too_far",
            "zh": "太远", "en": "too far", "findings": 2}  # fmt: skip
    told = {
        "date": "2026-11-24", "mode": {"code": "car", "zh": "开车", "en": "car"}, "area": "5301",
        "revision": 7, "synthetic": True, "at": AT, "routes": [route], "left_out": [left],
        "method": {"estimated": "all", "roads": None, "seed": 1, "iterations": 9, "notes": notes},
    }  # fmt: skip
    return {**told, **more}


def pages(content: bytes) -> list[str]:
    return [
        re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(io.BytesIO(content)).pages
    ]


def hostile(told: Any) -> Any:
    """Return a document in which every free text is hostile."""
    if isinstance(told, dict):
        return {
            key: HOSTILE if key in FREE and isinstance(value, str) else hostile(value)
            for key, value in told.items()
            if key != "layers"
        } | {key: value for key, value in told.items() if key == "layers"}
    return [hostile(each) for each in told] if isinstance(told, list) else told


FREE = {"name", "host", "phone", "id", "who", "why", "assignee", "station", "zh", "source"}


def harmless(html: str) -> bool:
    return "<script" not in html and "<img" not in html


def test_a_round_is_on_paper() -> None:
    html = paper.round_sheet(round_told())
    told = pages(paper.pdf(html))
    every = "".join(told)
    for text in (
        *("王芳", "第2驿站", "S3", "位置不对", "较重", "2026-11-20", "11:31–12:31", "远站"),
        *("太远", "0871-65123456", "08:00–18:00", "25.033900,102.728300", "不明"),
    ):
        assert text in every, text
    for number, page in enumerate(told, 1):
        assert "合成演示数据" in page
        assert "登记簿版本7" in page
        assert f"第{number}页/共{len(told)}页" in page
    assert html.count('class="code"') == 3
    assert html.count('class="box"') == 3 * 8 + 3


def test_each_inspector_begins_a_page() -> None:
    told = round_told()
    told["routes"] *= 2
    assert paper.round_sheet(told).count('class="next"') == 2  # the second, and what is left out
    none = {**told["routes"][0], "stops": [], "leave": None, "back": None}
    assert "没有要去的驿站" in paper.round_sheet(round_told(routes=[none]))


def test_the_same_page_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    html = paper.round_sheet(round_told())
    page = tmp_path / "page.html"
    page.write_text(html, "utf-8")
    here = hashlib.sha256(paper.pdf(html)).hexdigest()
    script = (
        "import hashlib,pathlib,sys;from web.paper import pdf;"
        "print(hashlib.sha256(pdf(pathlib.Path(sys.argv[1]).read_text('utf-8'))).hexdigest())"
    )
    environ = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "America/Lima"}
    ran = subprocess.run(
        [sys.executable, "-c", script, str(page)],
        cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == here
    made = PdfReader(io.BytesIO(paper.pdf(html))).metadata
    assert made is not None
    assert made.creation_date is not None
    assert made.creation_date.isoformat() == AT


def test_nobody_s_name_does_anything() -> None:
    html = paper.round_sheet(hostile(round_told()))
    assert harmless(html)
    assert "&lt;script&gt;" in html
    assert "alert(1)" in "".join(pages(paper.pdf(html)))


def test_a_name_takes_a_line_or_two_of_the_bulletin(told: dict[str, Any]) -> None:
    told = copy.deepcopy(told)
    for each in told["findings"]:
        each["name"] = "很长的名字" * 2_000
    sheet = paper.bulletin_sheet(told)
    assert "很长的名字" * 47 + "很长的名…" in sheet
    assert "很长的名字" * 48 not in sheet


def test_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", "utf-8")
    asked: list[str] = []
    for url in (secret.as_uri(), "http://127.0.0.1:9/x.png", "data:text/css,p{color:red}"):
        with pytest.raises(ValueError, match="nothing is fetched"):
            making._refuse(url)
        asked.append(f'<img src="{url}"><object data="{url}"></object><link rel="attachment" '
                     f'href="{url}"><link rel="stylesheet" href="{url}">')  # fmt: skip
    content = paper.pdf(f"<!doctype html><p>内容</p>{''.join(asked)}")
    assert b"geheim" not in content
    assert not PdfReader(io.BytesIO(content)).attachments


def test_without_pango_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(paper.PaperError, match="apt install libpango"):
        paper.pdf("<p>x")


def test_the_code_leads_to_the_station() -> None:
    links = [link._asdict() for link in navigation.links("站", *START)]
    only = [each for each in links if each["app"] == "geo"]
    assert "<svg" in str(paper.rounds.code(links))
    assert paper.rounds.code(only) != paper.rounds.code(links)
    assert paper.rounds.code([]) == ""


@pytest.mark.parametrize("far", [0.0, 0.001, 0.3, 3.0])
def test_the_sketch_is_to_scale(far: float) -> None:
    stops = [(START[0] + far, START[1]), (START[0], START[1] - far / 2)]
    drawn = str(sketch(START, stops))
    way = re.search(r'points="([^"]+)"', drawn)
    assert way is not None
    spots = [tuple(map(float, pair.split(","))) for pair in way[1].split()]
    bar = re.search(r"M3 [\d.]+V[\d.]+H([\d.]+)V", drawn)
    label = re.search(r">([\d.]+) (公里|米)<", drawn)
    assert bar is not None
    assert label is not None
    metres = float(label[1]) * (1000 if label[2] == "公里" else 1)
    scale = metres / (float(bar[1]) - 3)
    for (x, y), (lon, lat) in zip(spots[1:], stops, strict=True):
        drawn_m = math.hypot(x - spots[0][0], y - spots[0][1]) * scale
        true = float(distance_m([START[0]], [START[1]], [lon], [lat])[0])
        assert drawn_m == pytest.approx(true, rel=0.03, abs=scale * 0.02)
        assert 0 <= x <= WIDE
    assert spots[2][1] >= spots[0][1]  # south is below


def test_a_hostile_bulletin_and_audit_do_nothing(
    told: dict[str, Any], audit: dict[str, Any]
) -> None:
    for html in (
        paper.bulletin_sheet(hostile(told)),
        paper.signed_sheet(hostile(audit), {"number": 1, "who": HOSTILE, "at": AT}),
    ):
        assert harmless(html)
        assert paper.pdf(html).startswith(b"%PDF")


def test_the_bulletin_s_figures_are_on_paper(told: dict[str, Any]) -> None:
    told = copy.deepcopy(told)
    sheets = pages(paper.pdf(paper.bulletin_sheet(told)))
    every = "".join(sheets)
    total = told["total"]
    for number in (total["stations"], total["open"], total["coverage"]["parks"]["sites"]):
        assert f"{number:,}" in every
    for row in told["counties"]:
        assert row["name"].removeprefix("云南省") in every
    assert told["state"]["head"] in every
    assert all("校验链" in page for page in sheets)


def test_an_audit_is_on_paper_signed_or_not(audit: dict[str, Any]) -> None:
    signed = paper.signed_sheet(audit, {"number": 3, "who": "王芳", "at": AT})
    text = "".join(pages(paper.pdf(signed)))
    head = audit["state"]["head"]
    for part in ("王芳", "第3号", "2026-11-2216:00", head, "clerk", "新增驿站", "N1"):
        assert part in text
    assert f"{audit['figures']['total']['real']:,}" in text
    assert "未签署" in "".join(pages(paper.pdf(paper.signed_sheet(audit, None))))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from datetime import UTC, datetime  # noqa: PLC0415

    from stations.audit.bulletin import bulletin  # noqa: PLC0415
    from stations.audit.bulletin.telling import document  # noqa: PLC0415
    from stations.store import Store  # noqa: PLC0415
    from tests.stations.audit.test_bulletin import asked, fill  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("paper")
    with Store.open(f"sqlite:///{folder}/register.db", create=True) as store:
        fill(store)
        return document(bulletin(store, asked(), now=datetime(2026, 12, 15, tzinfo=UTC)))


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from datetime import UTC, datetime  # noqa: PLC0415

    from stations.audit import coverage as audits  # noqa: PLC0415
    from stations.coverage import Limit, Need  # noqa: PLC0415
    from stations.store import Changes, Store  # noqa: PLC0415
    from stations.travel import Travel  # noqa: PLC0415
    from tests.stations.audit.test_bulletin import day, fill  # noqa: PLC0415
    from tests.stations.register_samples import stations  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("audit")
    with Store.open(f"sqlite:///{folder}/register.db", create=True) as store:
        fill(store)
        more = stations({"N1": {"lon": 102.784, "area_code": "532901", "opening_hours": "24/7"}})
        store.commit(Changes(more), who="clerk", why="more", at=day(11, 12))
        now = datetime(2026, 12, 15, tzinfo=UTC)
        need = Need("parks", Limit(800, "m"))
        question = audits.Question.of(store, need, at=now, since=day(10, 20), trust_floor=0.2)
        return audits.audited(store, question, audits.Ways(Travel()))
