"""What a token may do: the words it was given, and which of them a request needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from web.words import LANGUAGES, text

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "st_"  # noqa: S105 - what tokens begin with: leaked ones are found by it
READ, WRITE = "read", "write"
SCOPES: Mapping[str, tuple[str, ...]] = {
    scope: tuple(text(f"scope_{scope}", language) for language in LANGUAGES)
    for scope in (READ, "report", "visits", "findings", WRITE)
}
"""Word → what it allows, in Chinese and English."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PEOPLE = ("/api/v1/me", "/api/v1/sessions", "/api/v1/accounts", "/api/v1/account-log")
_BEGINNINGS = {
    "/api/v1/visits": "visits",
    "/api/v1/photos": "visits",
    "/api/v1/findings": "findings",
}


def scope_of(method: str, rule: str) -> str | None:
    """Return the scope that a request to a rule of the URL map needs.

    Empty: none; None: no token may. A rule nobody thought of here needs ``write``.
    """
    if rule == "/api/v1/me" and method in SAFE:
        return ""
    if _below(rule, _PEOPLE):
        return None
    if method in SAFE or ("/jobs" in rule and not rule.endswith("/accept")):
        return READ
    if rule.endswith("/reports"):
        return "report"
    for beginning, scope in _BEGINNINGS.items():
        if _below(rule, (beginning,)):
            return scope
    return WRITE


def _below(rule: str, beginnings: tuple[str, ...]) -> bool:
    return any(rule == each or rule.startswith(f"{each}/") for each in beginnings)
