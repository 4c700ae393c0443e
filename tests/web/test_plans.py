"""Plans over HTTP: asked as a job, told whole, and nothing of what is restricted."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest

from stations.planning import CostTable
from stations.planning.replaying import replay
from stations.planning.saving import SavedPlan
from stations.registry import LiveRegistry
from tests.web import sample, town
from web.api import answers, plans, wishes
from web.app import create_app
from web.auth import Role
from web.jobs import running
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from stations.store import Store

JOBS = "/api/v1/site/jobs"
WISH = {"layer": town.LAYER, "within": "500m", "needs": ["toilet"], "budget": [400_000],
        "grid": 400, "gap": 0}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with town.filled(tmp_path_factory.mktemp("town")) as filled:
        yield filled


def client_of(store: Store) -> FlaskClient:
    live = LiveRegistry(store, 1.0, time.monotonic)
    return create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW).test_client()


@pytest.fixture(scope="module")
def client(store: Store) -> FlaskClient:
    return client_of(store)


def ask(client: FlaskClient, wish: dict[str, Any], **more: Any) -> TestResponse:
    return client.post(JOBS, json=wish, **more)


def settled() -> None:
    """Wait until no job of this process is at work."""
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)


def ended(client: FlaskClient, begun: TestResponse, **more: Any) -> dict[str, Any]:
    """Return a job that has ended."""
    assert begun.status_code == 202, begun.get_json()
    settled()
    told: dict[str, Any] = client.get(begun.headers["Location"], **more).get_json()
    answers.Job.model_validate(told)
    return told


def planned(client: FlaskClient, wish: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the plan for a wish."""
    job = ended(client, ask(client, wish, **more), **more)
    assert job["state"] == "done", job
    [place] = [link["href"] for link in job["links"] if link["rel"] == "result"]
    answer = client.get(place, **more)
    assert answer.headers["Cache-Control"] == "private, no-store"
    told: dict[str, Any] = answer.get_json()
    return told


@pytest.fixture(scope="module")
def plan(client: FlaskClient) -> dict[str, Any]:
    return planned(client, {**WISH, "frontier": True})


def unpacked(plan: dict[str, Any], folder: Path, kind: str) -> Path:
    path = folder / f"plan.{kind}"
    path.write_bytes(base64.b64decode(plan["files"][kind], validate=True))
    return path


def test_a_plan_is_told_whole(plan: dict[str, Any]) -> None:
    keys = {"chosen", "objective", "bound", "gap", "status", "before", "after", "reasons",
            "method", "wish", "inputs", "page", "files", "frontier", "next_yuan",
            "sensitivity"}  # fmt: skip
    assert keys <= plan.keys()
    assert plan["status"] == "optimal"
    assert plan["objective"] == plan["bound"] > 0
    assert plan["gap"] == 0
    assert plan["cost"] == sum(each["cost"] for each in plan["chosen"]) <= 400_000
    assert plan["wish"]["budgets"] == [400_000]
    assert plan["before"]["share"] < plan["after"]["share"]
    assert len(plan["reasons"]) == len(plan["chosen"]) == len(plan["page"]["actions"])
    assert plan["page"]["after"] == plan["after"]["share"]
    assert [each["yuan"] for each in (plan["next_yuan"],)] == [100_000]


def test_its_files_can_be_read(plan: dict[str, Any], tmp_path: Path) -> None:
    assert plan["files"].keys() == {"xlsx", "gpkg", "geojson", "html", "json"}
    ids = [each["id"] for each in plan["chosen"]]
    sheets = pd.read_excel(unpacked(plan, tmp_path, "xlsx"), None, engine="calamine")
    assert len(sheets["措施 Actions"]) >= len(ids)
    frame = gpd.read_file(unpacked(plan, tmp_path, "gpkg"))
    assert frame["id"].tolist() == ids
    assert frame.crs == "EPSG:4326"
    page = unpacked(plan, tmp_path, "html").read_text("utf-8")
    addresses = re.findall(r"<(?:script|link|img)[^>]*? (?:src|href)=\"([^\"]{1,30})", page)
    assert addresses
    assert all(each.startswith("data:") for each in addresses)


def test_its_saved_plan_is_replayed(plan: dict[str, Any], store: Store, tmp_path: Path) -> None:
    saved = SavedPlan.read(unpacked(plan, tmp_path, "json"))
    again = replay(saved, store)
    assert not again.differs
    assert [each.id for each in again.scheme.actions] == [each["id"] for each in plan["chosen"]]


def test_prices_come_back_changed_and_count(client: FlaskClient) -> None:
    told = client.get("/api/v1/site/prices").get_json()
    answers.Prices.model_validate(told)
    assert CostTable.from_records(told["prices"]) == CostTable.default()
    cheap = [{**each, "yuan": 1_000} for each in told["prices"]]
    plan = planned(client, {**WISH, "budget": [20_000], "prices": cheap})
    assert plan["after"]["share"] > 0.9
    assert max(each["cost"] for each in plan["chosen"]) <= 10_000


def test_without_a_budget_the_builds_are_on_offer(client: FlaskClient) -> None:
    plan = planned(client, {**WISH, "budget": None, "sites": 2})
    assert set(plan["wish"]["actions"]) == {"build_standard", "build_smart", "build_mobile"}
    assert len(plan["chosen"]) == 2
    named = planned(client, {**WISH, "actions": ["延长开放时间"]})
    assert {each["kind"] for each in named["chosen"]} == {"extend_hours"}


def test_an_impossible_wish_is_answered(client: FlaskClient) -> None:
    plan = planned(client, {**WISH, "cover_all": True, "budget": [1_000], "frontier": True})
    assert plan["status"] == "infeasible"
    assert plan["chosen"] == plan["page"]["actions"] == []
    assert "1,000 元" in plan["page"]["blame"]["zh"]
    assert plan["page"]["study"] is None
    assert plan["files"].keys() == {"xlsx", "html", "json"}


def test_where_nobody_is_left_out_nothing_is_done(client: FlaskClient) -> None:
    plan = planned(client, {"layer": town.LAYER, "within": "30km", "sites": 3})
    assert (plan["chosen"], plan["cost"], plan["before"]["share"]) == ([], 0, 1.0)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"within": "soon"}, "a limit is a number with its unit"),
        ({"needs": ["sauna"]}, "no amenity 'sauna'"),
        ({"actions": ["paint"]}, "no action 'paint'"),
        ({"actions": []}, "a plan needs actions"),
        ({"budget": [-1]}, "budget.0: input should be greater than or equal to 0"),
        ({"budget": [1.5]}, "budget.0"),
        ({"budget": [10**13]}, "budget.0: input should be less than"),
        ({"budget": [1] * 50}, "1 to 10 years"),
        ({"budget": None}, "a budget, a number of sites, or to cover all"),
        ({"sites": 10**30}, "sites: "),
        ({"per_county": -1}, "per_county: "),
        ({"spacing": -5}, "spacing: "),
        ({"gap": 1}, "a gap is a share"),
        ({"grid": 0}, "grid: "),
        ({"time_limit": 0}, "time_limit: "),
        ({"hours": "soon"}, "hours are written such as"),
        ({"mode": "boat"}, "mode: "),
        ({"objective": "least"}, "objective: "),
        ({"objective": "equal_prefectures", "budget": None, "sites": 1}, "a budget to share"),
        ({"profile": "lazy"}, "no profile 'lazy'"),
        ({"what_if": ["rain"]}, "what if is written such as"),
        ({"must": ["x"], "forbid": ["x"]}, "choose one"),
        ({"prices": [{"yuan": 1}] * 501}, "prices: "),
        ({"colour": "red"}, "colour: not a field here; known: layer, within"),
    ],
)
def test_what_is_wrong_is_told_at_once(
    client: FlaskClient, more: dict[str, Any], says: str
) -> None:
    answer = ask(client, {**WISH, **more})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert says in answer.get_json()["detail"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("field", ["gap", "spacing", "stay", "trust_floor", "time_limit"])
def test_no_number_is_no_number(client: FlaskClient, field: str, word: str) -> None:
    body = json.dumps(WISH | {field: 0.5}).replace("0.5", word)
    answer = client.post(JOBS, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(("expected a JSON object", f"{field}: "))


def test_bodies_that_are_no_wish(client: FlaskClient) -> None:
    sent = {"content_type": "application/json"}
    for body in ("", "[]", "null", "{", '{"layer": '):
        answer = client.post(JOBS, data=body, **sent)
        assert answer.status_code == 400
        assert wishes.EXAMPLE in answer.get_json()["detail"]
    missing = ask(client, {"within": "500m"})
    assert (missing.status_code, "layer: required" in missing.get_json()["detail"]) == (400, True)
    assert client.post(JOBS, data=json.dumps(WISH)).status_code == 415
    large = json.dumps({**WISH, "hours": "x" * wishes.LARGEST_WISH})
    answer = client.post(JOBS, data=large, **sent)
    assert answer.status_code == 413
    assert "65536" in answer.get_json()["detail"]


def test_every_fault_of_a_price_list_is_named(client: FlaskClient) -> None:
    rows = [{"action": "build_standard", "yuan": "dear"}, {"action": "close", "yuan": -5},
            {"action": "paint", "yuan": 1}, {"action": "move", "yuan": -1},
            {"action": "close", "yuan": 1}]  # fmt: skip
    answer = ask(client, {**WISH, "prices": rows})
    assert answer.status_code == 422
    faults = answer.get_json()["faults"]
    assert [(each["row"], each["field"]) for each in faults] == [
        (1, "yuan"), (3, "action"), (4, "yuan"), (5, "action")
    ]  # fmt: skip
    assert ask(client, {**WISH, "prices": []}).status_code == 422


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"must": ["moon"]}, "no station, candidate or action 'moon'"),
        ({"prices": [{"action": "build_smart", "yuan": 1}]}, "no price for"),
    ],
)
def test_what_only_the_work_shows_is_told_by_the_job(
    client: FlaskClient, more: dict[str, Any], says: str
) -> None:
    job = ended(client, ask(client, {**WISH, **more}))
    assert (job["state"], job["status"]) == ("failed", 400)
    assert says in job["detail"]


def test_a_restricted_layer_is_to_the_public_as_none(client: FlaskClient) -> None:
    hidden, unknown = (
        ask(client, {**WISH, "layer": name}) for name in ("border_posts", "moon_bases")
    )
    told = [{**each.get_json(), "request_id": ""} for each in (hidden, unknown)]
    assert hidden.status_code == 404
    assert told[0] == told[1]


def test_staff_get_it_and_the_public_not_even_its_job(client: FlaskClient) -> None:
    staff = {"headers": sample.STAFF}
    wish = {**WISH, "layer": "border_posts", "budget": None, "sites": 1}
    begun = ask(client, wish, **staff)
    place = begun.headers["Location"]
    job = ended(client, begun, **staff)
    told = client.get(job["links"][1]["href"], **staff).get_json()
    assert told["restricted"]
    assert "受限" in told["page"]["labels"][-1]["zh"]
    assert told["page"]["sites"][0]["id"] == "SECRET-0"
    for answer in (
        client.get(place), client.get(f"{place}/result"), client.delete(place),
        client.get(place.replace(job["id"], "none")),
    ):  # fmt: skip
        assert answer.status_code == 404
        assert not any(each in answer.get_data(as_text=True) for each in town.HIDDEN)


def test_host_places_of_a_restricted_layer_stay_inside(
    client: FlaskClient, plan: dict[str, Any]
) -> None:
    whole = json.dumps(plan, ensure_ascii=False)
    whole += base64.b64decode(plan["files"]["json"]).decode()
    whole += base64.b64decode(plan["files"]["html"]).decode()
    assert not any(each in whole for each in town.HIDDEN)
    mine = planned(client, WISH, headers=sample.STAFF)
    assert mine["restricted"]
    saved = json.loads(base64.b64decode(mine["files"]["json"]))
    assert "HIDDEN-2" in json.dumps(saved["candidates"])


@pytest.mark.parametrize("asked", [None, 3.0, 10_000.0])
def test_the_public_has_its_time_limit(client: FlaskClient, asked: float | None) -> None:
    plan = planned(client, {**WISH, "sites": 0, "time_limit": asked})
    most = plans.MOST_S[Role.PUBLIC]
    assert plan["wish"]["time_limit_s"] == (most if asked is None else min(asked, most))
    mine = planned(client, {**WISH, "sites": 0, "time_limit": asked}, headers=sample.STAFF)
    assert mine["wish"]["time_limit_s"] == min(asked or 600, 600)


@pytest.mark.parametrize("stage", ["solve", "study"])
def test_cancelled_it_ends_soon(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    jobs = client.application.extensions["stations.jobs"]
    advance = jobs._records.advance
    seen: list[str] = []
    written: list[int] = []

    def told(id_: str, at: str, done: int, total: int) -> bool:
        seen.append(at)
        if at == stage and seen.count(stage) == 2:  # the first is before the solver begins
            assert jobs.cancel(id_, "public").state == "cancelled"
        return bool(advance(id_, at, done, total))

    monkeypatch.setattr(running, "REPORT_S", 0.0)
    monkeypatch.setattr(jobs._records, "advance", told)
    monkeypatch.setattr(plans, "_files", lambda *_: written.append(1))
    job = ended(client, ask(client, {**WISH, "frontier": True}))
    assert job["state"] == "cancelled"
    most = {"solve": 2, "study": 30}  # a study is many plans, each of which notices
    assert 2 <= seen.count(stage) <= most[stage]
    assert ("study" in seen) == (stage == "study")
    assert written == []
    assert client.get(f"/api/v1/jobs/{job['id']}/result").status_code == 404


def test_the_document_names_the_wish_and_the_prices(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    asked = document["paths"]["/api/v1/site/jobs"]["post"]
    wish = asked["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    fields = document["components"]["schemas"][wish.rpartition("/")[2]]["properties"]
    assert {"layer", "within", "budget", "cover_all", "prices"} <= fields.keys()
    assert asked["responses"].keys() >= {"202"}
    assert "/api/v1/site/prices" in document["paths"]
