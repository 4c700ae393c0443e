"""The loop over HTTP: who may do what, where; every step, legal and not; nothing silently lost."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from stations.audit import visits
from stations.audit.findings import STATES, STEPS
from tests.stations.audit import phone_photos as phone
from tests.web import desk, sample
from web.api.answers.findings import Findings, OneFinding, Updated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from stations.store import Store

PEOPLE = [name for name, move in STEPS.items() if not move.audit]
BODIES: dict[str, dict[str, Any]] = {
    "assign": {"to": "李明"},
    "fix": {"why": "已换锁"},
    "verify": {"why": "看过", "visited": True},
    "reopen": {"why": "又坏了", "seen": "cannot_enter"},
    "waive": {"why": "装修", "until": "2026-12-31"},
    "settle": {"why": "误报"},
    "confirm": {"why": "在现场", "seen": "cannot_enter"},
}
WAYS: dict[str, list[str]] = {
    "open": [],
    "assigned": ["assign"],
    "fixed": ["assign", "fix"],
    "verified": ["assign", "fix", "verify"],
    "reopened": ["assign", "fix", "reopen"],
    "waived": ["waive"],
    "settled": ["settle"],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with desk.filled(tmp_path_factory.mktemp("desk")) as filled:
        yield filled


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    return desk.app_of(store).test_client()


@pytest.fixture(scope="module")
def who(store: Store) -> dict[str, dict[str, str]]:
    return {name: desk.bearer(store, name) for name in desk.PEOPLE}


@pytest.fixture(scope="module")
def numbers(client: FlaskClient, who: dict[str, dict[str, str]]) -> Iterator[int]:
    """Give numbers of recorded findings of 530114, each once."""
    desk.recorded(client, who["wang"])
    found = desk.listed(client, who["wang"], "state=open")
    return iter([each["finding"] for each in found])


def step(client: FlaskClient, number: int, headers: Any, **sent: Any) -> TestResponse:
    return client.post(f"/api/v1/findings/{number}/steps", json=sent, headers=headers)


def one(client: FlaskClient, number: int, headers: Any) -> Any:
    answer = client.get(f"/api/v1/findings/{number}", headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    OneFinding.model_validate(answer.get_json())
    return answer.get_json()


def brought(client: FlaskClient, number: int, state: str, headers: Any) -> None:
    """Bring an open finding into a state."""
    for name in WAYS[state]:
        alone = {"alone": True} if name == "verify" else {}
        answer = step(client, number, headers, step=name, **BODIES[name], **alone)
        assert answer.status_code == 201, answer.get_data(as_text=True)


def test_what_is_seen_is_recorded_and_stays_what_it_was(
    client: FlaskClient, who: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    with desk.filled(tmp_path) as store:
        app = desk.app_of(store)
        client, mine = app.test_client(), desk.bearer(store, "boss")
        before = desk.listed(client, mine)
        assert before
        assert {each["state"] for each in before} == {"new"}
        only = desk.recorded(client, mine, "rule=place")
        Updated.model_validate(only)
        assert only["audit"]["opened"] == 1
        made = desk.recorded(client, mine)
        assert made["audit"] == {
            "opened": len(before) - 1, "returned": 0, "gone": 0, "backed": 0, "kept": 1,
        }  # fmt: skip
        after = desk.listed(client, mine)
        keys = ("rule", "station", "fact", "evidence", "severity")
        told = [
            [sorted(tuple(map(str, map(each.get, keys))) for each in found)]
            for found in (before, after)
        ]
        assert told[0] == told[1]
        assert {each["state"] for each in after} == {"open"}
        assert all(each["due"] and each["finding"] and each["seen"] for each in after)
        assert desk.recorded(client, mine)["audit"]["kept"] == len(before)


def test_everybody_is_told_of_their_own_area(
    client: FlaskClient, who: dict[str, dict[str, str]]
) -> None:
    everywhere = desk.listed(client, who["boss"])
    assert desk.listed(client, who["yang"]) == everywhere
    for name, area in (("wang", "530114"), ("zhou", "530111"), ("li", "530114")):
        mine = [each for each in everywhere if each["area_code"].startswith(area)]
        assert 0 < len(mine) < len(everywhere)
        assert desk.listed(client, who[name]) == mine
        answer = client.get("/api/v1/findings", headers=who[name]).get_json()
        Findings.model_validate(answer)
        assert answer["area"] == area
        assert answer["total"] == len(mine)
        assert sum(each["breaches"] for each in answer["rules"]) == sum(
            e["seen"] is True for e in mine
        )
        other = client.get("/api/v1/findings?area=11", headers=who[name])
        assert other.status_code == 403


def test_who_has_not_the_role_or_the_area_is_refused(
    client: FlaskClient, who: dict[str, dict[str, str]], numbers: Iterator[int], store: Store
) -> None:
    number = next(numbers)
    before = store.steps_number()
    path = f"/api/v1/findings/{number}"
    assert client.get(path).status_code == 401
    assert client.get(path, headers=who["zhou"]).status_code == 403
    for name in ("zhou", "yang", "li"):
        answer = step(client, number, who[name], step="assign", **BODIES["assign"])
        assert answer.status_code == 403, name
    assert step(client, number, {}, step="assign", **BODIES["assign"]).status_code == 401
    for name in ("yang", "li"):
        answer = client.post("/api/v1/findings/update", headers=who[name])
        assert answer.status_code == 403
    assert client.get("/api/v1/findings/999999", headers=who["wang"]).status_code == 404
    assert one(client, number, who["li"])["offers"] == []
    assert store.steps_number() == before


@pytest.mark.parametrize("state", STATES)
def test_in_each_state_the_legal_steps_are_offered_and_the_others_refused(
    client: FlaskClient,
    who: dict[str, dict[str, str]],
    numbers: Iterator[int],
    store: Store,
    state: str,
) -> None:
    number = next(numbers)
    brought(client, number, state, who["wang"])
    told = one(client, number, who["boss"])
    assert told["finding"]["state"] == state
    legal = {name for name in PEOPLE if state in STEPS[name].allowed}
    assert {each["step"] for each in told["offers"]} == legal
    before = store.steps_number()
    for name in set(PEOPLE) - legal:
        answer = step(client, number, who["boss"], step=name, **BODIES[name])
        assert answer.status_code == 400
        assert f"is {state}" in answer.get_json()["detail"]
    assert store.steps_number() == before


@pytest.mark.parametrize(
    ("state", "name"),
    [(state, name) for state in STATES for name in PEOPLE if state in STEPS[name].allowed],
)
def test_every_legal_step_is_taken(
    client: FlaskClient,
    who: dict[str, dict[str, str]],
    numbers: Iterator[int],
    state: str,
    name: str,
) -> None:
    number = next(numbers)
    brought(client, number, state, who["wang"])
    newest = one(client, number, who["boss"])["steps"][-1]["number"]
    answer = step(client, number, who["boss"], step=name, after=newest, **BODIES[name])
    assert answer.status_code == 201, answer.get_data(as_text=True)
    told = answer.get_json()
    OneFinding.model_validate(told)
    assert told["finding"]["state"] == (STEPS[name].to or state)
    last = told["steps"][-1]
    assert (last["step"], last["who"]) == (name, "boss")
    assert last["why"] == BODIES[name].get("why", "指派")
    assert last["said"]["zh"]
    assert [each["number"] for each in told["steps"]] == sorted(e["number"] for e in told["steps"])


def test_nobody_verifies_what_they_mended_themselves(
    client: FlaskClient, who: dict[str, dict[str, str]], numbers: Iterator[int]
) -> None:
    number = next(numbers)
    brought(client, number, "fixed", who["wang"])
    [offer] = [e for e in one(client, number, who["wang"])["offers"] if e["step"] == "verify"]
    assert "alone" in offer["needs"]
    [offer] = [e for e in one(client, number, who["boss"])["offers"] if e["step"] == "verify"]
    assert "alone" not in offer["needs"] + offer["takes"]
    refused = step(client, number, who["wang"], step="verify", why="好了")
    assert refused.status_code == 400
    assert step(client, number, who["boss"], step="verify", why="好了").status_code == 201


@pytest.mark.parametrize(
    "sent",
    [
        {"step": "assign"},
        {"step": "assign", "to": "李明", "seen": "cannot_enter"},
        {"step": "assign", "to": "李明", "due": "2026-01-01"},
        {"step": "assign", "to": "李明", "due": "soon"},
        {"step": "waive", "why": "装修"},
        {"step": "waive", "why": "装修", "until": "2026-11-23"},
        {"step": "confirm", "why": "看过", "seen": "worked"},
        {"step": "settle"},
        {"step": "settle", "why": "x\x00"},
        {"step": "settle", "why": "误报", "to": "李明"},
        {"step": "gone", "why": "x"},
        {"step": "open", "why": "x"},
        {"step": "settle", "why": "x", "because": "y"},
        {},
    ],
)
def test_what_makes_no_sense_is_refused(
    client: FlaskClient, who: dict[str, dict[str, str]], store: Store, sent: dict[str, Any]
) -> None:
    desk.recorded(client, who["wang"])
    number = desk.listed(client, who["wang"], "state=open")[-1]["finding"]
    before = store.steps_number()
    answer = client.post(f"/api/v1/findings/{number}/steps", json=sent, headers=who["wang"])
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert store.steps_number() == before


def test_a_step_decided_on_before_another_is_a_conflict(
    client: FlaskClient, who: dict[str, dict[str, str]], numbers: Iterator[int], store: Store
) -> None:
    number = next(numbers)
    seen = one(client, number, who["wang"])["steps"][-1]["number"]
    sent = {"step": "assign", "to": "李明", "after": seen}
    assert step(client, number, who["wang"], **sent).status_code == 201
    before = store.steps_number()
    answer = step(client, number, who["boss"], **{**sent, "to": "张三"})
    assert answer.status_code == 409
    assert "newer step, assign" in answer.get_json()["detail"]
    assert store.steps_number() == before
    assert one(client, number, who["boss"])["finding"]["assignee"] == "李明"


def test_proof_is_kept_and_overdue_goes_first(
    client: FlaskClient, who: dict[str, dict[str, str]], numbers: Iterator[int], store: Store
) -> None:
    number = next(numbers)
    brought(client, number, "assigned", who["wang"])
    data, station = phone.png(), one(client, number, who["wang"])["finding"]["station"]
    proof = {"name": "锁.png", "sha256": hashlib.sha256(data).hexdigest(), "bytes": 2**40}

    def fixes(**changed: Any) -> Any:
        told = [{**proof, **changed}]
        return step(client, number, who["wang"], step="fix", why="换锁", proof=told)

    refused = [fixes(sha256="AB"), fixes()]
    kept = visits.Photos.beside(store.files)
    told: dict[str, Any] = {"who": "王芳", "received": sample.NOW}
    kept.take(data, str(proof["sha256"]), station="elsewhere", **told)
    refused.append(fixes())
    assert [each.status_code for each in refused] == [400, 400, 400]
    assert "no photo of this station" in refused[-1].get_json()["detail"]
    kept.take(data, str(proof["sha256"]), station=station, **told)
    assert fixes().status_code == 201
    [shown] = one(client, number, who["wang"])["steps"][-1]["details"]["proof"]
    assert shown == {**proof, "bytes": kept.photo(str(proof["sha256"])).bytes}
    assert not desk.listed(client, who["wang"], "overdue=true")
    late = desk.app_of(store).test_client()
    late.application.extensions["stations.clock"] = lambda: sample.NOW.replace(year=2027)
    found = desk.listed(late, sample.STAFF, "state=open,assigned,reopened")
    order = [each["overdue"] for each in found]
    assert order == sorted(order, reverse=True)
    assert any(order)


def test_filters_narrow_and_the_sheet_has_the_same_rows(
    client: FlaskClient, who: dict[str, dict[str, str]]
) -> None:
    boss = who["boss"]
    whole = desk.listed(client, boss)
    queries: dict[str, Callable[[dict[str, Any]], bool]] = {
        "severity=critical,major": lambda each: each["severity"] in {"critical", "major"},
        "rule=national": lambda each: each["rule"].startswith("national."),
        "rule=place.null_island": lambda each: each["rule"] == "place.null_island",
        "station=S1": lambda each: each["station"] == "S1",
        "text=零点": lambda each: "零点" in each["name"],
        "area=530111": lambda each: each["area_code"] == "530111",
        "assignee=李明": lambda each: each["assignee"] == "李明",
    }
    for query, keeps in queries.items():
        assert desk.listed(client, boss, query) == [each for each in whole if keeps(each)], query
    told = desk.listed(client, boss, "rule=told")
    assert all(each["rule"].startswith("told.") for each in told)
    for query in ("state=lost", "severity=grave", "rule=nothing", "overdue=maybe"):
        assert client.get(f"/api/v1/findings?{query}", headers=boss).status_code == 400
    answer = client.get("/api/v1/findings/file?rule=national", headers=boss)
    sheet = pd.read_excel(io.BytesIO(answer.data), dtype=str, engine="calamine")
    told = desk.listed(client, boss, "rule=national")
    assert told
    assert sheet["驿站编号 station"].tolist() == [each["station"] for each in told]
    assert client.get("/api/v1/findings/file").status_code == 401


def test_an_update_records_nothing_beyond_the_area(tmp_path: Path) -> None:
    with desk.filled(tmp_path) as store:
        app = desk.app_of(store)
        desk.recorded(app.test_client(), desk.bearer(store, "zhou"))
        about = store.steps()["station"]
        codes = store.stations()["area_code"]
        assert {codes[each] for each in about if each} == {"530111"}
