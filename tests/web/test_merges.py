"""Reports that become findings at once; duplicates and datums, decided on by an editor."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geodata.geodesy import distance_m
from tests.web import desk, sample
from web.api.answers.merges import Changed, Datums, Duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from stations.store import Store

HERE = "lon=102.801&lat=24.889&limit=1&open=any"
LOCKED = {"outcome": "cannot_enter"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with desk.filled(tmp_path) as filled:
        yield filled


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return desk.app_of(store).test_client()


def answered(client: FlaskClient, path: str, headers: Any, status: int = 200) -> Any:
    answer = client.get(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def sent(client: FlaskClient, path: str, headers: Any, status: int, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


def test_a_third_report_is_a_finding_and_its_end_restores_the_answer(
    client: FlaskClient, store: Store
) -> None:
    def trust() -> float:
        [nearest] = client.get(f"/api/v1/nearest?{HERE}").get_json()["stations"]
        assert nearest["id"] == "S1"
        return float(nearest["trust"])

    mine, before = desk.bearer(store, "wang"), trust()
    sent(client, "stations/S1/reports", {}, 201, **LOCKED)
    assert desk.listed(client, mine, "rule=told") == []
    first = sent(client, "stations/S1/reports", {}, 201, **LOCKED, key="soon")
    assert first["open_reports"] == 2
    assert desk.listed(client, mine, "rule=told") == [], "two calls in a minute are one voice"
    client.application.extensions["stations.clock"] = lambda: sample.NOW + timedelta(hours=1)
    sent(client, "stations/S1/reports", {}, 201, **LOCKED, key="again")
    assert desk.listed(client, mine, "rule=told") == [], "nobody gave a name: one more is wanted"
    client.application.extensions["stations.clock"] = lambda: sample.NOW + timedelta(hours=2)
    first = sent(client, "stations/S1/reports", {}, 201, **LOCKED, key="and again")
    assert first["open_reports"] == 4
    [found] = desk.listed(client, mine, "rule=told")
    assert (found["rule"], found["station"], found["state"]) == ("told.cannot_enter", "S1", "open")
    assert found["severity"] == "critical"
    sent(client, "stations/S1/reports", {}, 200, **LOCKED, key="again")
    assert desk.listed(client, mine, "rule=told") == [found]
    during, path = trust(), f"findings/{found['finding']}/steps"
    assert during < before
    sent(client, path, mine, 201, step="assign", to="李明")
    sent(client, path, mine, 201, step="fix", why="换锁")
    sent(client, path, sample.STAFF, 201, step="verify", why="看过", visited=True, who="赵敏")
    assert trust() > before
    assert desk.listed(client, mine, "rule=told") == []
    [ended] = desk.listed(client, mine, "rule=told&state=verified")
    assert ended["finding"] == found["finding"]
    assert store.verify().broken is None


def test_what_amounts_to_a_finding_is_recorded_after_a_newer_step(
    client: FlaskClient, store: Store
) -> None:
    late = sample.NOW.replace(year=2027)
    desk.recorded(client, desk.bearer(store, "wang"))
    client.application.extensions["stations.clock"] = lambda: late
    number = desk.listed(client, sample.STAFF)[0]["finding"]
    sent(client, f"findings/{number}/steps", sample.STAFF, 201, step="assign", to="李明")
    for hours in (0, 1, 2):  # a clock put back
        then = sample.NOW + timedelta(hours=hours)
        client.application.extensions["stations.clock"] = lambda then=then: then
        sent(client, "stations/S1/reports", {}, 201, **LOCKED, key=str(hours))
    client.application.extensions["stations.clock"] = lambda: late
    assert len(desk.listed(client, sample.STAFF, "rule=told")) == 1


def test_duplicates_stand_side_by_side_and_an_editor_merges_them(
    client: FlaskClient, store: Store
) -> None:
    told = answered(client, "audit/duplicates", desk.bearer(store, "wang"))
    Duplicates.model_validate(told)
    [pair] = told["pairs"]
    left, right = pair["left"]["id"], pair["right"]["id"]
    assert {left, right} == set(desk.TWINS)
    assert pair["mine"] is False
    fields = {each["field"]: each for each in pair["fields"]}
    both = {each["id"]: each for each in (pair["left"], pair["right"])}
    assert both["D1"]["name"] == both["D2"]["name"]
    assert not fields["phone"]["differs"]
    assert fields["capacity"]["differs"]
    filled = "left" if left == "D2" else "right"
    assert fields["capacity"]["if_left"] == fields["capacity"]["if_right"] == filled
    assert fields["position"]["if_left"] == "left"
    assert answered(client, "audit/duplicates", desk.bearer(store, "zhou"))["pairs"] == []

    body = {"keep": "D1", "drop": "D2", "why": "同一处"}
    before = store.revision()
    for name, status in (("wang", 403), ("zhou", 403), ("yang", 403)):
        sent(client, "merges", desk.bearer(store, name), status, **body)
    li = desk.bearer(store, "li")
    sent(client, "merges", li, 409, **body, base=before - 1)
    sent(client, "merges", li, 403, keep="D1", drop=desk.HOSTILE, why="x")
    sent(client, "merges", li, 404, keep="D1", drop="nobody", why="x")
    sent(client, "merges", li, 400, keep="D1", drop="D1", why="x")
    sent(client, "merges", li, 400, **body, fields={"capacity": "S1"})
    assert store.revision() == before
    made = sent(client, "merges", li, 201, **body, base=before)
    Changed.model_validate(made)
    assert made["revision"] == before + 1
    assert store.revisions()[-1].who == "李强 (li)"
    assert "同一处" in store.revisions()[-1].why
    assert answered(client, "stations/D1", {})["capacity"] == 20
    answered(client, "stations/D2", {}, 404)
    assert answered(client, "audit/duplicates", li)["pairs"] == []
    assert [record is None for _, record in store.history("D2")] == [False, True]
    sent(client, "merges", li, 404, **body)


def test_a_datum_is_corrected_when_an_editor_says_so(client: FlaskClient, store: Store) -> None:
    told = answered(client, "audit/datum", desk.bearer(store, "wang"))
    Datums.model_validate(told)
    [upload] = told["uploads"]
    assert (upload["declared"], upload["behaves_like"]) == ("wgs84", "gcj02")
    assert upload["stations"] == desk.DOORS
    assert upload["mine"] is False
    assert 300 < upload["metres"] < 700
    slips = {each["station"]: each for each in told["records"]}
    assert sorted(slips) == desk.DOORS
    for id_, slip in slips.items():
        far = distance_m(slip["to_lon"], slip["to_lat"], *desk.true_place(id_))
        assert far.item() < 1
    assert answered(client, "audit/datum", desk.bearer(store, "zhou"))["records"] == []

    before = store.revision()
    body = {"upload": upload["upload"], "datum": "gcj02", "why": "高德坐标"}
    li = desk.bearer(store, "li")
    for name in ("wang", "zhou", "yang"):
        sent(client, "audit/datum", desk.bearer(store, name), 403, **body)
    sent(client, "audit/datum", li, 409, **body, base=before - 1)
    sent(client, "audit/datum", li, 403, stations=[desk.HOSTILE], datum="gcj02", why="x")
    sent(client, "audit/datum", li, 404, **{**body, "datum": "bd09"})
    sent(client, "audit/datum", li, 404, stations=["nobody"], datum="gcj02", why="x")
    sent(client, "audit/datum", li, 400, stations=["G0"], datum="wgs84", why="x")
    sent(client, "audit/datum", li, 400, **body, stations=["G0"])
    sent(client, "audit/datum", li, 400, datum="gcj02", why="x")
    sent(client, "audit/datum", li, 400, stations=["G0"], datum="EPSG:4326", why="x")
    assert store.revision() == before
    made = sent(client, "audit/datum", li, 201, **body, base=before)
    Changed.model_validate(made)
    assert (made["revision"], made["stations"]) == (before + 1, desk.DOORS)
    frame, was = store.stations(), store.stations(before)
    for id_ in desk.DOORS:
        at = frame.geometry[id_]
        assert distance_m(at.x, at.y, *desk.true_place(id_)).item() < 1
    assert set(frame.loc[desk.DOORS, "datum_in"]) == {"gcj02"}
    assert set(frame.loc[desk.DOORS, "datum_by"]) == {"operator"}
    rest = [name for name in frame if name not in {"geometry", "datum_in", "datum_by"}]
    assert frame[rest].equals(was[rest])
    assert frame.drop(index=desk.DOORS).equals(was.drop(index=desk.DOORS))
    assert answered(client, "audit/datum", li)["records"] == []
    assert store.verify().broken is None


def test_one_record_alone(client: FlaskClient, store: Store) -> None:
    sun, before = desk.bearer(store, "sun"), store.stations()
    made = sent(client, "audit/datum", sun, 201, stations=["G1"], datum="gcj02", why="核对过")
    assert made["stations"] == ["G1"]
    moved = ~store.stations().geometry.geom_equals(before.geometry)
    assert moved.index[moved].tolist() == ["G1"]
