"""Coordinates as people write them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.files.coordinates import check_range, parse_numbers, parse_pairs

LAT, LON = 25 + 2 / 60 + 20 / 3600, 102 + 42 / 60 + 59 / 3600


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("102.7123", 102.7123),
        (" -0.18195 ", -0.18195),
        ("53e1", 530.0),
        ("１０２．７１", 102.71),
        ("−0.18", -0.18),
        ("25°02′20″N", LAT),
        ("25 2 20 N", LAT),
        ("25:02:20", LAT),
        ("25º2'20''", LAT),
        ("北纬25度2分20秒", LAT),
        ("北緯25度2分20秒", LAT),
        ("东经102度42分59秒", LON),
        ("102°42.5'E", 102 + 42.5 / 60),
        ("E102.5", 102.5),
        ("102.5 East", 102.5),
        ("0°10'W", -1 / 6),
        ("S 33.5", -33.5),
        ("-25°30'", -25.5),
        ("102.5°", 102.5),
        ("经度：102.5", 102.5),
        ("lat=25.5", 25.5),
    ],
)
def test_one_number(text: str, value: float) -> None:
    numbers, problems = parse_numbers([text])
    assert problems == []
    assert numbers[0] == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("N", "empty"),
        ("unknown", "not a number"),
        ("nan", "not a number"),
        ("inf", "not a number"),
        ("True", "not a number"),
        ("0x10", "not a number"),
        ("1_000", "not a number"),
        ("102,71", "not a number"),
        ("1e999", "too large"),
        ("25°60'", "below 60"),
        ("25°30'60\"", "below 60"),
        ("25.5°30'", "below 60"),
        ('25°30"', "not a number"),
        ("-25°S", "both a minus and a direction"),
        ("25N 102E", "two directions"),
        ("25.04 102.71", "one number a cell"),
        ("9" * 300_000 + "x", "300,001 characters"),
    ],
)
def test_what_is_no_number_is_a_problem_and_nan(text: str, word: str) -> None:
    numbers, problems = parse_numbers(["1", text])
    assert numbers[0] == 1
    assert math.isnan(numbers[1])
    assert [position for position, _ in problems] == [1]
    assert word in problems[0][1]


def test_a_marked_latitude_in_the_column_of_longitudes_is_a_problem() -> None:
    numbers, problems = parse_numbers(["102.7", "25°N", "102°E"], axis="x")
    assert [position for position, _ in problems] == [1]
    assert "a latitude in the column of the other" in problems[0][1]
    assert np.isnan(numbers).tolist() == [False, True, False]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=30))
def test_any_float_is_read_back_exactly(values: list[float]) -> None:
    numbers, problems = parse_numbers([repr(value) for value in values])
    assert problems == []
    assert numbers.tolist() == values


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 59_999), st.sampled_from("NSns"))
def test_any_angle_is_read(degrees: int, minutes: int, thousandths: int, letter: str) -> None:
    seconds = thousandths / 1000
    texts = [
        f"{degrees}°{minutes}′{seconds:.3f}″{letter}",
        f"{letter}{degrees} {minutes:02d} {seconds:.3f}",
    ]
    sign = -1 if letter in "Ss" else 1
    numbers, problems = parse_numbers(texts)
    assert problems == []
    expected = sign * (degrees + minutes / 60 + seconds / 3600)
    assert numbers.tolist() == pytest.approx([expected] * 2, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("102.71,25.04", 102.71, 25.04),
        ("102.71，25.04", 102.71, 25.04),
        ("102.71；25.04", 102.71, 25.04),
        ("102.71、25.04", 102.71, 25.04),
        ("102.71 25.04", 102.71, 25.04),
        ("（102.71，25.04）", 102.71, 25.04),
        ("[102.71, 25.04]", 102.71, 25.04),
        ("POINT(102.71 25.04)", 102.71, 25.04),
        ("SRID=4326;Point Z (102.71 25.04 1890)", 102.71, 25.04),
        ("25.04N,102.71E", 102.71, 25.04),
        ("北纬25.04，东经102.71", 102.71, 25.04),
        ("北纬25.04，102.71", 102.71, 25.04),
        ("纬度:25.04 经度:102.71", 102.71, 25.04),
        ("25°02′20″N 102°42′59″E", LON, LAT),
        ("N25°02'20\"E102°42'59\"", LON, LAT),
        ("东经102度42分59秒 北纬25度2分20秒", LON, LAT),
        ("102 42 59 25 2 20", LON, LAT),
    ],
)
def test_one_pair(text: str, lon: float, lat: float) -> None:
    x, y, problems = parse_pairs([text])
    assert problems == []
    assert (x[0], y[0]) == pytest.approx((lon, lat), abs=1e-12)


def test_the_named_order_holds_unless_marks_or_wkt_say_else() -> None:
    texts = ["(51.5, -0.1)", "51.5 -0.1", "POINT(-0.1 51.5)", "0.1W,51.5N"]
    x, y, problems = parse_pairs(texts, order="lat,lon")
    assert problems == []
    assert x.tolist() == [-0.1] * 4
    assert y.tolist() == [51.5] * 4


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("102.71", "not a pair"),
        ("1,2,3", "not a pair"),
        ("102,71;25,04", "not a pair"),
        ("somewhere", "not a pair"),
        ("nan,nan", "not a number"),
        ("25N,26N", "a latitude twice"),
        ("1" * 400, "characters"),
    ],
)
def test_what_is_no_pair_is_a_problem(text: str, word: str) -> None:
    x, y, problems = parse_pairs([text, "1,2"])
    assert np.isnan([x[0], y[0]]).all()
    assert (x[1], y[1]) == (1, 2)
    assert [position for position, _ in problems] == [0]
    assert word in problems[0][1]


@given(
    st.text(max_size=30) | st.text(alphabet="0123456789.,- °'\"NSEW度分秒东北经纬()", max_size=30)
)
def test_no_text_breaks_the_parsers(text: str) -> None:
    numbers, faults = parse_numbers([text])
    assert bool(faults) == bool(np.isnan(numbers[0]))
    x, y, problems = parse_pairs([text])
    assert bool(problems) == bool(np.isnan(x[0])) == bool(np.isnan(y[0]))


def test_a_swapped_pair_is_reported_and_never_mended() -> None:
    x, y, problems = parse_pairs(["25.04,102.71"])
    assert (x[0], y[0], problems) == (25.04, 102.71, [])
    [(position, text)] = check_range(x, y)
    assert position == 0
    assert "swapped" in text


@pytest.mark.parametrize(
    ("lon", "lat", "word"),
    [
        (180.0, 90.0, None),
        (-180.0, -90.0, None),
        (0.0, 51.5, None),
        (180.0000001, 0.0, "not on Earth"),
        (102.0, 90.0000001, "not on Earth"),
        (25.0, 102.0, "swapped"),
        (0.0, 0.0, "at sea"),
        (math.nan, 25.0, "finite"),
        (102.0, math.inf, "finite"),
        (525239.0, 190735.0, "EPSG"),
    ],
)
def test_range(lon: float, lat: float, word: str | None) -> None:
    problems = check_range(np.array([102.7, lon]), np.array([25.0, lat]))
    if word is None:
        assert problems == []
    else:
        assert [position for position, _ in problems] == [1]
        assert word in problems[0][1]


def test_half_a_character_spoils_its_own_cell_only() -> None:
    lon, _, problems = parse_pairs(["\ud800", "102.7,25"])
    assert (lon[1], [position for position, _ in problems]) == (102.7, [0])
