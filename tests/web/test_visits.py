"""Visits over HTTP: forms, photos, who may, and the rider's answer that changes at once."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from stations.audit import findings
from stations.audit.quality.merging import Proposal
from stations.registry import LiveRegistry
from stations.store import Changes
from tests.stations.audit import phone_photos as phone
from tests.web import people, sample
from tests.web.people import Browser
from web import guard
from web.api.answers import visits as answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from stations.store import Store

NEAR = sample.KUNMING
OTHER, METRES_600, METRES_250 = "S-OTHER", 600 / 100_900, 250 / 100_900
FORM = "/api/v1/stations/S001/form"


class Seconds:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.now = sample.NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with sample.filled_store(tmp_path) as filled:
        other = filled.stations().loc[[sample.NASTY_ID]].rename(index={sample.NASTY_ID: OTHER})
        other = other.rename_axis("id").set_geometry(other.geometry.translate(METRES_600))
        filled.commit(Changes(stations=other), who="x", why="a second one", at=sample.WHEN)
        people.hire(filled)
        yield filled


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def app(store: Store, clock: Seconds) -> APIFlask:
    live = LiveRegistry(store, 1000.0, lambda: 0.0)  # hears only what it is told to look at
    settings = Settings(staff_token=sample.TOKEN, report_limits="1000 per day")
    return create_app(settings, live, clock)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def wang(app: APIFlask) -> Browser:
    return Browser(app, "inspector-here")


def body(**told: Any) -> dict[str, Any]:
    return {"station": "S001", "key": "k1", "at": sample.NOW.isoformat(), **told}


def goes(browser: Browser, status: int = 201, **told: Any) -> Any:
    answer = browser.ask("POST", "/api/v1/visits", json=body(**told))
    assert answer.status_code == status, answer.get_data(as_text=True)
    if status < 300:
        assert answer.headers["Cache-Control"] == "private, no-store"
        answers.VisitDone.model_validate(answer.get_json())
    return answer.get_json()


def put(browser: Browser, data: bytes, status: int = 201, **more: Any) -> Any:
    mark = more.pop("mark", hashlib.sha256(data).hexdigest())
    station = more.pop("station", "S001")
    sent = {"data": data, "content_type": "image/jpeg", **more}
    answer = browser.ask("PUT", f"/api/v1/photos/{mark}?station={station}", **sent)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def test_the_form_of_a_station(wang: Browser, client: FlaskClient) -> None:
    form = wang.ask("GET", f"{FORM}?standard=fuzhou").get_json()
    answers.Form.model_validate(form)
    assert form["standard"]["id"] == "fuzhou"
    asked = {each["id"]: each for each in form["questions"]}
    assert len(asked) == len(form["questions"])
    assert asked["amenity.toilet"]["claimed"] == "works"
    assert asked["hours.notice"]["claimed"] == "Mo-Su 08:00-20:00"
    assert (asked["seen.area_m2"]["rule"], asked["seen.area_m2"]["kind"]) == (
        "fuzhou.area", "number",
    )  # fmt: skip
    assert [each["id"] for each in form["groups"]][:4] == ["see", "find", "enter", "use"]
    other = wang.ask("GET", FORM).get_json()
    assert "seen.area_m2" not in {each["id"] for each in other["questions"]}
    assert other["version"] != form["version"]
    assert wang.ask("GET", FORM).get_json()["version"] == other["version"]
    assert wang.ask("GET", f"{FORM}?standard=../x").status_code == 400
    assert wang.ask("GET", "/api/v1/stations/nowhere/form").status_code == 404
    assert client.get(FORM).status_code == 401


def test_forms_to_take_along(wang: Browser) -> None:
    told = wang.ask("GET", "/api/v1/forms?stations=S001,nowhere,S002,S001").get_json()
    answers.Forms.model_validate(told)
    assert [each["station"]["id"] for each in told["forms"]] == ["S001", "S002"]
    assert told["missing"] == ["nowhere"]
    many = ",".join(f"S{number:03d}" for number in range(1, 53))
    assert wang.ask("GET", f"/api/v1/forms?stations={many}").status_code == 400
    assert wang.ask("GET", "/api/v1/forms?stations=").status_code == 400


def first(client: FlaskClient) -> tuple[str, float]:
    """Return where a rider is sent who is 250 m from S-NASTY, and how sure we are of it."""
    lon, lat = NEAR[0] + METRES_250, NEAR[1]
    told = client.get(f"/api/v1/nearest?lon={lon}&lat={lat}&limit=3&by=time")
    assert told.status_code == 200, told.get_data(as_text=True)
    station = client.get(f"/api/v1/stations/{sample.NASTY_ID}").get_json()
    return told.get_json()["stations"][0]["id"], station["trust"]


def test_a_report_a_finding_a_visit_a_proof_a_verification(
    app: APIFlask, client: FlaskClient, clock: Seconds, store: Store, wang: Browser
) -> None:
    """What a rider is told before, during and after, all over HTTP; then the chain holds."""
    here = sample.NASTY_ID
    before, sure = first(client)
    assert before == here  # the nearer one
    for voice in ("甲", "乙", "丙", "丁"):
        sent = client.post(
            f"/api/v1/stations/{here}/reports", json={"outcome": "cannot_enter", "key": voice}
        )
        assert sent.status_code == 201
        clock.now += timedelta(hours=1)  # sooner, nobody in particular is one voice
    _, doubted = first(client)
    assert doubted < sure
    [found] = [
        each
        for each in wang.ask("GET", f"/api/v1/stations/{here}/form").get_json()["findings"]
        if each["rule"] == "told.cannot_enter"
    ]
    number = found["number"]
    went = goes(
        wang, station=here, at=clock.now.isoformat(),
        answers={"enter.door": "locked", f"finding.{number}": "still"},
    )  # fmt: skip
    assert [(each["number"], each["step"]) for each in went["findings"]] == [(number, "confirm")]
    during, least = first(client)
    assert during == OTHER  # riders are sent elsewhere the same minute
    assert least < doubted
    assert went["trust"] == pytest.approx(least, abs=0.002)

    picture = phone.jpeg(*NEAR)
    photo = put(wang, picture, station=here)
    editor = Browser(app, "inspector-everywhere")
    for step in (
        {"step": "assign", "to": "李明", "why": "本周"},
        {
            "step": "fix",
            "why": "换了锁",
            "proof": [{"name": "锁.jpg", "sha256": photo["sha256"], "bytes": photo["bytes"]}],
        },
    ):
        taken = editor.ask("POST", f"/api/v1/findings/{number}/steps", json=step)
        assert taken.status_code == 201, taken.get_data(as_text=True)
    assert first(client)[0] == OTHER  # a word from the desk opens no door
    again = goes(
        wang, station=here, key="k2", at=clock.now.isoformat(),
        answers={"enter.door": "open", f"finding.{number}": "mended"},
        photos=[{"sha256": photo["sha256"], "name": "锁.jpg", "question": "photo.door"}],
    )  # fmt: skip
    assert [(each["step"], each["state"]) for each in again["findings"]] == [("verify", "verified")]
    assert again["photos"][0]["here"]
    after, restored = first(client)
    assert after == here
    assert restored > doubted
    assert store.verify().broken is None


def test_sent_twice_it_counts_once(wang: Browser, app: APIFlask, store: Store) -> None:
    told: dict[str, Any] = {"answers": {"enter.door": "locked"}}
    once, twice = goes(wang, **told), goes(wang, 200, **told)
    assert (once.pop("new"), twice.pop("new")) == (True, False)
    assert once == twice
    assert "new key" in goes(wang, 409, answers={"enter.door": "open"})["detail"]
    goes(Browser(app, "inspector-everywhere"), 409, **told)
    assert len(store.visits()) == 1
    assert len(store.evidence()) == 1


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"at": "2026-11-24T10:00:00"}, "timezone"),
        ({"at": "2026-11-25T10:00:00Z"}, "after now"),
        ({"at": "2026-01-01T10:00:00Z"}, "30 days"),
        ({"key": ""}, "key"),
        ({"key": "a b"}, "key"),
        ({"answers": {"x": None}}, "answers"),
        ({"answers": {"x": [1]}}, "answers"),
        ({"answers": {"x": "y" * 2001}}, "2000"),
        ({"answers": {"x": "\u202e"}}, "plain text"),
        ({"note": "a\x00b"}, "plain text"),
        ({"outcome": "burnt"}, "outcome"),
        ({"position": {"lon": 200, "lat": 0, "accuracy_m": 1}}, "longitude"),
        ({"position": {"lon": 1, "lat": 0, "accuracy_m": -1}}, "accuracy_m"),
        ({"position": {"lon": 1, "lat": 0, "accuracy_m": 1, "datum": "x"}}, "datum"),
        ({"photos": [{"sha256": "../x", "name": "x"}]}, "photos"),
        ({"standard": "mine.toml"}, "no standard"),
        ({"who": "somebody else"}, "who"),
    ],
)
def test_what_cannot_be_a_visit(
    wang: Browser, store: Store, told: dict[str, Any], words: str
) -> None:
    assert words in goes(wang, 400, **told)["detail"]
    assert store.visits().empty
    assert store.evidence().empty


def test_bodies_that_are_none(wang: Browser) -> None:
    def status(**sent: Any) -> int:
        return wang.ask("POST", "/api/v1/visits", **sent).status_code

    assert status(data=b"{", content_type="application/json") == 400
    assert status(data=b"{}", content_type="text/plain") == 415
    nan = json.dumps(body(position={"lon": float("nan"), "lat": 1, "accuracy_m": 1})).encode()
    assert status(data=nan, content_type="application/json") == 400
    assert status(json=body(note="x" * guard.LARGEST_BODY)) == 413
    assert status(json=body(station="nowhere")) == 404


def test_who_may(app: APIFlask, client: FlaskClient, wang: Browser, store: Store) -> None:
    goes(wang, answers={"enter.door": "open"})
    data = phone.jpeg(*NEAR)
    mark = put(wang, data)["sha256"]
    picture = f"/api/v1/photos/{mark}"
    assert client.get(picture).status_code == 401
    assert client.get("/api/v1/visits").status_code == 401
    assert client.post("/api/v1/visits", json=body()).status_code == 401
    assert client.put(f"{picture}?station=S001", data=data).status_code == 401
    planner = Browser(app, "planner-here")
    assert planner.ask("GET", picture).status_code == 200
    assert planner.ask("GET", "/api/v1/visits").get_json()["total"] == 1
    goes(planner, 403)
    put(planner, data, 403)
    there = Browser(app, "inspector-there")
    assert there.ask("GET", picture).status_code == 403
    assert there.ask("GET", FORM).status_code == 403
    assert there.ask("GET", "/api/v1/visits").get_json()["visits"] == []
    assert there.ask("GET", "/api/v1/visits?area=5301").status_code == 403
    told = there.ask("GET", "/api/v1/forms?stations=S001").get_json()
    assert told == {"forms": [], "missing": ["S001"]}
    goes(there, 403)
    put(there, data, 403)
    forged = wang.client.post("/api/v1/visits", json=body(key="k9"))
    assert forged.status_code in {400, 403}  # a cookie alone, without the page's token
    assert len(store.visits()) == 1
    staff = client.get("/api/v1/visits", headers=sample.STAFF).get_json()
    answers.Visits.model_validate(staff)
    assert staff["visits"][0]["who"] == "inspector-here"


def test_a_photo_and_what_is_kept_of_it(wang: Browser, tmp_path: Path) -> None:
    data = phone.jpeg(*NEAR)
    told = put(wang, data)
    answers.PhotoTold.model_validate(told)
    assert (told["new"], told["taken"]) == (True, "2026-11-24T09:58:00+08:00")
    assert told["gps"]["lon"] == pytest.approx(NEAR[0], abs=1e-6)
    assert told["far"] is True  # S001 is kilometres from there
    assert put(wang, data, 200) == {**told, "new": False}
    shown = wang.ask("GET", f"/api/v1/photos/{told['sha256']}")
    assert shown.content_type == "image/jpeg"
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(shown.data).hexdigest() == told["kept"]
    assert {marker for marker, _ in phone.segments(shown.data)} <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDD}
    for path in tmp_path.glob("photos/**/*"):
        if path.is_file():
            assert b"SN12345" not in path.read_bytes()
    made = goes(wang, photos=[{"sha256": told["sha256"], "name": "a.jpg"}])
    assert made["photos"][0]["far"] is True


def test_a_photo_that_comes_after_its_visit(wang: Browser) -> None:
    data = phone.png()
    mark = hashlib.sha256(data).hexdigest()
    made = goes(wang, photos=[{"sha256": mark, "name": "a.png"}])
    assert made["photos"][0]["here"] is False
    put(wang, data, content_type="image/png")
    [listed] = wang.ask("GET", "/api/v1/visits?station=S001").get_json()["visits"]
    assert listed["photos"][0]["here"] is True
    assert goes(wang, 200, photos=[{"sha256": mark, "name": "a.png"}])["new"] is False


def test_photos_that_are_refused(wang: Browser) -> None:
    data = phone.jpeg()
    assert "SHA-256" in put(wang, data, 400, mark="0" * 64)["detail"]
    put(wang, data, 400, mark="x")
    put(wang, data, 404, station="nowhere")
    put(wang, data, 415, content_type="text/html")
    put(wang, data[: len(data) // 2], 400)
    put(wang, b"\0\0\0\x18ftypheic" + bytes(64), 400)
    put(wang, bytes(8 * 2**20), 400)  # as large as one may be, and no picture
    put(wang, bytes(8 * 2**20 + 1), 413)
    assert wang.ask("PUT", f"/api/v1/photos/{'0' * 64}", data=data).status_code == 400
    assert wang.ask("GET", f"/api/v1/photos/{'0' * 64}").status_code == 404
    assert wang.ask("GET", "/api/v1/photos/..%2f..%2fregister.db").status_code in {400, 404}


def test_only_photos_may_be_large(wang: Browser) -> None:
    """A larger body elsewhere is refused before it is read, whether it tells its length or not."""
    large = bytes(guard.LARGEST_BODY + 1)
    for method, path in (
        ("POST", "/api/v1/visits"),
        ("POST", "/api/v1/stations/S001/reports"),
        ("PUT", "/api/v1/nowhere"),
        ("GET", f"/api/v1/photos/{'0' * 64}"),
    ):
        refused = wang.ask(method, path, data=large, content_type="application/json")
        assert refused.status_code == 413, path


def test_which_visits_are_listed(wang: Browser, clock: Seconds) -> None:
    goes(wang, answers={"enter.door": "open", "old": "x"}, note="好")
    goes(wang, station="S002", key="k2", note="好")

    def found(query: str) -> Any:
        told = wang.ask("GET", f"/api/v1/visits?{query}").get_json()
        answers.Visits.model_validate(told)
        return [each["station"] for each in told["visits"]]

    assert found("") == ["S002", "S001"]
    assert found("station=S001") == ["S001"]
    assert found("who=nobody") == []
    assert found("limit=1") == ["S002"]
    assert found("since=2026-11-24T12:00") == []
    [listed] = wang.ask("GET", "/api/v1/visits?station=S001").get_json()["visits"]
    said = {each["id"]: each for each in listed["answers"]}
    assert said["enter.door"]["said"] == {"zh": "能进", "en": "Yes"}
    assert said["old"]["said"] is None
    assert wang.ask("GET", "/api/v1/visits?area=x").status_code == 400


def test_one_account_sends_no_more_than_is_allowed(store: Store) -> None:
    live = LiveRegistry(store, 1000.0, lambda: 0.0)
    settings = Settings(visit_limits="2 per hour")
    app = create_app(settings, live, lambda: sample.NOW)
    mine, other = Browser(app, "inspector-here"), Browser(app, "inspector-everywhere")
    data = phone.png()
    put(mine, data, 201, content_type="image/png")
    goes(mine, answers={"enter.door": "open"})
    goes(mine, 429, key="k2", answers={"enter.door": "open"})
    told = put(mine, data, 429, content_type="image/png")
    assert "from one account" in told["detail"]
    goes(other, key="k3", answers={"enter.door": "open"})


def test_a_photo_of_a_record_that_went_is_its_heir_s(app: APIFlask, store: Store) -> None:
    here, there = (Browser(app, f"inspector-{where}") for where in ("here", "there"))
    data = phone.png()
    mark = put(here, data, content_type="image/png")["sha256"]
    later = sample.NOW + timedelta(days=1)
    findings.merge(store, Proposal("S002", "S001"), who="李强", at=later)
    app.extensions["stations.register"].refresh()
    assert here.ask("GET", f"/api/v1/photos/{mark}").status_code == 200
    assert there.ask("GET", f"/api/v1/photos/{mark}").status_code == 403
    store.commit(Changes(removed_stations=("S002",)), who="x", why="gone", at=later)
    app.extensions["stations.register"].refresh()
    assert here.ask("GET", f"/api/v1/photos/{mark}").status_code == 403
    all_over = Browser(app, "inspector-everywhere")
    assert all_over.ask("GET", f"/api/v1/photos/{mark}").status_code == 200
