"""Other services that say anything at all: the provider of sign-in, a routing server."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import numpy as np
from cryptojwt.jwk.rsa import new_rsa_key  # type: ignore[import-untyped]
from cryptojwt.jws.jws import JWS  # type: ignore[import-untyped]
from hypothesis import strategies as st

from geodata import roads
from stations.registry import LiveRegistry
from tests.trials._inputs import NASTY, damaged, json_bytes, values
from tests.trials._watch import Target
from tests.web import people, sample
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from apiflask import APIFlask
    from hypothesis.strategies import DrawFn

CLIENT = "stations"
CLAIMS = ("iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "at_hash", "email", "name",
          "email_verified", "preferred_username", "amr", "auth_time")  # fmt: skip
PLANNED = frozenset({200, 302, 303, 400, 403, 404, 429, 502, 503})
"""502 and 503 tell people that the provider is at fault."""


class ServiceFaultError(Exception):
    """An answer to somebody that is none, because a service said something odd."""


class Said(NamedTuple):
    """What a service answers at a path."""

    status: int = 200
    kind: str = "application/json"
    body: bytes = b"{}"


class Service:
    """A server on loopback that answers as it is told, and ends with the process."""

    def __init__(self) -> None:
        self.says: Callable[[str], Said] = lambda _: Said()
        service_ = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                said = service_.says(self.path)
                self.send_response(said.status, "So")
                self.send_header("Content-Type", said.kind)
                self.end_headers()
                self.wfile.write(said.body)

            do_POST = do_GET  # noqa: N815 - the library's name

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


@cache
def service() -> Service:
    """Return the one of this process."""
    return Service()


@cache
def _app() -> APIFlask:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    live = LiveRegistry(people.filled_store(folder), 1.0, lambda: 0.0)
    settings = Settings(
        data=str(folder), roads="none", oidc_issuer=service().address, oidc_client_id=CLIENT,
        oidc_client_secret="x" * 40, oidc_newcomers="wait", sign_in_limits="1000000 per minute",
    )  # fmt: skip
    return create_app(settings, live, lambda: sample.NOW, jobs_folder=folder / "jobs")


@cache
def _key() -> Any:
    return new_rsa_key(kid="k", use="sig", alg="RS256")


def _honest(nonce: str) -> dict[str, Any]:
    """Return what a sound provider answers at each path, the claims of its token apart."""
    address, now = service().address, int(time.time())
    ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
    return {
        "/.well-known/openid-configuration": {
            "issuer": address, **{name: f"{address}/{path}" for name, path in ends.items()},
            "end_session_endpoint": f"{address}/leave", "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        },
        "/jwks": {"keys": [_key().serialize()]},
        "/token": {"access_token": "a", "token_type": "Bearer", "expires_in": 60},
        "claims": {
            "iss": address, "sub": "s1", "aud": CLIENT, "exp": now + 60, "iat": now,
            "nonce": nonce, "email": "wang@example.org", "email_verified": True, "name": "王芳",
        },
    }  # fmt: skip


@st.composite
def _odd(draw: DrawFn) -> dict[str, Any]:
    """Choose what is odd: an answer as a whole, members of one, claims, the token itself."""
    paths = st.sampled_from(tuple(_honest("")))
    statuses = st.sampled_from((200, 200, 200, 201, 204, 302, 400, 401, 404, 500, 503))
    kinds = st.sampled_from(("application/json", "text/html", "", "application/json; charset=x"))
    names = st.sampled_from((*CLAIMS, *_honest("")["/.well-known/openid-configuration"], "keys",
                             "id_token", "access_token", "token_type", "expires_in", "error",
                             "kid", "kty", "n", "e", "alg"))  # fmt: skip
    changed = st.dictionaries(names | st.sampled_from(NASTY), values, max_size=3)
    return {
        "members": draw(st.dictionaries(paths, changed, max_size=2)),
        "whole": draw(st.dictionaries(paths, json_bytes(list(_honest("").values())), max_size=1))
        if draw(st.integers(0, 3)) == 0
        else {},
        "head": draw(st.dictionaries(paths, st.tuples(statuses, kinds), max_size=1)),
        "alg": draw(st.sampled_from(("RS256", "RS256", "RS256", "none", "HS256", "ES256", "x"))),
        "spoilt": draw(st.none() | damaged([b"eyJhbGciOiJSUzI1NiJ9.e30.AAAA"])),
    }


def _token(claims: Any, odd: dict[str, Any]) -> str:
    if odd["spoilt"] is not None:
        return str(odd["spoilt"].decode("latin-1"))
    text = claims.decode("latin-1") if isinstance(claims, bytes) else json.dumps(claims)
    try:
        return str(JWS(text, alg=odd["alg"]).sign_compact([_key()]))
    except Exception:  # noqa: BLE001 - the library cannot sign by that
        return "e30.e30.e30"


def _come(odd: dict[str, Any]) -> None:
    """Go to the provider and come back, as a browser does."""
    nonce = ""

    def says(path: str) -> Said:
        told = _honest(nonce)
        for each, members in odd["members"].items():
            told[each] = {**told[each], **members}
        told |= odd["whole"]
        if path == "/token" and isinstance(told[path], dict):
            told[path].setdefault("id_token", _token(told["claims"], odd))
        answer = told.get(path, {})
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        status, kind = odd["head"].get(path, (200, "application/json"))
        return Said(status, kind, body)

    service().says = says
    app = _app()
    app.extensions["stations.provider"]._client = None
    client = app.test_client()
    there = client.get("/signin/provider")
    query = parse_qs(urlsplit(there.headers.get("Location", "")).query)
    nonce = query.get("nonce", [""])[0]
    state = query.get("state", [""])[0]
    back = client.get("/signin/back", query_string={"state": state, "code": "c"})
    for answer in (there, back):
        if answer.status_code not in PLANNED:
            raise ServiceFaultError(f"{answer.status_code} to {answer.request.path}")


EDGE = {
    "correlated_lon": 9.51, "correlated_lat": 47.1, "edge_id": {"value": 7}, "distance": 1.0,
    "outbound_reach": 50, "inbound_reach": 50,
}  # fmt: skip
ROUTING = {
    "/status": {"version": "3.9.1", "tileset_last_modified": 1_700_000_000, "has_tiles": True,
                "bbox": {"type": "FeatureCollection", "features": [
                    {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon",
                     "coordinates": [[[9, 47], [10, 47], [10, 48], [9, 47]]]}}]}},
    "/locate": [{"edges": [EDGE], "nodes": []}, {"edges": [EDGE]}],
    "/sources_to_targets": {"sources_to_targets": {
        "durations": [[0, 60], [60, None]], "distances": [[0, 0.1], [0.1, None]]}},
}  # fmt: skip


def _routings() -> st.SearchStrategy[dict[str, Said]]:
    statuses = st.sampled_from((200,) * 8 + (204, 400, 404, 500))
    answers = {
        path: st.builds(Said, statuses, st.just("application/json"), json_bytes([answer]))
        for path, answer in ROUTING.items()
    }
    return st.fixed_dictionaries({}, optional=answers)


def _routed(odd: dict[str, Said]) -> None:
    def says(path: str) -> Said:
        return odd.get(path) or Said(body=json.dumps(ROUTING.get(path, {})).encode())

    service().says = says
    network = roads.RoadNetwork.open(service().address)
    points = network.snap(np.array([9.51, 9.5101]), np.array([47.1, 47.1]), "walk")
    network.matrix(points, points, "walk")


def targets() -> list[Target]:
    """Return those who believe what other services say."""
    return [
        Target("a provider of sign-in", _odd(), _come, 2),
        Target("a routing server", _routings(), _routed, 2),
    ]
