"""The rows of a file as records of the register, with every fault of every cell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import pandas as pd

from geodata.errors import Fault
from stations.imports import (
    attributes,
    cells,
    entrances,
    fields,
    headings,
    moving,
    opening,
    positions,
    shapes,
)
from stations.schema import SITE_COLUMNS, STATION_COLUMNS, WGS84

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geodata.files import Table

OSM_FORMAT = "OpenStreetMap"
VALUE_SHOWN = 80


@dataclass(frozen=True)
class Target:
    """What a file's rows are to become."""

    columns: Mapping[str, str]
    """The schema's columns."""
    parsers: Mapping[str, Callable[..., Any]]
    """Field → parser of one cell."""
    shapes: frozenset[str]
    """Geometry types allowed."""
    wanted: str
    """The same in words."""


STATION = Target(STATION_COLUMNS, fields.station_parsers(), frozenset({"Point"}), "a point")
SITE = Target(
    SITE_COLUMNS,
    fields.site_parsers(),
    frozenset({"Point", "Polygon", "MultiPolygon"}),
    "a point or a polygon",
)


@dataclass(frozen=True)
class Options:
    """What the caller says about a file."""

    datum: str | None = None
    """The coordinates' datum or CRS; None: what the file says, else WGS 84 is assumed."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field → column, where the headings do not tell."""
    make_ids: bool = False
    """Make ids from name and position where the file has none."""
    restricted: Literal[True] | None = None
    """True makes the layer restricted; None: as the catalogue or the register says, else no."""
    synthetic: bool = False
    """Every record is made up."""


@dataclass(frozen=True)
class Records:
    """The rows of a file, read."""

    frame: gpd.GeoDataFrame
    """Schema columns, ``id`` and geometry, one row per row of the file; cells with a fault hold a
    stand-in."""
    columns: Mapping[str, str]
    """Field → column, as recognised."""
    datum: str
    datum_by: str
    faults: list[Fault]
    warnings: list[Fault]
    """Texts kept as written that nobody understood."""
    said: frozenset[str]
    """Schema columns the file, or the caller, says something about."""
    ignored: tuple[str, ...]
    """Columns of the file that no field takes."""


def read_records(table: Table, target: Target, options: Options) -> Records:
    """Read every row; a row with a fault stays in the frame, for the caller to leave out."""
    known = ["id", *headings.POSITION_FIELDS, *target.parsers]
    if target is STATION:
        known += [*entrances.FIELDS, moving.FIELD]
    columns = headings.recognise(list(table.frame.columns), known, options.columns)
    where = positions.locate(table, columns, options.datum)
    cells_read = _read_cells(table, columns, target)
    data = cells_read.values
    ids, id_faults = _ids(table, columns, data["name"], where, options)
    known_bad = {row for row, *_ in where.problems}
    data |= _provenance(where, options) | {"id": ids}
    faults = [
        *_emptiness(table),
        *table.faults,
        *_place_faults(table, where.problems),
        *cells_read.faults,
        *id_faults,
        *_place_faults(table, shapes.problems(where.geometry, known_bad, target)),
    ]
    if target is STATION:
        doors = entrances.entrances(table.frame, columns, where)
        data |= {"entrance_lon": doors.lon, "entrance_lat": doors.lat}
        moves = moving.moving(table.frame, columns, where.datum_in)
        data["places"] = moves.cells
        faults += _place_faults(table, [*doors.problems, *moves.problems])
    frame = gpd.GeoDataFrame(data, geometry=where.geometry, crs=WGS84)
    frame["area_code"] = shapes.area_codes(frame)
    others = _others(table, columns)
    if "attributes" in target.columns:
        frame["attributes"] = attributes.packed(table.frame, others)
        others = ()
    return Records(
        frame=_typed(frame, target.columns),
        columns=columns,
        datum=where.datum_in,
        datum_by=where.datum_by,
        faults=faults,
        warnings=cells_read.warnings,
        said=frozenset(_said(columns, options)),
        ignored=others,
    )


def _emptiness(table: Table) -> list[Fault]:
    if len(table.rows) or table.faults:
        return []
    return [Fault(None, "", "", "no records in the file; is it the right one?")]


def _said(columns: Mapping[str, str], options: Options) -> list[str]:
    """Name the fields the file has a column for; hours in words say the calendar too."""
    said = list(columns)
    if "opening_hours" in columns or "host_hours" in columns:
        said.append("calendar")
    return said + (["synthetic"] if options.synthetic else [])


def _others(table: Table, columns: Mapping[str, str]) -> tuple[str, ...]:
    """Name the columns no field took; what our own exports add is none."""
    exported = {*SITE_COLUMNS, *STATION_COLUMNS, *headings.SHAPEFILE_NAMES.values(), "lon", "lat"}
    own = (exported | {*columns.values()}) - {"attributes"}
    return tuple(column for column in table.frame.columns if column not in own)


class _Cells(NamedTuple):
    values: dict[str, Any]
    """Field → one value a row."""
    faults: list[Fault]
    warnings: list[Fault]


def _read_cells(table: Table, columns: Mapping[str, str], target: Target) -> _Cells:
    read = _Cells({}, [], [])
    calendars = _calendars(table, columns) if target is STATION else []
    for name, parse in _parsers(table, target).items():
        column, texts = columns.get(name, name), _texts(table, columns.get(name))
        if calendars and name in fields.BY_CALENDAR:
            pairs = pd.Series([*zip(texts, calendars, strict=True)], dtype="object")
            parsed = cells.parse_column(pairs, partial(_called, parse))
        else:
            parsed = cells.parse_column(texts, parse)
        read.values[name] = parsed.values
        read.faults.extend(_cell_faults(table, column, texts, parsed.faults))
        read.warnings.extend(_cell_faults(table, column, texts, parsed.doubts))
    return read._replace(values=read.values | {"calendar": calendars}) if calendars else read


def _called(parse: Callable[..., Any], pair: tuple[str, str]) -> object:
    return parse(*pair)


def _parsers(table: Table, target: Target) -> Mapping[str, Callable[..., Any]]:
    """Return the parsers; of OpenStreetMap's hours none is refused: its clerks are not ours."""
    kept = target.parsers.keys() & {"opening_hours"} if table.format == OSM_FORMAT else ()
    return {**target.parsers, **dict.fromkeys(kept, opening.hours_kept)}


def _provenance(where: positions.Positions, options: Options) -> dict[str, Any]:
    said = {
        "position_in": where.position_in,
        "datum_in": where.datum_in,
        "datum_by": where.datum_by,
    }
    return said | ({"synthetic": True} if options.synthetic else {})


def _calendars(table: Table, columns: Mapping[str, str]) -> list[str]:
    """Return the calendar given, else the one the words of the hours in force ask for."""
    names = "calendar", "opening_hours", "host_hours"
    said, own, host = (_texts(table, columns.get(name)) for name in names)
    given = cells.parse_column(said, STATION.parsers["calendar"]).values
    return [
        known or opening.calendar_said(mine if mine.strip() else theirs)
        for known, mine, theirs in zip(given, own, host, strict=True)
    ]


def _place_faults(table: Table, problems: Iterable[positions.Problem]) -> list[Fault]:
    return [
        Fault(_row(table, row), name, value[:VALUE_SHOWN], problem)
        for row, name, value, problem in problems
    ]


def _row(table: Table, position: int | None) -> int | None:
    return None if position is None else int(table.rows[position])


def _texts(table: Table, column: str | None) -> pd.Series[str]:
    if column is None:
        return pd.Series([""] * len(table.frame), dtype="str")
    return table.frame[column]


def _cell_faults(
    table: Table, column: str, texts: pd.Series[str], bad: list[tuple[int, str]]
) -> list[Fault]:
    return [
        Fault(_row(table, position), column, texts.iloc[position][:VALUE_SHOWN], problem)
        for position, problem in bad
    ]


def _ids(
    table: Table,
    columns: Mapping[str, str],
    names: list[str | None],
    where: positions.Positions,
    options: Options,
) -> tuple[list[str | None], list[Fault]]:
    if "id" in columns:
        column, texts = columns["id"], _texts(table, columns["id"])
        parsed = cells.parse_column(texts, fields.id_value)
        ids, faults = parsed.values, _cell_faults(table, column, texts, parsed.faults)
    elif options.make_ids:
        column, faults = "id", []
        ids = [_made_id(*pair) for pair in zip(names, where.geometry, strict=True)]
    else:
        problem = (
            "no column holds the id; name one with --map id=COLUMN, "
            "or have ids made from name and position with --make-ids"
        )
        return [None] * len(table.frame), [Fault(None, "id", "", problem)]
    return ids, faults + _twice(table, column, ids)


def _made_id(name: str | None, geometry: Any) -> str | None:  # noqa: ANN401
    """Make an id that stays the same as long as name and position do."""
    if name is None or geometry is None:
        return None
    return hashlib.sha256(f"{name}\n{geometry.wkt}".encode()).hexdigest()[:12]


def _twice(table: Table, column: str, ids: list[str | None]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for position, value in enumerate(ids):
        if value is None:
            continue
        if value in first:
            problem = f"the id of row {table.rows[first[value]]} again; ids must differ"
            faults.append(Fault(_row(table, position), column, value[:VALUE_SHOWN], problem))
        first.setdefault(value, position)
    return faults


def _typed(frame: gpd.GeoDataFrame, columns: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Give every column its type; cells with a fault hold a stand-in until they are left out."""
    stand_in = {"str": "", "bool": False, "Int64": pd.NA, "Float64": pd.NA}
    typed = {
        name: pd.Series(
            [stand_in[kind] if value is None else value for value in frame[name]], dtype=kind
        )
        for name, kind in columns.items()
    }
    ids = pd.Series(["" if value is None else value for value in frame["id"]], dtype="str")
    return gpd.GeoDataFrame({"id": ids, **typed}, geometry=frame.geometry.to_numpy(), crs=WGS84)
