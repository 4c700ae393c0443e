"""The rules that only a visit can find broken: ``visits/rules.toml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from stations.audit.rulebook import read_rules

if TYPE_CHECKING:
    from stations.audit.ruling import Rule


@cache
def rules() -> tuple[Rule, ...]:
    """Return them, in the file's order; no audit runs them."""
    folder = files("stations.audit") / "visits"
    return read_rules((folder / "rules.toml").read_text("utf-8"))
