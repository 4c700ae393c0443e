"""Who the caller is: signing in and out, its password, sessions and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app, g, request, url_for
from pydantic import BaseModel, ConfigDict, Field

from geodata import boundaries
from geodata.errors import ForbiddenError, UsageError
from web.api import answers, replies
from web.api.base import endpoint, now
from web.api.bodies import posted
from web.api.bodies import sent as read
from web.api.queries import NoQuery
from web.auth import asking, doors, people, provider
from web.auth.callers import Caller, Role
from web.auth.scopes import SCOPES

if TYPE_CHECKING:
    from flask import Response

    from stations.store import Account, Session, Token
    from web.limits import Limits

LARGEST = 4 * 1024
"""Bytes anything sent here may have."""
LINES = 30
"""How much of its log an account is told."""
WRONG_OLD = "The password you have now is another one."


class SignIn(BaseModel):
    """Says who one is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000, description="For `staff`: the token.")


class PasswordChange(BaseModel):
    """Takes a new password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class TokenWish(BaseModel):
    """Asks for a token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str = Field(min_length=1, max_length=200, description="What it is for.")
    scopes: tuple[str, ...] = Field(description=f"Of {', '.join(SCOPES)}.")
    days: int = Field(90, description="How long it works.")


@endpoint("/me", NoQuery, answers.Me)
def me(_: NoQuery) -> Response:
    """Tell who the caller is; in a session also what must be sent along with changes."""
    return replies.fresh(_me(asking.caller(), asking.session_secret()))


@posted("/sessions", SignIn, answers.Me, 201)
def sign_in() -> Response:
    """Sign in: the answer sets a cookie that stands for the caller from then on."""
    asking.require_same_origin()
    limits: Limits = current_app.extensions["stations.sign_ins"]
    limits.spend(request.remote_addr)
    sent = read(SignIn, LARGEST, '{"name": "wangfang", "password": "…"}')
    account = doors.sign_in(
        asking.store(), sent.name, sent.password, staff_token=asking.staff_token(), now=now()
    )
    return _begun(account)


@endpoint("/sessions", NoQuery, answers.SignedOut, method="DELETE")
def sign_out(_: NoQuery) -> Response:
    """Sign out: the session ends, here and in the browser; ``leave`` ends it at the provider."""
    caller = _in_session()
    asking.store().credentials.end(caller.name, caller.session, who=caller.name, at=now())
    answer = replies.fresh({"done": True, "leave": _leave()})
    answer.delete_cookie(asking.cookie_name(), secure=request.is_secure, httponly=True)
    answer.delete_cookie(asking.HINT, secure=request.is_secure)
    return answer


@posted("/me/password", PasswordChange, answers.Me, 200)
def change_password() -> Response:
    """Take a new password: every session of the account ends, and a new one begins here."""
    caller = _in_account()
    sent = read(PasswordChange, LARGEST, '{"old": "…", "new": "…"}')
    store, account = asking.store(), _account()
    doors.require_right(store, account, sent.old, now=now(), otherwise=ForbiddenError(WRONG_OLD))
    if sent.new == sent.old:
        raise UsageError("the new password is the one you have now")
    people.set_password(store, caller.name, sent.new, who=caller.name, now=now())
    answer = _begun(store.accounts.get(caller.name))
    answer.status_code = 200
    return answer


@endpoint("/me/sessions", NoQuery, answers.Sessions)
def sessions(_: NoQuery) -> Response:
    """List the caller's sessions."""
    caller = _in_session()
    found = asking.store().credentials.sessions(caller.name)
    return replies.fresh({"sessions": [_session(each, caller) for each in found]})


@endpoint("/me/sessions/<session_id>", NoQuery, answers.Done, method="DELETE")
def end_session(_: NoQuery, session_id: str) -> Response:
    """End one of the caller's sessions."""
    caller = _in_session()
    asking.store().credentials.end(caller.name, session_id, who=caller.name, at=now())
    return replies.fresh({"done": True})


@endpoint("/me/log", NoQuery, answers.Log)
def log(_: NoQuery) -> Response:
    """Tell what was done at and to the caller's account of late: sign-ins, failures, changes."""
    lines = asking.store().accounts.log(limit=LINES, account=_in_account().name)
    return replies.fresh({"log": [{**vars(each), "at": each.at.isoformat()} for each in lines]})


@endpoint("/me/tokens", NoQuery, answers.Tokens)
def tokens(_: NoQuery) -> Response:
    """List the caller's tokens; their texts are kept nowhere."""
    return replies.fresh(tokens_of(_in_account().name))


@posted("/me/tokens", TokenWish, answers.NewToken, 201)
def make_token() -> Response:
    """Make a token for a program: it may what its scopes say, of what the account may."""
    caller = _in_account()
    sent = read(TokenWish, LARGEST, '{"label": "导出", "scopes": ["read"], "days": 90}')
    text, token = people.make_token(
        asking.store(),
        caller.name,
        label=sent.label,
        scopes=sent.scopes,
        days=sent.days,
        who=caller.name,
        now=now(),
    )
    answer = replies.fresh({**_token(token), "token": text})
    answer.status_code = 201
    return answer


@endpoint("/me/tokens/<token_id>", NoQuery, answers.Done, method="DELETE")
def revoke_token(_: NoQuery, token_id: str) -> Response:
    """Do away with one of the caller's tokens."""
    caller = _in_account()
    asking.store().credentials.revoke(caller.name, token_id, who=caller.name, at=now())
    return replies.fresh({"done": True})


def tokens_of(account: str) -> dict[str, Any]:
    """Return the document that lists an account's tokens."""
    found = asking.store().credentials.tokens(account)
    return {
        "tokens": [_token(each) for each in found],
        "scopes": {name: list(said) for name, said in SCOPES.items()},
    }


def area_name(area: str) -> str:
    """Return an area in words; empty for everywhere."""
    return boundaries.name_of(area) if area else ""


def _begun(account: Account) -> Response:
    """Begin a session of an account, in place of the one before, and set the cookies."""
    secret, session = asking.begin(account, stamp=doors.stamp_of(account))
    caller = Caller(account.name, account.title, Role(account.role), account.area, session.id)
    answer = replies.fresh(_me(caller, secret))
    answer.status_code = 201
    asking.give(answer, secret, session)
    return answer


def _me(caller: Caller, secret: str) -> dict[str, Any]:
    return {
        "name": caller.name,
        "title": caller.title,
        "role": caller.role,
        "area": caller.area,
        "area_name": area_name(caller.area),
        "csrf": doors.csrf(secret) if caller.session else "",
        "must_change": bool(caller.session) and asking.must_change(_account()),
        "by_provider": bool(caller.session) and g.by_provider,
        "scopes": None if caller.scopes is None else sorted(caller.scopes),
    }


def _leave() -> str:
    """Return where to sign out of the provider too, if that is where one came from."""
    there = provider.current()
    if there is None or not g.by_provider:
        return ""
    return there.leave(url_for("signing.sign_in", _external=True))


def _account() -> Account:
    """Return the account of the caller's session."""
    account: Account = g.account
    return account


def _in_session() -> Caller:
    caller = asking.require(*Role)
    if not caller.session:
        raise ForbiddenError("this is for who has signed in")
    return caller


def _in_account() -> Caller:
    caller = _in_session()
    if not caller.is_account:
        raise ForbiddenError("the staff token has no account; make one for each person")
    return caller


def _session(session: Session, caller: Caller) -> dict[str, Any]:
    told = {name: getattr(session, name).isoformat() for name in ("created", "used", "expires")}
    return {"id": session.id, **told, "current": session.id == caller.session}


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "label": token.label,
        "scopes": token.scopes.split(),
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat(),
        "used": None if token.used is None else token.used.isoformat(),
    }
