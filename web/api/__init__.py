"""JSON over HTTP: parse, call, serialise."""

from web.api import accepts, area, demand, exports, find, findings, jobs, plans, reference, reports
from web.api.base import blueprint

__all__ = [
    "accepts",
    "area",
    "blueprint",
    "demand",
    "exports",
    "find",
    "findings",
    "jobs",
    "plans",
    "reference",
    "reports",
]
