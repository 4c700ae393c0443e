"""The page ``/bulletin``: a form and the tables, made by the server; no script at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, current_app, redirect, render_template, request
from markupsafe import Markup

from geodata.errors import ForbiddenError, MissingError, UsageError
from stations.audit.bulletin.telling import document
from stations.hours.clock import wall
from web.api.bulletin import FOUND, READERS, BulletinQuery, made
from web.api.queries import read
from web.api.seen import seen
from web.auth import Role, caller, require, visible_layers
from web.guard import content_policy
from web.paper.notices import bulletin_parts
from web.paper.rendering import environment
from web.words import text
from web.words.errors import translated
from web.words.marking import language, other_language

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from werkzeug.wrappers import Response as BaseResponse

    from stations.registry import LiveRegistry

FIELDS = ("since", "until", "area", "layer", "within", "mode")


def page() -> BaseResponse:
    """Answer the request: the bulletin asked for, or what is wrong with the question."""
    if caller().role is Role.PUBLIC:
        return redirect(f"/signin?{urlencode({'next': request.full_path.rstrip('?')})}")
    require(*READERS)
    lang = language()
    asked = _asked()
    parts, status = _parts(asked, lang)
    page = render_template(
        "bulletin.html",
        asked=asked,
        layers=_layers(),
        role=caller().role,
        other=_href("", asked, lang=other_language()),
        files={
            kind: _href("/api/v1/bulletin/file", asked, format=kind) for kind in ("xlsx", "pdf")
        },
        body=_body(parts),
        **parts,
    )
    answer = Response(page, status=status, mimetype="text/html")
    policy = content_policy().replace("form-action 'none'", "form-action 'self'")
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _asked() -> dict[str, str]:
    """Return what is asked; of this month so far, of parks, if nothing is said."""
    clock: Callable[[], datetime] = current_app.extensions["stations.clock"]
    today = wall(clock()).date()
    usual = {
        "since": today.replace(day=1).isoformat(),
        "until": today.isoformat(),
        "area": "",
        "layer": "parks",
        "within": "1000m",
        "mode": "walk",
    }
    return {name: request.args.get(name, usual[name])[:200] for name in FIELDS}


def _parts(asked: Mapping[str, str], lang: str) -> tuple[dict[str, Any], int]:
    """Return what the template shows, and the status: figures, or one sentence."""
    try:
        query = read(BulletinQuery, asked.items())
        told = document(made(query), FOUND)
    except (UsageError, MissingError) as error:
        return {"problem": translated(str(error), lang), "title": _title(lang)}, 400
    except ForbiddenError as error:
        return {"problem": translated(str(error), lang), "title": _title(lang)}, 403
    return {"problem": "", **bulletin_parts(told, lang)}, 200


def _body(parts: Mapping[str, Any]) -> Markup:
    """Return the figures as paper has them."""
    if parts["problem"]:
        return Markup()
    made = environment().get_template("bulletin_body.html").render(**parts)
    return Markup(made)  # noqa: S704 - a template that escapes


def _title(lang: str) -> str:
    return text("bulletinPage_title", lang)


def _layers() -> list[dict[str, str]]:
    live: LiveRegistry = current_app.extensions["stations.register"]
    known = visible_layers(seen(live.current()), caller())
    return [{"name": each.info.name, "zh": each.info.zh, "en": each.info.en}
            for each in known.values()]  # fmt: skip


def _href(path: str, asked: Mapping[str, str], **more: str) -> Markup:
    return Markup("{}?{}").format(path, urlencode({**asked, **more}))
