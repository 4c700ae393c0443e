from __future__ import annotations

import pytest

from geodata.errors import UsageError
from tests.web import sample
from web.settings import Settings


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
        }
    )
    assert settings == Settings("sqlite:///x.db", sample.TOKEN, "tianditu", "key", 7)


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
        ({"STATIONS_BASEMAP": "tianditu"}, "STATIONS_TIANDITU_KEY"),
        ({"STATIONS_BASEMAP": "https://tiles.example.org/{z}/{x}"}, "{z}/{x}/{y}"),
        ({"STATIONS_BASEMAP": "javascript:{z}{x}{y}"}, "{z}/{x}/{y}"),
        ({"STATIONS_BASEMAP": "https://a.org; script-src *; {z}{x}{y}"}, "{z}/{x}/{y}"),
    ],
)
def test_what_cannot_work_is_refused_with_what_would(environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_env(environ)
    assert said in str(caught.value)
