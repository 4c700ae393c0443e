"""Distances, areas and searches on the WGS 84 ellipsoid.

Positions are longitude and latitude in degrees on WGS 84, distances are geodesic metres, limits
are inclusive, ties go to the lower row number. Nothing here is projected for the caller to choose:
there is no zone edge, no pole and no antimeridian at which an answer changes its meaning.
"""

from __future__ import annotations

from geodata.geodesy.areas import area_m2
from geodata.geodesy.ellipsoid import distance_m
from geodata.geodesy.index import PointIndex
from geodata.geodesy.lonlat import BoolArray, FloatArray, IntArray, LonLat
from geodata.geodesy.nearest_areas import areas_within, nearest_to_areas
from geodata.geodesy.results import Neighbours, Pairs
from geodata.geodesy.share import share_within
from geodata.geodesy.share_own import share_within_own

__all__ = [
    "BoolArray",
    "FloatArray",
    "IntArray",
    "LonLat",
    "Neighbours",
    "Pairs",
    "PointIndex",
    "area_m2",
    "areas_within",
    "distance_m",
    "nearest_to_areas",
    "share_within",
    "share_within_own",
]
