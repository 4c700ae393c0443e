"""Who is asking, and what they may see and do; roles, threats and answers: ``README.md`` here."""

from __future__ import annotations

from web.auth.asking import caller, require
from web.auth.callers import Caller, Role
from web.auth.layers import part_of, visible_layer, visible_layers

__all__ = [
    "Caller",
    "Role",
    "caller",
    "part_of",
    "require",
    "visible_layer",
    "visible_layers",
]
