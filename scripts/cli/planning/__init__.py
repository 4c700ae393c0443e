"""``stations site``: what to build and change for a budget; replay, compare and accept plans."""

from scripts.cli.planning import making, offers, saved
from scripts.cli.planning.group import site

__all__ = ["making", "offers", "saved", "site"]
