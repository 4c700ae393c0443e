"""The pages of accounts: signing in, one's own account, everybody's for admins.

They hold nothing: what they show is fetched from the API, as the caller the browser is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from geodata.errors import MissingError
from web.auth import arrivals, asking, provider
from web.auth.provider import Person, Trouble
from web.guard import content_policy

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from web.auth.openid import Provider
    from web.limits import Limits
    from web.settings import Settings

blueprint = Blueprint("signing", __name__)

START = "/map"
"""Where to go from the page that signs in, unless told."""
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


@blueprint.get("/signin")
def sign_in() -> Response:
    """Ask for name and password; ``next`` is where to go then, a path of this server."""
    return _signing(local_path(request.args.get("next", "")))


@blueprint.get("/signin/provider")
def away() -> BaseResponse:
    """Send a browser to the provider of sign-in, to come back to `back`."""
    there = _provider()
    _spend()
    onward = local_path(request.args.get("next", ""))
    address = there.begin(url_for("signing.back", _external=True))
    if isinstance(address, Trouble):
        return _signing(onward, address)
    session["next"] = onward
    return _unkept(redirect(address))


@blueprint.get("/signin/back")
def back() -> BaseResponse:
    """Take in who comes back from the provider, and lead on to where they wanted to go."""
    there = _provider()
    _spend()
    onward = local_path(str(session.pop("next", "")))
    person = there.finish()
    if isinstance(person, Trouble):
        return _signing(onward, person)
    settings: Settings = current_app.extensions["stations.settings"]
    found = arrivals.account_of(
        *(asking.store(), person, there.issuer),
        newcomers=settings.oidc_newcomers,
        now=asking.instant(),
    )
    if isinstance(found, Trouble):
        return _signing(onward, found, person)
    account, identity = found
    secret, begun = asking.begin(account, stamp=arrivals.stamp_of(identity))
    answer = _unkept(redirect(onward, 303))
    asking.give(answer, secret, begun)
    return answer


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


def _provider() -> Provider:
    found = provider.current()
    if found is None:
        raise MissingError("no provider of sign-in is set here")
    return found


def _spend() -> None:
    """Count a try to sign in."""
    limits: Limits = current_app.extensions["stations.sign_ins"]
    limits.spend(request.remote_addr)


def _signing(onward: str, trouble: Trouble | None = None, person: Person | None = None) -> Response:
    """Show the page that signs in, and why somebody who came back is not let in."""
    settings: Settings = current_app.extensions["stations.settings"]
    label = settings.oidc_label if provider.current() else ""
    subject = person.subject if person is not None and trouble is Trouble.UNKNOWN else ""
    answer = _page(
        "signin.html", next=onward, provider=label, why=trouble and _WHY[trouble], subject=subject
    )
    if trouble is not None:
        answer.status_code = _STATUS.get(trouble, 403)
        _unkept(answer)
    return answer


def _unkept[R: BaseResponse](answer: R) -> R:
    answer.headers["Cache-Control"] = "no-store"
    return answer


_WHY = {
    Trouble.UNREACHABLE: "provider_unreachable",
    Trouble.STALE: "provider_stale",
    Trouble.DENIED: "provider_denied",
    Trouble.FAILED: "provider_failed",
    Trouble.UNKNOWN: "provider_unknown",
    Trouble.WAITING: "provider_waiting",
    Trouble.INACTIVE: "provider_inactive",
}
"""What the page says of each."""
_STATUS = {Trouble.UNREACHABLE: 503, Trouble.FAILED: 502, Trouble.STALE: 400}


def _page(template: str, **values: Any) -> Response:  # noqa: ANN401 - what a template shows
    answer = Response(render_template(template, **values), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = content_policy()
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
