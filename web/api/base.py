"""The blueprint every endpoint hangs on, and the snapshot they all read."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate

from apiflask import APIBlueprint, FileSchema
from flask import current_app

from web import auth
from web.api.queries import Query, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Response
    from pydantic import BaseModel

    from stations.registry import LiveRegistry, Registry

    type View[Q: Query, **P] = Callable[Concatenate[Q, P], Response]

JSON = "application/json"
GEOJSON = "application/geo+json"

blueprint = APIBlueprint("v1", __name__, url_prefix="/api/v1", tag="Stations 工会驿站")


def register() -> Registry:
    """Return the snapshot to answer from: ask once per request, so that one answer is one truth."""
    live: LiveRegistry = current_app.extensions["stations.register"]
    return live.current()


def now() -> datetime:
    """Return the instant of this request, aware: ask once per request, like `register`."""
    clock: Callable[[], datetime] = current_app.extensions["stations.clock"]
    return clock()


def endpoint[Q: Query, **P](
    rule: str,
    question: type[Q],
    answer: type[BaseModel] | FileSchema,
    *,
    content_type: str = JSON,
    method: str = "GET",
    status: int = 200,
) -> Callable[[View[Q, P]], Callable[P, Response]]:
    """Serve a view at ``rule``: it gets the parsed query string first, and answers bytes.

    ``content_type`` may be several, with ", " between them. APIFlask's ``input`` and ``output``
    are used for what they document. Reading and writing are done here and in `web.api.replies`,
    at a fraction of their cost; tests hold every answer to its type.
    """

    def decorate(view: View[Q, P]) -> Callable[P, Response]:
        described = blueprint.output(answer, status_code=status, content_type=content_type)(view)
        described = blueprint.input(question, location="query")(described)

        @wraps(described)
        def run(*args: P.args, **path: P.kwargs) -> Response:
            return view(parse(question), *args, **path)

        blueprint.route(rule, methods=[method])(run)
        return run

    return decorate


@blueprint.before_request
def _recognise() -> None:
    """Refuse a wrong token everywhere, so that a mistyped one is not taken for an empty map."""
    auth.caller()
