"""What schemathesis makes of the OpenAPI document: right and wrong questions, each answer checked.

Needs the extra ``trial``; without it there are no such targets.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.trials._asked import LEAVING, ROLES, served
from tests.trials._watch import Target

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class AnswerFaultError(Exception):
    """An answer that is not what the document says."""


@cache
def _operations() -> dict[str, Any]:
    schema = import_module("schemathesis").openapi.from_wsgi("/api/openapi.json", served().app)
    found = [each.ok() for each in schema.get_all_operations()]
    return {f"{each.method.upper()} {each.path}": each for each in found}


def _cases() -> SearchStrategy[Any]:
    modes = import_module("schemathesis").GenerationMode
    made = [
        operation.as_strategy(generation_mode=mode)
        for name, operation in sorted(_operations().items())
        if name.partition(" ")[2] not in LEAVING
        for mode in (modes.POSITIVE, modes.NEGATIVE)
    ]
    return st.one_of(made)


def check(case: Any, role: str) -> None:
    """Ask, and hold the answer to the document: status, type, schema, headers."""
    checks = import_module("schemathesis.checks")
    described = import_module("schemathesis.specs.openapi.checks")
    answer = case.call(headers={**served().headers(role), "Accept-Encoding": "identity"})
    asked = [
        checks.not_a_server_error, described.status_code_conformance,
        described.content_type_conformance, described.response_schema_conformance,
        described.response_headers_conformance,
    ]  # fmt: skip
    try:
        case.validate_response(answer, checks=asked)
    except checks.FailureGroup as error:
        told = "; ".join(sorted({_told(part) for part in error.exceptions}))
        where = f"{case.operation.method.upper()} {case.operation.path}"
        raise AnswerFaultError(f"{where} {answer.status_code}: {told}") from None


def _told(fault: BaseException) -> str:
    title = getattr(fault, "title", type(fault).__name__)
    message = getattr(fault, "validation_message", "") or getattr(fault, "message", "")
    return " ".join(f"{title} {message}".split())[:110]


def targets(role: str = "") -> list[Target]:
    """Return the document's questions as each role, or as one."""
    if find_spec("schemathesis") is None:
        return []
    return [_target(each) for each in ([role] if role else ROLES)]


def _target(role: str) -> Target:
    inputs = st.deferred(_cases)
    return Target(f"document as {role}", inputs, lambda case: check(case, role), 3)
