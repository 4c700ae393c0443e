"""Who may do what: every endpoint there is, as everybody, inside and outside one's areas."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from stations.audit import findings as loop
from stations.registry import LiveRegistry
from stations.trust import Evidence
from tests.web import people, sample
from web.app import create_app
from web.auth import Role
from web.auth.scopes import SCOPES, scope_of
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from apiflask import APIFlask

    from stations.store import Store

ALL = frozenset(Role)
NONE: frozenset[Role] = frozenset()
STAFF = ALL - {Role.PUBLIC}
ADMIN = frozenset({Role.ADMIN})
PHOTO = b"no photo"
HASH = hashlib.sha256(PHOTO).hexdigest()
PNG = {"data": PHOTO, "content_type": "image/png"}


@dataclass(frozen=True)
class Row:
    """Who may use an endpoint, and a request to it."""

    may: frozenset[Role] = ALL
    bound: bool = False
    """Whether the request is about something here: then who is responsible there may not."""
    path: Mapping[str, object] = field(default_factory=dict)
    query: str = ""
    body: dict[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)


def only(*roles: Role) -> frozenset[Role]:
    """Return these and the admins."""
    return frozenset({*roles, Role.ADMIN})


STATION = {"station_id": "S001"}
PARKS = {"name": "parks"}
LOOKERS = STAFF
VISITORS = only(Role.INSPECTOR, Role.EDITOR)
KEEPERS = only(Role.PLANNER, Role.EDITOR)
LAYER = "layer=parks&within=1km"
UPLOAD = {"upload_id": "none"}
ACTIVITY = {
    "station": "S001",
    "kind": "none",
    "title": "",
    "key": "k",
    "starts": "2026-11-25T14:00",
    "ends": "2026-11-25T13:00",
}
TABLE: dict[tuple[str, str], Row] = {
    ("GET", "/"): Row(),
    ("GET", "/map"): Row(),
    ("GET", "/plan"): Row(),
    ("GET", "/visit"): Row(),
    ("GET", "/audit"): Row(),
    ("GET", "/bulletin"): Row(
        only(Role.INSPECTOR, Role.PLANNER), query="since=2026-11-01&until=2026-11-20"
    ),
    ("GET", "/worker.js"): Row(),
    ("GET", "/visit/worker.js"): Row(),
    ("GET", "/signin"): Row(),
    ("GET", "/signin/provider"): Row(),
    ("GET", "/signin/back"): Row(),
    ("GET", "/help"): Row(),
    ("GET", "/help/<path:page>"): Row(path={"page": "stations/trust/README.md"}),
    ("GET", "/account"): Row(),
    ("GET", "/accounts"): Row(),
    ("GET", "/healthz"): Row(),
    ("GET", "/readyz"): Row(),
    ("GET", "/metrics"): Row(),
    ("GET", "/api/docs"): Row(),
    ("GET", "/api/openapi.json"): Row(),
    ("GET", "/static/<path:filename>"): Row(path={"filename": "icon.svg"}),
    ("GET", "/static/vendor/<package>/<path:file>"): Row(path={"package": "x", "file": "y"}),
    ("GET", "/static/words/<domain>.js"): Row(path={"domain": "shared"}),
    ("GET", "/stations/<path:station_id>"): Row(path=STATION),
    # Of restricted layers everybody sees a part here too: see test_ogc.py.
    ("GET", "/ogc"): Row(),
    ("GET", "/ogc/conformance"): Row(),
    ("GET", "/ogc/api"): Row(),
    ("GET", "/ogc/collections"): Row(),
    ("GET", "/ogc/collections/<name>"): Row(path=PARKS),
    ("GET", "/ogc/collections/<name>/queryables"): Row(path=PARKS),
    ("GET", "/ogc/collections/<name>/items"): Row(path=PARKS),
    ("GET", "/ogc/collections/<name>/items/<path:item>"): Row(path={**PARKS, "item": "P0"}),
    ("GET", "/ogc/collections/<name>/tiles"): Row(path=PARKS),
    ("GET", "/ogc/collections/<name>/tiles/WebMercatorQuad"): Row(path=PARKS),
    (
        "GET",
        "/ogc/collections/<name>/tiles/WebMercatorQuad/<int:zoom>/<int:row>/<int:column>",
    ): Row(path={**PARKS, "zoom": 0, "row": 0, "column": 0}),
    ("GET", "/api/v1/exports/<what>.<form>"): Row(path={"what": "parks", "form": "csv"}),
    ("GET", "/api/v1/register"): Row(),
    ("GET", "/api/v1/areas"): Row(),
    ("GET", "/api/v1/search"): Row(query="q=测试"),
    ("GET", "/api/v1/nearest"): Row(query="lon=102.7&lat=25"),
    ("GET", "/api/v1/offline"): Row(query="area=530102"),
    ("GET", "/api/v1/service-area"): Row(query="within=1km"),
    ("GET", "/api/v1/marks/<int:zoom>/<int:x>/<int:y>"): Row(path={"zoom": 1, "x": 1, "y": 0}),
    ("GET", "/api/v1/stations"): Row(),
    ("GET", "/api/v1/stations/<path:station_id>"): Row(path=STATION),
    ("GET", "/api/v1/stations/<path:station_id>/area"): Row(path=STATION, query="within=1km"),
    ("POST", "/api/v1/stations/<path:station_id>/reports"): Row(
        path=STATION, body={"outcome": "worked"}
    ),
    # Layers are open to all: of restricted ones everybody sees a part, see test_restricted.py.
    ("GET", "/api/v1/layers"): Row(),
    ("GET", "/api/v1/layers/<name>"): Row(path={"name": "parks"}, query="within=1km"),
    ("GET", "/api/v1/coverage"): Row(query=LAYER),
    ("GET", "/api/v1/coverage/week"): Row(query=LAYER),
    ("GET", "/api/v1/coverage/file"): Row(query=f"{LAYER}&format=gpkg"),
    ("GET", "/api/v1/gaps"): Row(query=LAYER),
    ("POST", "/api/v1/coverage/jobs"): Row(query=LAYER),
    ("POST", "/api/v1/gaps/jobs"): Row(query=LAYER),
    # Jobs belong to whoever asked for them: see below.
    ("GET", "/api/v1/jobs/<job_id>"): Row(path={"job_id": "none"}),
    ("DELETE", "/api/v1/jobs/<job_id>"): Row(path={"job_id": "none"}),
    ("GET", "/api/v1/jobs/<job_id>/result"): Row(path={"job_id": "none"}),
    ("GET", "/api/v1/site/prices"): Row(),
    ("POST", "/api/v1/site/jobs"): Row(body={"layer": "none"}),
    ("POST", "/api/v1/site/jobs/<job_id>/accept"): Row(
        only(Role.PLANNER, Role.EDITOR), path={"job_id": "none"}, body={"who": "王芳"}
    ),
    # Kept plans belong to whoever kept them: see test_keeping.py.
    ("GET", "/api/v1/site/plans"): Row(KEEPERS),
    ("POST", "/api/v1/site/plans"): Row(KEEPERS, body={"job": "none", "name": "x"}),
    ("GET", "/api/v1/site/plans/<plan_id>"): Row(KEEPERS, path={"plan_id": "none"}),
    ("DELETE", "/api/v1/site/plans/<plan_id>"): Row(KEEPERS, path={"plan_id": "none"}),
    ("POST", "/api/v1/site/plans/<plan_id>/accept"): Row(
        KEEPERS, path={"plan_id": "none"}, body={"who": "王芳"}
    ),
    ("POST", "/api/v1/site/compare"): Row(body={"a": {}, "b": {}}),
    ("GET", "/api/v1/findings"): Row(LOOKERS),
    ("GET", "/api/v1/findings/file"): Row(LOOKERS),
    ("GET", "/api/v1/findings/<int:number>"): Row(LOOKERS, bound=True, path={"number": 1}),
    ("POST", "/api/v1/findings/<int:number>/steps"): Row(
        only(Role.INSPECTOR),
        bound=True,
        path={"number": 1},
        body={"step": "assign", "to": "李明", "due": "2026-12-31"},
    ),
    ("POST", "/api/v1/findings/update"): Row(only(Role.INSPECTOR), query="rule=none"),
    ("GET", "/api/v1/audit/duplicates"): Row(LOOKERS),
    ("GET", "/api/v1/audit/datum"): Row(LOOKERS),
    ("POST", "/api/v1/audit/datum"): Row(
        only(Role.EDITOR),
        bound=True,
        body={"stations": ["S001"], "datum": "gcj02", "why": "x", "base": 999},
    ),
    ("POST", "/api/v1/merges"): Row(
        only(Role.EDITOR),
        bound=True,
        body={"keep": "S001", "drop": "S002", "why": "x", "base": 999},
    ),
    ("GET", "/api/v1/stations/<path:station_id>/form"): Row(LOOKERS, bound=True, path=STATION),
    ("GET", "/api/v1/bulletin"): Row(
        only(Role.INSPECTOR, Role.PLANNER), query="since=2026-11-01&until=2026-11-20"
    ),
    ("GET", "/api/v1/bulletin/file"): Row(
        only(Role.INSPECTOR, Role.PLANNER), query="since=2026-11-01&until=2026-11-20&format=html"
    ),
    ("POST", "/api/v1/rounds/jobs"): Row(only(Role.INSPECTOR), body={}),
    ("GET", "/api/v1/rounds/jobs/<job_id>"): Row(path={"job_id": "none"}),
    ("DELETE", "/api/v1/rounds/jobs/<job_id>"): Row(path={"job_id": "none"}),
    ("GET", "/api/v1/rounds/jobs/<job_id>/result"): Row(path={"job_id": "none"}),
    ("GET", "/api/v1/rounds/jobs/<job_id>/sheet"): Row(path={"job_id": "none"}),
    ("GET", "/api/v1/forms"): Row(LOOKERS, query="stations=S001"),
    ("GET", "/api/v1/visits"): Row(LOOKERS),
    ("POST", "/api/v1/visits"): Row(
        VISITORS,
        bound=True,
        body={
            "station": "S001",
            "key": "k",
            "form": "none",
            "at": "2026-11-24T01:00:00Z",
            "answers": {},
        },
    ),
    ("PUT", "/api/v1/photos/<sha256>"): Row(
        VISITORS, bound=True, path={"sha256": HASH}, query="station=S001", more=PNG
    ),
    ("GET", "/api/v1/photos/<sha256>"): Row(LOOKERS, path={"sha256": HASH}),
    ("GET", "/register"): Row(),
    ("GET", "/activities.ics"): Row(query="area=5301"),
    ("GET", "/api/v1/activities"): Row(),
    ("GET", "/api/v1/activities/sums"): Row(),
    ("GET", "/api/v1/activities/file"): Row(LOOKERS),
    ("POST", "/api/v1/activities"): Row(VISITORS, bound=True, body=ACTIVITY),
    ("POST", "/api/v1/activities/<int:number>/steps"): Row(
        VISITORS, path={"number": 999}, body={"step": "held", "came": 1, "key": "k"}
    ),
    ("GET", "/api/v1/edits/stations"): Row(LOOKERS),
    ("GET", "/api/v1/edits/hours"): Row(query="text=24/7"),
    ("GET", "/api/v1/edits/stations/<path:station_id>"): Row(LOOKERS, bound=True, path=STATION),
    ("POST", "/api/v1/edits/stations/<path:station_id>"): Row(
        only(Role.EDITOR),
        bound=True,
        path=STATION,
        body={"fields": {}, "base": 0, "why": "x"},
    ),
    ("POST", "/api/v1/edits/stations"): Row(
        only(Role.EDITOR), body={"fields": {"name": ""}, "why": "x"}
    ),
    ("GET", "/api/v1/stations/<path:station_id>/history"): Row(path=STATION),
    ("POST", "/api/v1/stations/<path:station_id>/undo"): Row(
        only(Role.EDITOR), bound=True, path=STATION, body={"revision": 99, "base": 1, "why": "x"}
    ),
    ("GET", "/api/v1/revisions"): Row(only(Role.EDITOR)),
    ("POST", "/api/v1/revisions/<int:number>/undo"): Row(
        only(Role.EDITOR), path={"number": 99}, body={"why": "x"}
    ),
    ("POST", "/api/v1/uploads"): Row(only(Role.EDITOR), query="name=x.doc"),
    ("POST", "/api/v1/uploads/<upload_id>/preview"): Row(only(Role.EDITOR), path=UPLOAD, body={}),
    ("POST", "/api/v1/uploads/<upload_id>/accept"): Row(only(Role.EDITOR), path=UPLOAD, body={}),
    ("GET", "/api/v1/uploads/<upload_id>/faults"): Row(only(Role.EDITOR), path=UPLOAD),
    ("DELETE", "/api/v1/uploads/<upload_id>"): Row(only(Role.EDITOR), path=UPLOAD),
    ("GET", "/api/v1/me"): Row(),
    ("POST", "/api/v1/sessions"): Row(body={"name": "", "password": ""}),
    ("DELETE", "/api/v1/sessions"): Row(STAFF),
    ("POST", "/api/v1/me/password"): Row(STAFF, body={"old": 1, "new": 2}),
    ("GET", "/api/v1/me/sessions"): Row(STAFF),
    ("DELETE", "/api/v1/me/sessions/<session_id>"): Row(STAFF, path={"session_id": "none"}),
    ("GET", "/api/v1/me/log"): Row(STAFF),
    ("GET", "/api/v1/me/tokens"): Row(STAFF),
    ("POST", "/api/v1/me/tokens"): Row(STAFF, body={"label": "x", "scopes": []}),
    ("DELETE", "/api/v1/me/tokens/<token_id>"): Row(STAFF, path={"token_id": "none"}),
    ("GET", "/api/v1/accounts"): Row(ADMIN),
    ("POST", "/api/v1/accounts"): Row(
        ADMIN, bound=True, body={"name": " ", "role": "editor", "area": "530102"}
    ),
    ("PATCH", "/api/v1/accounts/<name>"): Row(
        ADMIN, bound=True, path={"name": "editor-here"}, body={"area": "xx"}
    ),
    ("POST", "/api/v1/accounts/<name>/password"): Row(ADMIN, bound=True, path={"name": "pawn"}),
    ("PUT", "/api/v1/accounts/<name>/identity"): Row(
        ADMIN, bound=True, path={"name": "pawn"}, body={"subject": "a"}
    ),
    ("DELETE", "/api/v1/accounts/<name>/identity"): Row(ADMIN, bound=True, path={"name": "pawn"}),
    ("GET", "/api/v1/accounts/<name>/tokens"): Row(ADMIN, bound=True, path={"name": "pawn"}),
    ("DELETE", "/api/v1/accounts/<name>/tokens/<token_id>"): Row(
        ADMIN, bound=True, path={"name": "pawn", "token_id": "none"}
    ),
    ("GET", "/api/v1/account-log"): Row(ADMIN),
}
"""Every endpoint; each request is one that changes nothing, but a sign-out."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with people.filled_store(tmp_path_factory.mktemp("rights")) as filled:
        pawn = filled.accounts.get("editor-here")
        filled.accounts.add(type(pawn)(**{**vars(pawn), "name": "pawn"}), who="test")
        found = Evidence("S001", "inspection", "cannot_enter", sample.WHEN, "test", "", "first")
        filled.add_evidence([found], received=sample.WHEN)
        assert loop.hear(filled, who="test", at=sample.WHEN).opened == 1
        yield filled


@pytest.fixture(scope="module")
def app(store: Store) -> APIFlask:
    settings = Settings(
        staff_token=sample.TOKEN, sign_in_limits="9999 per hour", report_limits="9999 per hour"
    )
    return create_app(settings, LiveRegistry(store, 1.0, time.monotonic), lambda: sample.NOW)


@pytest.fixture(scope="module")
def browsers(app: APIFlask) -> dict[str, people.Browser]:
    return {"": people.Browser(app), **{name: people.Browser(app, name) for name in people.NAMES}}


def endpoints(app: APIFlask) -> set[tuple[str, str]]:
    """Return method and rule of everything the application answers."""
    quiet = {"HEAD", "OPTIONS"}
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - quiet
    }


def address(rule: str, row: Row) -> str:
    filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(row.path[found[1]]), rule)
    return f"{filled}?{row.query}" if row.query else filled


def test_every_endpoint_is_in_the_table(app: APIFlask) -> None:
    assert endpoints(app) - TABLE.keys() == set(), "say in TABLE who may use it"
    assert TABLE.keys() - endpoints(app) == set(), "nobody answers this any more"


@pytest.mark.parametrize("endpoint", TABLE, ids=" ".join)
def test_everybody_may_do_what_the_table_says(
    app: APIFlask, browsers: dict[str, people.Browser], endpoint: tuple[str, str]
) -> None:
    method, rule = endpoint
    row = TABLE[endpoint]
    for name, browser in browsers.items():
        if endpoint == ("DELETE", "/api/v1/sessions") and name:
            browser = people.Browser(app, name)  # noqa: PLW2901 - one to be used up
        role = Role(name.partition("-")[0] or "public")
        more = {"json": row.body} if row.body is not None else row.more
        answer = browser.ask(method, address(rule, row), **more)
        status = answer.status_code
        assert status < 500, (name, answer.get_data(as_text=True))
        if role not in row.may:
            led = answer.headers.get("Location", "").startswith("/signin?next=")
            expected = {401, 302 if led else 401} if role is Role.PUBLIC else {403}
            assert status in expected, (name, status)
        elif row.bound and name.endswith("-there"):
            assert status == 403, (name, status)
        else:
            told = answer.get_data(as_text=True) if status in {401, 403} else ""
            assert not told, (name, told)
        answer.close()
        if status in {401, 403} and rule.startswith("/api/"):
            assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("endpoint", [each for each in TABLE if "/v1/" in each[1]], ids=" ".join)
def test_a_token_may_do_what_its_scope_says(
    app: APIFlask, tokens: Callable[[str], str], endpoint: tuple[str, str]
) -> None:
    method, rule = endpoint
    row, needed, client = TABLE[endpoint], scope_of(*endpoint), app.test_client()
    more = {"json": row.body} if row.body is not None else row.more
    for scope in SCOPES:
        headers = {"Authorization": f"Bearer {tokens(scope)}"}
        answer = client.open(address(rule, row), method=method, headers=headers, **more)
        if needed in {"", scope}:
            assert answer.status_code not in {401, 403}, answer.get_data(as_text=True)
        else:
            assert answer.status_code == 403
            assert "token" in answer.get_json()["detail"]


@pytest.fixture(scope="module")
def tokens(app: APIFlask) -> Callable[[str], str]:
    """Return what gives an everywhere's admin's token of one scope."""
    admin = people.Browser(app, "admin-everywhere")
    made: dict[str, str] = {}

    def of(scope: str) -> str:
        if scope not in made:
            wish = {"label": scope, "scopes": [scope]}
            answer = admin.ask("POST", "/api/v1/me/tokens", json=wish)
            made[scope] = answer.get_json()["token"]
        return made[scope]

    return of


@pytest.mark.parametrize(
    ("method", "rule", "scope"),
    [
        ("GET", "/api/v1/layers", "read"),
        ("POST", "/api/v1/coverage/jobs", "read"),
        ("DELETE", "/api/v1/jobs/<job_id>", "read"),
        ("POST", "/api/v1/site/jobs/<job_id>/accept", "write"),
        ("POST", "/api/v1/stations/<path:station_id>/reports", "report"),
        ("POST", "/api/v1/visits", "visits"),
        ("GET", "/api/v1/visits", "read"),
        ("PUT", "/api/v1/photos/<sha256>", "visits"),
        ("POST", "/api/v1/findings/<int:number>/steps", "findings"),
        ("POST", "/api/v1/findings/update", "findings"),
        ("POST", "/api/v1/merges", "write"),
        ("POST", "/api/v1/what/nobody/thought/of", "write"),
        ("GET", "/api/v1/me", ""),
        ("GET", "/api/v1/me/tokens", None),
        ("POST", "/api/v1/sessions", None),
        ("GET", "/api/v1/accounts", None),
        ("GET", "/api/v1/account-log", None),
    ],
)
def test_the_scope_of_a_rule(method: str, rule: str, scope: str | None) -> None:
    assert scope_of(method, rule) == scope


def test_a_job_is_its_asker_s_alone(app: APIFlask, browsers: dict[str, people.Browser]) -> None:
    for asker, browser in browsers.items():
        job = browser.ask("POST", f"/api/v1/coverage/jobs?{LAYER}").get_json()["id"]
        for name, other in browsers.items():
            for path in (f"/api/v1/jobs/{job}", f"/api/v1/jobs/{job}/result"):
                status = other.ask("GET", path).status_code
                assert (status == 404) == (name != asker) or path.endswith("result")
                assert name == asker or status == 404, (asker, name)
            if name != asker:
                assert other.ask("DELETE", f"/api/v1/jobs/{job}").status_code == 404


def test_inspections_are_signed_by_who_is_responsible(
    browsers: dict[str, people.Browser], store: Store
) -> None:
    path = "/api/v1/stations/S001/reports"
    for name, browser in browsers.items():
        sent = {"outcome": "worked", "kind": "inspection", "who": "somebody else"}
        sent["key"] = name or "nobody"
        answer = browser.ask("POST", path, json=sent)
        role = name.partition("-")[0]
        if role not in {"inspector", "admin"} or name.endswith("-there"):
            assert answer.status_code == (403 if name else 401), name
            continue
        assert answer.status_code == 201
        kept = store.evidence_with("S001", name)
        assert kept is not None
        assert kept.who == name


def test_the_areas_of_admins(browsers: dict[str, people.Browser], store: Store) -> None:
    seen = {
        name: {
            each["name"]
            for each in browsers[name].ask("GET", "/api/v1/accounts").get_json()["accounts"]
        }
        for name in ("admin-here", "admin-there", "admin-everywhere")
    }
    everybody = {each.name for each in store.accounts.all()}
    assert seen["admin-everywhere"] == everybody
    assert seen["admin-here"] == {n for n in everybody if n.endswith("-here")} | {"pawn"}
    assert seen["admin-there"] == {n for n in everybody if n.endswith("-there")}
    lines = browsers["admin-there"].ask("GET", "/api/v1/account-log").get_json()["log"]
    assert {each["account"] for each in lines} <= seen["admin-there"]
    up = browsers["admin-here"].ask("PATCH", "/api/v1/accounts/editor-here", json={"area": "5331"})
    assert up.status_code == 403
    up = browsers["admin-here"].ask("POST", "/api/v1/accounts", json={"name": "x", "role": "admin"})
    assert up.status_code == 403
    own = browsers["admin-here"].ask("PATCH", "/api/v1/accounts/admin-here", json={"active": False})
    assert own.status_code == 400
