"""Limits hold for a sender, not for a bit pattern; settings say which and behind what."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from geodata.errors import UsageError
from web.app import create_app
from web.limits import FullError, Limits, Senders, parse_limits
from web.settings import Settings
from web.spent import MOST, SET_BACK_S, Spent

if TYPE_CHECKING:
    from pathlib import Path

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


SECRET = b"of one server"
SENDING = f"""
import sys
from pathlib import Path
from werkzeug.exceptions import TooManyRequests
from web.limits import Limits, Senders
limits = Limits("100 per hour; 150 per day", "", Senders({SECRET!r}, Path(sys.argv[1])))
done = 0
for _ in range(80):
    try:
        limits.spend("10.0.0.1")
        done += 1
    except TooManyRequests:
        pass
print(done)
"""
DYING = """
import os, signal, sys
from pathlib import Path
from web.spent import Spent
counts = Spent(Path(sys.argv[1]))
with counts.together():
    counts.acquire_entry("half", 9, 3600)
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""Sends as often as it is let; is killed in the midst of counting."""


def test_workers_count_together(tmp_path: Path) -> None:
    """Two that send at once are let through exactly as often as one; other kinds are not counted.

    One that is killed while it counts takes nothing with it, and leaves nothing half.
    """
    path = tmp_path / "limits.sqlite"
    *workers, killed = (
        subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE, text=True)
        for program in (SENDING, SENDING, DYING)
    )
    assert sum(int(each.communicate()[0]) for each in workers) == 100
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    senders = Senders(SECRET, path)
    assert refused(Limits("100 per hour", "", senders), "10.0.0.1")
    assert not refused(Limits("100 per hour", "", senders), "10.0.0.2")
    assert not refused(Limits("100 per hour", "sign-ins", senders), "10.0.0.1")
    assert Spent(path).get_moving_window("half", 9, 3600)[1] == 0


def test_no_address_and_no_name_is_kept(tmp_path: Path) -> None:
    limits = Limits("9 per day", "reports", Senders(SECRET, tmp_path / "kept"))
    limits.spend("203.0.113.77")
    limits.spend_by("li.wei")
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"spent_key" in kept
    assert not [each for each in (b"203.0", b"li.wei", b"reports") if each in kept]
    other = Limits("1 per day", "reports", Senders(None, tmp_path / "kept"))
    assert not refused(other, "203.0.113.77")  # who does not know the secret knows no sender


def test_where_the_file_fails_each_counts_for_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits("2 per hour", "", Senders(SECRET, tmp_path / "none" / "limits.sqlite"))
    assert [refused(limits, "10.0.0.1") for _ in range(4)] == [False, False, True, True]
    (told,) = caplog.messages
    assert "counts for itself what is limited: unable to open" in told


def test_time_goes_by_and_a_clock_is_put_right() -> None:
    now = [1_000.0]
    spent = Spent(None, lambda: now[0])
    (item,) = parse_limits("2 per minute")
    limiter = MovingWindowRateLimiter(spent)

    def hits() -> list[bool]:
        with spent.together():
            return [limiter.hit(item, "me"), limiter.hit(item, "me")]

    assert hits() == [True, True]
    now[0] += 60
    assert hits() == [False, False]  # the window has both ends
    assert limiter.get_window_stats(item, "me").reset_time == 1_060
    now[0] += 0.5
    assert hits() == [True, True]
    now[0] -= SET_BACK_S
    assert hits() == [False, False]
    now[0] -= 0.5
    assert hits() == [True, True]
    now[0] += 61
    with spent.together():
        assert spent.reset() == 0


def test_the_oldest_are_forgotten_where_there_are_too_many() -> None:
    spent = Spent(None)
    with spent.together():
        assert spent.acquire_entry("first", 1, 3600)
        assert spent.acquire_entry("many", MOST, 3600, MOST - 1)
    assert not spent.acquire_entry("first", 1, 3600)
    with spent.together():
        assert spent.acquire_entry("one more", 1, 3600)
    with spent.together():
        assert spent.acquire_entry("first", 1, 3600)
    assert spent.reset() == MOST + 1


def test_a_refusal_says_when_there_is_room() -> None:
    senders = Senders()
    items = parse_limits("3 per hour; 1 per minute")
    senders.spend(items, "me")
    with pytest.raises(FullError) as full:
        senders.spend(items, "me")
    assert str(full.value.item) == "1 per 1 minute"
    limits = Limits("1 per minute", "", senders)
    limits.spend("10.0.0.1")
    with pytest.raises(TooManyRequests) as refusal:
        limits.spend("10.0.0.1")
    assert refusal.value.retry_after in range(50, 61)


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
