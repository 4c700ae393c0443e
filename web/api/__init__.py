"""JSON over HTTP: parse, call, serialise."""

from web.api import demand, find, reference, reports
from web.api.base import blueprint

__all__ = ["blueprint", "demand", "find", "reference", "reports"]
