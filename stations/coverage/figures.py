"""Sums of the cube as rows people and programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata import boundaries
from geodata.errors import UsageError
from stations.coverage.answer import GROUPINGS, OUTSIDE
from stations.cube import CAUSES, table
from stations.cube.hours_text import DAY_HOURS, EN, ZH
from stations.cube.losses import DIGITS
from stations.cube.supply import EVERY

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray
    from stations.cube import Cube

STEPS = ("paper", "hours", "amenities", "trust")
LOST = tuple(f"lost_{cause}" for cause in CAUSES)
WATERFALL = ("present", *STEPS, *LOST)
"""Each step is the one before less its causes: paper no_station, hours closed and unknown,
amenities amenity, trust trust."""
COUNTS = (
    "sites",
    "covered",
    "covered_sometimes",
    "workers",
    "workers_covered",
    "workers_unknown",
    "not_there",
)


def waterfall(sums: pd.DataFrame) -> pd.DataFrame:
    """Return `cube.table`'s worker-hours as `WATERFALL`."""
    made = {"present": sums["present"], "paper": sums["present"] - sums["no_station"]}
    made["hours"] = made["paper"] - sums["closed"] - sums["unknown"]
    made["amenities"] = made["hours"] - sums["amenity"]
    made["trust"] = sums["covered"]
    return pd.DataFrame(made | {f"lost_{cause}": sums[cause] for cause in CAUSES})


def by_site(cube: Cube, share: FloatArray, paper: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the whole numbers of every site, to be added up: `COUNTS` and `WATERFALL`.

    A site that is not there at any of the hours, by its dates, counts as ``not_there`` alone.
    """
    frame = waterfall(table(cube, "site"))
    had, there = share > 0, cube.there.any(axis=1)
    workers = cube.sites["workers"].fillna(0).to_numpy(dtype=float) * there
    part = share_of(frame["trust"].to_numpy(), frame["present"].to_numpy())
    counts = {
        "sites": there.astype(int),
        "covered": ((had | ~cube.there).all(axis=1) & there).astype(int),
        "covered_sometimes": (had & cube.there).any(axis=1).astype(int),
        "workers": workers.astype(int),
        "workers_covered": np.rint(workers * np.nan_to_num(part)).astype(int),
        "workers_unknown": cube.sites["workers"].isna().to_numpy(dtype=int) * there,
        "not_there": (~there).astype(int),
        "unreachable": paper["unreachable"].to_numpy(dtype=int) * there,
        "estimated": paper["estimated"].to_numpy(dtype=int) * there,
    }
    return pd.DataFrame(counts, index=frame.index).join(frame)


def record(sums: pd.Series[Any]) -> dict[str, Any]:
    """Return sums of `by_site` as `Truth.total` tells them."""
    values = {str(name): whole(value) for name, value in sums.items()}
    return {
        **{name: values[name] for name in COUNTS},
        **_worker_hours(values),
        "unreachable": values["unreachable"],
        "estimated": values["estimated"] > 0,
    }


def area_rows(codes: pd.Series[str], sites: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """Return the sums of `by_site` by area, in code order."""
    if by not in DIGITS:
        raise UsageError(f"group by one of {', '.join((*GROUPINGS, 'hour'))}, not {by[:40]!r}")
    sums = sites.groupby(codes.str.slice(0, DIGITS[by]).to_numpy()).sum()
    rows = zip(sums.index.astype(str), (row for _, row in sums.iterrows()), strict=True)
    return [{"code": code, "name": area_name(code), **record(row)} for code, row in rows]


def site_rows(paper: gpd.GeoDataFrame, sites: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the figures of every site, by id."""
    names = zip(sites.index, paper["name"], paper["area_code"], strict=True)
    return [
        {"id": id_, "name": name, "area_code": code, **record(row)}
        for (id_, name, code), (_, row) in zip(names, sites.iterrows(), strict=True)
    ]


def hour_rows(cube: Cube, chosen: BoolArray) -> list[dict[str, Any]]:
    """Return the figures of every chosen hour: the sites and workers there then."""
    sums = waterfall(table(cube, "hour"))
    had = (cube.share[EVERY] > 0) & cube.there
    first = cube.question.first_hour
    counts = {
        "sites": cube.there.sum(axis=0),
        "covered": had.sum(axis=0),
        "workers": sums["present"] if cube.weighed else 0,
        "workers_covered": sums["trust"] if cube.weighed else 0,
    }
    frame = pd.DataFrame(counts, index=sums.index).join(sums)[chosen]
    return [
        {
            **clock(hour + first),
            **{name: int(row[name]) for name in counts},
            **_worker_hours({str(name): whole(value) for name, value in row.items()}),
        }
        for hour, row in zip(frame.index, frame.to_dict("records"), strict=True)
    ]


def clock(hour: int) -> dict[str, Any]:
    """Return an hour of the week in words, 0 being Monday from 00:00."""
    day, start = divmod(hour, DAY_HOURS)
    spelled = f"{start:02}:00"
    return {"hour": hour, "zh": f"{ZH[day]} {spelled}", "en": f"{EN[day]} {spelled}"}


def _worker_hours(values: dict[str, float]) -> dict[str, Any]:
    present = values["present"]
    return {
        "worker_hours": present,
        "steps": {step: values[step] for step in STEPS},
        "lost": {cause: values[f"lost_{cause}"] for cause in CAUSES},
        "share": values["trust"] / present if present else None,
    }


def hour_shares(hours: pd.DataFrame) -> dict[str, Any]:
    """Return the share of those present covered at each hour, step by step; null: nobody there."""
    first = int(hours.index[0])
    told: dict[str, Any] = {"first_hour": first, "present": hours["present"].tolist()}
    for step in STEPS:
        part = share_of(hours[step].to_numpy(), hours["present"].to_numpy())
        told[step] = [None if np.isnan(each) else round(each, 4) for each in part.tolist()]
    return told


def whole(value: float) -> int | float:
    """Return a count as it is told: parts of sites (`cube.measure.PIECES`) are no whole numbers."""
    return int(value) if float(value).is_integer() else float(value)


def share_of(part: npt.ArrayLike, whole: npt.ArrayLike) -> FloatArray:
    """Return part of whole, NaN of nothing."""
    parts, wholes = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    out: FloatArray = np.full(parts.shape, np.nan)
    np.divide(parts, wholes, out=out, where=wholes > 0)
    return out


def area_name(code: str) -> str:
    """Return an area's name; sites outside every county have one too."""
    return boundaries.name_of(code) if code else OUTSIDE
