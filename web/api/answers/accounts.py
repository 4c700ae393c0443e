"""People: who one is, accounts, sessions, tokens, the log."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from web.api.answers.base import Answer

RoleName = Literal["public", "inspector", "planner", "editor", "admin"]


class Me(Answer):
    """Who the caller is."""

    name: str = Field(description="Empty: not signed in.")
    title: str
    role: RoleName
    area: str = Field(description="Leading digits of the area codes it is responsible for.")
    area_name: str = Field(description="The same in words; empty: everywhere, or nowhere.")
    csrf: str = Field(description="To be sent as X-CSRF-Token with every change; for sessions.")
    must_change: bool = Field(description="Nothing else is open until the password is changed.")
    by_provider: bool = Field(description="Signed in by way of the provider, not by password.")
    scopes: list[str] | None = Field(description="Of a token; null: all the role may.")


class SessionTold(Answer):
    """Somebody signed in, in one browser."""

    id: str
    created: str
    used: str
    expires: str
    current: bool


class Sessions(Answer):
    """The caller's sessions, the newest first."""

    sessions: list[SessionTold]


class TokenTold(Answer):
    """What is known of a token."""

    id: str
    label: str
    scopes: list[str]
    created: str
    expires: str
    used: str | None


class Tokens(Answer):
    """The tokens of an account, the newest first."""

    tokens: list[TokenTold]
    scopes: dict[str, list[str]] = Field(description="What each scope allows: Chinese, English.")


class NewToken(TokenTold):
    """A token just made."""

    token: str = Field(description="Told this once.")


class IdentityTold(Answer):
    """Who an account is at the provider of sign-in."""

    subject: str = Field(description="The provider's mark of the person; empty: awaited.")
    email: str = Field(description="Under which address it is awaited; empty: known.")
    until: str = Field(description="How long it is awaited; empty: known.")


class AccountTold(Answer):
    """An account."""

    name: str
    title: str
    role: RoleName
    area: str
    area_name: str
    active: bool
    created: str
    must_change: bool
    identity: IdentityTold | None = Field(description="Who it is at the provider of sign-in.")


class Accounts(Answer):
    """The accounts of the caller's areas, by name."""

    accounts: list[AccountTold]
    provider: bool = Field(description="Whether there is a provider people may sign in with.")


class NewAccount(Answer):
    """An account just made, or with a new password."""

    account: AccountTold
    password: str = Field(description="Told this once; works a week, then must be changed.")


class LogLine(Answer):
    """Something that was done at or to an account."""

    number: int
    at: str
    who: str = Field(description="Who did it; empty: nobody known.")
    account: str = Field(description="Whom it is about; empty: no account.")
    event: str
    details: str


class Log(Answer):
    """What was done, the newest first."""

    log: list[LogLine]


class SignedOut(Answer):
    """Somebody has signed out."""

    done: bool
    leave: str = Field(description="Where to sign out of the provider too; empty: nowhere.")


class Done(Answer):
    """It is done."""

    done: bool
