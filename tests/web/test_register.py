"""The register edited over HTTP: forms, history and undo, files, by whom and where."""

from __future__ import annotations

import contextlib
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import icalendar
import pandas as pd
import pytest
import xlsxwriter

from stations.activities import kinds
from stations.store import Changes
from tests.stations.audit.quality_cases import GUANDU, HOME
from tests.web import desk, sample
from web.api.answers import editing as answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from stations.store import ActivityStep, Store

HOURS = "周一至周五8:30-12:00，14:00-17:30"
EXPRESSION = "Mo-Fr 08:30-12:00,14:00-17:30"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with desk.filled(tmp_path_factory.mktemp("register")) as filled:
        yield filled


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    return desk.app_of(store).test_client()


@pytest.fixture(scope="module")
def heads(store: Store) -> dict[str, dict[str, str]]:
    return {name: desk.bearer(store, name) for name in desk.PEOPLE}


class Somebody:
    """Requests of one person."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers

    def get(self, path: str, status: int = 200) -> Any:
        answer = self._client.get(f"/api/v1/{path}", headers=self._headers)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    def post(self, path: str, body: Any = None, status: int = 201, **more: Any) -> Any:
        sent = more or {"json": body}
        answer = self._client.post(f"/api/v1/{path}", headers=self._headers, **sent)
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()

    def save(self, id_: str, fields: dict[str, str], status: int = 201, **more: Any) -> Any:
        base = more.pop("base", None)
        base = self.get(f"edits/stations/{id_}")["base"] if base is None else base
        body = {"fields": fields, "base": base, "why": "来电更正", **more}
        return self.post(f"edits/stations/{id_}", body, status)

    def fields(self, id_: str) -> dict[str, str]:
        told = self.get(f"edits/stations/{id_}")
        answers.FormTold.model_validate(told)
        fields: dict[str, str] = told["fields"]
        return fields

    def job(self, path: str, body: Any) -> Any:
        """Begin a job, wait for it, return its result or how it failed."""
        begun = self.post(path, body, 202)
        for thread in threading.enumerate():
            if thread.name == "jobs":
                thread.join(60)
        told = self.get(f"jobs/{begun['id']}")
        return self.get(f"jobs/{begun['id']}/result") if told["state"] == "done" else told

    def upload(self, frame: pd.DataFrame, name: str = "台账.csv") -> str:
        data = frame.to_csv(index=False).encode()
        told = self.post(f"uploads?name={name}", data=data, content_type="text/csv")
        return str(told["id"])


@pytest.fixture
def li(client: FlaskClient, heads: dict[str, dict[str, str]]) -> Somebody:
    """Return the editor of 530114."""
    return Somebody(client, heads["li"])


@pytest.fixture
def sun(client: FlaskClient, heads: dict[str, dict[str, str]]) -> Somebody:
    """Return the editor of all 5301."""
    return Somebody(client, heads["sun"])


def test_a_station_is_changed_as_its_sheet_would_be(li: Somebody) -> None:
    before = li.fields("S1")
    more = {"opening_hours": HOURS, "capacity": "20人", "amenities": "如厕、饮水;充电"}
    looked = li.save("S1", more, 200, dry_run=True, why="")
    assert looked["revision"] is None
    assert li.fields("S1") == before
    saved = answers.SavedTold.model_validate(li.save("S1", more))
    assert saved.revision is not None
    assert {each.field for each in saved.changes} == {"opening_hours", "capacity", "amenities"}
    after = li.fields("S1")
    changed = {"opening_hours": EXPRESSION, "capacity": "20", "amenities": "toilet;water;charging"}
    assert after == before | changed


def test_faults_stand_at_their_fields(li: Somebody) -> None:
    bad = {"name": "", "opening_hours": "25:00-26:90", "capacity": "many", "closures": "neulich"}
    told = li.save("S1", bad, 422)
    assert {each["field"] for each in told["faults"]} == bad.keys()
    for field in ({"id": "x"}, {"lon": "102.8"}, {"synthetic": "1"}):
        li.save("S1", field, 400)
    told = li.save("S1", {"lon": "25.04", "lat": "102.7"}, 422)
    assert told["faults"]


def test_who_comes_late_is_told_what_changed(li: Somebody, sun: Somebody) -> None:
    base = li.get("edits/stations/S2")["base"]
    sun.save("S2", {"phone": "0871-60000009"})
    told = li.save("S2", {"phone": "0871-60000008"}, 409, base=base)
    assert "电话" in told["detail"]
    assert "孙丽" in told["detail"]
    elsewhere = li.get("edits/stations/S1")["base"]
    sun.save("S2", {"phone": "0871-60000010"})
    li.save("S1", {"phone": "0871-60000001", "host": "某银行"}, base=elsewhere)


def test_an_editor_stays_in_their_area(li: Somebody, sun: Somebody, store: Store) -> None:
    before = store.revision()
    li.get(f"edits/stations/{desk.HOSTILE}", 403)
    li.post(f"edits/stations/{desk.HOSTILE}",
            {"fields": {"name": "我的"}, "base": before, "why": "x"}, 403)  # fmt: skip
    li.save("S1", {"area_code": "530111"}, 403)
    there = {"lon": str(GUANDU[0]), "lat": str(GUANDU[1])}
    li.save("S1", there, 403)
    li.save("S1", {**there, "area_code": "530114"}, 403)
    new = {"name": "新站", "kind": "标准", **there}
    li.post("edits/stations", {"id": "NEW", "fields": new, "why": "x"}, 403)
    listed = li.get("edits/stations?limit=200")["stations"]
    assert {each["area_code"] for each in listed} == {"530114"}
    li.get("edits/stations?area=530111", 403)
    assert store.revision() == before
    sun.save("S1", there)
    assert store.stations().loc["S1", "area_code"] == "530111"
    sun.post("stations/S1/undo", {"revision": store.revision(), "base": store.revision(),
                                  "why": "移错了"})  # fmt: skip
    assert store.stations().loc["S1", "area_code"] == "530114"


def test_planners_and_inspectors_look_only(
    client: FlaskClient, heads: dict[str, dict[str, str]]
) -> None:
    for name in ("wang", "yang"):
        person = Somebody(client, heads[name])
        told = person.get("edits/stations/S1")
        assert not told["mine"]
        person.save("S1", {"name": "x"}, 403)
        person.post("uploads?name=x.csv", data=b"id", content_type="text/csv", status=403)


def test_a_position_in_another_datum_is_kept_as_it_came(li: Somebody, store: Store) -> None:
    record = store.stations().loc["S2"]
    west = {"lon": repr(record.geometry.x), "lat": repr(record.geometry.y)}
    li.save("S2", west, datum="gcj02")
    told = li.get("edits/stations/S2")
    assert told["datum_in"] == "gcj02"
    assert told["position_in"] == f"{west['lon']},{west['lat']}"
    assert 100 < abs(told["lon"] - float(west["lon"])) * 100_000 < 700  # metres, about
    still = li.fields("S2")
    li.save("S2", {"host": "邮政支局"}, datum="gcj02")
    assert li.fields("S2") == still | {"host": "邮政支局"}


def test_a_new_station_and_its_end(li: Somebody, store: Store) -> None:
    place = {"lon": str(HOME[0] + 0.01), "lat": str(HOME[1])}
    new = {"name": "新开驿站", "kind": "流动", "amenities": "water", **place}
    told = li.post("edits/stations", {"fields": new, "why": "新开"})
    assert store.stations().loc[told["id"], "area_code"] == "530114"
    again = li.post("edits/stations", {"id": told["id"], "fields": new, "why": "新开"}, 422)
    assert again["faults"][0]["field"] == "id"
    places = "周一至周五 08:00-12:00 @102.8,24.9 东门；周六 09:00-11:00 @102.81,24.9 西门"
    li.save(told["id"], {"places": places})
    li.save(told["id"], {"places": f"{places}；周六 10:00-12:00 @102.82,24.9"}, 422)
    li.save(told["id"], {"status": "closed"})
    first = li.get(f"stations/{told['id']}/history")["revisions"][-1]["revision"]
    ask = {"revision": first, "base": store.revision(), "why": "重复登记"}
    refused = li.post(f"stations/{told['id']}/undo", ask, 409)
    assert "anyway" in refused["detail"]
    li.post(f"stations/{told['id']}/undo", {**ask, "anyway": True})
    assert told["id"] not in store.stations().index
    history = li.get(f"stations/{told['id']}/history")
    assert history["revisions"][0]["removed"]


def test_history_tells_each_field_and_who_only_to_staff(
    li: Somebody, client: FlaskClient, store: Store
) -> None:
    li.save("S1", {"door_asks": "phone", "truck_bays": "3"})
    told = li.get("stations/S1/history")
    answers.HistoryTold.model_validate(told)
    newest = told["revisions"][0]
    assert newest["who"] == "李强 (li)"
    assert [each["field"] for each in newest["changes"]] == ["door_asks", "truck_bays"]
    assert newest["changes"][1]["title"] == {"zh": "货车位", "en": "truck bays"}
    assert newest["changes"][1]["before"] == {"zh": "", "en": ""}
    assert newest["changes"][1]["after"] == {"zh": "3", "en": "3"}
    public = client.get("/api/v1/stations/S1/history").get_json()
    assert {each["who"] + each["why"] for each in public["revisions"]} == {""}
    assert public["revisions"][0]["changes"] == newest["changes"]
    assert len(public["revisions"]) == len(store.history("S1"))
    assert client.get("/api/v1/stations/NONE/history").status_code == 404


def test_who_changed_others_stations_is_not_told(
    li: Somebody, sun: Somebody, store: Store, client: FlaskClient, heads: dict[str, dict[str, str]]
) -> None:
    sun.save("E1", {"phone": "0871-1"}, why="只给本区看")  # in 530111, li's is 530114
    li.save("S1", {"phone": "0871-2"}, why="本区的")
    first, second = sun.get("revisions?limit=2")["revisions"]
    assert (first["why"], second["why"]) == ("本区的", "只给本区看")
    assert "孙丽" in second["who"]
    first, second = li.get("revisions?limit=2")["revisions"]
    assert (first["why"], second["who"], second["why"]) == ("本区的", "", "")
    assert Somebody(client, heads["boss"]).get("revisions?limit=2")["revisions"][1]["who"]
    gone = store.commit(
        Changes(removed_stations=("E1",)), who="王芳", why="拆除", at=sample.NOW,
    )  # fmt: skip
    told = {each["revision"]: each["who"] for each in li.get("revisions")["revisions"]}
    assert told[gone.number] == ""
    assert store.areas({gone.number, second["revision"]}) == {
        gone.number: {"530111"}, second["revision"]: {"530111"},
    }  # fmt: skip
    sun.post(f"revisions/{gone.number}/undo", {"why": "还在"})


def test_undo_restores_its_fields_and_no_others(li: Somebody, store: Store) -> None:
    before = li.fields("S2")
    first = li.save("S2", {"name": "改名驿站", "phone": "0871-1"})["revision"]
    li.save("S2", {"truck_bays": "4"})
    ask = {"revision": first, "base": store.revision(), "why": "误改"}
    li.post("stations/S2/undo", {**ask, "base": first}, 409)
    told = li.post("stations/S2/undo", ask)
    assert {each["field"] for each in told["changes"]} == {"name", "phone"}
    assert li.fields("S2") == before | {"truck_bays": "4"}
    li.post("stations/S2/undo", {**ask, "revision": 999, "base": 999}, 404)
    li.save("S2", {"name": "又改驿站"})
    refused = li.post("stations/S2/undo", {**ask, "base": store.revision()}, 409)
    assert "名称" in refused["detail"]
    li.post("stations/S2/undo", {**ask, "base": store.revision(), "anyway": True})
    assert li.fields("S2")["name"] == before["name"]


def test_hours_are_read_while_they_are_written(client: FlaskClient) -> None:
    told = client.get("/api/v1/edits/hours", query_string={"text": HOURS}).get_json()
    answers.HoursRead.model_validate(told)
    assert told["expression"] == EXPRESSION
    assert told["days"][0] == {
        "date": "2026-11-24",
        "spans": [["08:30", "12:00", "open"], ["14:00", "17:30", "open"]],
    }
    assert [len(day["spans"]) for day in told["days"]] == [2, 2, 2, 2, 0, 0, 2]
    doubt = client.get("/api/v1/edits/hours", query_string={"text": "看情况"}).get_json()
    assert not doubt["understood"]
    assert doubt["reason"]


CHINESE = {"Accept-Language": "zh"}
AS_USUAL = "周一至周五8:00-20:00，节假日照常"
KEPT = "按原样保留；有人改写之前，开放时间按不明处理"
LIKE = "请照此填写：周一至周五 08:30-17:30"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("opening_hours=2月30日休息，8:00-20:00", f"2 月没有 30 日；{KEPT}；{LIKE}"),
        ("8:00-20:00; Apr 31 off", f"4 月没有 31 日：'8:00-20:00; Apr 31 off'；{LIKE}"),
        ("8:30-5:30", f"08:30 至 05:30 还没开始就结束了：请写明 下午、pm 或 次日；{LIKE}"),
        (" ", "没有写开放时间"),
    ],
)
def test_a_doubt_about_hours_is_told_in_chinese(client: FlaskClient, text: str, said: str) -> None:
    asked = {"text": text}
    told = client.get("/api/v1/edits/hours", query_string=asked, headers=CHINESE).get_json()
    assert told["reason"] == said


@pytest.mark.parametrize("calendar", ["workdays", "weekdays"])
def test_hours_are_read_as_saving_reads_them(
    li: Somebody, client: FlaskClient, calendar: str
) -> None:
    asked = {"text": AS_USUAL, "calendar": calendar}
    told = client.get("/api/v1/edits/hours", query_string=asked).get_json()
    fields = {"opening_hours": AS_USUAL, "calendar": calendar}
    saved = li.save("S1", fields, 200, dry_run=True)
    assert told["understood"] == (calendar == "weekdays")
    assert [told["reason"]] == ([each["problem"] for each in saved["warnings"]] or [""])


def test_a_file_with_faults_is_mended_and_accepted(li: Somebody, store: Store) -> None:
    rows = pd.DataFrame(
        {
            "编号": ["S1", "S2", "F1", "F2", "F3"],
            "名称": ["呈贡一号驿站改", "呈贡二号驿站", "新一", "新二", "新三"],
            "经度": [HOME[0], HOME[0], HOME[0] + 0.01, HOME[0] + 0.02, GUANDU[0]],
            "纬度": [HOME[1], HOME[1] - 0.02, HOME[1], HOME[1], GUANDU[1]],
            "开放": ["24/7", "24/7", "25:99-3", HOURS, ""],
        }
    )
    base = store.revision()
    id_ = li.upload(rows)
    li.get(f"uploads/{id_}/faults", 404)
    told = li.job(f"uploads/{id_}/preview", {"columns": {"opening_hours": "开放"}})
    assert told["added"] == 1
    assert told["unreadable"] == 2
    assert {each["row"] for each in told["faults"]} == {4, 6}
    assert "530111" in next(each["problem"] for each in told["faults"] if each["row"] == 6)
    assert told["base"] == base
    assert told["absent"] > 0
    assert {each["name"] for each in told["file_columns"]} == set(rows)
    assert {place[2] for place in told["places"]} <= {"added", "changed", "same"}
    accept = {"base": base, "why": "十一月台账"}
    refused = li.job(f"uploads/{id_}/accept", accept)
    assert refused["state"] == "failed"
    assert refused["status"] == 422
    assert store.revision() == base
    rows.loc[2, "开放"] = HOURS
    mended = li.upload(rows.iloc[:4])
    seen = li.job(f"uploads/{mended}/preview", {"columns": {"opening_hours": "开放"}})
    assert seen["faults"] == []
    assert {"name", "opening_hours"} <= {
        change["field"] for each in seen["differences"] for change in each["changes"]
    }
    done = li.job(f"uploads/{mended}/accept", accept)
    assert done["revision"] == store.revision() == base + 1
    assert store.stations().loc["F1", "opening_hours"] == EXPRESSION
    assert li.get(f"uploads/{mended}/faults", 404)
    undone = li.post(f"revisions/{base + 1}/undo", {"why": "导错了"})
    assert undone["stations"] == done["added"] + done["changed"]
    assert store.stations().equals(store.stations(base))
    assert li.get("revisions?limit=2")["revisions"][0]["revision"] == base + 2


def test_only_what_was_seen_is_accepted_and_by_whom_it_was_seen(
    li: Somebody, sun: Somebody, store: Store
) -> None:
    rows = pd.DataFrame({"id": ["G9"], "name": ["新"], "lon": [HOME[0]], "lat": [HOME[1]]})
    id_ = li.upload(rows)
    accept = {"base": store.revision(), "why": "x"}
    li.post(f"uploads/{id_}/accept", accept, 404)
    seen = li.job(f"uploads/{id_}/preview", {})
    sun.post(f"uploads/{id_}/accept", accept, 404)
    sun.post(f"uploads/{id_}/preview", {}, 404)
    sun.save("S2", {"ebike_parking": str(store.revision())})
    assert li.post(f"uploads/{id_}/accept", {**accept, "base": seen["base"]}, 409)
    li.post(f"uploads/{id_}/accept", {**accept, "base": store.revision()}, 409)
    seen = li.job(f"uploads/{id_}/preview", {})
    assert li.job(f"uploads/{id_}/accept", {**accept, "base": seen["base"]})["revision"]


def test_a_file_read_otherwise_by_another_hand_is_not_accepted_unseen(
    li: Somebody, store: Store
) -> None:
    """Two browsers of one account look at one file, each with columns of its own."""
    rows = pd.DataFrame(
        {"id": ["G8"], "甲": ["一"], "乙": ["二"], "lon": [HOME[0]], "lat": [HOME[1]]}
    )
    id_ = li.upload(rows)
    mine = li.job(f"uploads/{id_}/preview", {"columns": {"name": "甲"}})
    theirs = li.job(f"uploads/{id_}/preview", {"columns": {"name": "乙"}})
    accept = {"base": mine["base"], "why": "x"}
    refused = li.post(f"uploads/{id_}/accept", {**accept, "mark": mine["mark"]}, 409)
    assert "look at it again" in refused["detail"]
    again = li.job(f"uploads/{id_}/preview", {"columns": {"name": "乙"}})
    assert again["mark"] == theirs["mark"]  # read the same
    assert li.job(f"uploads/{id_}/accept", {**accept, "mark": theirs["mark"]})["revision"]
    assert store.stations().loc["G8", "name"] == "二"


def test_of_several_sheets_the_one_with_stations_is_read_and_the_others_are_named(
    li: Somebody, tmp_path: Path
) -> None:
    path = tmp_path / "台账.xlsx"
    sheets: dict[str, list[list[Any]]] = {
        "填表说明": [["请逐行填写"], ["名称", "写全称"]],
        "驿站": [["编号", "名称", "经度", "纬度"], ["W1", "甲站", *HOME]],
        "二期": [["编号", "名称", "经度", "纬度"], ["W2", "乙站", *HOME], ["W3", "丙站", *HOME]],
        "下拉选项": [["标准", "智能"]],
    }
    with xlsxwriter.Workbook(path) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for at, line in enumerate(lines):
                sheet.write_row(at, 0, line)
            if name == "下拉选项":
                sheet.hide()
    told = li.post("uploads?name=台账.xlsx", data=path.read_bytes(), content_type="text/csv")
    seen = li.job(f"uploads/{told['id']}/preview", {})
    assert (seen["part"], seen["parts"], seen["rows"]) == ("驿站", ["填表说明", "驿站", "二期"], 1)
    other = li.job(f"uploads/{told['id']}/preview", {"part": "二期"})
    assert (other["part"], other["rows"]) == ("二期", 2)
    missing = li.job(f"uploads/{told['id']}/preview", {"part": "三期"})
    assert missing["status"] == 400


def test_what_is_no_file_of_stations_is_refused(li: Somebody, client: FlaskClient) -> None:
    li.post("uploads?name=x.exe", data=b"MZ", content_type="text/csv", status=400)
    li.post("uploads?name=x.csv", data=b"", content_type="text/csv", status=400)
    bad = li.post("uploads?name=x.xlsx", data=b"no sheet", content_type="text/csv")
    assert li.job(f"uploads/{bad['id']}/preview", {})["status"] == 400
    too_large = client.post("/api/v1/uploads?name=x.csv", data=b"x" * (33 << 20))
    assert too_large.status_code == 413


ACTIVITY = {
    "station": "S1",
    "kind": "义诊",
    "title": sample.NASTY[:90],
    "holder": "市总工会",
    "starts": "2026-11-25T14:00",
    "ends": "2026-11-25T16:00+08:00",
    "key": "a1",
}


def test_an_activity_from_plan_to_sum(
    li: Somebody, client: FlaskClient, heads: dict[str, dict[str, str]], store: Store
) -> None:
    made = li.post("activities", ACTIVITY)
    assert li.post("activities", ACTIVITY)["number"] == made["number"]
    assert made["kind"] == "health_check"
    assert made["starts"] == "2026-11-25T14:00+08:00"
    public = client.get("/api/v1/activities?area=530114&since=2026-11-24").get_json()
    assert [each["number"] for each in public["activities"]] == [made["number"]]
    assert public["activities"][0]["who"] == ""
    assert len(public["kinds"]) == len(kinds().terms)
    station = client.get("/api/v1/stations/S1").get_json()
    assert station["activities"][0]["title"] == ACTIVITY["title"]
    assert "activities" not in client.get("/api/v1/stations/S2").get_json()
    step = f"activities/{made['number']}/steps"
    early = li.post(step, {"step": "held", "came": 3, "key": "h0"}, 400)
    assert "2026-11-25" in early["detail"]
    li.post(step, {"step": "call_off", "key": "c0"}, 400)
    li.post(step, {"step": "call_off", "key": "c1", "why": "停电", "after": 999}, 409)
    off = li.post(step, {"step": "call_off", "key": "c1", "why": "停电"})
    assert off["state"] == "called_off"
    assert "activities" not in client.get("/api/v1/stations/S1").get_json()
    past = ACTIVITY | {"starts": "2026-11-20T14:00", "ends": "2026-11-20T15:00", "key": "a2"}
    number = li.post("activities", past)["number"]
    li.post(f"activities/{number}/steps", {"step": "held", "came": 35, "key": "h1"})
    li.post(f"activities/{number}/steps", {"step": "held", "came": 36, "key": "h2"}, 400)
    li.post(f"activities/{number}/steps", {"step": "held", "came": 36, "key": "h2", "why": "补"})
    sums = client.get("/api/v1/activities/sums?by=month").get_json()
    assert [(row["code"], row["held"], row["came"]) for row in sums["rows"]] == [("2026-11", 1, 36)]
    sheet = client.get("/api/v1/activities/file", headers=heads["li"])
    told = pd.read_excel(io.BytesIO(sheet.data), engine="calamine")
    assert told["到场人数"].tolist()[-1] in {36, "36"}
    assert store.verify().broken is None
    feed = client.get("/activities.ics?area=530114")
    assert feed.content_type == "text/calendar; charset=utf-8"
    events = {each["uid"]: each for each in icalendar.Calendar.from_ical(feed.data).events}
    assert {str(each["status"]) for each in events.values()} == {"CANCELLED", "CONFIRMED"}
    assert sorted(int(str(each["sequence"])) for each in events.values()) == [1, 2]
    kept = {"If-None-Match": feed.headers["ETag"]}
    assert client.get("/activities.ics?area=530114", headers=kept).status_code == 304
    alone = client.get("/activities.ics?station=S2")
    assert icalendar.Calendar.from_ical(alone.data).events == []
    assert client.get("/activities.ics?station=NONE").status_code == 404


def test_a_step_counts_once_and_none_is_lost(
    li: Somebody, client: FlaskClient, heads: dict[str, dict[str, str]], store: Store
) -> None:
    wang = Somebody(client.application.test_client(), heads["wang"])
    past = ACTIVITY | {"starts": "2026-11-21T14:00", "ends": "2026-11-21T15:00", "key": "once"}
    number = li.post("activities", past)["number"]
    step = f"activities/{number}/steps"
    held = {"step": "held", "came": 7, "key": "once-1"}
    first = li.post(step, held)
    newest = store.activities_number()
    assert li.post(step, held) == first
    assert store.activities_number() == newest
    li.post(step, held | {"came": 8}, 409)
    wang.post(step, held, 409)
    li.post("activities/999999/steps", held, 404)

    said = {name: past[name] for name in ("kind", "starts", "ends")} | {"title": "理发"}
    together = threading.Barrier(2)
    add = store.add_activity_step

    def adding(decided: ActivityStep, *, base: int) -> int:
        """Write only when both have decided, the first time."""
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(5)
            together.abort()
        return add(decided, base=base)

    bodies = (
        (li, {"step": "change", "said": said, "why": "改为理发", "key": "once-2"}),
        (wang, {"step": "held", "came": 9, "why": "漏数", "key": "once-3"}),
    )
    store.add_activity_step = adding  # type: ignore[assignment,method-assign]
    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda each: each[0].post(step, each[1]), bodies))
    finally:
        del store.add_activity_step
    (now,) = (
        each
        for each in client.get("/api/v1/activities?station=S1").get_json()["activities"]
        if each["number"] == number
    )
    assert (now["title"], now["came"]) == ("理发", 9)


def test_activities_of_others_areas_are_theirs(
    client: FlaskClient, heads: dict[str, dict[str, str]]
) -> None:
    zhou, yang = (Somebody(client, heads[name]) for name in ("zhou", "yang"))
    zhou.post("activities", ACTIVITY | {"key": "z"}, 403)
    yang.post("activities", ACTIVITY | {"key": "y"}, 403)
    faults = Somebody(client, heads["wang"]).post(
        "activities", ACTIVITY | {"key": "w", "kind": "?", "ends": "2026-11-25T13:00"}, 422
    )
    assert {each["field"] for each in faults["faults"]} == {"kind", "ends"}
