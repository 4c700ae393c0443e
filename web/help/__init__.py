"""``/help``: the pages that lie beside the code, for people.

Nothing is written here: texts are found where they are, rendered, and linked with one another.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from geodata.errors import MissingError
from web.guard import content_policy
from web.help.pages import groups, page_of
from web.words import marking

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
def index() -> Response:
    """List the pages, by who asks."""
    return _answer(render_template("help_index.html", groups=groups()))


@blueprint.get("/help/<path:page>")
def page(page: str) -> Response:
    """Show one page."""
    from web.help.rendering import rendered  # noqa: PLC0415 - Markdown, for readers of help

    found = page_of(page)
    if found is None:
        raise MissingError("no such page of help; see /help")
    return _answer(render_template("help_page.html", page=found, text=rendered(found)))


def _answer(text: str) -> Response:
    answer = Response(text, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = content_policy()
    answer.headers["Content-Language"] = marking.language()
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
