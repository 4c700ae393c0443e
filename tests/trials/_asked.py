"""Requests to a served sample register: raw hostile ones, and what the document allows."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from stations.registry import LiveRegistry
from tests.trials._inputs import NASTY, json_bytes, texts
from tests.trials._watch import Target
from tests.web import people, sample
from web.app import create_app
from web.auth import Role
from web.settings import Settings

if TYPE_CHECKING:
    from apiflask import APIFlask
    from hypothesis.strategies import DrawFn, SearchStrategy

OURS = 500
ROLES = tuple(str(role) for role in Role)
MANY = "1000000 per minute"
LEAVING = frozenset({"/api/v1/sessions", "/api/v1/sessions/current", "/api/v1/me/password"})
"""Where a browser would sign itself out."""
NAMES = (
    "lon", "lat", "needs", "limit", "within", "bbox", "bbox-crs", "crs", "datetime", "filter",
    "filter-lang", "filter-crs", "sortby", "properties", "offset", "f", "lang", "layer", "at",
    "open",
    "mode", "stay", "hours", "what_if", "area", "since", "until", "q", "format", "after", "by",
    "kind",
    "prefix", "level", "stations", "limits", "profile", "day", "text", "capacity", "id",
)  # fmt: skip
VALUES = (
    "102.7", "25", "toilet", "5", "1km", "10min", "102,24,103,26", "EPSG:4490", "2026-11-24",
    "json",
    "html", "kind='smart'", "cql2-text", "cql2-json", "-name", "parks", "border_posts", "arrival",
    "ebike",
    "night", "host:某 shut weekends", "5301", "测试", "gpkg", "csv", "S001", "zh", "530102",
    "month",
)  # fmt: skip
HEADERS = (
    "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_COOKIE",
    "HTTP_AUTHORIZATION",
    "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_X_CSRF_TOKEN", "HTTP_HOST",
    "HTTP_ORIGIN", "HTTP_REFERER", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO",
    "HTTP_USER_AGENT",
    "HTTP_X_REQUEST_ID", "HTTP_LAST_EVENT_ID", "HTTP_SEC_FETCH_SITE", "HTTP_X_HTTP_METHOD_OVERRIDE",
    "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", "HTTP_IF_MATCH", "HTTP_IF_RANGE",
)  # fmt: skip
SAID = (
    "application/json", "application/geo+json", "text/html;q=0.9,*/*;q=x", "zh-CN,en;q=nan",
    "gzip, br;q=-1",
    "session=.eJx; language=xx; __Host-session=%00", "Bearer x", "Basic OjpA", 'W/"1", "x', "*",
    "Sun, 31 Feb 2026 99:99:99 GMT", "bytes=0-,-1", "localhost:99999", "[::1", "null",
    "1, 2, ::1%eth0",
    "multipart/form-data; boundary=x", "application/json; charset=utf-7", "-1",
    "99999999999999999999",
    "application/x-www-form-urlencoded", "image/jpeg", "text/csv",
)  # fmt: skip
BODIES: tuple[Any, ...] = (
    {"fields": {"phone": "0871-6123456"}, "base": 1, "why": "x", "who": "王芳", "datum": "wgs84"},
    {
        "outcome": "worked",
        "key": "k",
        "note": "好",
        "at": "2026-11-24T02:00:00+08:00",
        "lon": 102.7,
        "lat": 25.0,
    },
    {
        "layer": "parks",
        "within": "1km",
        "budgets": [100000],
        "actions": ["build_smart"],
        "must": [],
        "sites": 2,
    },
    {"name": "x", "password": "y", "role": "planner", "area": "5301", "job": "none", "days": 3},
    {
        "key": "k",
        "at": "2026-11-24T02:00:00+08:00",
        "answers": {"there": "yes"},
        "photos": [],
        "standard": "national",
    },
    {
        "station": "S001",
        "kind": "class",
        "title": "课",
        "starts": "2026-11-25T14:00",
        "ends": "2026-11-25T15:00",
        "key": "k",
    },
    {
        "revision": 1,
        "base": 1,
        "why": "x",
        "stations": ["S001", "S002"],
        "keep": "S001",
        "inspectors": 2,
    },
)


class ServerFaultError(Exception):
    """An answer that says we failed, or is none."""


class Asked(NamedTuple):
    """A request as it comes over the wire."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Served(NamedTuple):
    """An application over the sample register, and how to ask it as a role."""

    app: APIFlask
    browsers: dict[str, people.Browser]

    def headers(self, role: str) -> dict[str, str]:
        """Return what makes a request one of this role."""
        if role == Role.ADMIN:
            return dict(sample.STAFF)
        browser = self.browsers.get(role)
        if browser is None:
            return {}
        cookies = [f"{each.key}={each.value}" for each in (browser.client._cookies or {}).values()]
        return {"Cookie": "; ".join(cookies), "X-CSRF-Token": browser.csrf}


@cache
def served() -> Served:
    """Serve the sample register from a folder that is left to the system."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    live = LiveRegistry(people.filled_store(folder), 1.0, lambda: 0.0)
    settings = Settings(
        staff_token=sample.TOKEN, data=str(folder), report_limits=MANY, sign_in_limits=MANY,
        visit_limits=MANY, roads="none",
    )  # fmt: skip
    app = create_app(settings, live, lambda: sample.NOW, jobs_folder=folder / "jobs")
    named = [role for role in ROLES if role not in {Role.PUBLIC, Role.ADMIN}]
    return Served(app, {role: people.Browser(app, f"{role}-here") for role in named})


def ask(asked: Asked, role: str) -> None:
    """Send a request through WSGI and read its answer to the end."""
    here = served()
    builder = EnvironBuilder(path="/", method=asked.method, input_stream=None, data=asked.body)
    environ = builder.get_environ()
    environ["PATH_INFO"], environ["QUERY_STRING"] = asked.path, asked.query
    for name, value in here.headers(role).items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ.update(asked.headers)
    told: list[str] = []
    begin: Any = lambda status, *_: told.append(status)  # noqa: E731 - of any type
    parts = here.app(environ, begin)
    try:
        for _ in parts:
            pass
    finally:
        if hasattr(parts, "close"):
            parts.close()
    if not told or int(told[0][:3]) >= OURS:
        raise ServerFaultError(f"{told} to {asked.method} {rule_of(asked)}")


def rule_of(asked: Asked) -> str:
    """Return the rule of an address, to tell faults apart."""
    try:
        path = asked.path.encode("latin-1", "replace").decode("utf-8", "replace")
        bound = served().app.url_map.bind("localhost")
        return str(bound.match(path, method=asked.method, return_rule=True)[0])
    except Exception:  # noqa: BLE001 - whatever it is, it has no rule
        return "no rule"


@st.composite
def requests(draw: DrawFn, part: str) -> Asked:
    """Make a request to one of the addresses that begin with ``part``."""
    method, path = draw(st.sampled_from(_addresses(part)))
    body = b""
    if method in {"POST", "PUT", "PATCH", "DELETE"}:
        body = draw(json_bytes(BODIES))
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), texts(SAID), max_size=2))
    headers = {name: _wire(value) for name, value in headers.items()}
    if body and draw(st.integers(0, 9)):
        headers["CONTENT_TYPE"] = "application/json"
    if draw(st.integers(0, 5)) == 0:
        path = draw(texts([path], ("/", "..", "//", "%2e", "S001")))
        path = "/" + path.lstrip("/")
    return Asked(method, _wire(path), draw(_queries()), headers, body)


def _queries() -> SearchStrategy[str]:
    name, value = st.sampled_from(NAMES), st.sampled_from(VALUES) | texts(VALUES)
    pairs = st.lists(st.tuples(name | st.sampled_from(NASTY), value), max_size=6)
    built = pairs.map(lambda all_: "&".join(f"{_quoted(n)}={_quoted(v)}" for n, v in all_))
    many = st.sampled_from(("a=&" * 5_000, "x" * 20_000, "lon=1&" * 3_000, "%ff%fe=%00", "%=%%"))
    raw = st.binary(max_size=40).map(lambda data: data.decode("latin-1"))
    return st.integers(0, 19).flatmap(lambda n: many if n == 0 else raw if n == 1 else built)


def _quoted(text: str) -> str:
    return quote(text, safe="/:,", errors="surrogatepass")


def _wire(text: str) -> str:
    return (
        text.encode("utf-8", "surrogatepass").decode("latin-1").replace("\r", "").replace("\n", "")
    )


@cache
def _addresses(part: str) -> list[tuple[str, str]]:
    given = {
        "station_id": "S001", "name": "parks", "job_id": "none", "sha256": "0" * 64, "item": "P0",
        "what": "stations", "form": "csv", "filename": "icon.svg", "page": "web/plan.md",
        "zoom": 8, "x": 200,
        "y": 100, "row": 100, "column": 200, "upload_id": "none", "plan_id": "none",
    }  # fmt: skip
    found = []
    app = served().app
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            built = rule.build({name: given.get(name, 1) for name in rule.arguments})
            if built is None or not str(rule).startswith(part) or built[1] in LEAVING:
                continue
            found += [
                (method, built[1]) for method in sorted((rule.methods or set()) - {"OPTIONS"})
            ]
    return found


def _raw(part: str, role: str, share: int) -> Target:
    inputs = st.deferred(lambda: requests(part))
    return Target(f"raw {part} as {role}", inputs, lambda asked: ask(asked, role), share)


def targets(role: str = "") -> list[Target]:
    """Return requests as each role, or as one."""
    roles = [role] if role else list(ROLES)
    return [
        *(_raw("/ogc", each, 2) for each in roles),
        *(_raw("/api/v1", each, 4) for each in roles),
        *(_raw("/", each, 1) for each in roles),
    ]
