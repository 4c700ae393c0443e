"""The OpenAPI document: what APIFlask cannot read from the types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from web.api import answers

if TYPE_CHECKING:
    from apiflask import APIFlask

ABOUT = """Rest stations for outdoor workers (工会驿站): where they are, who has none in reach.

Positions are WGS 84 longitude and latitude. Errors are RFC 9457 problems. Layers that are
restricted are open to staff only: they send `Authorization: Bearer` and their token."""

PROBLEM = {
    "description": "What is wrong, and what would be right.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(app: APIFlask) -> None:
    """Complete the document of ``app``: errors, who may ask, licence."""
    app.config |= {
        "DESCRIPTION": ABOUT,
        "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        "SERVERS": [{"url": "/"}],
        "SECURITY_SCHEMES": {"staff": {"type": "http", "scheme": "bearer"}},
        "AUTO_VALIDATION_ERROR_RESPONSE": False,
        "AUTO_404_RESPONSE": False,
    }
    app.spec_processor(_completed)  # type: ignore[arg-type]  # SPEC_FORMAT is json: a dict


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    document["security"] = [{}, {"staff": []}]
    document["components"]["schemas"]["Problem"] = answers.Problem.model_json_schema()
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                response["content"] = _apart(response.get("content", {}))
            operation["responses"]["default"] = PROBLEM
    return document


def _apart(content: dict[str, Any]) -> dict[str, Any]:
    """Return each of the types that an endpoint names together, by its own name."""
    return {each: told for names, told in content.items() for each in names.split(", ")}
