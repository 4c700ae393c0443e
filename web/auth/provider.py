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
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from authlib.integrations.base_client import (  # type: ignore[import-untyped]  # it has no types
    FrameworkIntegration,
    MismatchingStateError,
    OAuthError,
)
from authlib.integrations.flask_client import FlaskOAuth2App  # type: ignore[import-untyped]
from flask import current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from requests import RequestException

from web.addresses import is_safe

if TYPE_CHECKING:
    from flask import Flask

    from web.settings import Settings

log = logging.getLogger("web.auth")

WAY_LASTS = timedelta(minutes=15)
"""How long somebody may take at the provider."""
METADATA_LASTS_S = 3600.0
"""How long what the provider tells of itself, and its keys, are believed."""
PATIENCE_S = 5.0
"""How long the provider may take to answer."""
LEEWAY_S = 60
"""How far the provider's clock may be from ours."""
LONGEST_SUBJECT = 255
"""Characters a subject may have, as the standard says."""
SIGNED_BY_IT = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Ways to sign a token with a key that only the provider has: with none of the client's secret."""
WAY_PATH = "/signin"
_METADATA = "/.well-known/openid-configuration"
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


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


class Provider:
    """The provider the settings name."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self._client_id, self._secret = client_id, client_secret
        self._client: FlaskOAuth2App | None = None
        self._since = 0.0
        self._lock = threading.Lock()

    def begin(self, back: str) -> str | Trouble:
        """Return the provider's address to send a browser to; it comes back to ``back``."""
        client = self._known()
        if client is None:
            return Trouble.UNREACHABLE
        made = client.create_authorization_url(back)
        session.clear()
        client.save_authorize_data(redirect_uri=back, **made)
        address: str = made["url"]
        return address

    def finish(self) -> Person | Trouble:
        """Return who came back with the request at hand; what was kept for that is used up."""
        client = self._known()
        if client is None:
            return Trouble.UNREACHABLE
        try:
            return self._finished(client)
        except MismatchingStateError:
            return Trouble.STALE
        except RequestException as error:
            self._forget(error)
            return Trouble.UNREACHABLE
        except Exception as error:  # noqa: BLE001 - the provider may send anything at all
            self._forget(error)
            return Trouble.FAILED

    def leave(self, back: str) -> str:
        """Return where to sign out of the provider too, empty if it has no such place."""
        client = self._client
        end = "" if client is None else str(client.server_metadata.get("end_session_endpoint", ""))
        if not is_safe(end, self.issuer):
            return ""
        told = urlencode({"client_id": self._client_id, "post_logout_redirect_uri": back})
        return f"{end}{'&' if '?' in end else '?'}{told}"

    def _finished(self, client: FlaskOAuth2App) -> Person | Trouble:
        kept = client.framework.get_state_data(session, request.args.get("state"))
        if kept is None or request.args.get("iss", self.issuer) != self.issuer:
            return Trouble.STALE
        if "error" in request.args:
            client.framework.clear_state_data(session, request.args.get("state"))
            return Trouble.DENIED
        expected = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        token = client.authorize_access_token(claims_options=expected, leeway=LEEWAY_S)
        return _person(token.get("userinfo") or {}, self._client_id)

    def _known(self) -> FlaskOAuth2App | None:
        """Return the client, who knows the provider; None: it cannot be reached."""
        with self._lock:
            client = self._client
            if client is not None and time.monotonic() - self._since < METADATA_LASTS_S:
                return client
        made = self._made()
        try:
            self._check(made.load_server_metadata())
        except (RequestException, OAuthError, ValueError, TypeError, KeyError) as error:
            log.warning("the provider of sign-in cannot be used: %s", type(error).__name__)
            return None
        with self._lock:
            self._client, self._since = made, time.monotonic()
        return made

    def _made(self) -> FlaskOAuth2App:
        return FlaskOAuth2App(
            FrameworkIntegration("provider"),
            name="provider",
            client_id=self._client_id,
            client_secret=self._secret,
            server_metadata_url=self.issuer.rstrip("/") + _METADATA,
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE_S,
            },
        )

    def _check(self, metadata: dict[str, Any]) -> None:
        """Hold what the provider tells of itself to what the settings say, or `ValueError`."""
        if metadata.get("issuer") != self.issuer:
            log.error("the provider does not call itself what STATIONS_OIDC_ISSUER says")
            raise ValueError
        if not all(is_safe(str(metadata[name]), self.issuer) for name in _ADDRESSES):
            log.error("an address of the provider is not https")
            raise ValueError
        metadata["id_token_signing_alg_values_supported"] = list(SIGNED_BY_IT)

    def _forget(self, error: Exception) -> None:
        """Ask the provider anew next time: its keys may be others by then."""
        log.warning("nobody was let in by the provider: %s", type(error).__name__)
        with self._lock:
            self._client = None


def register(app: Flask, settings: Settings) -> None:
    """Make the provider known to ``app``, if there is one; `current` returns it."""
    provider = None
    if settings.oidc_issuer:
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


def _person(claims: dict[str, Any], client_id: str) -> Person | Trouble:
    subject, audience = claims.get("sub"), claims.get("aud")
    if audience not in (client_id, [client_id]):  # a token for others too is not for us alone
        return Trouble.FAILED
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        return Trouble.FAILED
    email = _text(claims, "email") if claims.get("email_verified") is True else ""
    return Person(
        subject,  # of letters beyond ASCII some become another address in small letters
        email.lower() if email.isascii() and "@" in email else "",
        _text(claims, "preferred_username"),
        _text(claims, "name"),
    )


def _text(claims: dict[str, Any], name: str) -> str:
    found = claims.get(name)
    return found.strip()[:200] if isinstance(found, str) else ""
