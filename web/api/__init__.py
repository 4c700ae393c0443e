"""JSON over HTTP: parse, call, serialise."""

from web.api import area, demand, exports, find, jobs, reference, reports
from web.api.base import blueprint

__all__ = ["area", "blueprint", "demand", "exports", "find", "jobs", "reference", "reports"]
