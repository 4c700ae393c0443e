"""A provider of sign-in on loopback: idpyoidc's, which speaks OpenID Connect for real.

Whoever comes is the person it was told of, at once. What it sends can be made wrong on the way out:
the token is signed anew with the provider's own key.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cheroot.wsgi import Server as WsgiServer
from cryptojwt.jws.jws import JWS, factory  # type: ignore[import-untyped]
from flask import Flask, Response, redirect, request
from idpyoidc.server import OPConfiguration, Server
from idpyoidc.server.user_authn.user import NoAuthn
from idpyoidc.server.user_info import UserInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from werkzeug.wrappers import Response as BaseResponse

CLIENT, SECRET = "stations", "a-secret-of-the-tests-only"
METADATA = "/.well-known/openid-configuration"
PERSON = {
    "preferred_username": "wangfang",
    "name": "王芳",
    "email": "Wang.Fang@example.org",
    "email_verified": True,
}


@dataclass
class Provider:
    """A provider, and who comes to it."""

    issuer: str
    server: Server
    who: str = "wang"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    spoil: Callable[[dict[str, Any]], None] | None = None
    """Changes the claims of a token before it is sent."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What it tells of itself beside what is so."""
    headers: dict[str, str] = field(default_factory=dict)
    """What stands in the head of its tokens beside what is so."""
    asked: list[str] = field(default_factory=list)
    """Paths of requests, the oldest first."""

    def register(self, back: str, left: str) -> None:
        """Make the one client known, with where it may be sent back to."""
        self.server.context.cdb[CLIENT] = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [(back, {})],
            "post_logout_redirect_uri": (left, None),
            "client_salt": "salted",
            "token_endpoint_auth_method": "client_secret_basic",
            "response_types_supported": ["code"],
            "allowed_scopes": ["openid", "email", "profile"],
        }
        self.server.context.keyjar.add_symmetric(CLIENT, SECRET)


class _Comer(NoAuthn):  # type: ignore[misc]  # it has no types
    """Takes everybody who comes for the one the provider was told of."""

    provider: Provider

    def authenticated_as(self, client_id: str, *_: Any, **__: Any) -> tuple[dict[str, Any], int]:
        del client_id
        return {"uid": self.provider.who}, 0


def _configured(issuer: str, people: dict[str, Any], folder: Path) -> Server:
    claims = {"kwargs": {"add_claims_by_scope": True}}
    conf = {
        "issuer": issuer,
        "keys": {
            "uri_path": "jwks.json",
            "key_defs": [
                {"type": "RSA", "use": ["sig"]},
                {"type": "EC", "crv": "P-256", "use": ["sig"]},
            ],
        },
        "token_handler_args": {
            "code": {"lifetime": 600, "kwargs": {"crypt_conf": _CRYPT}},
            "token": {
                "class": "idpyoidc.server.token.jwt_token.JWTToken",
                "kwargs": {"lifetime": 600},
            },
            "id_token": {"class": "idpyoidc.server.token.id_token.IDToken", **claims},
        },
        "endpoint": {
            "provider_config": {
                "path": METADATA[1:],
                "class": "idpyoidc.server.oidc.provider_config.ProviderConfiguration",
            },
            "authorization": {
                "path": "authorize",
                "class": "idpyoidc.server.oidc.authorization.Authorization",
            },
            "token": {"path": "token", "class": "idpyoidc.server.oidc.token.Token"},
            "session": {"path": "leave", "class": "idpyoidc.server.oidc.session.Session"},
        },
        "authentication": {"anyone": {"acr": "any", "class": _Comer, "kwargs": {"user": "nobody"}}},
        "userinfo": {"class": UserInfo, "kwargs": {"db": people}},
        "add_on": {
            "pkce": {
                "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
                "kwargs": {"essential": True, "code_challenge_method": ["S256"]},
            }
        },
    }
    return Server(OPConfiguration(conf, base_path=str(folder)), cwd=str(folder))


_KEYS = [{"type": "oct", "bytes": "24", "use": ["enc"], "kid": kid} for kid in ("password", "salt")]
_CRYPT = {"kwargs": {"keys": {"key_defs": _KEYS}, "iterations": 1}}


@contextmanager
def providing(folder: Path) -> Iterator[Provider]:
    """Run a provider; its keys are made anew."""
    app = Flask("provider")
    server = WsgiServer(("127.0.0.1", 0), app)
    server.prepare()
    issuer = f"http://127.0.0.1:{server.bind_addr[1]}"
    people = {"wang": dict(PERSON)}
    provider = Provider(issuer, _configured(issuer, people, folder), people=people)
    provider.server.context.userinfo.db = people  # it took a copy
    _Comer.provider = provider
    _serve(app, provider)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield provider
    finally:
        server.stop()
        thread.join()


def _serve(app: Flask, provider: Provider) -> None:
    @app.before_request
    def note() -> None:
        provider.asked.append(request.path)

    @app.get(METADATA)
    def metadata() -> Response:
        told = json.loads(_done(provider, "provider_config", {})["response"])
        return _json({**told, **provider.metadata})

    @app.get("/jwks.json")
    def keys() -> Response:
        return _json(provider.server.keyjar.export_jwks(""))

    @app.get("/authorize")
    def authorize() -> BaseResponse:
        return redirect(_done(provider, "authorization", request.args.to_dict())["response"])

    @app.post("/token")
    def token() -> Response:
        head = {"headers": {"authorization": request.headers.get("Authorization", "")}}
        told = json.loads(_done(provider, "token", request.form.to_dict(), head)["response"])
        if "id_token" in told:
            told["id_token"] = _spoiled(provider, told["id_token"])
        return _json(told, 200 if "id_token" in told else 400)

    @app.get("/leave")
    def leave() -> BaseResponse:
        return redirect(request.args["post_logout_redirect_uri"])


def _done(
    provider: Provider, name: str, sent: dict[str, Any], head: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Have the provider's endpoint of a name do what is asked of it."""
    endpoint = provider.server.get_endpoint(name)
    asked = endpoint.parse_request(sent, http_info=head or {"headers": {}})
    done = asked if "error" in asked else endpoint.process_request(asked, http_info=head)
    if "error" in done:
        return {"response": json.dumps({"error": done["error"]})}
    told: dict[str, Any] = endpoint.do_response(request=asked, **done)
    return told


def _spoiled(provider: Provider, token: str) -> str:
    """Return a token with its claims changed, and signed by the provider all the same."""
    if provider.spoil is None and not provider.headers:
        return token
    read = factory(token)
    claims, head = read.jwt.payload(), {**read.jwt.headers, **provider.headers}
    if provider.spoil is not None:
        provider.spoil(claims)
    keys = provider.server.keyjar.get_signing_key("RSA", "")
    if head["alg"].startswith("HS"):
        keys = provider.server.keyjar.get_signing_key("oct", CLIENT)
        head.pop("kid")
    made: str = JWS(json.dumps(claims), alg=head["alg"]).sign_compact(keys)
    return made


def _json(told: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(told), status, mimetype="application/json")
