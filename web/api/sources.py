"""Whose data is shown: what its licence wants said wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

OPENSTREETMAP = "© OpenStreetMap contributors"
_OBJECT = r"(?:node|way|relation)/[0-9]+"


def attribution(*ids: pd.Index, roads: bool = False) -> list[str]:
    """Return whom to name beside these records, and beside minutes over ``roads``.

    A record taken from an OpenStreetMap file keeps the object's name there as its id
    (``way/45``): by that it is known.
    """
    taken = roads or any(bool(each.str.fullmatch(_OBJECT).any()) for each in ids)
    return [OPENSTREETMAP] if taken else []
