"""JSON that callers send: its type, its size, every fault named."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from geodata.errors import UsageError
from web.api.base import JSON, blueprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from pydantic_core import ErrorDetails

MOST_FAULTS = 10


def posted[**P](
    rule: str,
    question: type[BaseModel],
    answer: type[BaseModel],
    status: int,
    *,
    method: str = "POST",
) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Serve a view at ``rule`` that reads its body by `sent`.

    As in `web.api.base.endpoint`, APIFlask only documents it.
    """

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        described = blueprint.output(answer, status_code=status, content_type=JSON)(view)
        described = blueprint.input(question, location="json")(described)

        @wraps(described)
        def run(*args: P.args, **path: P.kwargs) -> Response:
            return view(*args, **path)

        blueprint.route(rule, methods=[method])(run)
        return run

    return decorate


def sent[M: BaseModel](model: type[M], largest: int, example: str) -> M:
    """Read the request's body, of ``largest`` bytes at most; faults raise one `UsageError`.

    ``example`` is what a body might be, for whoever sends something else.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send JSON, with Content-Type: {JSON}.")
    try:
        return model.model_validate_json(_body(largest))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
        raise UsageError("; ".join(_fault(each, model, example) for each in faults)) from None


def _body(largest: int) -> bytes:
    """Return the body; of one that does not tell its length, no more than needed is read."""
    request.max_content_length = largest + 1
    told = request.content_length or 0
    body = request.get_data() if told <= largest else b""
    if max(told, len(body)) > largest:
        raise RequestEntityTooLarge(f"At most {largest} bytes may be sent here.")
    return body


def _fault(error: ErrorDetails, model: type[BaseModel], example: str) -> str:
    name = ".".join(str(part) for part in error["loc"])[:80]
    match error["type"]:
        case "json_invalid" | "model_type":
            return f"expected a JSON object such as {example}"
        case "extra_forbidden":
            return f"{name}: not a field here; known: {', '.join(model.model_fields)}"
        case "missing":
            return f"{name}: required, as in {example}"
        case _:
            return f"{name}: {error['msg'].lower()}"
