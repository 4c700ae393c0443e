"""Headers of every page, the strictest content policy among them, and what a proxy may say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.web import sample
from web.app import create_app
from web.guard import HEADERS
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from stations.registry import LiveRegistry

HSTS = "Strict-Transport-Security"
GIVEN = {
    "station_id": "S001", "filename": "icon.svg", "package": "jquery", "file": "jquery.min.js",
    "name": "parks", "job_id": "none", "sha256": "0" * 64,
}  # fmt: skip
HASHED = re.compile(r"'sha256-[\w+/=]+'")
LOOSE = {("/api/docs", "style-src"): {"'unsafe-inline'"}}
"""Swagger UI writes style attributes; no text of anybody's is on that page."""
SAFE_SOURCES = {"'self'", "'none'", "data:", "blob:"}


def addresses(app: APIFlask) -> Iterator[str]:
    """Yield an address of every rule that is asked by GET."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()):
                values: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
                values |= {name: GIVEN[name] for name in rule.arguments & GIVEN.keys()}
                built = rule.build(values)
                if built is not None:
                    yield built[1]


def policy(text: str) -> dict[str, set[str]]:
    parts = [part.split() for part in text.split(";")]
    return {name: set(sources) for name, *sources in parts}


def test_every_address_has_every_header_and_a_strict_policy(
    app: APIFlask, client: FlaskClient
) -> None:
    pages = 0
    for address in sorted({*addresses(app), "/nothing", "/api/v1/nothing"}):
        with client.get(address, headers=sample.STAFF) as answer:
            pass
        lacking = HEADERS.keys() - {name for name, _ in answer.headers}
        assert not lacking, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        kind = answer.headers["Content-Type"]
        assert not kind.startswith(("text/", "image/svg+xml")) or "charset=utf-8" in kind, address
        told = policy(answer.headers["Content-Security-Policy"])
        assert told.get("default-src") == {"'none'"}, address
        if answer.mimetype == "text/javascript":
            continue
        assert told.get("frame-ancestors") == {"'none'"}, address
        assert told["base-uri"] == {"'none'"}, address
        if answer.mimetype != "text/html":
            continue
        pages += 1
        for name, sources in told.items():
            loose = {each for each in sources - SAFE_SOURCES if not HASHED.fullmatch(each)}
            assert loose <= LOOSE.get((address, name), set()), (address, name)
        assert "data:" not in told.get("script-src", set())
    assert pages >= 8


def test_browsers_are_told_of_https_over_https_only(live: LiveRegistry) -> None:
    near = f"/api/v1/nearest?lon={sample.KUNMING[0]}&lat={sample.KUNMING[1]}"
    settings = Settings(hsts_days=365, proxies=1)
    client = create_app(settings, live, lambda: sample.NOW).test_client()
    for path in ("/map", near, "/nothing"):
        sealed = client.get(path, headers={"X-Forwarded-Proto": "https"})
        assert sealed.headers[HSTS] == "max-age=31536000"
        assert sealed.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert HSTS not in client.get(path).headers
    plain = create_app(Settings(), live, lambda: sample.NOW).test_client()
    assert HSTS not in plain.get("/map", base_url="https://localhost").headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("stations.example.org", 200),
        ("a.b.example.net", 200),
        ("example.org", 400),
        ("stations.example.org.evil.test", 400),
        ("evil.test", 400),
    ],
)
def test_other_names_are_refused(live: LiveRegistry, host: str, status: int) -> None:
    settings = Settings(hosts="stations.example.org, .example.net")
    client = create_app(settings, live, lambda: sample.NOW).test_client()
    assert client.get("/api/v1/register", headers={"Host": host}).status_code == status
    forwarded = {"Host": "stations.example.org", "X-Forwarded-Host": "evil.test"}
    assert client.get("/api/v1/register", headers=forwarded).status_code == 200


def test_a_forwarded_address_counts_only_from_our_proxies(live: LiveRegistry) -> None:
    def limited(proxies: int) -> list[int]:
        settings = Settings(proxies=proxies, report_limits="2 per minute")
        client = create_app(settings, live, lambda: sample.NOW).test_client()
        sent = [
            client.post(
                "/api/v1/stations/NONE/reports",
                json={"outcome": "worked"},
                headers={"X-Forwarded-For": f"198.51.100.{number}"},
            )
            for number in range(4)
        ]
        return [each.status_code for each in sent]

    assert 429 not in limited(1)
    assert limited(0)[-1] == 429
