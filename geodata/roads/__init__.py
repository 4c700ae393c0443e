"""Road networks from OpenStreetMap: how many minutes, and by which mode (see README.md)."""

from __future__ import annotations

from geodata.roads.building import STAGES, build
from geodata.roads.calibration import Calibration, calibrate, calibrated
from geodata.roads.costing import (
    HORIZON_MIN,
    MODES,
    WALK_M_PER_MIN,
    Costing,
    TruckSize,
    costing_of,
    usual_truck,
)
from geodata.roads.engine import within
from geodata.roads.errors import (
    RoadsBrokenError,
    RoadsBusyError,
    RoadsEngineError,
    RoadsMissingError,
    RoadsServerError,
)
from geodata.roads.folder import NetworkInfo, status
from geodata.roads.matrices import Ways
from geodata.roads.network import RoadNetwork
from geodata.roads.snapping import SNAP_M, Snapped

__all__ = [
    "HORIZON_MIN",
    "MODES",
    "SNAP_M",
    "STAGES",
    "WALK_M_PER_MIN",
    "Calibration",
    "Costing",
    "NetworkInfo",
    "RoadNetwork",
    "RoadsBrokenError",
    "RoadsBusyError",
    "RoadsEngineError",
    "RoadsMissingError",
    "RoadsServerError",
    "Snapped",
    "TruckSize",
    "Ways",
    "build",
    "calibrate",
    "calibrated",
    "costing_of",
    "status",
    "usual_truck",
    "within",
]
