"""A provider of sign-in that speaks OpenID Connect: away to it, and back with who it says it is.

The code flow with PKCE, state and nonce is Authlib's; what it keeps between the way there and the
way back is in a signed cookie of the one browser, for `WAY_LASTS`. Beyond that it is held here that
the provider is who the settings say (its own metadata must name the same issuer, and so must the
way back, RFC 9207), that its addresses are https, that the token is for this client alone and is
signed with a key nobody but the provider has. Nothing it says reaches a log, or a person, as words.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from flask import current_app, request
from flask.sessions import SecureCookieSessionInterface

if TYPE_CHECKING:
    from flask import Flask

    from web.auth.openid import Provider
    from web.settings import Settings

WAY_LASTS = timedelta(minutes=15)
"""How long somebody may take at the provider."""
LONGEST_SUBJECT = 255
"""Characters a subject may have, as the standard says."""
WAY_PATH = "/signin"


class Trouble(StrEnum):
    """Why somebody who came back is not let in."""

    UNREACHABLE = "unreachable"
    """The provider does not answer, or is not who the settings say."""
    STALE = "stale"
    """The way back does not belong to a way there of this browser; or it took too long."""
    DENIED = "denied"
    """The provider let nobody in."""
    FAILED = "failed"
    """What the provider sent is not right."""
    UNKNOWN = "unknown"
    """No account is this person's."""
    WAITING = "waiting"
    """An account was asked for; an admin has not put it in use."""
    INACTIVE = "inactive"
    """The account is not in use."""


@dataclass(frozen=True)
class Person:
    """Somebody the provider knows."""

    subject: str
    """The provider's mark of this person: the only thing that never becomes another's."""
    email: str = ""
    """In small letters, if the provider says it has seen that it is theirs; else empty."""
    username: str = ""
    """As they chose it: no proof of anything."""
    name: str = ""


def register(app: Flask, settings: Settings) -> None:
    """Make the provider known to ``app``, if there is one; `current` returns it."""
    provider = None
    if settings.oidc_issuer:
        from web.auth.openid import Provider  # noqa: PLC0415 - it says why

        secret = settings.oidc_client_secret
        provider = Provider(settings.oidc_issuer, settings.oidc_client_id, secret)
        logging.getLogger("authlib").setLevel(logging.WARNING)  # below, it tells secrets
        app.secret_key = hmac.digest(
            secret.encode(), b"stations: the way to the provider", "sha256"
        )
        app.permanent_session_lifetime = WAY_LASTS
        app.session_interface = _WayCookie()
    app.extensions["stations.provider"] = provider


def current() -> Provider | None:
    """Return the provider of sign-in; None: there is none."""
    found: Provider | None = current_app.extensions["stations.provider"]
    return found


class _WayCookie(SecureCookieSessionInterface):
    """Flask's own session, for nothing but the way to the provider and back."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return a name that over https only https can set."""
        del app
        return "__Secure-stations-way" if request.is_secure else "stations-way"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether it came over https."""
        del app
        return request.is_secure

    def get_cookie_path(self, app: Flask) -> str:
        """Return where it is sent: nowhere else."""
        del app
        return WAY_PATH

    def get_cookie_samesite(self, app: Flask) -> str:
        """Let it come along when the provider sends the browser back."""
        del app
        return "Lax"
