from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from shapely.geometry import shape

from stations import coverage
from stations.coverage import Limit, Need
from stations.registry import LiveRegistry
from stations.store import Changes
from tests.web import sample
from web.api import answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from stations.registry import Registry

NEED = {"within": "1.5km", "needs": "toilet"}


@pytest.fixture
def measured(live: LiveRegistry) -> coverage.Coverage:
    return coverage.measure(live.current(), Need("parks", Limit(1500.0), ("toilet",)))


@pytest.mark.parametrize("by", ["county", "prefecture", "province", "site"])
def test_coverage_is_the_domain_s_answer(
    client: FlaskClient, measured: coverage.Coverage, by: str
) -> None:
    answer = client.get("/api/v1/coverage", query_string={**NEED, "layer": "parks", "by": by})
    answers.Coverage.model_validate(answer.get_json())
    assert answer.get_json() == measured.as_dict(by)


def test_gaps_come_worst_first(client: FlaskClient, measured: coverage.Coverage) -> None:
    told = client.get("/api/v1/gaps", query_string={**NEED, "layer": "parks"}).get_json()
    answers.Sites.model_validate(told)
    assert [feature["id"] for feature in told["features"]] == measured.gaps().index.tolist()
    left = [
        (each["properties"]["workers"] or 0) - each["properties"]["workers_covered"]
        for each in told["features"]
    ]
    assert left == sorted(left, reverse=True)
    assert left[0] > 0


def test_sites_come_with_their_shapes(client: FlaskClient, measured: coverage.Coverage) -> None:
    told = client.get("/api/v1/layers/parks", query_string=NEED).get_json()
    answers.Sites.model_validate(told)
    assert [feature["id"] for feature in told["features"]] == sample.parks().index.tolist()
    for feature, row in zip(told["features"], measured.sites.itertuples(), strict=True):
        assert shape(feature["geometry"]).equals(row.geometry)
        assert feature["properties"]["share"] == row.share
        assert feature["properties"]["covered"] is bool(row.covered)


@pytest.mark.parametrize("path", ["layers/parks?", "gaps?layer=parks&"])
def test_no_station_at_all_is_no_distance(client: FlaskClient, path: str) -> None:
    told = client.get(f"/api/v1/{path}within=1km&needs=shower").get_json()
    answers.Sites.model_validate(told)
    nearest = {
        (each["properties"]["nearest_id"], each["properties"]["nearest_m"])
        for each in told["features"]
    }
    assert nearest == {("", None)}


def test_where_all_is_covered_there_is_no_gap(client: FlaskClient) -> None:
    told = client.get("/api/v1/gaps?layer=parks&within=9000km").get_json()
    assert (told["numberMatched"], told["features"]) == (0, [])


def test_a_limit_says_how_many_there_are(client: FlaskClient) -> None:
    query = {**NEED, "layer": "parks", "limit": 1}
    told = client.get("/api/v1/gaps", query_string=query).get_json()
    assert told["numberReturned"] == len(told["features"]) == 1
    assert told["numberMatched"] > 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"within": ""}, "within: a limit is a number with its unit"),
        ({"within": "1000"}, "such as 1000m, 1.5km or 10min"),
        ({"within": "99999min"}, "at most a day"),
        ({"within": "nan m"}, "within:"),
        ({"within": "-5m"}, "within:"),
        ({"by": "street"}, "by: input should be 'county'"),
        ({"layer": "x" * 101}, "layer: string should have at most 100 characters"),
        ({"mode": "tram"}, "mode: input should be 'walk'"),
        ({"mode": "tram", "within": "10min"}, "mode: input should be 'walk'"),
        ({"within": "１０min"}, "within: a limit is a number with its unit"),
    ],
)
def test_bad_questions_are_told_what_is_right(
    client: FlaskClient, change: dict[str, str], said: str
) -> None:
    query = {**NEED, "layer": "parks", **change}
    answer = client.get("/api/v1/coverage", query_string=query)
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_what_is_asked_again_is_not_computed_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Need] = []
    real = coverage.measure

    def counted(registry: Registry, need: Need, *others: Any, **more: Any) -> coverage.Coverage:
        asked.append(need)
        return real(registry, need, *others, **more)

    monkeypatch.setattr(coverage, "measure", counted)
    query = {"within": "777m", "layer": "parks"}
    for path in ("coverage", "gaps", "coverage"):
        assert client.get(f"/api/v1/{path}", query_string=query).status_code == 200
    assert asked == [Need("parks", Limit(777.0))]


def test_a_new_revision_has_new_answers(tmp_path: Path) -> None:
    with sample.filled_store(tmp_path) as store:
        client = create_app(Settings(), LiveRegistry(store, 0.0, time.monotonic)).test_client()
        question: dict[str, Any] = {"query_string": {"within": "1km", "layer": "parks"}}
        before = client.get("/api/v1/coverage", **question)
        gone = Changes(removed_stations=tuple(sample.stations().index))
        store.commit(gone, who="test", why="all gone", at=sample.WHEN + timedelta(days=1))
        held = {"If-None-Match": before.headers["ETag"]}
        after = client.get("/api/v1/coverage", **question, headers=held)
    assert before.get_json()["total"]["covered"] > 0
    assert after.status_code == 200
    assert after.get_json()["total"]["covered"] == 0
    assert after.get_json()["revision"] == before.get_json()["revision"] + 1


def test_areas_are_the_counties_of_the_province(client: FlaskClient) -> None:
    told = client.get("/api/v1/areas?prefix=53").get_json()
    answers.Areas.model_validate(told)
    assert len(told["features"]) == 129
    kunming = [
        each["properties"]["name"]
        for each in told["features"]
        if shape(each["geometry"]).contains(shape({"type": "Point", "coordinates": [102.7, 25.05]}))
    ]
    assert len(kunming) == 1
    assert np.all([str(each["id"]).startswith("53") for each in told["features"]])


@pytest.mark.parametrize("prefix", ["", "5", "53x", "5301021", "٥٣"])
def test_areas_need_a_prefix(client: FlaskClient, prefix: str) -> None:
    assert client.get("/api/v1/areas", query_string={"prefix": prefix}).status_code == 400
