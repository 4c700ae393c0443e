"""What every request passes: size limit, headers, a count, one log line without a position."""

from __future__ import annotations

import logging
import re
import secrets
from string import punctuation
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from web import metrics
from web.logs import TOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from flask import Flask, Response

    from web.settings import Settings

log = logging.getLogger("web.access")

LARGEST_BODY = 64 * 1024
"""Bytes a request's body may have where its view does not take more: see `takes`."""

_UNUSED_FEATURES = (
    *(
        "accelerometer",
        "camera",
        "display-capture",
        "gyroscope",
        "hid",
        "magnetometer",
    ),
    *("microphone", "midi", "payment", "serial", "usb"),
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), "
    + ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer carries; a page that loads things brings its own content policy."""
REQUEST_ID = "X-Request-Id"
_SENT_ID = re.compile("[0-9A-Za-z_-]{8,64}")
_DAY_S = 86_400
_NO_ROUTE = "-"


def register(app: Flask, settings: Settings) -> None:
    """Put the guards before and after every request of ``app``."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["TRUSTED_HOSTS"] = list(settings.host_names) or None
    app.extensions["stations.sealed"] = sealed(settings)
    app.before_request(_begin)
    app.after_request(_end)
    app.wsgi_app = _escaped(app.wsgi_app)  # type: ignore[assignment]


def _escaped(inner: WSGIApplication) -> WSGIApplication:
    """Escape a query string's raw bytes, as every browser does: werkzeug fails on odd ones."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=punctuation)
        return inner(environ, start)

    return answer


def sealed(settings: Settings) -> list[tuple[str, str]]:
    """Return the headers of an answer over https; browsers want some of them nowhere else."""
    headers = [*HEADERS.items(), ("Cross-Origin-Opener-Policy", "same-origin")]
    if settings.hsts_days:
        told = f"max-age={settings.hsts_days * _DAY_S}"
        headers.append(("Strict-Transport-Security", told))
    return headers


def trust_proxies(app: Flask, count: int) -> None:
    """Take a sender's address from ``X-Forwarded-For``, as written by this many proxies of ours.

    And from ``X-Forwarded-Proto`` whether it came over https. ``Host`` is as the nearest sends it.
    """
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def request_id(environ: WSGIEnvironment, settings: Settings) -> str:
    """Return what a proxy of ours calls this request, if that is a plain name; else a new id."""
    sent = environ.get("HTTP_X_REQUEST_ID", "") if settings.proxies else ""
    return sent if _SENT_ID.fullmatch(sent) else secrets.token_hex(8)


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = request_id(request.environ, current_app.extensions["stations.settings"])
    largest = _largest()
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge(f"At most {largest} bytes may be sent.")


def takes[**P, T](largest: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let a view's request have a body of ``largest`` bytes: a decorator, the innermost."""

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        view.__dict__[_TAKES] = largest
        return view

    return decorate


_TAKES = "largest_body"


def _largest() -> int:
    """Return how large this request's body may be."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _TAKES, LARGEST_BODY)


def _end(answer: Response) -> Response:
    own = {name for name, _ in answer.headers}
    headers = current_app.extensions["stations.sealed"] if request.is_secure else HEADERS.items()
    answer.headers.extend([pair for pair in headers if pair[0] not in own])
    answer.headers[REQUEST_ID] = g.request_id
    if "began" in g:
        took, rule = perf_counter() - g.began, request.url_rule
        metrics.counted(request.endpoint, request.method, answer.status_code, took)
        route = rule.rule if rule else _NO_ROUTE
        logged(g.request_id, request.method, route, answer.status_code, took)
    return answer


def logged(request_id: str, method: str, route: str, status: int, seconds: float) -> None:
    """Log a request by its route, with neither path nor query: ids, names, positions are there."""
    if log.isEnabledFor(logging.INFO):
        method = method if method in metrics.METHODS else "other"
        milliseconds = round(seconds * 1_000, 1)
        told = {"id": request_id, "method": method, "route": route, "status": status,
                "ms": milliseconds}  # fmt: skip
        words = "%s %s %s %d %.1fms"
        log.info(words, request_id, method, route, status, milliseconds, extra={TOLD: told})


def content_policy(*, scripts: str = "", styles: str = "", images: str = "") -> str:
    """Return the content policy of a page that loads from this server, and what is named here."""
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' {scripts}",
        "style-src": f"'self' {styles}",
        "img-src": f"'self' data: {images}",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}".rstrip() for name, value in parts.items())
