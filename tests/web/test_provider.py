"""Signing in by way of a provider that speaks OpenID Connect: a real one, on loopback."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from shutil import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from geodata.errors import UsageError
from stations.registry import LiveRegistry
from stations.store import Store
from tests.web import people, sample
from tests.web.people import Browser
from tests.web.provider import CLIENT, PERSON, SECRET, Provider, providing
from web.app import create_app
from web.auth import arrivals
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from werkzeug.test import TestResponse

NAME, HOST = "inspector-here", "http://localhost"
EMAIL = "wang.fang@example.org"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with providing(tmp_path_factory.mktemp("provider")) as provider:
        provider.register(f"{HOST}/signin/back", f"{HOST}/signin")
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.who, running.spoil, running.metadata, running.headers = "wang", None, {}, {}
    running.people.clear()
    running.people.update(wang=dict(PERSON), li={"preferred_username": "li"})
    running.asked.clear()
    return running


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    people.filled_store(folder).close()
    return folder / "stations.db"


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Iterator[Store]:
    copy(template, tmp_path)
    with Store.open(f"sqlite:///{tmp_path / 'stations.db'}") as opened:
        yield opened


def settings(provider: Provider, **more: Any) -> Settings:
    told = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    return Settings(**{"sign_in_limits": "9999 per hour", **told, **more})


def application(store: Store, told: Settings) -> APIFlask:
    return create_app(told, LiveRegistry(store, 1.0, time.monotonic), lambda: sample.NOW)


@pytest.fixture
def app(store: Store, provider: Provider) -> APIFlask:
    return application(store, settings(provider))


def link(store: Store, name: str = NAME, **how: str) -> None:
    account, issuer = store.accounts.get(name), how.pop("issuer")
    arrivals.link(store, account, issuer, **how, who="test", now=sample.NOW)


def away(browser: Browser, query: str = "") -> str:
    """Begin; return the address the browser comes back to from the provider."""
    there = browser.client.get(f"/signin/provider{query}")
    assert there.status_code == 302, there.get_data(as_text=True)
    back = requests.get(there.headers["Location"], allow_redirects=False, timeout=9)
    return str(back.headers["Location"])


def come(browser: Browser, query: str = "") -> TestResponse:
    """Go to the provider and come back."""
    return browser.client.get(away(browser, query).removeprefix(HOST))


def who(browser: Browser) -> dict[str, Any]:
    told: dict[str, Any] = browser.ask("GET", "/api/v1/me").get_json()
    return told


def trouble(answer: TestResponse) -> str:
    page: str = answer.get_data(as_text=True)
    return page.partition('data-t="provider_')[2].partition('"')[0]


@pytest.fixture
def subject(app: APIFlask, provider: Provider) -> str:
    """Return the provider's mark of who comes: the page tells it to whom nobody knows."""
    page: str = come(Browser(app)).get_data(as_text=True)
    found = page.partition('<code id="subject">')[2].partition("</code>")[0]
    assert found
    provider.asked.clear()
    return found


@pytest.fixture
def linked(store: Store, provider: Provider, subject: str) -> str:
    link(store, issuer=provider.issuer, subject=subject)
    return subject


def test_in_and_out(app: APIFlask, store: Store, linked: str) -> None:
    browser = Browser(app)
    browser.client.set_cookie("stations", "chosen-by-somebody-else")
    answer = come(browser, "?next=/plan?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/plan?x=1")
    assert answer.headers["Cache-Control"] == "no-store"
    me = who(browser)
    assert (me["name"], me["role"], me["area"]) == (NAME, "inspector", "5301")
    assert (me["by_provider"], me["must_change"]) == (True, False)
    cookie = browser.client.get_cookie("stations")
    assert cookie is not None
    assert cookie.value != "chosen-by-somebody-else"
    browser.csrf = me["csrf"]
    left = browser.ask("DELETE", "/api/v1/sessions").get_json()["leave"]
    parts = urlsplit(left)
    assert parts.path == "/leave"
    assert parse_qs(parts.query)["post_logout_redirect_uri"] == [f"{HOST}/signin"]
    assert who(browser)["name"] == ""
    assert linked not in left
    assert [each.event for each in store.accounts.log(limit=2, account=NAME)] == [
        "signed_out", "signed_in",
    ]  # fmt: skip


def test_the_way_there(app: APIFlask, provider: Provider) -> None:
    browser = Browser(app)
    there = browser.client.get("/signin/provider", base_url="https://localhost")
    asked = {
        name: value for name, [value] in parse_qs(urlsplit(there.headers["Location"]).query).items()
    }
    assert there.headers["Location"].startswith(f"{provider.issuer}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 20
    assert asked["redirect_uri"] == "https://localhost/signin/back"
    [cookie] = there.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Secure-stations-way=")
    assert {"Secure", "HttpOnly", "Path=/signin", "SameSite=Lax"} <= set(cookie.split("; "))
    assert SECRET not in str(there.headers)


def test_what_one_browser_began_no_other_ends(app: APIFlask, linked: str) -> None:
    thief, mine = Browser(app), Browser(app)
    address = away(thief).removeprefix(HOST)
    answer = mine.client.get(address)
    assert (answer.status_code, trouble(answer)) == (400, "stale")
    assert who(mine)["name"] == ""
    assert thief.client.get(address).status_code == 303
    assert trouble(thief.client.get(address)) == "stale"  # it is used up


@pytest.mark.parametrize(
    "change", ["&iss=https://other.example", "&error=access_denied&error_description=<b>"]
)
def test_ways_back_that_are_none(
    app: APIFlask, linked: str, change: str, provider: Provider
) -> None:
    browser = Browser(app)
    answer = browser.client.get(away(browser).removeprefix(HOST).replace("iss=", "was=") + change)
    assert trouble(answer) == ("stale" if "iss" in change else "denied")
    assert "<b>" not in answer.get_data(as_text=True)
    assert "/token" not in provider.asked
    assert who(browser)["name"] == ""


def claims(**changed: Any) -> Callable[[dict[str, Any]], None]:
    return lambda told: told.update(changed)


SPOILT: dict[str, Callable[[dict[str, Any]], None]] = {
    "nonce": claims(nonce="another"),
    "no nonce": lambda told: told.pop("nonce"),
    "issuer": claims(iss="https://other.example"),
    "no issuer": lambda told: told.pop("iss"),
    "expired": lambda told: told.update(exp=int(time.time()) - 120, iat=int(time.time()) - 999),
    "not yet": lambda told: told.update(iat=int(time.time()) + 600, nbf=int(time.time()) + 600),
    "never ends": lambda told: told.pop("exp"),
    "for another": claims(aud=["another"]),
    "for another too": claims(aud=[CLIENT, "another"], azp=CLIENT),
    "by another": claims(azp="another"),
    "nobody": claims(sub=""),
    "no text": claims(sub=7),
    "long": claims(sub="x" * 256),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_tokens_that_are_wrong(
    app: APIFlask, provider: Provider, linked: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    provider.spoil = spoil
    browser = Browser(app)
    answer = come(browser)
    assert (answer.status_code, trouble(answer)) == (502, "failed")
    assert who(browser)["name"] == ""
    provider.spoil = None
    assert come(browser).status_code == 303


def test_a_clock_a_little_off_does_no_harm(app: APIFlask, provider: Provider, linked: str) -> None:
    provider.spoil = lambda told: told.update(exp=int(time.time()) - 30)
    assert come(Browser(app)).status_code == 303


def test_a_token_signed_with_what_both_know(app: APIFlask, provider: Provider, linked: str) -> None:
    provider.headers = {"alg": "HS256"}
    assert trouble(come(Browser(app))) == "failed"


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"token_endpoint": "http://other.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_is_another(store: Store, provider: Provider, told: dict[str, Any]) -> None:
    provider.metadata = told
    answer = Browser(application(store, settings(provider))).client.get("/signin/provider")
    assert (answer.status_code, trouble(answer)) == (503, "unreachable")


def test_a_provider_that_is_down(store: Store, provider: Provider) -> None:
    dead = settings(provider, oidc_issuer="http://127.0.0.1:9")
    browser = Browser(application(store, dead))
    answer = browser.client.get("/signin/provider?next=/plan")
    assert (answer.status_code, trouble(answer)) == (503, "unreachable")
    assert 'data-next="/plan"' in answer.get_data(as_text=True)
    led = browser.client.get("/signin/provider?next=//evil.example").get_data(as_text=True)
    assert "evil" not in led
    assert browser.sign_in(NAME).status_code == 201  # passwords work all the same


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_away(app: APIFlask, linked: str, onward: str) -> None:
    assert come(Browser(app), f"?next={onward}").headers["Location"] == "/map"


def test_addresses_count_only_where_an_admin_said_so(
    app: APIFlask, store: Store, provider: Provider
) -> None:
    assert trouble(come(Browser(app))) == "unknown"
    link(store, issuer=provider.issuer, email="WANG.fang@example.org")
    for unproven in (False, "true", 1, None):
        provider.spoil = claims(email_verified=unproven)
        assert trouble(come(Browser(app))) == "unknown"
    provider.spoil = None
    browser = Browser(app)
    assert come(browser).status_code == 303
    assert who(browser)["name"] == NAME
    provider.people["wang"].clear()  # the address is another's from now on
    provider.people["li"] |= {"email": EMAIL, "email_verified": True}
    provider.who = "li"
    assert trouble(come(Browser(app))) == "unknown"
    provider.who = "wang"
    assert come(Browser(app)).status_code == 303


def test_an_address_in_letters_beyond_ascii_is_another(
    app: APIFlask, store: Store, provider: Provider
) -> None:
    """The sign of kelvin is a k in small letters."""
    link(store, issuer=provider.issuer, email="kim@example.org")
    provider.spoil = claims(email="\u212aim@example.org")
    assert trouble(come(Browser(app))) == "unknown"
    provider.spoil = claims(email="KIM@example.org")
    assert come(Browser(app)).status_code == 303


def test_two_accounts_under_one_address_are_nobodys(
    app: APIFlask, store: Store, provider: Provider
) -> None:
    for name in (NAME, "planner-here"):
        link(store, name, issuer=provider.issuer, email=EMAIL)
    assert trouble(come(Browser(app))) == "unknown"


def test_no_address_makes_an_admin(app: APIFlask, store: Store, provider: Provider) -> None:
    with pytest.raises(UsageError, match="by the subject"):
        link(store, "admin-here", issuer=provider.issuer, email=EMAIL)
    link(store, issuer=provider.issuer, email=EMAIL)
    store.accounts.change(NAME, {"role": "admin"}, who="test", at=sample.NOW)
    assert trouble(come(Browser(app))) == "unknown"


def test_an_address_waits_two_weeks(app: APIFlask, store: Store, provider: Provider) -> None:
    account = store.accounts.get(NAME)
    old = sample.NOW - timedelta(days=14)
    arrivals.link(store, account, provider.issuer, email=EMAIL, who="test", now=old)
    assert trouble(come(Browser(app))) == "unknown"


def test_one_provider_is_not_another(app: APIFlask, store: Store, subject: str) -> None:
    link(store, issuer="https://other.example", subject=subject)
    assert trouble(come(Browser(app))) == "unknown"


def test_newcomers_wait_for_an_admin(store: Store, provider: Provider) -> None:
    app = application(store, settings(provider, oidc_newcomers="wait"))
    provider.people["wang"]["preferred_username"] = f"{NAME}"  # a name that is taken
    assert [trouble(come(Browser(app))) for _ in range(2)] == ["waiting", "waiting"]
    [made] = [each for each in store.accounts.all() if each.name.startswith(f"{NAME}-")]
    assert (made.title, made.role, made.active, made.password) == ("王芳", "inspector", False, "")
    admin = Browser(app, "admin-everywhere")
    refused = admin.ask("PATCH", f"/api/v1/accounts/{made.name}", json={"active": True})
    assert refused.status_code == 400  # no area would be everywhere
    admin.ask("PATCH", f"/api/v1/accounts/{made.name}", json={"area": "5301", "active": True})
    browser = Browser(app)
    assert come(browser).status_code == 303
    assert who(browser)["area"] == "5301"


@pytest.mark.parametrize("name", ["staff", "", "<b>x</b>", "../..", "x" * 200, "\u202ea"])
def test_names_of_newcomers(store: Store, provider: Provider, name: str) -> None:
    app = application(store, settings(provider, oidc_newcomers="wait"))
    provider.people["li"] = {"preferred_username": name, "name": "\u202e" + "y" * 200}
    provider.who = "li"
    before = {each.name for each in store.accounts.all()}
    assert trouble(come(Browser(app))) == "waiting"
    [made] = [each for each in store.accounts.all() if each.name not in before]
    assert made.name not in {"staff", ""}
    assert made.title == ""


def test_sessions_end_with_what_they_began_with(
    app: APIFlask, store: Store, provider: Provider, linked: str
) -> None:
    admin = Browser(app, "admin-everywhere")

    def begun() -> Browser:
        browser = Browser(app)
        assert come(browser).status_code == 303
        assert who(browser)["name"] == NAME
        return browser

    browser = begun()
    stolen = browser.client.get_cookie("stations")
    assert stolen is not None
    another = settings(provider, oidc_issuer="https://other.example")
    for told in (Settings(), another):  # no provider any more, or not that one
        other = Browser(application(store, told))
        other.client.set_cookie("stations", stolen.value)
        assert who(other)["name"] == ""
    path = f"/api/v1/accounts/{NAME}/identity"
    told = admin.ask("GET", "/api/v1/accounts").get_json()
    assert told["provider"] is True
    [mine] = [each["identity"] for each in told["accounts"] if each["identity"]]
    assert mine == {"subject": linked, "email": "", "until": ""}
    assert admin.ask("DELETE", path).get_json()["identity"] is None
    assert who(browser)["name"] == ""
    assert admin.ask("DELETE", path).status_code == 404
    assert admin.ask("PUT", path, json={"subject": linked}).get_json()["identity"]["subject"]
    browser = begun()
    store.accounts.change(NAME, {"active": False}, who="test", at=sample.NOW)
    assert who(browser)["name"] == ""
    answer = come(Browser(app))
    assert (answer.status_code, trouble(answer)) == (403, "inactive")


def test_a_subject_has_one_account(app: APIFlask, store: Store, linked: str) -> None:
    admin = Browser(app, "admin-everywhere")
    path = "/api/v1/accounts/editor-here/identity"
    assert admin.ask("PUT", path, json={"subject": linked}).status_code == 409
    for wrong in ({}, {"subject": "a", "email": "b@c.d"}, {"email": "nothing"}, {"subject": "a\0"}):
        assert admin.ask("PUT", path, json=wrong).status_code == 400
    assert come(Browser(app)).status_code == 303


def test_a_password_made_by_another_does_not_matter_here(
    app: APIFlask, store: Store, linked: str
) -> None:
    admin = Browser(app, "admin-everywhere")
    admin.ask("POST", f"/api/v1/accounts/{NAME}/password")
    browser = Browser(app)
    come(browser)
    assert (who(browser)["role"], who(browser)["must_change"]) == ("inspector", False)


def test_tries_are_counted(store: Store, provider: Provider) -> None:
    app = application(store, settings(provider, sign_in_limits="2 per hour"))
    browser = Browser(app)
    answers = [browser.client.get("/signin/provider").status_code for _ in range(3)]
    assert answers == [302, 302, 429]
    assert browser.client.get("/signin/back").status_code == 429


def test_without_a_provider_there_is_none(store: Store) -> None:
    browser = Browser(application(store, Settings()))
    assert "provider" not in browser.client.get("/signin").get_data(as_text=True)
    for path in ("/signin/provider", "/signin/back"):
        assert browser.client.get(path).status_code == 404
    admin = Browser(application(store, Settings()), "admin-everywhere")
    path = f"/api/v1/accounts/{NAME}/identity"
    assert admin.ask("PUT", path, json={"subject": "a"}).status_code == 400


def test_nothing_secret_is_told(
    app: APIFlask, provider: Provider, linked: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.spoil = claims(nonce="another")
    browser = Browser(app)
    answer = come(browser)
    provider.spoil = None
    come(browser)
    assert "nobody was let in" in caplog.text

    ours = [each for each in caplog.records if each.name.startswith(("web", "authlib", "urllib3"))]
    logged = " ".join(each.getMessage() for each in ours)
    told = f"{logged} {answer.get_data(as_text=True)} {settings(provider)!r} {app.extensions}"
    for secret in (SECRET, linked, EMAIL, "code_verifier", "id_token"):
        assert secret not in told


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"oidc_issuer": "https://a.example"}, "together"),
        ({"oidc_client_secret": SECRET}, "together"),
        ({"oidc_issuer": "http://a.example"}, "https"),
        ({"oidc_issuer": "https://a.example?x=1"}, "https"),
        ({"oidc_issuer": "https://u:p@a.example"}, "https"),
        ({"oidc_issuer": "https://[a"}, "https"),
        ({"oidc_client_secret": "short"}, "16 characters"),
        ({"oidc_newcomers": "admin"}, "refuse, wait"),
        ({"oidc_label": "a\nb"}, "one line"),
    ],
)
def test_settings_that_cannot_work(said: dict[str, str], why: str) -> None:
    whole = {
        "oidc_issuer": "https://a.example",
        "oidc_client_id": "x",
        "oidc_client_secret": SECRET,
    }
    with pytest.raises(UsageError, match=why) as caught:
        Settings(**(said if why == "together" else {**whole, **said}))  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)
