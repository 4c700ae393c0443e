"""The real application with one more view that answers an empty JSON object, for comparison."""

from __future__ import annotations

from flask import Response

from web.wsgi import app


@app.get("/empty")
def empty() -> Response:
    """Answer ``{}``: what the server and the framework cost by themselves."""
    return Response("{}", mimetype="application/json")
