"""Coverage in truth over HTTP: what the domain says, sums that add up, files, who may see it."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
from python_calamine import CalamineWorkbook

from stations import coverage
from stations.coverage import Limit, Need, Terms, parse_hours, parse_what_if
from stations.registry import LiveRegistry
from stations.schema import LayerInfo
from stations.store import Changes
from stations.trust import Evidence
from tests.web import sample
from web.api import answers
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

NEED = {"layer": "parks", "within": "1.5km", "needs": "toilet"}
CAUSES = ("no_station", "closed", "unknown", "amenity", "trust")
STEPS = {"paper": CAUSES[:1], "hours": CAUSES[:3], "amenities": CAUSES[:4], "trust": CAUSES}
ASKED: list[tuple[dict[str, str], Terms]] = [
    ({"hours": "all"}, Terms()),
    ({"hours": "night", "profile": "shifts"}, Terms(parse_hours("night"), profile="shifts")),
    ({"hours": "2026-10-01", "stay": "20"}, Terms(parse_hours("2026-10-01"), stay_min=20.0)),
    ({"hours": "2026-11-25T02:30"}, Terms(parse_hours("2026-11-25T02:30"))),
    ({"hours": "all", "trust_floor": "0.9"}, Terms(trust_floor=0.9, at=sample.NOW)),
    (
        {"hours": "all", "what_if": "host:某银行 shut weekends; station:S001 removed"},
        Terms(
            supposed=(
                parse_what_if("host:某银行 shut weekends"),
                parse_what_if("station:S001 removed"),
            )
        ),
    ),
]


def told(client: FlaskClient, path: str, headers: Any = None, **query: str) -> Any:
    answer = client.get(f"/api/v1/{path}", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@pytest.mark.parametrize(("query", "terms"), ASKED, ids=lambda each: str(each)[:40])
def test_coverage_is_the_domain_s_answer(
    client: FlaskClient, live: LiveRegistry, query: dict[str, str], terms: Terms
) -> None:
    truth = coverage.truth(live.current(), Need("parks", Limit(1500.0), ("toilet",)), terms)
    for by in ("county", "province", "site", "hour"):
        answer = told(client, "coverage", **NEED, **query, by=by)
        answers.Truth.model_validate(answer)
        assert answer == truth.as_dict(by)


@pytest.mark.parametrize("query", [query for query, _ in ASKED], ids=lambda each: str(each)[:40])
def test_every_sum_adds_up(client: FlaskClient, query: dict[str, str]) -> None:
    total = told(client, "coverage", **NEED, **query)["total"]
    for by in ("county", "prefecture", "province", "site", "hour"):
        answer = told(client, "coverage", **NEED, **query, by=by)
        assert answer["total"] == total
        for sums in (total, *answer["rows"]):
            for step, causes in STEPS.items():
                lost = sum(sums["lost"][cause] for cause in causes)
                assert sums["steps"][step] == sums["worker_hours"] - lost
        for part in ("steps", "lost"):
            for name, value in total[part].items():
                assert value == sum(row[part][name] for row in answer["rows"]), (by, name)
        assert total["worker_hours"] == sum(row["worker_hours"] for row in answer["rows"])
    gaps = told(client, "gaps", **NEED, **query)
    assert sum(each["properties"]["lost"] for each in gaps["features"]) == sum(
        total["lost"].values()
    )
    for each in gaps["features"]:
        assert sum(each["properties"]["lost_by"].values()) == each["properties"]["lost"]


def test_gaps_are_the_domain_s(client: FlaskClient, live: LiveRegistry) -> None:
    truth = coverage.truth(live.current(), Need("parks", Limit(1500.0), ("toilet",)))
    answer = told(client, "gaps", **NEED, hours="all")
    answers.Gaps.model_validate(answer)
    expected = truth.gaps()
    assert [each["id"] for each in answer["features"]] == expected.index.tolist()
    for each, row in zip(answer["features"], expected.itertuples(), strict=True):
        fields = each["properties"]
        for name in (
            "lost",
            "hours_zh",
            "cause",
            "cause_zh",
            "fix",
            "fix_id",
            "advice_en",
            "usable_id",
        ):
            assert fields[name] == getattr(row, name)
    one = told(client, "gaps", **NEED, hours="all", limit="1")
    assert (one["numberReturned"], one["numberMatched"]) == (1, len(expected))


def test_the_week_is_the_hours_one_by_one(client: FlaskClient) -> None:
    week = told(client, "coverage/week", **NEED, hours="night")
    answers.Week.model_validate(week)
    assert (week["first_hour"], len(week["total"])) == (0, 168)
    for hour in (2, 12, 167):
        day = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[hour // 24]
        at = told(client, "coverage", **NEED, hours=f"{day} {hour % 24:02}:00")
        shares = {row["code"]: row["share"] for row in at["rows"]}
        assert week["total"][hour] == pytest.approx(at["total"]["share"], abs=5e-4)
        for row in week["rows"]:
            share = shares[row["code"]]
            assert row["share"][hour] == (share and pytest.approx(share, abs=5e-4))
    night = told(client, "coverage", **NEED, hours="night")
    for row, sums in zip(week["rows"], night["rows"], strict=True):
        assert row["asked"] == (sums["share"] and pytest.approx(sums["share"], abs=5e-4))


def test_a_site_without_workers_has_a_share_all_the_same(client: FlaskClient) -> None:
    week = told(client, "coverage/week", **NEED, by="site")
    answers.Week.model_validate(week)
    shares = {row["id"]: row["share"] for row in week["rows"]}
    assert shares["P2"][12] > shares["P2"][2] == 0
    assert told(client, "coverage", **NEED, hours="all", by="site")["rows"][2]["share"] is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"hours": "25:00"}, "hours: hours are written such as all, 02:00"),
        ({"hours": "02:30"}, "hours: "),
        ({"hours": "2026-13-01"}, "hours: "),
        ({"hours": "all", "stay": "1441"}, "stay: "),
        ({"hours": "all", "stay": "nan"}, "stay: "),
        ({"hours": "all", "trust_floor": "1.1"}, "trust_floor: "),
        ({"hours": "all", "trust_floor": "inf"}, "trust_floor: "),
        ({"hours": "all", "profile": "sometimes"}, "profile: "),
        ({"hours": "all", "what_if": "everything shut"}, "what_if: what if is written such as"),
        ({"hours": "all", "what_if": "host:没有这家 shut"}, "no station has the host"),
        ({"hours": "all", "what_if": "county:530102 trust 0.2"}, "trust floor above 0"),
        ({"stay": "20"}, "stay: only with hours, such as hours=all"),
        ({"trust_floor": "0.5", "profile": "day"}, "profile and trust_floor: only with hours"),
        ({"since": "1"}, "since: only with hours"),
        ({"compare": "riders"}, "compare: only with hours"),
        ({"hours": "all", "compare": "a,b,c,d,e,f"}, "compare: expected 5 layers at most"),
        ({"by": "hour"}, "group by one of"),
        ({"hours": "all", "by": "street"}, "by: input should be"),
    ],
)
def test_bad_questions_are_told_what_is_right(
    client: FlaskClient, query: dict[str, str], said: str
) -> None:
    answer = client.get("/api/v1/coverage", query_string={**NEED, **query})
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


def test_left_empty_hours_are_on_paper(client: FlaskClient) -> None:
    assert told(client, "coverage", **NEED, hours="") == told(client, "coverage", **NEED)


def fetched(client: FlaskClient, **query: str) -> TestResponse:
    asked = {**NEED, "hours": "night", **query}
    answer = client.get("/api/v1/coverage/file", query_string=asked)
    assert answer.status_code == 200
    return answer


def test_a_workbook_holds_the_figures(client: FlaskClient) -> None:
    answer = fetched(client, format="xlsx")
    assert "filename=coverage-parks.xlsx" in answer.headers["Content-Disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
    cells = [
        cell
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    total = told(client, "coverage", **NEED, hours="night")["total"]
    assert {total["worker_hours"], total["steps"]["paper"], total["steps"]["trust"]} <= set(cells)


def test_pictures_and_layers_are_what_they_are_called(client: FlaskClient, tmp_path: Path) -> None:
    assert fetched(client, format="png", plot="week").get_data().startswith(b"\x89PNG")
    assert b"<svg" in fetched(client, format="svg", plot="waterfall").get_data()[:1000]
    for name in ("gpkg", "parquet"):
        path = tmp_path / f"sites.{name}"
        path.write_bytes(fetched(client, format=name).get_data())
        read = gpd.read_file(path) if name == "gpkg" else gpd.read_parquet(path)
        assert len(read) == 5


@pytest.mark.parametrize("path", ["coverage", "gaps", "coverage/week", "coverage/file"])
def test_asked_again_nothing_is_sent(client: FlaskClient, path: str) -> None:
    question = {"query_string": {**NEED, "hours": "night", "trust_floor": "0.5"}}
    tag = client.get(f"/api/v1/{path}", **question).headers["ETag"]
    held = {"If-None-Match": tag}
    assert client.get(f"/api/v1/{path}", **question, headers=held).status_code == 304
    other = {**NEED, "hours": "night", "trust_floor": "0.6"}
    again = client.get(f"/api/v1/{path}", query_string=other, headers=held)
    assert again.status_code == 200


def test_what_is_asked_again_is_not_computed_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in ("truth", "measure"):
        real = getattr(coverage, name)

        def counted(*given: Any, real: Any = real, name: str = name, **more: Any) -> Any:
            asked.append(name)
            return real(*given, **more)

        monkeypatch.setattr(coverage, name, counted)
    query = {**NEED, "within": "1234m", "hours": "all"}
    for path in ("coverage", "gaps", "coverage/week", "coverage/file", "coverage"):
        assert client.get(f"/api/v1/{path}", query_string=query).status_code == 200
    assert asked == ["truth"]


def test_what_is_reported_changes_the_answer(tmp_path: Path) -> None:
    with sample.filled_store(tmp_path) as store:
        live = LiveRegistry(store, 0.0, time.monotonic)
        client = create_app(Settings(), live, lambda: sample.NOW).test_client()
        query = {**NEED, "hours": "all", "trust_floor": "0.5"}
        before = client.get("/api/v1/coverage", query_string=query)
        bad = [
            Evidence(
                station=id_,
                kind="inspection",
                outcome="closed_for_good",
                at=sample.NOW - timedelta(days=1),
                who="检查员",
                key="k",
            )
            for id_ in sample.stations().index
        ]
        store.add_evidence(bad, received=sample.NOW)
        held = {"If-None-Match": before.headers["ETag"]}
        after = client.get("/api/v1/coverage", query_string=query, headers=held)
    assert after.status_code == 200
    lost = [each.get_json()["total"]["lost"]["trust"] for each in (before, after)]
    assert lost[0] < lost[1]


def test_trust_is_weighed_at_the_hour(live: LiveRegistry) -> None:
    moment = [sample.NOW]
    client = create_app(Settings(), live, lambda: moment[0]).test_client()
    query = {**NEED, "hours": "all", "trust_floor": "0.5"}
    tags, weighed = [], []
    for minutes in (0, 59, 60):
        moment[0] = sample.NOW + timedelta(minutes=minutes)
        answer = client.get("/api/v1/coverage", query_string=query)
        tags.append(answer.headers["ETag"])
        weighed.append(answer.get_json()["method"]["trust_at"])
    hours = [sample.NOW + timedelta(hours=hour) for hour in (0, 0, 1)]
    assert weighed == [hour.isoformat() for hour in hours]
    assert tags[0] == tags[1] != tags[2]


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[FlaskClient]:
    """Serve a register in its second revision: a station shut, riders added, posts opened."""
    with sample.filled_store(tmp_path) as store:
        frame = sample.stations()
        shut = frame.loc[["S-NASTY"]].assign(status="closed")
        riders = sample.parks().assign(attributes='{"工种": "骑手"}', name="骑手点")
        seen = replace(sample.POSTS, restricted=False)
        changes = Changes(
            stations=shut,
            layers=(LayerInfo("riders", "骑手", "Riders", restricted=False), seen),
            sites={"riders": riders, "border_posts": sample.posts()},
        )
        store.commit(changes, who="test", why="later", at=sample.WHEN + timedelta(days=1))
        live = LiveRegistry(store, 0.0, time.monotonic)
        yield create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW).test_client()


def test_what_changed_since(grown: FlaskClient) -> None:
    now = told(grown, "coverage", **NEED, hours="all")
    assert now["since"] is None
    for since in ("1", "2026-11-22", "2026-11-23T15:59:59"):
        answer = told(grown, "coverage", **NEED, hours="all", since=since)
        answers.Truth.model_validate(answer)
        assert answer["since"]["revision"] == 1
        total = answer["since"]["total"]
        assert total["after"] - total["before"] == total["removed"] < 0
        assert total["after"] == now["total"]["steps"]["trust"]
        assert answer["since"]["edits"][0]["stations"] == ["S-NASTY"]
    same = told(grown, "coverage", **NEED, hours="all", since="2026-11-24")["since"]
    assert (same["revision"], same["total"]["removed"], same["edits"]) == (2, 0, [])
    for wrong, status in [("0", 404), ("7", 404), ("2020-01-01", 404), ("soon", 400)]:
        asked = {**NEED, "hours": "all", "since": wrong}
        answer = grown.get("/api/v1/coverage", query_string=asked)
        assert answer.status_code == status
    book = grown.get(
        "/api/v1/coverage/file", query_string={**NEED, "hours": "all", "since": "1"}
    ).get_data()
    assert "变化 Change" in CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names


def test_types_of_worker_are_compared(grown: FlaskClient) -> None:
    answer = told(grown, "coverage", **NEED, hours="all", compare="riders")
    answers.Truth.model_validate(answer)
    types = answer["fairness"]["types"]
    assert [group["name"] for group in types["groups"]] == ["产业园区", "骑手"]
    assert types["groups"][0]["share"] == types["groups"][1]["share"]
    gaps = told(grown, "gaps", layer="riders", within="1.5km", hours="all")
    answers.Gaps.model_validate(gaps)
    assert {each["properties"]["worker_type"] for each in gaps["features"]} == {"骑手"}
    plain = told(grown, "coverage", **NEED, hours="all")
    assert plain["fairness"]["types"] is None


@pytest.mark.parametrize("path", ["coverage", "gaps", "coverage/week", "coverage/file"])
def test_what_is_compared_must_be_open_to_the_caller(client: FlaskClient, path: str) -> None:
    def ask(compare: str, headers: Any = None) -> TestResponse:
        query = {**NEED, "hours": "all", "compare": compare}
        return client.get(f"/api/v1/{path}", query_string=query, headers=headers)

    hidden, missing = ask("border_posts"), ask("nothing")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.get_json()["detail"] == missing.get_json()["detail"]
    seen = ask("border_posts", sample.STAFF)
    assert seen.headers["Cache-Control"] == "private, no-store"


def test_a_layer_that_was_restricted_then_stays_so(grown: FlaskClient) -> None:
    query = {"layer": "border_posts", "within": "1.5km", "hours": "all"}
    assert grown.get("/api/v1/coverage", query_string=query).status_code == 200
    query["since"] = "1"
    assert grown.get("/api/v1/coverage", query_string=query).status_code == 404
    seen = grown.get("/api/v1/coverage", query_string=query, headers=sample.STAFF)
    assert seen.headers["Cache-Control"] == "private, no-store"


def test_unknown_workers_are_counted_as_unknown(client: FlaskClient) -> None:
    for more in ({}, {"hours": "all"}):
        rows = told(client, "coverage", **NEED, **more, by="county")["rows"]
        unknown = {row["code"]: row["workers_unknown"] for row in rows}
        assert unknown == {"530102": 0, "530111": 0, "530112": 1, "530302": 0, "530500": 0}


@pytest.mark.parametrize(
    "path",
    [
        "coverage?hours=all&by=site",
        "gaps?hours=all",
        "coverage/week?by=site",
        "coverage/file?format=gpkg",
        "coverage/file?format=png",
    ],
)
def test_a_restricted_layer_is_for_staff(client: FlaskClient, path: str) -> None:
    def ask(layer: str, headers: Any = None) -> TestResponse:
        asked = f"/api/v1/{path}&layer={layer}&within=1km"
        return client.get(asked, headers=headers)

    seen = ask("border_posts", sample.STAFF)
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in seen.headers
    hidden, missing = ask("border_posts"), ask("no_such_layer")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.get_json()["detail"] == missing.get_json()["detail"]
    text = hidden.get_data(as_text=True)
    assert not [each for each in sample.secrets() if all(word in text for word in each)]
