"""Pages, scripts and styles go out packed by gzip; each version of each is packed once.

The server does not compress, and a proxy that would may not be there. Answers of the API pack
themselves (`web.api.replies`).
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from flask import current_app, request

from web.kept import Kept

if TYPE_CHECKING:
    from flask import Flask, Response

KEPT = 512
SMALLEST = 1_024
"""Bytes below which packing gains nothing."""
LARGEST = 4 * 1024 * 1024
WORTH = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "application/manifest+json",
        "image/svg+xml",
    }
)
"""Types that are text."""


def register(app: Flask) -> None:
    """Pack what ``app`` sends of these types to whoever takes gzip."""
    app.extensions["web.packed"] = Kept[tuple[str, str], bytes](KEPT)
    app.after_request(_packed)


def _packed(answer: Response) -> Response:
    if answer.mimetype not in WORTH:
        return answer
    answer.vary.add("Accept-Encoding")
    tag, weak = answer.get_etag()
    if tag is not None and not weak and _takes_gzip():
        answer.set_etag(tag, weak=True)  # one tag for both forms: the same text, other bytes
    if answer.status_code == 200 and _takes_gzip() and "Content-Encoding" not in answer.headers:  # noqa: PLR2004
        _pack(answer, tag)
    return answer


def _takes_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


def _pack(answer: Response, tag: str | None) -> None:
    """Pack the body of an answer, or take it as packed before under its tag."""
    if (answer.content_length or 0) not in range(SMALLEST, LARGEST):
        return
    known: Kept[tuple[str, str], bytes] = current_app.extensions["web.packed"]
    key = request.path, tag or ""
    body = known.get(key) if tag else None
    if body is None:
        answer.direct_passthrough = False
        body = gzip.compress(answer.get_data(), compresslevel=9, mtime=0)
        if tag:
            known.put(key, body)
    else:
        answer.close()
        answer.direct_passthrough = False
    answer.set_data(body)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Accept-Ranges", None)
