"""Who sent the request: by a bearer token, or by the cookie of a session."""

from __future__ import annotations

import hmac
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from geodata.errors import ForbiddenError, StoreError
from web.auth import arrivals, doors, provider
from web.auth.callers import STAFF, Caller, Role
from web.auth.scopes import SAFE, TOKEN, scope_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from werkzeug.wrappers import Response as BaseResponse

    from stations.registry import LiveRegistry
    from stations.store import Account, Session, Store, Token
    from web.settings import Settings

REALM = WWWAuthenticate("bearer", {"realm": "staff"})
PUBLIC = Caller()
SEEN = timedelta(minutes=1)
"""How exactly it is taken down when a session or token was used last."""
HINT = "stations_in"
"""A cookie for pages to see that somebody may be signed in; it opens nothing."""
SIGN_IN = ("POST", "/api/v1/sessions")
_UNCHANGED = frozenset({"/api/v1/me", "/api/v1/me/password", "/api/v1/sessions"})
"""What a session begun with a password that must be changed is good for."""


def caller() -> Caller:
    """Return who sent the request.

    A token that is not known raises 401; one that may not do this, and a change asked for in a
    session without that session's ``X-CSRF-Token``, `ForbiddenError`. A session that is over is
    nobody's.
    """
    if "caller" not in g:
        g.caller = _recognised()
    found: Caller = g.caller
    return found


def require(*roles: Role, area_code: str | None = None) -> Caller:
    """Return the caller if it has one of ``roles``, or is an admin, and reaches ``area_code``.

    Nobody signed in: 401. Anybody else without the right raises `ForbiddenError`.
    """
    asking = caller()
    if asking.role is Role.PUBLIC:
        raise Unauthorized(
            "Please sign in, or send Authorization: Bearer and a token of staff.",
            www_authenticate=REALM,
        )
    if asking.role is not Role.ADMIN and asking.role not in roles:
        raise ForbiddenError(f"this is for {', '.join(sorted({*roles, Role.ADMIN}))}")
    if area_code is not None and not asking.reaches(area_code):
        raise ForbiddenError(f"{area_code or 'a place in no area'} is not in your areas")
    return asking


def cookie_name() -> str:
    """Return the name of a session's cookie: over https no other host can set one of that name."""
    return "__Host-stations" if request.is_secure else "stations"


def session_secret() -> str:
    """Return what the session's cookie holds; empty: there is none."""
    return request.cookies.get(cookie_name(), "")


def store() -> Store:
    """Return the store that holds the accounts."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    return live.store


def staff_token() -> str:
    """Return the staff token; empty: there is none."""
    settings: Settings = current_app.extensions["stations.settings"]
    return settings.staff_token


def instant() -> datetime:
    """Return the instant by which sessions and tokens expire."""
    clock: Callable[[], datetime] = current_app.extensions["stations.clock"]
    return clock()


def begin(account: Account, *, stamp: str) -> tuple[str, Session]:
    """Begin a session of an account in place of the one before; return its secret, and it."""
    before = session_secret()
    instead = doors.hash_of(before) if before else None
    begun = doors.begin(store(), account, stamp=stamp, now=instant(), instead=instead)
    g.account, g.by_provider = account, stamp != doors.stamp_of(account)
    return begun


def give(answer: BaseResponse, secret: str, session: Session) -> None:
    """Have a browser keep what stands for a session."""
    for cookie, value, hidden in ((cookie_name(), secret, True), (HINT, "1", False)):
        answer.set_cookie(
            cookie,
            value,
            max_age=session.expires - session.created,
            secure=request.is_secure,
            httponly=hidden,
            samesite="Lax",
        )


def must_change(account: Account) -> bool:
    """Whether the session at hand began with a password that must be changed first."""
    return account.password_until is not None and not g.get("by_provider", False)


def require_same_origin() -> None:
    """Refuse what a page of another host had a browser send."""
    origin = request.headers.get("Origin")
    if origin is None:
        same = request.headers.get("Sec-Fetch-Site", "none") in {"same-origin", "none"}
    else:
        same = urlsplit(origin).netloc.casefold() == request.host.casefold()
    if not same:
        raise ForbiddenError("changes are taken from pages of this server only")


def _recognised() -> Caller:
    header = request.headers.get("Authorization")
    if header is not None:
        return _by_token(header)
    secret = session_secret()
    return _by_session(secret) if secret else PUBLIC


def _by_token(header: str) -> Caller:
    scheme, _, sent = header.partition(" ")
    sent, expected = sent.strip(), staff_token()
    if scheme.lower() == "bearer":
        if expected and hmac.compare_digest(sent.encode(errors="replace"), expected.encode()):
            return Caller(STAFF, "", Role.ADMIN)
        if sent.startswith(TOKEN) and (found := _token_of(sent)) is not None:
            token, account = found
            _require_scope(token)
            _take_down(token)
            scopes = frozenset(token.scopes.split())
            return Caller(account.name, account.title, Role(account.role), account.area, "", scopes)
    raise Unauthorized(
        "That token is not known here, or not any more. Send Authorization: Bearer and a token, "
        "or no such header at all.",
        www_authenticate=REALM,
    )


def _token_of(sent: str) -> tuple[Token, Account] | None:
    token = store().credentials.token(doors.hash_of(sent))
    if token is None or instant() >= token.expires:
        return None
    account = doors.account_of(store(), token.account, "", instant())
    if account is None or not account.active:
        return None
    return token, account


def _require_scope(token: Token) -> None:
    rule = "" if request.url_rule is None else request.url_rule.rule
    needed = scope_of(request.method, rule)
    if needed is None:
        raise ForbiddenError("no token may do this: sign in")
    if needed and needed not in token.scopes.split():
        raise ForbiddenError(f"this token may not do this: it needs the scope {needed}")


def _by_session(secret: str) -> Caller:
    session = store().credentials.session(doors.hash_of(secret))
    account = None if session is None else _account_of(session)
    if session is None or account is None:
        return PUBLIC
    rule = "" if request.url_rule is None else request.url_rule.rule
    if request.method not in SAFE and (request.method, rule) != SIGN_IN:
        _require_csrf(secret)
    _take_down(session)
    g.account = account
    g.by_provider = session.stamp != doors.stamp_of(account)
    if must_change(account) and rule not in _UNCHANGED:
        return PUBLIC
    return Caller(account.name, account.title, Role(account.role), account.area, session.id)


def _account_of(session: Session) -> Account | None:
    """Return whose a session is; None if it is over."""
    now = instant()
    account = doors.account_of(store(), session.account, staff_token(), now)
    if account is None or not account.active or not _is_stamped(session, account):
        return None
    idle, _ = doors.lasts(Role(account.role))
    return account if now < min(session.expires, session.used + idle) else None


def _is_stamped(session: Session, account: Account) -> bool:
    """Whether a session began with the password that is the account's now, or who it is there."""
    if session.stamp == doors.stamp_of(account):
        return True
    there = provider.current()
    if there is None:
        return False
    mine = store().identities.of_account(account.name)
    return any(
        each.issuer == there.issuer and session.stamp == arrivals.stamp_of(each) for each in mine
    )


def _require_csrf(secret: str) -> None:
    require_same_origin()
    sent = request.headers.get("X-CSRF-Token", "").encode(errors="replace")
    if not hmac.compare_digest(sent, doors.csrf(secret).encode()):
        raise ForbiddenError("send X-CSRF-Token as GET /api/v1/me tells it, or sign in again")


def _take_down(thing: Session | Token) -> None:
    """Note that a session or token is in use, unless the store is busy."""
    now = instant()
    if thing.used is None or now - thing.used >= SEEN:
        with suppress(StoreError):
            store().credentials.used(thing, now)
