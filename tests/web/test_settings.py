from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geodata.errors import UsageError
from geodata.roads import usual_truck
from scripts import settings_page
from tests.web import sample
from web.settings import DATA_FOLDER, Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({"PATH": "/bin", "STATIONS_DB": " "}) == Settings()


def test_every_setting_is_read_from_its_name() -> None:
    settings = Settings.from_env(
        {
            "STATIONS_DB": "sqlite:///x.db",
            "STATIONS_STAFF_TOKEN": sample.TOKEN,
            "STATIONS_BASEMAP": "tianditu",
            "STATIONS_TIANDITU_KEY": "key",
            "STATIONS_MAX_LIMIT": "7",
            "STATIONS_ROADS": "none",
            "STATIONS_TRUCK_HEIGHT_M": "4.2",
        }
    )
    usual = Settings("sqlite:///x.db", sample.TOKEN, "tianditu", "key", 7)
    assert settings == replace(usual, roads="none", truck_height_m=4.2)


def test_what_is_not_said_of_a_truck_is_as_usual() -> None:
    assert Settings().truck == usual_truck()
    sizes = {"STATIONS_TRUCK_HEIGHT_M": "4.2", "STATIONS_TRUCK_AXLE_LOAD_T": "10"}
    truck = Settings.from_env(sizes).truck
    assert truck == replace(usual_truck(), height_m=4.2, axle_load_t=10.0)


@pytest.mark.parametrize(
    ("said", "place", "required"),
    [
        ("", str(DATA_FOLDER / "roads"), False),
        ("none", None, False),
        ("/srv/roads", "/srv/roads", True),
        ("http://127.0.0.1:8002", "http://127.0.0.1:8002", True),
    ],
)
def test_where_the_roads_are(said: str, place: str | None, required: bool) -> None:  # noqa: FBT001
    assert Settings.from_env({"STATIONS_ROADS": said}).roads_place == (place, required)


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(staff_token=sample.TOKEN, basemap="tianditu", tianditu_key="tk-secret"))
    assert sample.TOKEN not in shown
    assert "tk-secret" not in shown


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"STATIONS_TOKEN": "x"}, "known: STATIONS_BASEMAP"),
        ({"STATIONS_STAFF_TOKEN": "fifteen-letters"}, "16 characters"),
        ({"STATIONS_STAFF_TOKEN": "口令口令口令口令口令口令口令口令口令"}, "ASCII"),
        ({"STATIONS_MAX_LIMIT": "many"}, "whole number from 1 to 1000"),
        ({"STATIONS_MAX_LIMIT": "0"}, "whole number from 1 to 1000"),
        ({"STATIONS_TRUCK_HEIGHT_M": "tall"}, "STATIONS_TRUCK_HEIGHT_M must be a number above 0"),
        ({"STATIONS_TRUCK_WEIGHT_T": "nan"}, "STATIONS_TRUCK_WEIGHT_T must be a number above 0"),
        ({"STATIONS_TRUCK_WIDTH_M": "100"}, "below 100"),
        ({"STATIONS_BASEMAP": "tianditu"}, "STATIONS_TIANDITU_KEY"),
        ({"STATIONS_HOSTS": "https://a.example.org/"}, "such as stations.example.org"),
        ({"STATIONS_HOSTS": "*"}, "such as stations.example.org"),
        ({"STATIONS_HSTS_DAYS": "-1"}, "0 to 730"),
        ({"STATIONS_LOG": "loud"}, "one of quiet, text, json"),
        ({"STATIONS_METRICS_TOKEN": "short"}, "STATIONS_METRICS_TOKEN must have 16"),
        ({"STATIONS_BASEMAP": "https://tiles.example.org/{z}/{x}"}, "{z}/{x}/{y}"),
        ({"STATIONS_BASEMAP": "javascript:{z}{x}{y}"}, "{z}/{x}/{y}"),
        ({"STATIONS_BASEMAP": "https://a.org; script-src *; {z}{x}{y}"}, "{z}/{x}/{y}"),
    ],
)
def test_what_cannot_work_is_refused_with_what_would(environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_env(environ)
    assert said in str(caught.value)


def test_the_page_of_settings_is_complete() -> None:
    page = settings_page.PAGE.read_text("utf-8")
    assert page == settings_page.written(page), "run: python -m scripts.settings_page"
    known = {name for name, _, _ in Settings().told()}
    assert known == {f"STATIONS_{name.upper()}" for name in settings_page.told()}
    assert not [name for name in known if f"`{name}`" not in page]


def test_everything_else_is_in_the_data_folder(tmp_path: Path) -> None:
    settings = Settings.from_env({"STATIONS_DATA": str(tmp_path)})
    assert settings.db == f"sqlite:///{tmp_path / 'stations.db'}"
    assert settings.roads_place == (str(tmp_path / "roads"), False)
    elsewhere = {"STATIONS_DATA": str(tmp_path), "STATIONS_DB": "postgresql://x:hunter2@h/y"}
    settings = Settings.from_env(elsewhere)
    assert settings.db == elsewhere["STATIONS_DB"]
    assert "hunter2" not in repr(settings) + str(settings.told())


def test_a_store_without_an_address_is_refused() -> None:
    with pytest.raises(UsageError, match="STATIONS_DB must be an address"):
        Settings.from_env({"STATIONS_DB": "{"})
