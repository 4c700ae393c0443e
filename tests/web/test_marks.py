"""Marks of map tiles, and stations by name, against what counting one by one gives."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web import sample
from web.api.answers import Found
from web.api.answers import Marks as Told
from web.api.marks import APART, Marks
from web.api.search import Names

if TYPE_CHECKING:
    from flask.testing import FlaskClient


def _cell(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return the number of the cell as the web's tile formula has it."""
    side = 2**zoom
    lat = max(-85.0511287798, min(85.0511287798, lat))
    tangent = math.tan(math.radians(lat))
    x = (lon + 180) / 360 * side
    y = (1 - math.log(tangent + 1 / math.cos(math.radians(lat))) / math.pi) / 2 * side
    return min(int(x), side - 1), max(0, min(int(y), side - 1))


def _marks(lon: list[float], lat: list[float]) -> Marks:
    registry: Any = SimpleNamespace(lon=np.array(lon), lat=np.array(lat))
    return Marks.of(registry)


_PLACES = st.lists(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)) | st.sampled_from([(102.7, 25.0)] * 3),
    max_size=40,
)


@given(_PLACES, st.integers(0, 20))
def test_every_station_is_in_one_tile_once(places: list[tuple[float, float]], zoom: int) -> None:
    lon, lat = [each[0] for each in places], [each[1] for each in places]
    made = _marks(lon, lat)
    mine = [_cell(*each, zoom) for each in places]
    rows: list[int] = []
    for x, y in sorted(set(mine)):
        bunches, single = made.tile(zoom, x, y)
        assert sum(each[2] for each in bunches) + len(single) == mine.count((x, y))
        assert all(mine[row] == (x, y) for row in single)
        rows += single
        if zoom >= APART:
            assert bunches == []
    assert len(rows) == len(set(rows))


@given(_PLACES, st.integers(0, APART - 1))
def test_a_bunch_is_all_there_is_in_a_cell(places: list[tuple[float, float]], zoom: int) -> None:
    made = _marks([each[0] for each in places], [each[1] for each in places])
    cells: dict[tuple[int, int], list[int]] = {}
    for row, each in enumerate(places):
        cells.setdefault(_cell(*each, zoom + 3), []).append(row)
    expected = sorted(
        [*np.mean([places[row] for row in rows], axis=0).round(5).tolist(), len(rows)]
        for rows in cells.values()
        if len(rows) > 1
    )
    alone = sorted(rows[0] for rows in cells.values() if len(rows) == 1)
    bunches, single = [], []
    for x, y in {(x >> 3, y >> 3) for x, y in cells}:
        some, others = made.tile(zoom, x, y)
        bunches += some
        single += others
    assert sorted(single) == alone
    assert np.allclose(
        np.reshape(sorted(bunches), (-1, 3)), np.reshape(expected, (-1, 3)), atol=2e-5
    )


def test_a_tile_over_http(client: FlaskClient) -> None:
    x, y = _cell(*sample.KUNMING, 7)
    answer = client.get(f"/api/v1/marks/7/{x}/{y}")
    told = answer.get_json()
    Told.model_validate(told)
    assert sum(each[2] for each in told["bunches"]) + len(told["stations"]) == 60
    held = client.get(f"/api/v1/marks/7/{x}/{y}", headers={"If-None-Match": answer.headers["ETag"]})
    assert held.status_code == 304
    x, y = _cell(*sample.KUNMING, 16)
    [nasty] = client.get(f"/api/v1/marks/16/{x}/{y}").get_json()["stations"]
    assert (nasty["id"], nasty["name"]) == (sample.NASTY_ID, sample.NASTY)


@pytest.mark.parametrize("tile", ["30/0/0", "3/8/0", "3/0/8"])
def test_no_such_tile(client: FlaskClient, tile: str) -> None:
    answer = client.get(f"/api/v1/marks/{tile}")
    assert answer.status_code == 400
    assert "zoom 0 to" in answer.get_json()["detail"]


_NAMES = st.lists(st.text("ab驿Ａ\n", max_size=5), max_size=12)


@given(_NAMES, st.text("ab驿a", min_size=1, max_size=2), st.integers(1, 5))
def test_names_that_begin_so_come_first(names: list[str], wanted: str, most: int) -> None:
    registry: Any = SimpleNamespace(stations=pd.DataFrame({"name": names}, dtype="str"))
    plain = [name.replace("Ａ", "a").replace("\n", " ") for name in names]
    begin = [row for row, name in enumerate(plain) if name.startswith(wanted)]
    hold = [row for row, name in enumerate(plain) if wanted in name and row not in begin]
    found = Names.of(registry).rows(wanted, most)
    assert found[: len(begin)] == begin[:most]
    assert len(found) == len(set(found))
    assert set(found) <= {*begin, *hold}
    if len(begin) + len(hold) <= most:
        assert found == begin + hold


def test_a_search_over_http(client: FlaskClient) -> None:
    told = client.get("/api/v1/search", query_string={"q": "测试驿站00", "limit": 3}).get_json()
    Found.model_validate(told)
    assert [each["id"] for each in told["stations"]] == ["S001", "S002", "S003"]
    assert client.get("/api/v1/search?q=%20").get_json()["stations"] == []
    assert client.get("/api/v1/search?q=").status_code == 400
    [nasty] = client.get("/api/v1/search", query_string={"q": "<IMG"}).get_json()["stations"]
    assert nasty["name"] == sample.NASTY
