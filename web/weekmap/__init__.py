"""The week on one map: who has a usable station at each hour; a page that stands alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stations.catalogue import catalogue
from stations.coverage import told
from stations.coverage.choices import choices, reached
from stations.coverage.figures import share_of
from stations.cube import bits
from stations.report import spoken, tables
from web import alone
from web.api import sources
from web.weekmap.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geodata.geodesy import IntArray
    from stations.coverage import Truth
    from stations.coverage.choices import Choice

_HERE = Path(__file__).resolve().parent
GAPS = 200
"""Gaps listed: those that lose most."""
CLOSED, OPEN, UNKNOWN, AWAY = 0, 1, 2, 3
"""States of a station: at an hour at which it is not here, `AWAY`."""


def week_page(answer: Truth) -> str:
    """Return the HTML of a map of coverage in truth with a slider over the week.

    Nothing in it asks the network. Every site is shown: the page of a restricted layer says that
    it is one, and is for those who may see it. What the hours, the amenities and the step from
    paper to real change is computed here and only shown there.
    """
    roads = answer.paper.roads is not None
    named = (answer.registry.stations.index, answer.cube.sites.index)
    return alone.page(
        _HERE,
        "week",
        layer=answer.layer,
        heading=spoken.heading(answer),
        asked=spoken.asked(answer),
        notes=spoken.notes(answer),
        synthetic=answer.synthetic,
        attribution=sources.attribution(*named, roads=roads),
        data=week_data(answer),
    )


def week_data(answer: Truth) -> dict[str, Any]:
    """Return what the page shows: rows of hours once each, and who has which."""
    rows = Rows()
    cube, hours = answer.cube, answer.hours()
    paper = np.where(cube.there, cube.share[0], np.nan)
    views = {
        "paper": {
            "sites": rows.shares(paper),
            "total": rows.shares(share_of(hours["paper"], hours["present"])[None])[0],
        },
        "real": [_told(rows, each, reached(answer)) for each in choices(answer)],
    }
    gaps = answer.gaps()
    return {
        "unit": tables.unit(answer),
        "weighed": answer.weighed,
        "first_hour": cube.question.first_hour,
        "hours": cube.hours,
        "asked": answer.chosen.astype(int).tolist(),
        "views": views,
        "sites": _sites(answer),
        "stations": _stations(answer, rows),
        "gaps": _gaps(answer, gaps.head(GAPS)),
        "gaps_in_all": len(gaps),
        "outlines": alone.outlines(cube.sites["area_code"]),
        "rows": rows.distinct,
    }


def _told(rows: Rows, choice: Choice, stations: IntArray) -> dict[str, Any]:
    entries = [each for each in catalogue().amenities if each.code in choice.needs]
    return {
        "zh": "、".join(each.zh for each in entries),
        "en": ", ".join(each.en for each in entries),
        "sites": rows.shares(choice.share),
        "total": rows.shares(choice.total[None])[0],
        "had": rows.numbers(choice.had[stations].astype(np.int64)),
    }


def _sites(answer: Truth) -> list[dict[str, Any]]:
    frame = answer.cube.sites
    shapes = frame.geometry.to_numpy()
    columns = zip(
        frame.index, frame["name"], frame["workers"].astype(object).where(frame["workers"].notna()),
        alone.inside(shapes), alone.drawn(shapes), strict=True,
    )  # fmt: skip
    return [
        {"id": id_, "name": name, "workers": _whole(workers), "at": at, "geometry": shape}
        for id_, name, workers, at, shape in columns
    ]


def _whole(value: Any) -> int | None:  # noqa: ANN401 - a number, None or NaN
    return None if value is None or value != value else int(value)  # noqa: PLR0124 - NaN


def _stations(answer: Truth, rows: Rows) -> list[dict[str, Any]]:
    """Return the stations within reach of any site, with their state at every hour."""
    supply, at = answer.cube.supply, reached(answer)
    here, opened, unknown = (
        bits.unpacked(words[at], supply.hours).astype(np.bool_)
        for words in (supply.there, supply.open, supply.unknown)
    )
    states = np.select([~here, opened, unknown], [AWAY, OPEN, UNKNOWN], CLOSED)
    ids = supply.ids[at]
    frame = answer.registry.stations.loc[ids, ["name", "host", "opening_hours"]]
    columns = zip(
        ids, frame["name"], frame["host"], frame["opening_hours"],
        supply.lon[at].round(6).tolist(), supply.lat[at].round(6).tolist(),
        supply.trusted[at].tolist(), rows.numbers(states), strict=True,
    )  # fmt: skip
    names = ("id", "name", "host", "opening_hours", "lon", "lat", "trusted", "states")
    return [dict(zip(names, values, strict=True)) for values in columns]


_GAP = (
    "name", "lost", "present", "hours_zh", "hours_en", "cause_zh", "cause_en", "advice_zh",
    "advice_en", "nearest_name", "nearest_m", "usable_name", "usable_m",
)  # fmt: skip


def _gaps(answer: Truth, frame: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a frame of gaps
    number = {id_: row for row, id_ in enumerate(answer.cube.sites.index)}
    columns: Iterable[dict[Any, Any]] = frame[list(_GAP)].to_dict("records")
    return [
        {"site": number[id_], **{name: _plain(value) for name, value in row.items()}}
        for id_, row in zip(frame.index, columns, strict=True)
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell
    return told.number(value, 1) if isinstance(value, float) else value
