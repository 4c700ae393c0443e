from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import geodesy
from geodata.errors import PositionError
from geodata.geodesy import LonLat, distance_m


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("102.712,25.041", (102.712, 25.041)),
        (" 102.712 , +25.041 ", (102.712, 25.041)),
        ("-180,-90", (-180, -90)),
        ("180,90", (180, 90)),
        (".5,-0.", (0.5, 0)),
        ("1e2,2.5E+1", (100, 25)),
    ],
)
def test_reads_two_plain_numbers(text: str, position: tuple[float, float]) -> None:
    assert LonLat.parse(text) == position


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "102",
        "102,",
        "102,25,3",
        "102 25",
        "102;25",
        "102，25",
        "nan,25",
        "102,inf",
        "-Infinity,0",
        "1_0,2",
        "0x1,2",
        "１０２,25",
        "102°,25°",
        "102,25\n\n5",
        "1e999,0",
        "180.0000001,0",
        "0,-90.0000001",
        "9" * 300_000,
        "1," + "0" * 300_000,
    ],
)
def test_refuses_anything_else_shortly(text: str) -> None:
    with pytest.raises(PositionError, match="is not a position") as caught:
        LonLat.parse(text)
    assert len(str(caught.value)) < 250


def test_asks_whether_the_numbers_were_swapped() -> None:
    with pytest.raises(PositionError, match="did you swap"):
        LonLat.parse("25.041,102.712")
    with pytest.raises(PositionError, match="longitude must be -180 to 180"):
        LonLat.parse("200,100")


@given(st.text(max_size=30) | st.from_regex(r"[\d.,+e -]{0,20}", fullmatch=True))
def test_every_text_is_a_position_or_refused(text: str) -> None:
    try:
        lon, lat = LonLat.parse(text)
    except PositionError:
        return
    assert abs(lon) <= 180
    assert abs(lat) <= 90


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 180.5])
def test_arrays_name_the_first_bad_row_without_its_coordinates(bad: float) -> None:
    with pytest.raises(PositionError, match=r"^row 2 is not a position") as caught:
        distance_m([0, 1, bad, bad], [0.0, 0, 12.345, 0], [0] * 4, [0] * 4)
    assert "12.345" not in str(caught.value)


def test_arrays_must_match_and_hold_numbers() -> None:
    with pytest.raises(PositionError, match=r"got shapes \(2,\) and \(1,\)"):
        distance_m([0, 1], [0], [0, 1], [0, 1])
    with pytest.raises(PositionError, match="must be numbers"):
        distance_m(["east"], [0], [0], [0])
    with pytest.raises(PositionError, match="did you swap"):
        distance_m([25.0], [102.7], [0], [0])


def test_known_distances() -> None:
    quarter_meridian, equator_degree = 10_001_965.729, 111_319.491
    found = distance_m([0, 0, 179.5], [0, 0, 0], [0, 1, -179.5], [90, 0, 0])
    assert np.allclose(found, [quarter_meridian, equator_degree, equator_degree], atol=1e-3)


def test_the_door_holds_what_it_promises() -> None:
    assert all(hasattr(geodesy, name) for name in geodesy.__all__)
