"""How many examples a slow property is tried with."""

from __future__ import annotations

from hypothesis import settings


def few(examples: int) -> settings:
    """Return so many for `scripts/test`, and as many as any property has for ``--all``."""
    if settings.get_current_profile_name() == "ours":
        return settings(max_examples=examples)
    return settings()
