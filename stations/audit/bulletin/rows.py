"""A bulletin's figures as rows: sums, shares, the period before, and who is best and worst."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from geodata import boundaries
from geodata.errors import MissingError, UsageError
from stations.audit.bulletin.counting import COUNTS
from stations.audit.bulletin.covering import PARTS
from stations.coverage import DIGITS
from stations.coverage.answer import OUTSIDE
from stations.coverage.figures import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.bulletin.issue import Bulletin

LEVELS = ("prefecture", "county")
SHOWN = 3
"""How many areas are named at either end."""


def rows_of(made: Bulletin, by: str) -> list[dict[str, Any]]:
    """Return one row an area that has anything to tell, in code order; see `Bulletin.rows`."""
    if by not in LEVELS:
        raise UsageError(f"group by one of {', '.join(LEVELS)}, not {by[:40]!r}")
    counts = _by(made.counties, by)
    was = None if made.before is None else _by(made.before, by)
    layers = {each.info.name: _by(each.counties, by) for each in made.layers}
    past = {each.info.name: _maybe(each.before, by) for each in made.layers}
    codes = set(counts.index).union(*(frame.index for frame in layers.values()))
    return [
        {
            "code": code,
            "name": name_of(code),
            **_figures(counts, layers, code),
            "before": None if was is None else _figures(was, past, code),
        }
        for code in sorted(codes)
    ]


def total_of(made: Bulletin) -> dict[str, Any]:
    """Return the figures over all areas; see `Bulletin.total`."""
    layers = {each.info.name: _all(each.counties) for each in made.layers}
    past = {
        each.info.name: None if each.before is None else _all(each.before) for each in made.layers
    }
    before = None if made.before is None else _figures(_all(made.before), past, "")
    return {**_figures(_all(made.counties), layers, ""), "before": before}


def _all(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sum().to_frame().T.set_axis(pd.Index([""], dtype="str"))


def _by(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    codes = frame.index.astype("str").str.slice(0, DIGITS[by])
    return frame.groupby(codes.to_numpy()).sum()


def _maybe(frame: pd.DataFrame | None, by: str) -> pd.DataFrame | None:
    return None if frame is None else _by(frame, by)


def _figures(
    counts: pd.DataFrame, layers: Mapping[str, pd.DataFrame | None], code: str
) -> dict[str, Any]:
    """Return one area's counts and shares; an area that has none of a thing has zeros."""
    told: dict[str, Any] = _row(counts, code, COUNTS)
    told["share_checked"] = _share(told["checked"], told["stations"])
    told["share_mended"] = _share(told["mended"], told["mended"] + told["open"])
    told["coverage"] = {
        name: None if frame is None else _covered(_row(frame, code, PARTS))
        for name, frame in layers.items()
    }
    return told


def _covered(parts: dict[str, Any]) -> dict[str, Any]:
    shares = {f"share_{name}": _share(parts[name], parts["present"]) for name in ("paper", "real")}
    return {**parts, **shares}


def _row(frame: pd.DataFrame, code: str, names: tuple[str, ...]) -> dict[str, Any]:
    if code not in frame.index:
        return dict.fromkeys(names, 0)
    return {name: whole(float(frame[name][code])) for name in names}


def _share(part: float, of: float) -> float | None:
    return part / of if of else None


@cache
def name_of(code: str) -> str:
    """Return an area's name; the code itself where nobody knows one."""
    if not code:
        return OUTSIDE
    try:
        return boundaries.name_of(code)
    except MissingError:
        return code


def ranks(made: Bulletin) -> list[dict[str, Any]]:
    """Return what the counties are compared by, and who stands at either end.

    ``key``, ``zh``, ``en``, ``best`` and ``worst``: up to `SHOWN` areas each, never more than half
    of those compared and none with the figure of the other end, with ``code``, ``name``,
    ``value``, and in ``tied`` how many more have the value of the last one named. Ties are in code
    order. Only counties that have any are compared; where all are alike nobody is named.
    """
    rows = [row for row in made.rows("county") if row["code"]]
    told = []
    for key, zh, en in _compared(made):
        found = sorted((value, row["code"], row["name"]) for row in rows
                       if (value := _value(row, key)) is not None)  # fmt: skip
        if found and found[0][0] != found[-1][0]:
            worst = _end(found, lowest=True)
            best = _end(found, lowest=False)
            told.append({"key": key, "zh": zh, "en": en, "best": best, "worst": worst})
    return told


def overdue_most(made: Bulletin) -> list[dict[str, Any]]:
    """Return the counties with most findings overdue, most first, up to `SHOWN`."""
    late = [row for row in made.rows("county") if row["overdue"]]
    late.sort(key=lambda row: (-row["overdue"], row["code"]))
    return [
        {"code": row["code"], "name": row["name"], "value": row["overdue"]} for row in late[:SHOWN]
    ]


def _compared(made: Bulletin) -> list[tuple[str, str, str]]:
    told = [
        ("share_checked", "检查率", "share checked"),
        ("share_mended", "办结率", "share mended"),
    ]
    return told + [
        (each.info.name, f"{each.info.zh}实际覆盖率", f"{each.info.en}: real coverage")
        for each in made.layers
    ]


def _value(row: Mapping[str, Any], key: str) -> float | None:
    if key in row:
        found: float | None = row[key]
        return found
    covered = row["coverage"][key]
    return None if covered is None else covered["share_real"]


def _end(found: list[tuple[float, str, str]], *, lowest: bool) -> dict[str, Any]:
    """Return the areas at one end of those sorted by value, none that is at the other end too."""
    sign, other = (1, found[-1][0]) if lowest else (-1, found[0][0])
    order = sorted(found, key=lambda each: (sign * each[0], each[1]))
    order = [each for each in order if each[0] != other]
    shown = order[: min(SHOWN, len(found) // 2)]
    more = sum(value == shown[-1][0] for value, *_ in order[len(shown) :])
    areas = [{"code": code, "name": name, "value": value} for value, code, name in shown]
    return {"areas": areas, "tied": more}
