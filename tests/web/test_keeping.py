"""Plans kept by accounts, plans side by side, and coverage as files that travel."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest

from stations.planning.beside import beside
from stations.planning.saving import SavedPlan
from stations.registry import LiveRegistry
from stations.schema import LayerInfo
from stations.store import Changes
from tests.stations import worlds
from tests.web import people, sample, town
from tests.web.people import Browser
from web import shelf
from web.api import answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from werkzeug.test import TestResponse

    from stations.store import Store

PLANS = "/api/v1/site/plans"
WISH = {"layer": town.LAYER, "within": "500m", "budget": [400_000], "grid": 400}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with town.filled(tmp_path_factory.mktemp("town")) as filled:
        people.hire(filled)
        yield filled


@pytest.fixture(scope="module")
def app(store: Store) -> APIFlask:
    live = LiveRegistry(store, 0.0, time.monotonic)
    return create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)


def planned(browser: Browser, **wish: Any) -> tuple[str, dict[str, Any]]:
    """Return the id of a job that has found a plan, and the plan."""
    begun = browser.ask("POST", "/api/v1/site/jobs", json={**WISH, **wish})
    assert begun.status_code == 202, begun.get_json()
    for thread in threading.enumerate():
        if thread.name == "jobs":
            thread.join(60)
    return begun.get_json()["id"], browser.ask("GET", f"{begun.location}/result").get_json()


@pytest.fixture(scope="module")
def mine(app: APIFlask) -> tuple[Browser, str, dict[str, Any]]:
    """Return a planner, the plan it has had found and that plan's job."""
    browser = Browser(app, "planner-here")
    return browser, *planned(browser)


def document(plan: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(base64.b64decode(plan["files"]["json"]))
    return told


def data_of(page: TestResponse) -> str:
    """Return the data inside a page that stands alone, as JSON with its letters as they are."""
    [held] = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', page.text, re.DOTALL
    )
    return json.dumps(json.loads(held), ensure_ascii=False).replace('\\"', '"')


def test_a_plan_is_kept_found_again_and_removed(
    mine: tuple[Browser, str, dict[str, Any]], app: APIFlask
) -> None:
    browser, job, plan = mine
    kept = browser.ask("POST", PLANS, json={"job": job, "name": f" {sample.NASTY} "})
    assert kept.status_code == 201
    told = kept.get_json()
    answers.KeptPlan.model_validate(told)
    assert (told["name"], told["layer"]) == (sample.NASTY, town.LAYER)
    assert (told["actions"], told["cost"]) == (len(plan["chosen"]), plan["cost"])
    again = browser.ask("POST", PLANS, json={"job": job, "name": "二期"}).get_json()
    assert (again["id"], again["name"]) == (told["id"], "二期")
    listed = browser.ask("GET", PLANS)
    answers.KeptPlans.model_validate(listed.get_json())
    assert listed.get_json()["plans"] == [again]
    assert listed.headers["Cache-Control"] == "private, no-store"
    elsewhere = Browser(app, "planner-here")  # another session of the same account
    assert elsewhere.ask("GET", f"{PLANS}/{told['id']}").get_json() == plan
    left = browser.ask("DELETE", f"{PLANS}/{told['id']}")
    assert left.get_json() == {"plans": []}
    for method in ("GET", "DELETE"):
        assert browser.ask(method, f"{PLANS}/{told['id']}").status_code == 404


def test_nobody_else_finds_it(mine: tuple[Browser, str, dict[str, Any]], app: APIFlask) -> None:
    browser, job, _ = mine
    id_ = browser.ask("POST", PLANS, json={"job": job, "name": "一期"}).get_json()["id"]
    for name in ("planner-there", "planner-everywhere", "editor-here", "admin-everywhere"):
        other = Browser(app, name)
        assert other.ask("GET", PLANS).get_json() == {"plans": []}
        for method, path in [("GET", id_), ("DELETE", id_), ("POST", f"{id_}/accept")]:
            more: dict[str, Any] = {"json": {}} if method == "POST" else {}
            assert other.ask(method, f"{PLANS}/{path}", **more).status_code == 404
        stolen = other.ask("POST", PLANS, json={"job": job, "name": "x"})
        assert stolen.status_code == 404
    assert Browser(app).ask("GET", f"{PLANS}/{id_}").status_code == 401
    assert browser.ask("GET", f"{PLANS}/{id_}").status_code == 200


@pytest.mark.parametrize("id_", ["..", "x" * 32, "%2e%2e%2fstations.db", "0" * 31])
def test_an_id_that_is_none_is_no_path(app: APIFlask, id_: str) -> None:
    browser = Browser(app, "planner-here")
    assert browser.ask("GET", f"{PLANS}/{id_}").status_code == 404


def test_what_may_no_longer_be_seen_is_not_told(app: APIFlask, store: Store) -> None:
    store.commit(
        Changes(
            layers=(LayerInfo("yards", "料场", "Yards", restricted=False),),
            sites={"yards": worlds.sites(town.SITES)},
        ),
        who="t",
        why="open",
        at=town.AT,
    )
    browser = Browser(app, "editor-here")  # sees no restricted layer
    job, _ = planned(browser, layer="yards")
    id_ = browser.ask("POST", PLANS, json={"job": job, "name": "料场"}).get_json()["id"]
    assert browser.ask("GET", f"{PLANS}/{id_}").status_code == 200
    closed = Changes(layers=(LayerInfo("yards", "料场", "Yards", restricted=True),))
    store.commit(closed, who="t", why="closed", at=town.AT)
    refused = browser.ask("GET", f"{PLANS}/{id_}")
    assert refused.status_code == 404
    assert "no layer of that name is open to you" in refused.get_json()["detail"]


def test_a_kept_plan_is_accepted(mine: tuple[Browser, str, dict[str, Any]], store: Store) -> None:
    browser, job, plan = mine
    id_ = browser.ask("POST", PLANS, json={"job": job, "name": "一期"}).get_json()["id"]
    [action, *_] = [each for each in plan["chosen"] if not each["restricted"]]
    sent = {"actions": [action["id"]], "why": "一期"}
    answer = browser.ask("POST", f"{PLANS}/{id_}/accept", json=sent)
    assert answer.status_code == 201, answer.get_json()
    assert answer.get_json()["revision"] == store.revision()
    assert browser.ask("POST", f"{PLANS}/{id_}/accept", json=sent).status_code == 200


def test_an_account_keeps_so_many(
    mine: tuple[Browser, str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, job, plan = mine
    for name, most in (("MOST", 0), ("MOST_BYTES", len(json.dumps(plan)) // 2)):
        with monkeypatch.context() as patch:
            patch.setattr(shelf, name, most)
            refused = browser.ask("POST", PLANS, json={"job": job, "name": "x"})
        assert refused.status_code == 400
        assert "remove one first" in refused.get_json()["detail"]


def test_two_plans_side_by_side_are_as_on_the_command_line(
    app: APIFlask, mine: tuple[Browser, str, dict[str, Any]], tmp_path: Path
) -> None:
    _, _, plan = mine
    public = Browser(app)
    _, cheap = planned(public, budget=[150_000])
    sides = [document(each) for each in (plan, cheap)]
    told = public.ask("POST", "/api/v1/site/compare", json=dict(zip("ab", sides, strict=True)))
    assert told.status_code == 200, told.get_json()
    answers.Comparison.model_validate(told.get_json())
    saved = []
    for name, side in zip("ab", sides, strict=True):
        (tmp_path / name).write_text(json.dumps(side), "utf-8")
        saved.append(SavedPlan.read(tmp_path / name))
    assert told.get_json() == json.loads(json.dumps(beside(*saved).as_dict()))
    assert told.get_json()["differs"]
    assert "budgets" in told.get_json()["wishes"]
    bad = public.ask("POST", "/api/v1/site/compare", json={"a": sides[0], "b": {"format": "x"}})
    assert bad.status_code == 400
    assert "plan B" in bad.get_json()["detail"]


def test_coverage_travels_as_a_page_and_as_geojson(app: APIFlask, tmp_path: Path) -> None:
    client = app.test_client()
    asked = f"/api/v1/coverage/file?layer={town.LAYER}&within=500m"
    page = client.get(f"{asked}&format=html&what_if=station:a removed")
    assert page.headers["Content-Disposition"] == "attachment; filename=coverage-work_sites.html"
    assert sample.NASTY not in page.get_data(as_text=True)
    assert sample.NASTY in (told := data_of(page))
    assert all(word not in told for word in town.HIDDEN)
    (tmp_path / "x.geojson").write_bytes(client.get(f"{asked}&format=geojson").get_data())
    frame = gpd.read_file(tmp_path / "x.geojson")
    assert len(frame) == len(town.SITES)
    hidden = "/api/v1/coverage/file?layer=border_posts&within=500m&format=html"
    assert client.get(hidden).status_code == 404
    staff = Browser(app, "planner-here").ask("GET", hidden)
    assert staff.headers["Cache-Control"] == "private, no-store"
    assert "机密哨所0" in data_of(staff)


def test_a_plan_s_places_come_as_geojson(
    mine: tuple[Browser, str, dict[str, Any]], tmp_path: Path
) -> None:
    _, _, plan = mine
    (tmp_path / "p.geojson").write_bytes(base64.b64decode(plan["files"]["geojson"]))
    assert len(gpd.read_file(tmp_path / "p.geojson")) == len(plan["chosen"])
