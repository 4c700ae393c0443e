"""The blueprint of the standard's endpoints: what each may be asked, how each answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode

from apiflask import APIBlueprint
from flask import Response, g, render_template, request

from geodata.errors import UsageError
from web import auth
from web.api import reading, replies
from web.api.base import GEOJSON, JSON, register
from web.guard import content_policy
from web.words import LANGUAGES
from web.words.marking import language, other_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.registry import Registry

    type Form = Literal["json", "html"]

HTML = "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PROBLEM = "application/problem+json"
MVT = "application/vnd.mapbox-vector-tile"
ALWAYS = ("f", "lang")
"""Parameters every endpoint knows."""
LONGEST_VALUE = 2_000
"""Characters a parameter may have; a filter may have more."""
FORMS: dict[str, str] = {
    JSON: "json",
    GEOJSON: "json",
    SCHEMA: "json",
    OPENAPI: "json",
    HTML: "html",
}
VARY = f"Accept, {replies.VARY}"
ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""What lets maps on pages of other hosts show what everybody may see."""

blueprint = APIBlueprint("ogc", __name__, url_prefix="/ogc", enable_openapi=False)


@blueprint.before_request
def _recognise() -> None:
    """Refuse a wrong token everywhere, so that a mistyped one is not taken for an empty map."""
    auth.caller()


def snapshot() -> Registry:
    """Return the register this whole request is answered from."""
    if "ogc_snapshot" not in g:
        g.ogc_snapshot = register()
    found: Registry = g.ogc_snapshot
    return found


def given(*known: str, longest: dict[str, int] | None = None) -> dict[str, str]:
    """Return the request's parameters; one that is not ``known``, or given twice, is refused."""
    values: dict[str, str] = {}
    allowed = (*known, *ALWAYS)
    for name, value in request.args.items(multi=True):
        told = reading.short(name)
        if name not in allowed:
            raise UsageError(f"{told}: not a parameter here; known: {', '.join(allowed)}")
        if name in values:
            raise UsageError(f"{told}: give it once")
        most = (longest or {}).get(name, LONGEST_VALUE)
        if len(value) > most:
            raise UsageError(f"{told}: at most {most:,} characters")
        values[name] = value
    if values.get("lang", LANGUAGES[0]) not in LANGUAGES:
        raise UsageError(f"lang: one of {', '.join(LANGUAGES)}")
    return values


def form() -> Form:
    """Return what the caller wants to have: by ``f``, else by ``Accept``, else JSON."""
    wanted = request.args.get("f", "")
    if wanted in {"json", "html"}:
        return "html" if wanted == "html" else "json"
    if wanted:
        raise UsageError("f: json or html")
    best = request.accept_mimetypes.best_match([*FORMS], default=JSON)
    return "html" if best == HTML else "json"


def root() -> str:
    """Return the address of the landing page, with this server's name as the caller knows it."""
    return f"{request.url_root.rstrip('/')}{blueprint.url_prefix}"


def link(rel: str, path: str, type_: str, title: str = "") -> dict[str, str]:
    """Return a link to a place under the landing page, or to an address."""
    href = path if "://" in path else f"{root()}{path}"
    told = {"href": href, "rel": rel, "type": type_}
    return {**told, "title": title} if title else told


def this(type_: str) -> list[dict[str, str]]:
    """Return the links of a document to itself, in this form and the other."""
    kept = [(name, value) for name, value in request.args.items() if name != "f"]
    mine, other = ("html", "json") if form() == "html" else ("json", "html")
    types = {"json": type_, "html": HTML}
    return [
        link("self", _address([*kept, ("f", mine)]), types[mine]),
        link("alternate", _address([*kept, ("f", other)]), types[other]),
    ]


def _in_other_language() -> str:
    """Return the address of this page in the other language."""
    kept = [(name, value) for name, value in request.args.items() if name not in ALWAYS]
    return _address([*kept, ("f", "html"), ("lang", other_language())])


def _address(query: list[tuple[str, str]]) -> str:
    path = quote(request.path.removeprefix(str(blueprint.url_prefix)))
    return f"{root()}{path}?{urlencode(query)}"


def answer(
    build: Callable[[], Any],
    template: str,
    *,
    type_: str = JSON,
    restricted: bool,
    **more: Any,  # noqa: ANN401
) -> Response:
    """Answer a document, as JSON or as a page, with an entity tag unless it is ``restricted``."""
    if form() == "html":
        told = {"lang": language(), "other": _in_other_language(), **more}
        return sent(
            lambda: render_template(template, document=build(), **told).encode(),
            f"{HTML}; charset=utf-8",
            restricted=restricted,
        )
    return sent(lambda: replies.encode(build()), type_, restricted=restricted)


def sent(
    build: Callable[[], bytes], type_: str, *, restricted: bool, version: str = ""
) -> Response:
    """Answer bytes, with a strong entity tag unless they are ``restricted``.

    The tag stands for the register's revision, the question, the form, the language and the
    server's name, which is in links; ``version`` for whatever else the bytes depend on.
    """
    if restricted:
        answered = replies.secret_bytes(build(), content_type=type_)
    else:
        own = f"{replies.version_of(snapshot())}|{request.host_url}|{type_}|{version}"
        if type_.startswith(HTML):
            own = f"{own}|{language()}"
        answered = replies.tagged(own, build, content_type=type_)
        answered.headers.update(ANYWHERE)
    answered.headers["Vary"] = VARY
    if type_.startswith(HTML):
        answered.headers["Content-Security-Policy"] = content_policy()
    return answered
