"""What every request passes: size limit, security headers, one log line without a position."""

from __future__ import annotations

import logging
import secrets
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Response

log = logging.getLogger("web.access")

LARGEST_BODY = 64 * 1024
"""Bytes a request's body may have where its view does not take more: see `takes`."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer carries; a page that loads things brings its own content policy."""
REQUEST_ID = "X-Request-Id"


def register(app: Flask) -> None:
    """Put the guards before and after every request of ``app``."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_begin)
    app.after_request(_end)


def trust_proxies(app: Flask, count: int) -> None:
    """Take a sender's address from ``X-Forwarded-For``, as written by this many proxies of ours.

    And from ``X-Forwarded-Proto`` whether it came over https.
    """
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]


def _begin() -> None:
    g.began = perf_counter()
    g.request_id = secrets.token_hex(8)
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
    headers = [pair for pair in HEADERS.items() if pair[0] not in own]
    answer.headers.extend([*headers, (REQUEST_ID, g.request_id)])
    logged(g.request_id, request.method, request.path, answer.status_code, g.began)
    return answer


def logged(request_id: str, method: str, path: str, status: int, began: float) -> None:
    """Log a request that ``began`` at a `perf_counter`, without its query: positions are there."""
    if log.isEnabledFor(logging.INFO):
        milliseconds = (perf_counter() - began) * 1_000
        path = quote(path, safe="/")
        log.info("%s %s %s %d %.1fms", request_id, method, path, status, milliseconds)


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
