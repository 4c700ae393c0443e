"""What workers of a site do for a living, where its record says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from stations.catalogue import folded

if TYPE_CHECKING:
    import geopandas as gpd

HEADINGS = frozenset(
    map(
        folded,
        (
            "worker_type", "worker type", "type of worker", "occupation",
            "职工类型", "从业人员类型", "人员类型", "劳动者类型", "职业类型", "职业", "工种",
        ),
    )
)  # fmt: skip
"""What the column is called in files of demand sites."""


def worker_types(sites: gpd.GeoDataFrame) -> pd.Series[str]:
    """Return each site's type of worker as its ``attributes`` say, "" where they do not.

    It is a field called as in `HEADINGS`, the first of several; its text is taken as it stands, but
    for spaces around it.
    """
    codes, texts = pd.factorize(sites["attributes"])
    types = [_type(text) for text in texts]
    return pd.Series([types[code] for code in codes.tolist()], sites.index, dtype="str")


def _type(attributes: str) -> str:
    fields = json.loads(attributes) if attributes else {}
    said = (value for name, value in fields.items() if folded(name) in HEADINGS)
    value = next(said, None)
    return "" if value is None else str(value).strip()
