"""The bulletin over HTTP and as a page: who gets it, of where, and in which form."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from tests.web import sample
from web.api.answers.bulletin import BulletinAnswer

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PERIOD = "since=2026-11-01&until=2026-11-30"
URL = f"/api/v1/bulletin?{PERIOD}"


def test_the_bulletin_of_a_month(client: FlaskClient) -> None:
    answer = client.get(URL, headers=sample.STAFF)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    told = BulletinAnswer.model_validate(answer.json)
    assert told.total.stations == 57
    assert sum(row.stations for row in told.counties) == 57
    assert told.period.over is False
    assert told.at_beijing == "2026-11-24 10:00"
    covered = told.total.coverage["parks"]
    assert covered is not None
    assert 0 < covered.real <= covered.paper <= covered.present


def test_it_is_for_those_who_sign_in(client: FlaskClient) -> None:
    for path in (URL, f"/api/v1/bulletin/file?{PERIOD}"):
        assert client.get(path).status_code == 401
    page = client.get("/bulletin?area=53")
    assert page.status_code == 302
    assert page.headers["Location"] == "/signin?next=%2Fbulletin%3Farea%3D53"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("since=2026-11-30&until=2026-11-01", "swapped"),
        ("since=2099-11-30&until=2099-12-01", "still to come"),
        ("since=yesterday&until=2026-11-01", "a day such as"),
        ("until=2026-11-01", "since: required"),
        (f"{PERIOD}&area=5x", "area"),
        (f"{PERIOD}&within=far", "within"),
        (f"{PERIOD}&trust_floor=nan", "trust_floor"),
        (f"{PERIOD}&by=county", "by"),
    ],
)
def test_a_question_that_makes_no_sense(client: FlaskClient, question: str, said: str) -> None:
    answer = client.get(f"/api/v1/bulletin?{question}", headers=sample.STAFF)
    assert answer.status_code == 400
    assert said in (answer.json or {})["detail"]


def test_files(client: FlaskClient) -> None:
    files = f"/api/v1/bulletin/file?{PERIOD}&format="
    sheet = client.get(f"{files}xlsx", headers=sample.STAFF)
    assert sheet.headers["Content-Disposition"].startswith("attachment")
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data))
    assert [name.split()[0] for name in book.sheet_names][:3] == ["汇总", "州市", "县区"]
    paper = client.get(f"{files}pdf", headers=sample.STAFF)
    assert paper.content_type == "application/pdf"
    first = PdfReader(io.BytesIO(paper.data)).pages[0].extract_text()
    assert "2026-11-01 至 2026-11-30" in first
    assert client.get(f"{files}pdf", headers=sample.STAFF).data == paper.data
    assert client.get(f"{files}exe", headers=sample.STAFF).status_code == 400


def test_the_page_is_plain_and_says_it_in_both_languages(client: FlaskClient) -> None:
    page = client.get("/bulletin", headers=sample.STAFF)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "工会驿站检查整改通报" in page.text
    assert 'value="2026-11-01"' in page.text  # this month so far
    english = client.get("/bulletin?lang=en", headers=sample.STAFF)
    assert '<html lang="en">' in english.text
    assert "stations in use" in english.text
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["since", "until", "area", "layer", "within", "mode", "lang"])
def test_what_is_asked_is_never_markup(client: FlaskClient, name: str) -> None:
    page = client.get("/bulletin", query_string={name: sample.NASTY}, headers=sample.STAFF)
    assert page.status_code == (200 if name == "lang" else 400)
    assert "<img src=x" not in page.text
    assert "<script" not in page.text


def test_a_name_of_the_register_is_never_markup(client: FlaskClient) -> None:
    files = f"/api/v1/bulletin/file?{PERIOD}&format=html"
    for path in (files, "/bulletin"):
        text = client.get(path, headers=sample.STAFF).text
        assert "<img src=x" not in text
        assert "<script" not in text


def test_a_restricted_layer_s_figures_are_told_to_staff_without_a_place(
    client: FlaskClient,
) -> None:
    answer = client.get(f"{URL}&layer=border_posts", headers=sample.STAFF)
    assert answer.status_code == 200
    assert (answer.json or {})["layers"][0]["restricted"] is True
    for lon, lat in sample.POST_PLACES:
        assert str(lon) not in answer.text
        assert str(lat) not in answer.text
    assert "SECRET" not in answer.text
    assert "机密" not in answer.text
