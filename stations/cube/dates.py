"""Sites that are there from one day until another: building sites above all."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.errors import UsageError
from stations.catalogue import folded

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import BoolArray

FROM = frozenset(map(folded, ("from", "start", "开工日期", "开始日期", "进场日期")))
UNTIL = frozenset(map(folded, ("until", "to", "end", "竣工日期", "结束日期", "撤场日期")))


def there_on(sites: gpd.GeoDataFrame, day: date) -> BoolArray:
    """Tell which sites (frame) are there on a day: from the first to the last, both inclusive.

    The days are the columns ``from`` and ``until``, or else such fields of ``attributes`` (also
    开工日期, 竣工日期); an empty one does not bound. What is no ISO date raises `UsageError`.
    """
    first, last = _days(sites, FROM, "from"), _days(sites, UNTIL, "until")
    asked = np.datetime64(day)
    found: BoolArray = ~(first > asked) & ~(last < asked)
    return found


def _days(sites: gpd.GeoDataFrame, words: frozenset[str], column: str) -> np.ndarray:
    if column in sites:
        texts = sites[column].astype(object).tolist()
    else:
        attributes, distinct = pd.factorize(sites["attributes"])
        texts = [_field(text, words) for text in distinct]
        texts = [texts[code] for code in attributes.tolist()]
    days = [_day(text, id_) for text, id_ in zip(texts, sites.index, strict=True)]
    return np.array(days, dtype="datetime64[D]")


def _field(attributes: str, words: frozenset[str]) -> object:
    found = json.loads(attributes) if attributes else {}
    return next((value for name, value in found.items() if folded(name) in words), None)


def _day(value: object, id_: str) -> np.datetime64:
    if value is None or value == "" or pd.isna(value):  # type: ignore[call-overload]
        return np.datetime64("NaT", "D")
    if isinstance(value, date):
        return np.datetime64(value, "D")
    try:
        return np.datetime64(date.fromisoformat(str(value).strip()[:10]))
    except ValueError:
        raise UsageError(
            f"site {id_!r}: a day is written such as 2026-05-01, not {str(value)[:40]!r}"
        ) from None
