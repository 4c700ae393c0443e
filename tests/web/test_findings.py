"""What is wrong with the register: told to staff, to nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.web import sample
from web.api import answers

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PATH = "/api/v1/findings"


def told(client: FlaskClient, query: str = "") -> Any:
    answer = client.get(f"{PATH}?{query}", headers=sample.STAFF)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    answers.Findings.model_validate(answer.get_json())
    return answer.get_json()


def test_only_staff_are_told(client: FlaskClient) -> None:
    refused = client.get(PATH)
    assert refused.status_code == 401
    assert refused.content_type == "application/problem+json"
    wrong = client.get(PATH, headers={"Authorization": "Bearer not-the-token-at-all"})
    assert wrong.status_code == 401
    assert "station" not in refused.get_json()


def test_the_gravest_come_first_and_every_station_is_named(client: FlaskClient) -> None:
    found = told(client)
    ranks = ["critical", "major", "minor", "note"]
    order = [ranks.index(each["severity"]) for each in found["findings"]]
    assert order == sorted(order)
    assert found["total"] == sum(each["breaches"] for each in found["rules"])
    names = sample.stations()["name"]
    assert all(each["name"] == names[each["station"]] for each in found["findings"])
    without = sample.stations().query("status == 'active' and not amenities.str.contains('rest')")
    lacking = [each for each in found["findings"] if each["rule"] == "national.rest"]
    recorded = without["amenities"] != ""
    assert {each["station"] for each in lacking} == set(without.index[recorded])


def test_a_part_of_them(client: FlaskClient) -> None:
    whole = told(client, "limit=5000")
    one = told(client, "rule=national.water")
    assert {each["rule"] for each in one["rules"]} == {"national.water"}
    assert one["findings"] == [e for e in whole["findings"] if e["rule"] == "national.water"]
    assert told(client, "limit=1")["findings"] == whole["findings"][:1]
    assert told(client, "area=5301&limit=5000") == whole
    assert told(client, "area=11")["total"] == 0
    stars = told(client, "standard=fuzhou&rule=standard")
    assert stars["standard"]["id"] == "fuzhou"
    area = next(each for each in stars["rules"] if each["rule"] == "fuzhou.area")
    assert (area["breaches"], area["unknown"]) == (0, 57)


@pytest.mark.parametrize(
    "query",
    ["standard=/etc/passwd", "standard=x.toml", "area=53a", "rule=nothing", "limit=0", "near=1"],
)
def test_what_means_nothing_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{PATH}?{query}", headers=sample.STAFF)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_it_is_documented(client: FlaskClient) -> None:
    operation = client.get("/api/openapi.json").get_json()["paths"][PATH]["get"]
    names = {each["name"] for each in operation["parameters"]}
    narrowing = {"area", "rule", "state", "severity", "assignee", "overdue", "station", "text"}
    assert names == {"standard", "limit", *narrowing}
