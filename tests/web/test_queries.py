"""What the query string may hold, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NUMBERS = ["lon", "lat", "limit", "stay"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "text", ["2_5", "２５", "٢٥", "2e1", "0x19", " 25", "25 ", "nan", "inf", "", "--5", ".", "1,5"]
)
def test_a_number_is_written_in_plain_digits(client: FlaskClient, name: str, text: str) -> None:
    query = {"lon": "102.7", "lat": "25", name: text}
    answer = client.get("/api/v1/nearest", query_string=query)
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(f"{name}: ")


@pytest.mark.parametrize("name", ["lon", "lat", "stay"])
@pytest.mark.parametrize("text", ["25", "+25", "25.", "025.50", ".5"])
def test_plain_digits_are_read(client: FlaskClient, name: str, text: str) -> None:
    query = {"lon": "102.7", "lat": "25", name: text}
    assert client.get("/api/v1/nearest", query_string=query).status_code == 200


@pytest.mark.parametrize("bbox", ["1_0,20,110,30", "１00,20,110,30", "1e2,20,110,30", "100,20,110"])
def test_so_are_the_edges_of_a_box(client: FlaskClient, bbox: str) -> None:
    answer = client.get("/api/v1/stations", query_string={"bbox": bbox})
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith("bbox: expected west,south,east,north")


@pytest.mark.parametrize("name", ["status", "kind", "needs", "bbox", "after"])
def test_what_is_left_empty_is_not_asked_for(client: FlaskClient, name: str) -> None:
    told = client.get("/api/v1/stations", query_string={name: ""}).get_json()
    assert told["numberMatched"] == client.get("/api/v1/stations").get_json()["numberMatched"]
