"""Accounts, for admins: of their areas only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import ForbiddenError, UsageError
from web.api import answers, replies
from web.api.base import endpoint, now
from web.api.bodies import posted, sent
from web.api.me import LARGEST, area_name, tokens_of
from web.api.queries import Count, NoQuery, Query
from web.auth import arrivals, asking, people, provider
from web.auth.doors import canonical

if TYPE_CHECKING:
    from flask import Response

    from stations.store import Account, Entry, Identity
    from web.auth import Caller

MOST = 5_000
RoleName = Literal["inspector", "planner", "editor", "admin"]


class AccountWish(BaseModel):
    """Asks for an account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=200, description="What one signs in with.")
    title: str = Field("", max_length=200, description="What people call it.")
    role: RoleName
    area: str = Field("", max_length=20, description="An area code; empty: everywhere.")


class AccountChange(BaseModel):
    """Says what of an account is to be otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = Field(None, max_length=200)
    role: RoleName | None = None
    area: str | None = Field(None, max_length=20)
    active: bool | None = None


class IdentityWish(BaseModel):
    """Says who an account is at the provider: by one of the two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str = Field("", max_length=300, description="The provider's mark of the person.")
    email: str = Field("", max_length=300, description="Or a verified address, for two weeks.")


class LogQuery(Query):
    """Asks for the log."""

    account: str = Field("", max_length=200, description="Only what is about one account.")
    limit: Count = Field(200, ge=1, le=MOST, description="How many lines, the newest first.")


@endpoint("/accounts", NoQuery, answers.Accounts)
def accounts(_: NoQuery) -> Response:
    """List the accounts of the caller's areas."""
    admin = asking.require()
    mine = [each for each in asking.store().accounts.all() if admin.reaches(each.area)]
    known = _identities()
    told = [_told(each, known) for each in mine]
    return replies.secret({"accounts": told, "provider": bool(_issuer())})


@posted("/accounts", AccountWish, answers.NewAccount, 201)
def make_account() -> Response:
    """Make an account; its first password is told once."""
    admin = asking.require()
    wish = sent(AccountWish, LARGEST, '{"name": "wangfang", "role": "inspector", "area": "5301"}')
    area = people.area_of(wish.area)
    asking.require(area_code=area)
    password = people.make(
        asking.store(),
        wish.name,
        title=wish.title,
        role=wish.role,
        area=area,
        who=admin.name,
        now=now(),
    )
    return _with_password(asking.store().accounts.get(people.name_of(wish.name)), password)


@posted("/accounts/<name>", AccountChange, answers.AccountTold, 200, method="PATCH")
def change_account(name: str) -> Response:
    """Change an account; it must sign in again. Nobody changes their own."""
    admin = asking.require()
    account = _others(admin, name)
    change = sent(AccountChange, LARGEST, '{"active": false}')
    changes = {key: value for key, value in change.model_dump().items() if value is not None}
    if "title" in changes:
        changes["title"] = people.title_of(changes["title"], account.name)
    if "area" in changes:
        changes["area"] = people.area_of(changes["area"])
        asking.require(area_code=changes["area"])
    people.check_use(account, changes)
    changed = asking.store().accounts.change(account.name, changes, who=admin.name, at=now())
    return replies.secret(_told(changed))


@endpoint("/accounts/<name>/password", NoQuery, answers.NewAccount, method="POST", status=201)
def reset_password(_: NoQuery, name: str) -> Response:
    """Give an account a new password, told once; its sessions end."""
    admin = asking.require()
    account = _others(admin, name)
    made = people.reset_password(asking.store(), account.name, who=admin.name, now=now())
    return _with_password(asking.store().accounts.get(account.name), made)


@posted("/accounts/<name>/identity", IdentityWish, answers.AccountTold, 200, method="PUT")
def link_account(name: str) -> Response:
    """Say who an account is at the provider of sign-in; its sessions end."""
    admin = asking.require()
    account = _others(admin, name)
    wish = sent(IdentityWish, LARGEST, '{"subject": "8c2f…"} or {"email": "wang@example.org"}')
    store = asking.store()
    arrivals.link(store, account, _issuer(), **wish.model_dump(), who=admin.name, now=now())
    return replies.secret(_told(account))


@endpoint("/accounts/<name>/identity", NoQuery, answers.AccountTold, method="DELETE")
def unlink_account(_: NoQuery, name: str) -> Response:
    """Let nobody of the provider sign in to an account any more; its sessions end."""
    admin = asking.require()
    account = _others(admin, name)
    arrivals.unlink(asking.store(), account, _issuer(), who=admin.name, now=now())
    return replies.secret(_told(account))


@endpoint("/accounts/<name>/tokens", NoQuery, answers.Tokens)
def account_tokens(_: NoQuery, name: str) -> Response:
    """List the tokens of an account."""
    return replies.secret(tokens_of(_mine(asking.require(), name).name))


@endpoint("/accounts/<name>/tokens/<token_id>", NoQuery, answers.Done, method="DELETE")
def revoke_account_token(_: NoQuery, name: str, token_id: str) -> Response:
    """Do away with a token of an account."""
    admin = asking.require()
    account = _mine(admin, name)
    asking.store().credentials.revoke(account.name, token_id, who=admin.name, at=now())
    return replies.secret({"done": True})


@endpoint("/account-log", LogQuery, answers.Log)
def account_log(query: LogQuery) -> Response:
    """Tell what was done at and to accounts; who is not everywhere's admin sees its areas'."""
    admin = asking.require()
    store = asking.store()
    only = canonical(query.account) if query.account else None
    lines = store.accounts.log(limit=query.limit if not admin.area else MOST, account=only)
    if admin.area:
        mine = {each.name for each in store.accounts.all() if admin.reaches(each.area)}
        lines = [each for each in lines if each.account in mine]
    return replies.secret({"log": [_line(each) for each in lines[: query.limit]]})


def _mine(admin: Caller, name: str) -> Account:
    """Return an account of the admin's areas."""
    account = asking.store().accounts.get(canonical(name))
    if not admin.reaches(account.area):
        raise ForbiddenError("this account is not of your areas")
    return account


def _others(admin: Caller, name: str) -> Account:
    account = _mine(admin, name)
    if account.name == admin.name:
        raise UsageError("this is your own account: have another admin change it")
    return account


def _with_password(account: Account, password: str) -> Response:
    answer = replies.secret({"account": _told(account), "password": password})
    answer.status_code = 201
    return answer


def _told(account: Account, known: dict[str, dict[str, str]] | None = None) -> dict[str, Any]:
    known = _identities() if known is None else known
    return {
        "name": account.name,
        "title": account.title,
        "role": account.role,
        "area": account.area,
        "area_name": area_name(account.area),
        "active": account.active,
        "created": account.created.isoformat(),
        "must_change": account.password_until is not None,
        "identity": known.get(account.name),
    }


def _issuer() -> str:
    there = provider.current()
    return "" if there is None else there.issuer


def _identities() -> dict[str, dict[str, str]]:
    """Return who accounts are at the provider, by name of the account."""
    issuer = _issuer()
    known = asking.store().identities.of_issuer(issuer) if issuer else []
    return {each.account: _identity(each) for each in known}


def _identity(identity: Identity) -> dict[str, str]:
    until = "" if identity.until is None else identity.until.isoformat()
    return {"subject": identity.subject or "", "email": identity.email or "", "until": until}


def _line(entry: Entry) -> dict[str, Any]:
    return {**vars(entry), "at": entry.at.isoformat()}
