"""Limits hold for a sender, not for a bit pattern; settings say which and behind what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.exceptions import TooManyRequests

from geodata.errors import UsageError
from web.app import create_app
from web.limits import Limits
from web.settings import Settings

if TYPE_CHECKING:
    from stations.registry import LiveRegistry


def refused(limits: Limits, address: str | None) -> bool:
    try:
        limits.spend(address)
    except TooManyRequests:
        return True
    return False


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        (None, "unix:", True),
        (None, "10.0.0.1", False),
    ],
)
def test_who_is_one_sender(one: str | None, other: str | None, same: bool) -> None:  # noqa: FBT001
    limits = Limits("1 per hour")
    assert not refused(limits, one)
    assert refused(limits, other) is same


def test_all_limits_hold_and_what_is_refused_costs_nothing() -> None:
    limits = Limits("2 per hour; 3 per day")
    assert [refused(limits, "10.0.0.1") for _ in range(9)] == [False] * 2 + [True] * 7
    wider = Limits("5 per hour; 3 per day")
    assert [refused(wider, "10.0.0.1") for _ in range(9)] == [False] * 3 + [True] * 6


def test_the_limits_are_settings() -> None:
    environ = {
        "STATIONS_REPORT_LIMITS": "1/minute;2/day",
        "STATIONS_PROXIES": "2",
        "STATIONS_HALF_LIFE_DAYS": "30.5",
    }
    expected = Settings(report_limits="1/minute;2/day", proxies=2, half_life_days=30.5)
    assert Settings.from_env(environ) == expected


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REPORT_LIMITS", "many", "10 per minute; 100 per day"),
        ("PROXIES", "one", "STATIONS_PROXIES must be a whole number from 0 to 10"),
        ("PROXIES", "-1", "STATIONS_PROXIES must be a whole number from 0 to 10"),
        ("HALF_LIFE_DAYS", "0", "a number of days above 0"),
        ("HALF_LIFE_DAYS", "nan", "a number of days above 0"),
        ("HALF_LIFE_DAYS", "inf", "a number of days above 0"),
        ("HALF_LIFE_DAYS", "long", "a number of days above 0"),
    ],
)
def test_settings_that_cannot_work(name: str, value: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_env({f"STATIONS_{name}": value})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "senders"),
    [
        (0, ["1.1.1.1", "2.2.2.2"], 1),  # anybody may write the header: it is not believed
        (1, ["1.1.1.1", "2.2.2.2"], 2),
        (1, ["9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"], 1),  # only what our own proxy wrote
    ],
)
def test_addresses_behind_our_proxies(
    live: LiveRegistry, proxies: int, forwarded: list[str], senders: int
) -> None:
    settings = Settings(report_limits="1 per day", proxies=proxies)
    client = create_app(settings, live).test_client()
    answers = [
        client.post("/api/v1/stations/nobody/reports", headers={"X-Forwarded-For": each})
        for each in forwarded
    ]
    assert [each.status_code for each in answers].count(429) == len(forwarded) - senders
