"""How well the rules find what was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from stations.audit.quality.planting import RULE_OF

if TYPE_CHECKING:
    from stations.audit.quality.planting import Planted

POSITION = ("off_by_one", "datum_upload", "datum_record", "truncated", "wrong_county")
"""Sorts of fault that put a station elsewhere."""
ELSEWHERE = ("wrong_county", "platform_moved")
"""Sorts whose rules tell that it is elsewhere, whatever put it there."""


def measured(planted: Planted, found: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return recall and precision by sort of fault.

    ``found`` are the rulings of the planted register, ``before`` those of the same register before
    anything was planted: what was found there already counts neither for nor against. Columns:
    sort, planted, found (of them), recall, flagged (new rulings of the sort's rules), precision
    XX
    """
    known = set(zip(before["rule"], before["station"], strict=True))
    new = found[[pair not in known for pair in zip(found["rule"], found["station"], strict=True)]]
    wrong = set(planted.faults.loc[planted.faults["sort"].isin(POSITION), "station"])
    rows = []
    for sort, rules in RULE_OF.items():
        mine = planted.faults[planted.faults["sort"] == sort]
        flagged = set(new.loc[new["rule"].isin(rules), "station"])
        told = [_names(*pair, sort) for pair in zip(mine["station"], mine["detail"], strict=True)]
        hits = [bool(flagged.intersection(each)) for each in told]
        meant = {each for pair in told for each in pair}
        if sort in ELSEWHERE:
            meant = wrong | meant
        right = len(flagged & meant)
        rows.append((sort, len(mine), sum(hits), len(flagged), right))
    frame = pd.DataFrame(rows, columns=["sort", "planted", "found", "flagged", "right"])
    frame["recall"] = frame["found"] / frame["planted"]
    frame["precision"] = frame["right"] / frame["flagged"]
    return frame


def _names(station: str, detail: str, sort: str) -> tuple[str, ...]:
    return (station, detail) if sort == "duplicate" else (station,)
