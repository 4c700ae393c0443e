"""The pages of accounts: signing in, one's own account, everybody's for admins.

They hold nothing: what they show is fetched from the API, as the caller the browser is.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request

from web.guard import content_policy

blueprint = Blueprint("signing", __name__)

START = "/map"
"""Where to go from the page that signs in, unless told."""
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@blueprint.get("/signin")
def sign_in() -> Response:
    """Ask for name and password; ``next`` is where to go then, a path of this server."""
    return _page("signin.html", next=local_path(request.args.get("next", "")))


@blueprint.get("/account")
def account() -> Response:
    """Show one's own account: password, tokens, sessions."""
    return _page("account.html")


@blueprint.get("/accounts")
def accounts() -> Response:
    """Show the accounts an admin is responsible for."""
    return _page("accounts.html")


def local_path(text: str) -> str:
    """Return ``text`` if it is a path of this server, else `START`."""
    if not _LOCAL.fullmatch(text):
        return START
    try:
        parts = urlsplit(text)
    except ValueError:
        return START
    return START if parts.scheme or parts.netloc else text


def _page(template: str, **values: str) -> Response:
    answer = Response(render_template(template, **values), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = content_policy()
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
