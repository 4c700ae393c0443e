"""The nearest question, answered before the framework looks at it.

To find the route and to wrap request and response takes Flask longer than the answer itself. What
is answered here is what Flask would have sent, byte for byte. All that is out of the ordinary is
left to Flask: another method, a token, a cookie, a body, and whatever is wrong or goes wrong.
"""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from web import guard
from web.api import find, queries, replies
from web.api.base import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Flask

    from web.metrics import Metrics
    from web.settings import Settings

PATH = "/api/v1/nearest"
VIEW = "v1.nearest"
UNUSUAL = (
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_UPGRADE",
)
"""Who sends one of these is answered by Flask."""

_PLAIN_CODINGS = frozenset("abcdefghijklmnopqrstuvwxyz, ")
"""Names of codings and no more, as browsers send them; preferences are for Flask to weigh."""


def register(app: Flask) -> None:
    """Take the way round ``app`` where it can be taken; call it before all that wraps ``app``."""
    app.wsgi_app = Shortcut(app)  # type: ignore[method-assign]


class Shortcut:
    """A WSGI application in front of another one."""

    def __init__(self, app: Flask) -> None:
        self._parts, self._flask = app.extensions, app.wsgi_app
        self._settings: Settings = app.extensions["stations.settings"]
        self._sealed: list[tuple[str, str]] = app.extensions["stations.sealed"]
        found: Metrics = app.extensions["stations.metrics"]
        self._counted, self._timed = found.of(VIEW, "GET", 200)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or let Flask answer."""
        began = perf_counter()
        body = self._body(environ) if _plain(environ) else None
        if body is None:
            return self._flask(environ, start_response)
        packed = []
        if len(body) >= replies.WORTH_COMPRESSING and _takes_gzip(environ):
            body, packed = replies.quickly_packed(body), [("Content-Encoding", "gzip")]
        length = ("Content-Length", str(len(body)))
        own = [("Content-Type", JSON), length, *packed, *replies.FRESH.items()]
        request_id = guard.request_id(environ, self._settings)
        secure = environ["wsgi.url_scheme"] == "https"
        more = self._sealed if secure else guard.HEADERS.items()
        start_response("200 OK", [*own, *more, (guard.REQUEST_ID, request_id)])
        took = perf_counter() - began
        self._counted.inc()
        self._timed.observe(took)
        guard.logged(request_id, "GET", PATH, 200, took)
        return [body]

    def _body(self, environ: WSGIEnvironment) -> bytes | None:
        with suppress(Exception):  # Flask comes to the same, and says what it is
            return find.near(*queries.near(environ.get("QUERY_STRING", "")), self._parts)
        return None


def _plain(environ: WSGIEnvironment) -> bool:
    return (
        environ["PATH_INFO"] == PATH
        and environ["REQUEST_METHOD"] == "GET"
        and environ.get("CONTENT_LENGTH", "0") in {"", "0"}
        and environ.keys().isdisjoint(UNUSUAL)
        and _PLAIN_CODINGS.issuperset(environ.get("HTTP_ACCEPT_ENCODING", ""))
    )


def _takes_gzip(environ: WSGIEnvironment) -> bool:
    names = environ.get("HTTP_ACCEPT_ENCODING", "").split(",")
    return "gzip" in [name.strip() for name in names]
