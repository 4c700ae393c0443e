"""Modes of travel and what a calibrated network makes of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from geodata.errors import UsageError
from stations.travel import STRAIGHT, Travel, mode_of, modes
from tests.stations.small_roads import SmallRoads


def test_without_a_network_modes_are_those_of_the_file() -> None:
    travel = Travel()
    assert [travel.mode(code) for code in modes()] == list(modes().values())
    assert [travel.network(code) for code in modes()] == [None] * len(modes())


def test_a_calibrated_network_has_its_own_estimate() -> None:
    roads: Any = SmallRoads()
    roads.calibrations = {
        code: SimpleNamespace(detour=2.0, speed_kmh=4.0) for code in ("walk", STRAIGHT)
    }
    travel = Travel(roads)
    assert travel.mode("walk").minutes_per_m == pytest.approx(0.03)
    assert travel.mode("walk").links == mode_of("walk").links
    assert travel.mode("car") == mode_of("car")
    assert travel.mode(STRAIGHT) == mode_of(STRAIGHT)
    assert travel.network("walk") is roads
    assert travel.network(STRAIGHT) is None


def test_an_unknown_mode_is_told_the_known_ones() -> None:
    for ask in (Travel().mode, Travel().network):
        with pytest.raises(UsageError, match="walk, ebike, car, truck, straight"):
            ask("swim")
