"""Rulings as they are told: some of them, counted by rule, as JSON has them, as a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import orjson
import pandas as pd

from geodata.errors import UsageError
from stations.audit import stars
from stations.audit.verdicts import is_unknown

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from stations.audit.ruling import Rule
    from stations.audit.standards import Standard
    from stations.registry import Registry

UNKNOWN = "not to be known from the register, neither a pass nor a breach"
PRICES = "stations/data/costs.toml, assumptions"


def picked(
    frame: pd.DataFrame, registry: Registry, *, area: str = "", station: str = ""
) -> pd.DataFrame:
    """Return the rows of some stations: of an area, by the leading digits of its code, or of one.

    ``frame`` has ids in its column ``station``, or in its index. `StationMissingError` for an
    unknown station, `UsageError` for an area that is no digits.
    """
    ids = frame["station"] if "station" in frame else frame.index.to_series()
    if area:
        if not (area.isascii() and area.isdecimal()):
            raise UsageError(f"an area is leading digits of its code, such as 5301, not {area!r}")
        codes = registry.stations["area_code"]
        frame = frame[ids.isin(codes.index[codes.str.startswith(area)]).to_numpy(dtype=bool)]
        ids = ids[ids.index.isin(frame.index)]
    if station:
        registry.position_of(station)
        frame = frame[(ids == station).to_numpy(dtype=bool)]
    return frame


def by_rule(rulings: pd.DataFrame, rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return how many stations break each rule, and of how many nobody knows, in their order."""
    unknown = is_unknown(rulings)
    broken = rulings.loc[~unknown, "rule"].value_counts()
    vague = rulings.loc[unknown, "rule"].value_counts()
    return [
        {
            "rule": rule.id,
            "title": {"zh": rule.zh, "en": rule.en},
            "level": rule.level,
            "severity": rule.severity,
            "breaches": int(broken.get(rule.id, 0)),
            "unknown": int(vague.get(rule.id, 0)),
            "requirement": {"zh": rule.requirement.zh, "en": rule.requirement.en},
            "fix": {"zh": rule.fix.zh, "en": rule.fix.en},
            "trap": {"zh": rule.trap.zh, "en": rule.trap.en},
            "source": rule.source,
        }
        for rule in rules
    ]


def told(rulings: pd.DataFrame, rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return rulings as JSON has them, each with its rule's title and level."""
    known = {rule.id: rule for rule in rules}
    return [
        {
            **{name: row[name] for name in ("rule", "severity", "station")},
            "verdict": "unknown" if vague else "breach",
            "title": {"zh": known[row["rule"]].zh, "en": known[row["rule"]].en},
            "level": known[row["rule"]].level,
            "fact": row["fact"],
            "evidence": orjson.loads(row["evidence"]),
            "proposal": orjson.loads(row["proposal"]) if row["proposal"] else None,
        }
        for row, vague in zip(rulings.to_dict("records"), is_unknown(rulings).tolist(), strict=True)
    ]


def grades_told(graded: pd.DataFrame, standard: Standard | None = None) -> list[dict[str, Any]]:
    """Return grades as JSON has them; with their ``standard`` each is also told in words."""
    yuan = [None if pd.isna(each) else int(each) for each in graded["yuan"]]
    return [
        {
            "station": str(name),
            **{each: int(row[each]) for each in ("grade", "shown", "at_best", "next")},
            "held": orjson.loads(row["held"]),
            **_worded(row, standard),
            "missing": [part for part in row["missing"].split(";") if part],
            "unknown": [part for part in row["unknown"].split(";") if part],
            "yuan": price,
            "way": orjson.loads(row["way"]),
        }
        for name, row, price in zip(graded.index, graded.to_dict("records"), yuan, strict=True)
    ]


def _worded(row: dict[Hashable, Any], standard: Standard | None) -> dict[str, dict[str, str]]:
    if standard is None:
        return {}
    return {"told": stars.words(standard, row["grade"], row["shown"], row["held"])}


def grades_sheet(graded: pd.DataFrame, standard: Standard, registry: Registry) -> gpd.GeoDataFrame:
    """Return grades to work through: each in words, with the station's name and point."""
    at = registry.stations.index.get_indexer(graded.index)
    told = [
        stars.words(standard, grade, shown, held)
        for grade, shown, held in zip(
            graded["grade"].tolist(), graded["shown"].tolist(), graded["held"], strict=True
        )
    ]
    frame = (
        graded.rename_axis("station")
        .reset_index()
        .assign(
            told=[each["zh"] for each in told],
            told_en=[each["en"] for each in told],
            name=registry.stations["name"].iloc[at].to_numpy(),
            area_code=registry.stations["area_code"].iloc[at].to_numpy(),
        )
    )
    points = registry.stations.geometry.iloc[at].to_numpy()
    return gpd.GeoDataFrame(frame, geometry=points, crs=registry.stations.crs)


def sheet(rulings: pd.DataFrame, rules: Iterable[Rule], registry: Registry) -> gpd.GeoDataFrame:
    """Return rulings to work through: each with its rule's words, the station's name and point."""
    known = {rule.id: rule for rule in rules}
    at = registry.stations.index.get_indexer(rulings["station"])
    mine = [known[name] for name in rulings["rule"]]
    frame = rulings.assign(
        verdict=["unknown" if vague else "breach" for vague in is_unknown(rulings)],
        title=[rule.zh for rule in mine],
        title_en=[rule.en for rule in mine],
        level=[rule.level for rule in mine],
        fix=[rule.fix.zh for rule in mine],
        name=registry.stations["name"].iloc[at].to_numpy(),
        area_code=registry.stations["area_code"].iloc[at].to_numpy(),
    )
    points = registry.stations.geometry.iloc[at].to_numpy()
    return gpd.GeoDataFrame(frame, geometry=points, crs=registry.stations.crs)
