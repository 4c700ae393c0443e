"""What a revision must be before the store is opened for it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geodata.errors import Fault, FaultyDataError, UsageError
from geodata.frames import AREAS, POINTS, require
from stations.days import order_problem
from stations.schema import SITE_COLUMNS, STATION_COLUMNS
from stations.store._cells import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    import geopandas as gpd

    from stations.store._records import Changes

ID_LENGTH = 200
"""Characters an id may have: ids are keys, and no database takes keys of any length."""

TURN = timedelta(days=1)
"""How much earlier than the newest entry one may be recorded, under that one's time: its writer
waited for their turn, or a clock that was hours ahead was put right."""

NOT_TEXT = re.compile("[\0\ud800-\udfff]")  # no database holds NUL or half a surrogate pair


def askable(texts: Iterable[str]) -> list[str]:
    """Return the different texts a database can be asked for, sorted: it holds no others."""
    return sorted(each for each in set(texts) if not NOT_TEXT.search(each))


def in_turn(at: datetime, newest: datetime | None) -> datetime | None:
    """Return ``at``, or the newest entry's time where that is later by `TURN` at most; else None.

    Who saves at the same moment as somebody else has looked at the clock before waiting for them.
    """
    if newest is None or at >= newest:
        return at
    return newest if newest - at <= TURN else None


def check(changes: Changes, *, who: str, why: str, at: datetime) -> None:
    """Raise `UsageError` unless the changes can be recorded; every fault of the rows together."""
    if at.utcoffset() is None:
        raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
    for what, text in (("who", who), ("why", why)):
        if not text.strip() or NOT_TEXT.search(text):
            raise UsageError(f"a revision says {what} in plain text, got {text[:80]!r}")
    if changes.empty:
        raise UsageError("nothing to record: no station, layer or site is added or removed")
    faults = list(_faults(changes))
    _refuse(faults)


def check_frame(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> None:
    """Raise `FaultyDataError`, with every fault, unless the frame is as `stations.schema` says.

    ``columns`` is `STATION_COLUMNS` or `SITE_COLUMNS`; the rows may come in any order.
    """
    _refuse(list(_frame_faults(frame, columns)))


def _refuse(faults: list[Fault]) -> None:
    if faults:
        what = f"{faults[0].field}: {faults[0].problem}"
        raise FaultyDataError(f"{len(faults)} faults in the rows; the first: {what}", faults)


def _faults(changes: Changes) -> Iterator[Fault]:
    yield from _layer_faults(changes)
    yield from _frame_faults(changes.stations, STATION_COLUMNS)
    yield from _twice("station", changes.stations.index, changes.removed_stations)
    for sites in changes.sites.values():
        yield from _frame_faults(sites, SITE_COLUMNS)
    for layer in sorted(changes.sites.keys() | changes.removed_sites.keys()):
        kept = changes.sites[layer].index if layer in changes.sites else ()
        yield from _twice(layer, kept, changes.removed_sites.get(layer, ()))


def _layer_faults(changes: Changes) -> Iterator[Fault]:
    yield from _twice("layer", (info.name for info in changes.layers), ())
    for info in changes.layers:
        if not re.fullmatch("[a-z][a-z0-9_]*", info.name):
            yield Fault(None, "layer", info.name[:80], "expected a-z, 0-9 and _, a letter first")
        if NOT_TEXT.search(info.zh + info.en):
            yield Fault(None, "layer", info.name[:80], "a title holds what is not text")


def _twice(what: str, kept: Iterable[str], removed: Iterable[str]) -> Iterator[Fault]:
    for key, times in Counter([*kept, *removed]).items():
        if times > 1:
            yield Fault(None, what, key[:80], "named twice; expected once, replaced or removed")


def _frame_faults(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> Iterator[Fault]:
    geometry = POINTS if columns is STATION_COLUMNS else POINTS | AREAS
    try:
        require(frame, columns=columns, geometry=geometry)
    except FaultyDataError as error:
        yield from error.faults
    for name, kind in columns.items():
        if kind == "str" and name in frame and frame[name].dtype == kind:
            yield from _text_faults(frame[name])
            yield from _cell_faults(frame[name])
    yield from _order_faults(frame)
    if frame.index.dtype == "str":
        ids = frame.index.to_series(name="id")
        yield from _text_faults(ids)
        for row in np.flatnonzero(ids.str.len() > ID_LENGTH):
            yield Fault(int(row) + 1, "id", ids.iloc[row][:80], f"longer than {ID_LENGTH} letters")


def _cell_faults(column: pd.Series[str]) -> Iterator[Fault]:
    """Read each distinct cell of a column that holds more than one text."""
    name = str(column.name)
    if name not in CHECKS:
        return
    codes, texts = pd.factorize(column)
    for code, text in enumerate(texts):
        try:
            CHECKS[name](text)
        except UsageError as error:
            for row in np.flatnonzero(codes == code):
                yield Fault(int(row) + 1, name, text[:80], str(error))


def _order_faults(frame: gpd.GeoDataFrame) -> Iterator[Fault]:
    """Tell which rows end before they begin; ISO days are in order as texts are."""
    if not {"from", "until"} <= set(frame.columns):
        return
    for row, (first, last) in enumerate(zip(frame["from"], frame["until"], strict=True), start=1):
        if last and last < first:
            yield Fault(row, "until", last[:80], order_problem(first[:80], last[:80]))


def _text_faults(column: pd.Series[str]) -> Iterator[Fault]:
    name = str(column.name)
    for row in np.flatnonzero(column.isna()):
        yield Fault(int(row) + 1, name, "", 'the text is missing; unknown is ""')
    for row in np.flatnonzero(column.str.contains("\0", regex=False, na=False)):
        yield Fault(int(row) + 1, name, "", "holds a NUL character, which no text may")
