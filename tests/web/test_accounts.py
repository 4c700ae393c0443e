"""Signing in and out, what ends a session, tokens, and who cannot get in."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import timedelta
from shutil import copy
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from geodata.errors import UsageError
from stations.registry import LiveRegistry
from stations.store import Store
from tests.web import people, sample
from tests.web.people import PASSWORD, Browser
from web.app import create_app
from web.auth import doors, passwords
from web.auth import people as making
from web.settings import Settings
from web.signing import START, local_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from apiflask import APIFlask

NAME = "inspector-here"
SECOND = timedelta(seconds=1)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = sample.NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


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


@pytest.fixture
def app(store: Store, clock: Clock) -> APIFlask:
    settings = Settings(staff_token=sample.TOKEN, sign_in_limits="9999 per hour")
    return create_app(settings, LiveRegistry(store, 1.0, time.monotonic), clock)


@pytest.fixture
def browser(app: APIFlask) -> Browser:
    return Browser(app, NAME)


def who(browser: Browser) -> str:
    name: str = browser.ask("GET", "/api/v1/me").get_json()["name"]
    return name


def events(store: Store, account: str = NAME) -> list[tuple[str, str]]:
    return [(each.event, each.who) for each in store.accounts.log(limit=99, account=account)]


def test_in_and_out(app: APIFlask, store: Store) -> None:
    browser = Browser(app)
    assert who(browser) == ""
    answer = browser.sign_in("ＩＮＳＰＥＣＴＯＲ-Here ")
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["name"], told["role"], told["area"]) == (NAME, "inspector", "5301")
    assert (told["area_name"], told["must_change"]) == ("云南省昆明市", False)
    assert who(browser) == NAME
    left = browser.ask("DELETE", "/api/v1/sessions")
    assert left.get_json() == {"done": True, "leave": ""}
    assert who(browser) == ""
    assert browser.client.get_cookie("stations") is None
    assert events(store)[:2] == [("signed_out", NAME), ("signed_in", NAME)]


def test_the_cookie(app: APIFlask) -> None:
    told = {"name": NAME, "password": PASSWORD}
    for scheme, name in (("http", "stations"), ("https", "__Host-stations")):
        client = app.test_client()
        answer = client.post("/api/v1/sessions", json=told, base_url=f"{scheme}://localhost")
        session, hint = answer.headers.getlist("Set-Cookie")
        assert session.startswith(f"{name}=")
        parts = {part.strip().partition("=")[0] for part in session.split(";")[1:]}
        assert {"HttpOnly", "SameSite", "Path", "Max-Age"} <= parts
        assert "Domain" not in parts
        assert ("Secure" in parts) == (scheme == "https")
        assert "SameSite=Lax" in session
        assert "stations_in=1" in hint
        secret = session.partition("=")[2].partition(";")[0]
        assert len(secret) >= 43
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_store_knows_no_secret(browser: Browser, store: Store, tmp_path: Path) -> None:
    cookie = browser.client.get_cookie("stations")
    assert cookie is not None
    wish = {"label": "x", "scopes": ["read"]}
    token = browser.ask("POST", "/api/v1/me/tokens", json=wish).get_json()["token"]
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert NAME.encode() in kept
    for secret in (cookie.value, token, PASSWORD, browser.csrf):
        assert secret.encode() not in kept


def test_a_session_given_from_outside_is_not_taken(app: APIFlask) -> None:
    browser = Browser(app)
    browser.client.set_cookie("stations", "chosen-by-somebody-else")
    browser.sign_in(NAME)
    cookie = browser.client.get_cookie("stations")
    assert cookie is not None
    assert cookie.value != "chosen-by-somebody-else"
    other = Browser(app)
    other.client.set_cookie("stations", "chosen-by-somebody-else")
    assert who(other) == ""


def test_signing_in_again_ends_the_session_before(app: APIFlask, browser: Browser) -> None:
    before = browser.client.get_cookie("stations")
    assert before is not None
    browser.sign_in("editor-here")
    assert who(browser) == "editor-here"
    thief = Browser(app)
    thief.client.set_cookie("stations", before.value)
    assert who(thief) == ""


@pytest.mark.parametrize(
    "sent",
    [
        {"name": NAME, "password": "another password"},
        {"name": NAME, "password": PASSWORD + "x"},
        {"name": NAME, "password": "x" * 1000},
        {"name": "nobody", "password": PASSWORD},
        {"name": "staff", "password": "not the token at all"},
        {"name": "staff", "password": "口令"},
        {"name": "' OR 1=1 --", "password": PASSWORD},
        {"name": "a\0b", "password": "\0"},
        {"name": "<script>alert(1)</script>", "password": "${7*7}"},
        {"name": "\u202ereppus", "password": PASSWORD},
    ],
)
def test_whatever_is_wrong_is_answered_alike(app: APIFlask, sent: dict[str, str]) -> None:
    client = app.test_client()
    answer = client.post("/api/v1/sessions", json=sent)
    assert answer.status_code == 401
    assert answer.get_json()["detail"] == doors.WRONG
    assert "Set-Cookie" not in answer.headers
    assert sent["name"] not in answer.get_data(as_text=True)


def test_what_was_typed_as_a_name_is_not_logged(app: APIFlask, store: Store) -> None:
    Browser(app).sign_in(PASSWORD, "x")
    [line] = store.accounts.log(limit=1)
    assert (line.event, line.account, line.who, line.details) == ("password_wrong", "", "", "")


@pytest.mark.parametrize("name", [NAME, "nobody-of-this-name", "staff"])
def test_failures_cost_more_and_more_time(
    app: APIFlask, clock: Clock, name: str, store: Store
) -> None:
    browser, right = Browser(app), sample.TOKEN if name == "staff" else PASSWORD
    for _ in range(doors.FREE_TRIES):
        assert browser.sign_in(name, "wrong").status_code == 401
    waits = []
    for _ in range(8):
        locked = browser.sign_in(name, right)
        assert locked.status_code == 429
        waits.append(int(locked.headers["Retry-After"]))
        clock.now += timedelta(seconds=waits[-1]) - SECOND
        assert browser.sign_in(name, right).status_code == 429
        clock.now += SECOND
        assert browser.sign_in(name, "wrong").status_code == 401
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    clock.now += doors.LONGEST_WAIT
    found = browser.sign_in(name, right)
    assert found.status_code == (401 if name.startswith("nobody") else 201)
    if found.status_code == 201:
        for _ in range(doors.FREE_TRIES - 1):  # forgotten
            assert browser.sign_in(name, "wrong").status_code == 401
        assert browser.sign_in(name, right).status_code == 201


def test_one_name_s_failures_are_not_another_s(app: APIFlask, clock: Clock) -> None:
    browser = Browser(app)
    for _ in range(doors.FREE_TRIES):
        browser.sign_in("editor-here", "wrong")
    assert browser.sign_in("editor-here").status_code == 429
    assert browser.sign_in(NAME).status_code == 201
    clock.now += timedelta(days=1, seconds=1)
    assert browser.sign_in("editor-here").status_code == 201


def test_a_new_password_opens_what_was_locked(app: APIFlask, store: Store) -> None:
    browser = Browser(app)
    for _ in range(doors.FREE_TRIES):
        browser.sign_in(NAME, "wrong")
    assert browser.sign_in(NAME).status_code == 429
    made = making.reset_password(store, NAME, who="test", now=sample.NOW)
    assert browser.sign_in(NAME, made).status_code == 201


def test_one_address_has_so_many_tries(store: Store, clock: Clock) -> None:
    settings = Settings(sign_in_limits="3 per minute")
    app = create_app(settings, LiveRegistry(store, 1.0, time.monotonic), clock)
    browser = Browser(app)
    names = [browser.sign_in(f"guess{i}").status_code for i in range(4)]
    assert names == [401, 401, 401, 429]
    assert browser.sign_in(NAME).status_code == 429


@pytest.mark.parametrize(
    ("name", "idle", "longest"),
    [
        (NAME, timedelta(hours=12), timedelta(days=7)),
        ("admin-here", timedelta(hours=1), timedelta(hours=12)),
    ],
)
def test_sessions_end_unused_and_in_the_end(
    app: APIFlask, clock: Clock, name: str, idle: timedelta, longest: timedelta
) -> None:
    begun = clock.now
    browser = Browser(app, name)
    clock.now += idle - SECOND
    assert who(browser) == name
    clock.now += idle - SECOND
    assert who(browser) == name
    clock.now += idle
    assert who(browser) == ""
    clock.now = begun
    browser = Browser(app, name)
    while clock.now < begun + longest - idle:
        clock.now += idle / 2
        assert who(browser) == name
    clock.now = begun + longest - SECOND
    assert who(browser) == name
    clock.now += SECOND
    assert who(browser) == ""


UNSAFE = [("POST", "/api/v1/coverage/jobs?layer=parks&within=1km"), ("DELETE", "/api/v1/sessions")]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "口令".encode().decode("latin-1")},
        {"X-CSRF-Token": "{right}", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "{right}", "Origin": "null"},
        {"X-CSRF-Token": "{right}", "Origin": "http://localhost.evil.example"},
        {"X-CSRF-Token": "{right}", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "{right}", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_hosts_pages_change_nothing(
    browser: Browser, method: str, path: str, headers: dict[str, str]
) -> None:
    sent = {name: value.format(right=browser.csrf) for name, value in headers.items()}
    answer = browser.client.open(path, method=method, headers=sent)
    assert answer.status_code == 403
    assert who(browser) == NAME


@pytest.mark.parametrize("origin", [None, "http://localhost", "http://LOCALHOST"])
def test_our_own_pages_change_what_they_may(browser: Browser, origin: str | None) -> None:
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"} if origin else {}
    assert browser.ask("DELETE", "/api/v1/sessions", headers=headers).status_code == 200


def test_another_session_s_token_is_not_enough(app: APIFlask, browser: Browser) -> None:
    other = Browser(app, NAME)
    assert other.csrf != browser.csrf
    headers = {"X-CSRF-Token": other.csrf}
    assert browser.client.delete("/api/v1/sessions", headers=headers).status_code == 403


def test_no_other_host_s_page_signs_anybody_in(app: APIFlask) -> None:
    told = {"name": NAME, "password": PASSWORD}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = app.test_client().post("/api/v1/sessions", json=told, headers=headers)
        assert answer.status_code == 403
    answer = app.test_client().post("/api/v1/sessions", data=told)  # as a form does
    assert answer.status_code == 415


def test_a_bearer_s_token_needs_no_other(app: APIFlask) -> None:
    answer = app.test_client().post(UNSAFE[0][1], headers=sample.STAFF)
    assert answer.status_code == 202


def test_a_new_password(app: APIFlask, browser: Browser, store: Store) -> None:
    other, new = Browser(app, NAME), "山那边的人们都知道这条路"
    path = "/api/v1/me/password"
    assert browser.ask("POST", path, json={"old": "wrong", "new": new}).status_code == 403
    for poor in ("short", f"{NAME}123", "password1234", PASSWORD):
        answer = browser.ask("POST", path, json={"old": PASSWORD, "new": poor})
        assert answer.status_code in {400, 403}
    assert who(other) == NAME
    before = browser.client.get_cookie("stations")
    answer = browser.ask("POST", path, json={"old": PASSWORD, "new": new})
    assert answer.status_code == 200
    assert who(other) == ""
    assert who(browser) == NAME
    assert browser.client.get_cookie("stations") != before
    assert answer.get_json()["csrf"] != browser.csrf
    assert Browser(app).sign_in(NAME).status_code == 401
    assert Browser(app).sign_in(NAME, new).status_code == 201
    assert ("password_set", NAME) in events(store)


def test_the_old_password_cannot_be_guessed_in_a_session(browser: Browser) -> None:
    sent = {"old": "guess", "new": "山那边的人们都知道这条路"}
    told = [
        browser.ask("POST", "/api/v1/me/password", json=sent).status_code
        for _ in range(doors.FREE_TRIES + 1)
    ]
    assert told == [403] * doors.FREE_TRIES + [429]


def test_a_password_made_by_another_must_be_changed(
    app: APIFlask, store: Store, clock: Clock
) -> None:
    made = making.reset_password(store, NAME, who="test", now=clock.now)
    browser = Browser(app, NAME, made)
    told = browser.ask("GET", "/api/v1/me").get_json()
    assert (told["name"], told["must_change"]) == (NAME, True)
    assert browser.ask("GET", "/api/v1/me/sessions").status_code == 401
    names = [each["name"] for each in browser.ask("GET", "/api/v1/layers").get_json()["layers"]]
    assert names == ["parks"]
    sent = {"old": made, "new": "山那边的人们都知道这条路"}
    assert browser.ask("POST", "/api/v1/me/password", json=sent).status_code == 200
    names = [each["name"] for each in browser.ask("GET", "/api/v1/layers").get_json()["layers"]]
    assert names == ["border_posts", "parks"]
    again = making.reset_password(store, NAME, who="test", now=clock.now)
    clock.now += making.ONCE
    assert Browser(app).sign_in(NAME, again).status_code == 401


@pytest.mark.parametrize(
    "change", [{"active": False}, {"role": "editor"}, {"area": "5331"}, {"title": "新"}]
)
def test_a_changed_account_signs_in_again(
    app: APIFlask, browser: Browser, change: dict[str, Any], clock: Clock
) -> None:
    admin = Browser(app, "admin-everywhere")
    token = browser.ask(
        "POST", "/api/v1/me/tokens", json={"label": "x", "scopes": ["read"]}
    ).get_json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    answer = admin.ask("PATCH", f"/api/v1/accounts/{NAME}", json=change)
    assert answer.status_code == 200, answer.get_json()
    assert who(browser) == ""
    told = app.test_client().get("/api/v1/me", headers=bearer)
    if change == {"active": False}:
        assert told.status_code == 401
        assert browser.sign_in(NAME).status_code == 401
        admin.ask("PATCH", f"/api/v1/accounts/{NAME}", json={"active": True})
        assert app.test_client().get("/api/v1/me", headers=bearer).status_code == 401
    else:
        for name, value in change.items():
            assert told.get_json()[name] == value
    assert browser.sign_in(NAME).status_code == 201


def test_the_staff_token_s_sessions_end_with_it(store: Store, clock: Clock) -> None:
    live = LiveRegistry(store, 1.0, time.monotonic)
    app = create_app(Settings(staff_token=sample.TOKEN), live, clock)
    browser = Browser(app, "staff", sample.TOKEN)
    assert who(browser) == "staff"
    for path, method in (("me/tokens", "GET"), ("me/tokens", "POST"), ("me/password", "POST")):
        assert browser.ask(method, f"/api/v1/{path}", json={}).status_code == 403
    cookie = browser.client.get_cookie("stations")
    assert cookie is not None
    for token in (sample.TOKEN[::-1], ""):
        later = Browser(create_app(Settings(staff_token=token), live, clock))
        later.client.set_cookie("stations", cookie.value)
        assert who(later) == ""
        assert later.sign_in("staff", "").status_code == 400
        assert later.sign_in("staff", sample.TOKEN).status_code == 401


def test_tokens_end(app: APIFlask, browser: Browser, clock: Clock, store: Store) -> None:
    wish = {"label": "夜间导出", "scopes": ["report", "read"], "days": 2}
    made = browser.ask("POST", "/api/v1/me/tokens", json=wish).get_json()
    assert made["scopes"] == ["read", "report"]
    bearer = {"Authorization": f"Bearer {made['token']}"}
    client = app.test_client()
    assert client.get("/api/v1/me", headers=bearer).get_json()["scopes"] == ["read", "report"]
    [told] = browser.ask("GET", "/api/v1/me/tokens").get_json()["tokens"]
    assert (told["label"], told["used"]) == ("夜间导出", clock.now.isoformat())
    assert "token" not in told
    clock.now += timedelta(days=2) - SECOND
    assert client.get("/api/v1/me", headers=bearer).status_code == 200
    clock.now += SECOND
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    browser = Browser(app, NAME)
    made = browser.ask("POST", "/api/v1/me/tokens", json=wish).get_json()
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert Browser(app, "editor-here").ask(
        "DELETE", f"/api/v1/me/tokens/{made['id']}"
    ).status_code == 404  # fmt: skip
    assert client.get("/api/v1/me", headers=bearer).status_code == 200
    assert browser.ask("DELETE", f"/api/v1/me/tokens/{made['id']}").status_code == 200
    assert client.get("/api/v1/me", headers=bearer).status_code == 401
    assert ("token_revoked", NAME) in events(store)


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"label": "a\u202eb"}, "label"),
        ({"label": ""}, "label"),
    ],
)
def test_tokens_that_cannot_be(browser: Browser, wish: dict[str, Any], says: str) -> None:
    sent = {"label": "x", "scopes": ["read"], **wish}
    answer = browser.ask("POST", "/api/v1/me/tokens", json=sent)
    assert answer.status_code == 400
    assert says in answer.get_json()["detail"]


def test_an_account_has_so_many_tokens(browser: Browser) -> None:
    wish = {"label": "x", "scopes": ["read"]}
    told = [browser.ask("POST", "/api/v1/me/tokens", json=wish).status_code for _ in range(21)]
    assert told == [201] * 20 + [400]


def test_sessions_are_seen_and_ended(app: APIFlask, browser: Browser, clock: Clock) -> None:
    clock.now += SECOND
    other = Browser(app, NAME)
    told = browser.ask("GET", "/api/v1/me/sessions").get_json()["sessions"]
    assert [each["current"] for each in told] == [False, True]
    stranger = Browser(app, "editor-here")
    path = f"/api/v1/me/sessions/{told[0]['id']}"
    assert stranger.ask("DELETE", path).status_code == 404
    assert who(other) == NAME
    assert browser.ask("DELETE", path).status_code == 200
    assert who(other) == ""
    assert who(browser) == NAME


def test_everybody_sees_what_happened_at_their_own_account(app: APIFlask, browser: Browser) -> None:
    Browser(app).sign_in(NAME, "a wrong one")
    Browser(app).sign_in("editor-here", "a wrong one")
    admin = Browser(app, "admin-here")
    lines = browser.ask("GET", "/api/v1/me/log").get_json()["log"]
    assert [(each["event"], each["account"]) for each in lines[:2]] == [
        ("password_wrong", NAME), ("signed_in", NAME)
    ]  # fmt: skip
    made = admin.ask("POST", f"/api/v1/accounts/{NAME}/password").get_json()["password"]
    again = Browser(app, NAME, made)
    assert again.ask("GET", "/api/v1/me/log").status_code == 401
    new = {"old": made, "new": "山那边的人们都知道这条路"}
    assert again.ask("POST", "/api/v1/me/password", json=new).status_code == 200
    lines = again.ask("GET", "/api/v1/me/log").get_json()["log"]
    told = [(each["event"], each["who"]) for each in lines if each["event"] == "password_set"]
    assert told == [("password_set", NAME), ("password_set", "admin-here")]


def test_an_admin_makes_accounts(app: APIFlask, clock: Clock) -> None:
    admin = Browser(app, "admin-here")
    wish = {"name": " 王-Fang@总工会 ", "title": "王芳", "role": "editor", "area": "530102"}
    made = admin.ask("POST", "/api/v1/accounts", json=wish)
    assert made.status_code == 201
    told = made.get_json()
    assert told["account"]["name"] == "王-fang@总工会"
    assert told["account"]["area_name"] == "云南省昆明市五华区"
    assert made.headers["Cache-Control"] == "private, no-store"
    assert admin.ask("POST", "/api/v1/accounts", json=wish).status_code == 409
    browser = Browser(app, "王-FANG@总工会", told["password"])
    assert browser.ask("GET", "/api/v1/me").get_json()["must_change"] is True
    path = "/api/v1/accounts/王-fang@总工会"
    again = admin.ask("POST", f"{path}/password").get_json()["password"]
    assert who(browser) == ""
    assert Browser(app).sign_in(wish["name"], told["password"]).status_code == 401
    assert Browser(app).sign_in(wish["name"], again).status_code == 201
    log = admin.ask("GET", f"/api/v1/account-log?account={wish['name'].strip()}").get_json()["log"]
    assert [(each["event"], each["who"]) for each in log][-2:] == [
        ("signed_in", "王-fang@总工会"),
        ("account_made", "admin-here"),
    ]
    assert again not in str(log)


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "a b", "<b>", "a/b", "-a", ".a", "x" * 65, "a\0", "\u202ea", "staff", "ＳＴＡＦＦ",
        "a\nb", "${x}", "a`b",
    ],
)  # fmt: skip
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UsageError, match="a name has"):
        making.name_of(name)


@pytest.mark.parametrize("title", ["a\u202eb", "x" * 101, "a\0b", "a\u200bb", "x" * 90])
def test_titles_that_cannot_be(title: str) -> None:
    with pytest.raises(UsageError, match="plain text"):
        making.title_of(title, "wangfang")


def test_whoever_has_an_account_can_sign_what_they_did(app: APIFlask, store: Store) -> None:
    name = "x" * 64
    longest = "驿" * (100 - len(name) - 3)
    assert making.title_of(longest, name) == longest
    kept = store.accounts.get(NAME)
    older = replace(kept, name=name, title="驿" * 100)  # of before there was a limit
    store.accounts.add(older, who="test")
    sent = {"outcome": "worked", "kind": "inspection"}
    answer = Browser(app, name).ask("POST", "/api/v1/stations/S001/reports", json=sent)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert store.evidence()["who"].tolist() == [f"{longest} ({name})"]


@pytest.mark.parametrize(
    ("code", "digits"),
    [("", ""), ("53", "53"), ("530000", "53"), ("530100", "5301"), (" 530102 ", "530102")],
)
def test_areas(code: str, digits: str) -> None:
    assert making.area_of(code) == digits


@pytest.mark.parametrize("code", ["5", "530", "99", "5301021", "xx", "-53", "53%", "５３"])
def test_areas_that_are_none(code: str) -> None:
    with pytest.raises(UsageError, match="code"):
        making.area_of(code)


@pytest.mark.parametrize(
    "password",
    [
        "short", "elevenchars", "x1y2z3" * 22, "aaaaaaaaaaaa", "abababababab", "password1234",
        "PassWord1234", "ｐａｓｓｗｏｒｄ１２３４", "abcdefghijklm", "9876543210ab",
        "wangfang-wangfang", "wangfang1234", "123456789012", "x7k2vx7k2vx7", "woaini19900101",
        "qwertyuiop123456", "P@ssw0rd2024!!", "admin-2025-admin", "Zhonggonghui2024",
        "1qaz2wsx3edc4rfv", "a  b  c  d  e",
    ],
)  # fmt: skip
def test_passwords_that_will_not_do(password: str) -> None:
    with pytest.raises(UsageError, match="password"):
        passwords.check(password, "wangfang")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", PASSWORD, "   spaces count", "839201746520", "x1y2z3ab" * 16,
        "password of my garden", "🌲🌿🍄🌻🌾🐝🐞🦋🌧🌈🌙🌊",
    ],
)  # fmt: skip
def test_passwords_that_will_do(password: str) -> None:
    passwords.check(password, "wangfang")
    kept = passwords.hashed(password)
    assert kept.startswith("$argon2id$")
    assert passwords.matches(password, kept)
    assert not passwords.matches(password + " ", kept)
    assert not passwords.matches(password, "")
    assert not passwords.matches(password, "not a hash")


def test_a_password_longer_than_may_be_set_now_still_opens() -> None:
    long = "x1y2z3ab" * 20
    assert passwords.matches(long, passwords.hashed(long))
    assert not passwords.matches("x" * 257, passwords.hashed("x" * 257))


def test_width_makes_no_difference_to_a_password() -> None:
    assert passwords.matches(
        "ｃｏｒｒｅｃｔ　horse battery", passwords.hashed("correct horse battery")
    )


def test_made_up_passwords_will_do_and_differ() -> None:
    made = {passwords.made_up() for _ in range(50)}
    assert len(made) == 50
    for each in made:
        passwords.check(each, "wangfang")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/map", "/map"),
        ("/", "/"),
        ("/map?a=1&b=%2F#week=3", "/map?a=1&b=%2F#week=3"),
        ("/站/驿", "/站/驿"),
        *((each, START) for each in [
            "", "map", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://x.example",
            "javascript:alert(1)", "/a\\b", "/\t/evil.example", "/ /x", "/\n/x", "//", "///x",
            "http:/map", " /map", "/x\x7f", "data:text/html,x",
        ]),
    ],
)  # fmt: skip
def test_where_one_goes_after_signing_in(app: APIFlask, sent: str, kept: str) -> None:
    assert local_path(sent) == kept


def test_the_page_that_signs_in_leads_nowhere_else(app: APIFlask) -> None:
    for sent in ('/"><script>alert(1)</script>', "//evil.example", "/x' onclick='y"):
        page = app.test_client().get("/signin", query_string={"next": sent})
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "evil" not in page.text
        assert "' onclick" not in page.text


def test_the_public_s_questions_never_ask_about_accounts(app: APIFlask, browser: Browser) -> None:
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        client = app.test_client()
        for path in ("nearest?lon=102.7&lat=25", "layers", "me", "stations", "register"):
            assert client.get(f"/api/v1/{path}").status_code == 200
        assert not [each for each in asked if "account" in each]
        assert who(browser) == NAME
        assert [each for each in asked if "account" in each]
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_hints_alone_open_nothing(app: APIFlask) -> None:
    browser = Browser(app)
    browser.client.set_cookie("stations_in", "1")
    assert who(browser) == ""
    for cookie, value in itertools.product(
        ("stations", "__Host-stations"), ("", "1", "口", "x" * 4000)
    ):
        browser.client.set_cookie(cookie, value)
        assert who(browser) == ""
