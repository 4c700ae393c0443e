"""Rounds: a job's result, documented."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel


class RoundResult(RootModel[dict[str, Any]]):
    """A round, as `stations rounds --json` tells it: routes, their stops, what is left out."""
