"""The very first schema, which called itself 1: nothing to do."""

from __future__ import annotations

revision = "0"
down_revision = None


def upgrade() -> None:
    """Leave it as it is."""
