"""The OpenID Connect of `web.auth.provider`, by Authlib: imported where there is a provider only.

It takes 0.1 s, with all it needs of cryptography.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.base_client import (  # type: ignore[import-untyped]  # it has no types
    FrameworkIntegration,
    MismatchingStateError,
)
from authlib.integrations.flask_client import FlaskOAuth2App  # type: ignore[import-untyped]
from flask import request, session
from requests import RequestException

from web.addresses import is_safe
from web.auth.provider import LONGEST_SUBJECT, Person, Trouble

log = logging.getLogger("web.auth")

METADATA_LASTS_S = 3600.0
"""How long what the provider tells of itself, and its keys, are believed."""
PATIENCE_S = 5.0
"""How long the provider may take to answer."""
LEEWAY_S = 60
"""How far the provider's clock may be from ours."""
SIGNED_BY_IT = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Ways to sign a token with a key that only the provider has: with none of the client's secret."""
_METADATA = "/.well-known/openid-configuration"
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


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
        except Exception as error:  # noqa: BLE001 - it may tell anything at all of itself
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
