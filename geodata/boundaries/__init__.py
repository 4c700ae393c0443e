"""Provinces, prefectures and counties of China: polygons, codes, names."""

from geodata.boundaries.codes import current_code, name_of, successors
from geodata.boundaries.edges import near_mainland_line
from geodata.boundaries.frames import Level, areas, border_counties, border_line, outlines
from geodata.boundaries.points import county_of, in_mainland, province_of

__all__ = [
    "Level",
    "areas",
    "border_counties",
    "border_line",
    "county_of",
    "current_code",
    "in_mainland",
    "name_of",
    "near_mainland_line",
    "outlines",
    "province_of",
    "successors",
]
