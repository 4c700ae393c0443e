"""One door: expressions, the Chinese calendar, closures, the next change."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from geodata.errors import UsageError
from stations import hours
from stations.hours import (
    Closure,
    HoursError,
    NoSuchDayError,
    Posted,
    State,
    next_change,
    state_at,
    syntax,
    told,
)
from stations.hours.clock import ZONE
from stations.hours.decree import Reading, readings
from stations.hours.evaluation import Hours
from stations.hours.worded import worded

if TYPE_CHECKING:
    from pathlib import Path

OPEN, CLOSED, UNKNOWN = State.OPEN, State.CLOSED, State.UNKNOWN

BANK = "Mo-Fr 08:30-12:00,14:30-18:00"
LIBRARY = "Tu-Su 09:00-17:00"
NIGHT = "Mo-Fr 22:00-06:00"
MALL = "Mo-Fr 10:00-22:00; Sa-Su 09:30-22:30"
SHORT_FRIDAY = "Mo-Th 08:30-19:00; Fr 08:30-17:30"

BREAKS = {  # as the State Council's notices for 2025 and 2026 print them, first to last day off
    "2025-01-01": "2025-01-01",
    "2025-01-28": "2025-02-04",
    "2025-04-04": "2025-04-06",
    "2025-05-01": "2025-05-05",
    "2025-05-31": "2025-06-02",
    "2025-10-01": "2025-10-08",
    "2026-01-01": "2026-01-03",
    "2026-02-15": "2026-02-23",
    "2026-04-04": "2026-04-06",
    "2026-05-01": "2026-05-05",
    "2026-06-19": "2026-06-21",
    "2026-09-25": "2026-09-27",
    "2026-10-01": "2026-10-07",
}
MADE_WORKDAYS = [
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
]

CASES = [  # the weekday and what the day is stand beside each
    (BANK, "2025-01-01T10:00", CLOSED),  # We, New Year
    (BANK, "2025-01-02T10:00", OPEN),  # Th
    (BANK, "2025-01-25T10:00", CLOSED),  # Sa
    (BANK, "2025-01-26T10:00", OPEN),  # Su, made a workday
    (BANK, "2025-01-26T13:00", CLOSED),  # its lunch break
    (BANK, "2025-01-26T14:30", OPEN),
    (BANK, "2025-01-27T17:59", OPEN),  # Mo
    (BANK, "2025-01-27T18:00", CLOSED),
    (BANK, "2025-01-28T10:00", CLOSED),  # Tu, Spring Festival from here
    (BANK, "2025-02-03T10:00", CLOSED),  # Mo
    (BANK, "2025-02-04T17:00", CLOSED),  # Tu, its last day
    (BANK, "2025-02-05T08:30", OPEN),  # We
    (BANK, "2025-02-05T08:29", CLOSED),
    (BANK, "2025-02-08T10:00", OPEN),  # Sa, made a workday
    (BANK, "2025-02-09T10:00", CLOSED),  # Su
    (BANK, "2025-04-04T10:00", CLOSED),  # Fr, Qingming
    (BANK, "2025-04-27T15:00", OPEN),  # Su, made a workday
    (BANK, "2025-05-05T15:00", CLOSED),  # Mo, Labour Day's last
    (BANK, "2025-06-02T15:00", CLOSED),  # Mo, Dragon Boat
    (BANK, "2025-09-28T11:59", OPEN),  # Su, made a workday
    (BANK, "2025-09-28T12:00", CLOSED),
    (BANK, "2025-10-08T10:00", CLOSED),  # We, National Day's last
    (BANK, "2025-10-09T10:00", OPEN),  # Th
    (BANK, "2025-10-11T10:00", OPEN),  # Sa, made a workday
    (BANK, "2026-01-02T10:00", CLOSED),  # Fr, New Year
    (BANK, "2026-01-04T10:00", OPEN),  # Su, made a workday
    (BANK, "2026-02-14T10:00", OPEN),  # Sa, made a workday
    (BANK, "2026-02-16T10:00", CLOSED),  # Mo, Spring Festival
    (BANK, "2026-02-23T10:00", CLOSED),  # Mo, its last day
    (BANK, "2026-02-24T10:00", OPEN),  # Tu
    (BANK, "2026-02-28T10:00", OPEN),  # Sa, made a workday
    (BANK, "2026-09-20T10:00", OPEN),  # Su, made a workday
    (BANK, "2026-10-10T16:00", OPEN),  # Sa, made a workday
    (BANK, "2026-11-24T13:00", CLOSED),  # Tu, lunch break
    (BANK, "2026-11-24T02:00", CLOSED),
    (BANK + "; PH 10:00-12:00", "2026-02-17T10:30", OPEN),  # PH, where written, wins
    (BANK + "; PH 10:00-12:00", "2026-02-17T15:00", CLOSED),
    (BANK + "; PH 10:00-12:00", "2026-02-21T10:30", OPEN),  # Sa inside the break
    (BANK + "; 2026 Feb 14 off", "2026-02-14T10:00", CLOSED),  # a date, where written, wins
    (BANK + "; 2026 Feb 16-20 09:00-12:00", "2026-02-18T10:00", OPEN),
    ("Mo-Su 08:00-20:00", "2026-02-17T10:00", OPEN),  # every day is every day
    ("08:00-20:00", "2025-10-01T10:00", OPEN),
    ("08:00-20:00; PH off", "2025-10-01T10:00", CLOSED),
    ("08:00-20:00; PH off", "2025-10-09T10:00", OPEN),
    ("24/7", "2026-02-17T03:00", OPEN),
    ("Sa-Su 10:00-16:00", "2026-02-28T11:00", CLOSED),  # Sa, but a workday
    ("Sa-Su 10:00-16:00", "2026-03-01T11:00", OPEN),  # Su
    ("Sa-Su 10:00-16:00", "2026-02-18T11:00", OPEN),  # We, a holiday is a day of rest
    ("Mo-Sa 08:00-18:00", "2026-02-21T11:00", CLOSED),  # Sa inside the break reads as Su
    (MALL, "2026-10-01T22:15", OPEN),  # Th, a holiday keeps Sunday's hours
    (MALL, "2026-10-09T22:15", CLOSED),  # Fr
    (LIBRARY, "2026-02-23T10:00", OPEN),  # Mo, holiday as Su
    (LIBRARY, "2026-03-02T10:00", CLOSED),  # Mo
    (NIGHT, "2026-02-14T23:00", OPEN),  # Sa, made a workday: a night shift begins
    (NIGHT, "2026-02-15T05:59", OPEN),  # and ends on the holiday's morning
    (NIGHT, "2026-02-15T06:00", CLOSED),
    (NIGHT, "2026-02-15T23:00", CLOSED),  # Su, holiday
    (NIGHT, "2026-02-24T03:00", CLOSED),  # Tu, the night before was a holiday
    (NIGHT, "2026-02-24T22:00", OPEN),
    (NIGHT, "2026-02-28T03:00", OPEN),  # Sa, Friday's night
    (SHORT_FRIDAY, "2026-02-28T17:00", OPEN),  # a made workday: whichever weekday it stands for
    (SHORT_FRIDAY, "2026-02-28T18:00", UNKNOWN),  # no decree says which
    (SHORT_FRIDAY, "2026-02-28T19:00", CLOSED),
    ("Oct-Apr 09:00-17:00; May-Sep 08:00-19:00", "2025-04-30T18:00", CLOSED),
    ("Oct-Apr 09:00-17:00; May-Sep 08:00-19:00", "2025-05-01T18:00", OPEN),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def state(expression: str, text: str, calendar: hours.Calendar = "workdays") -> State:
    return state_at(Posted(expression, calendar), at(text))


@pytest.mark.parametrize(("expression", "moment", "expected"), CASES)
def test_real_dates(expression: str, moment: str, expected: State) -> None:
    assert state(expression, moment) is expected


def test_there_are_sixty_cases() -> None:
    assert len(CASES) >= 60
    assert len(set(CASES)) == len(CASES)


def test_the_calendar_is_the_decreed_one() -> None:
    off = {
        first + timedelta(days=step)
        for begin, end in BREAKS.items()
        for first, last in [(date.fromisoformat(begin), date.fromisoformat(end))]
        for step in range((last - first).days + 1)
    }
    table = hours.decree()
    assert {day for day in table.holidays if day.year in {2025, 2026}} == off
    made = {day for day in table.workdays if day.year in {2025, 2026}}
    assert made == {date.fromisoformat(day) for day in MADE_WORKDAYS}
    assert {2025, 2026} <= set(table.years)
    assert table.years[0] == 2001


@pytest.mark.parametrize("text", ["2026-02-14", "2026-02-16", "2026-03-03", "2026-03-07"])
def test_plain_weekdays_know_no_decree(text: str) -> None:
    weekday = date.fromisoformat(text).weekday()
    expected = OPEN if weekday < 5 else CLOSED
    assert state(BANK, f"{text}T10:00", "weekdays") is expected
    assert state(BANK + "; PH off", "2026-02-16T10:00", "weekdays") is CLOSED


def beyond() -> date:
    """Find a Monday in a year no decree is known for."""
    day = date(hours.decree().years[-1] + 1, 6, 1)
    return day + timedelta(days=-day.weekday() % 7)


@pytest.mark.parametrize(
    ("expression", "ahead", "clock", "calendar", "expected"),
    [
        (BANK, 0, "10:00", "workdays", UNKNOWN),
        (BANK, 0, "13:00", "workdays", CLOSED),  # no day of any kind opens it then
        (BANK, 5, "10:00", "workdays", UNKNOWN),  # a Saturday may be made a workday
        (BANK, 0, "10:00", "weekdays", OPEN),
        (BANK + "; PH off", 0, "10:00", "weekdays", UNKNOWN),
        ("Mo-Su 08:00-20:00", 0, "10:00", "workdays", OPEN),
        ("08:00-20:00", 2, "21:00", "workdays", CLOSED),
        ("24/7", 0, "10:00", "workdays", OPEN),
        ("24/7; PH off", 0, "10:00", "workdays", UNKNOWN),
        (NIGHT, 1, "05:00", "workdays", UNKNOWN),
    ],
)
def test_a_year_without_a_decree_is_not_guessed(
    expression: str, ahead: int, clock: str, calendar: hours.Calendar, expected: State
) -> None:
    day = beyond() + timedelta(days=ahead)
    assert state(expression, f"{day}T{clock}", calendar) is expected


def test_every_reading_of_an_unknown_saturday() -> None:
    saturday = beyond() + timedelta(days=5)
    assert len(readings(saturday, "workdays")) == 7
    assert len(readings(saturday, "weekdays")) == 2


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("Mo-Fr 09:00-17:00 unknown", "2026-03-03T10:00", UNKNOWN),
        ('Mo-Fr 09:00-17:00 "call first"', "2026-03-03T10:00", UNKNOWN),
        ('Mo-Fr 09:00-17:00 open "call first"', "2026-03-03T10:00", OPEN),
        ('Mo-Fr off "Mo PH"', "2026-03-03T10:00", CLOSED),
        ('"only after registration"', "2026-03-03T10:00", UNKNOWN),
        ("Tu 09:00-17:00 || unknown", "2026-03-04T10:00", UNKNOWN),
        ("Fr, Sa 11:00-13:00", "2026-03-06T14:00", CLOSED),  # one list, not "Friday, all day"
        ("Dec 25, Dec 26 off", "2026-03-06T14:00", CLOSED),
        ("10:00+", "2026-03-06T10:00", OPEN),
        ("10:00+", "2026-03-06T12:00", UNKNOWN),
        ("10:00+", "2026-03-06T09:59", CLOSED),
        ("10:00-12:00+", "2026-03-06T11:59", OPEN),
        ("10:00-12:00+", "2026-03-06T12:00", UNKNOWN),
        ("18:00-02:00+", "2026-03-06T03:00", UNKNOWN),
        ("SH 10:00-12:00", "2026-03-06T11:00", UNKNOWN),
        ("08:00-18:00; SH off", "2026-03-06T19:00", CLOSED),
        ("Th[1] 10:00-12:00", "2026-10-01T11:00", OPEN),  # a day counted in its month is a date
        ("sunrise-sunset", "2026-03-06T12:00", UNKNOWN),  # where?
        ("", "2026-03-06T12:00", UNKNOWN),
        ("25:99", "2026-03-06T12:00", UNKNOWN),
    ],
)
def test_what_cannot_be_known_is_unknown(expression: str, moment: str, expected: State) -> None:
    assert state(expression, moment) is expected


def test_the_sun_rises_later_in_the_west() -> None:
    moment = at("2026-12-20T07:30")
    east, west = (Posted("sunrise-sunset", place=place) for place in [(121.5, 31.2), (97.9, 24.0)])
    assert state_at(east, moment) is OPEN
    assert state_at(west, moment) is CLOSED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25:99",
        "全天",
        "Mo-Fr 08:00-12:00;" * 5600,
        "(" * 900,
        "PH -1 day 10:00-12:00",
        "Mo-Fr 08:00~20:00",
        "\x00",
    ],
)
def test_unreadable_text_is_refused(text: str) -> None:
    with pytest.raises(HoursError):
        hours.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        ";".join(["Mo[1] +3 days 10:00-11:00"] * 38),
        " || ".join(["Feb 29 Mo[5]"] * 60),
        ",".join(f"{hour:02}:{minute:02}+" for hour in range(24) for minute in range(0, 60, 10)),
        "8000-9000 10:00-22:00",
        "1900-9999/7 Feb 29 Mo[5] 10:00-12:00",
    ],
)
def test_long_winded_text_is_evaluated(text: str) -> None:
    posted = Posted(text)
    assert state_at(posted, at("2026-03-03T10:00")) in State
    assert next_change(posted, at("2026-03-03T10:00")).to in State


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Feb 30 10:00-12:00", "Feb has no day 30"),
        ("08:00-20:00; apr 31 off", "Apr has no day 31"),
        ("Nov 1-Apr 31 08:00-20:00", "Apr has no day 31"),  # only alone it is every day
        ("08:00-20:00; Sep 28-31 off", "Sep has no day 31"),
        ("2026-2028 Jun 31 10:00-12:00", "Jun has no day 31"),
    ],
)
def test_a_day_no_year_has_is_refused(text: str, said: str) -> None:
    """The library takes one for every day of the year."""
    with pytest.raises(NoSuchDayError, match=said):
        hours.parse(text)
    assert state(text, "2026-11-24T10:30") is UNKNOWN
    assert isinstance(hours.understand(text), hours.NotUnderstood)


def test_a_leap_day_and_an_hour_behind_a_month_are_read() -> None:
    assert state("08:00-20:00; Feb 29 off", "2028-02-29T10:00") is CLOSED
    assert state("08:00-20:00; Feb 29 off", "2026-11-24T10:00") is OPEN
    assert state("Nov 20:30-31:30", "2026-11-24T01:00") is OPEN


@pytest.mark.parametrize(
    "text",
    [BANK, NIGHT, MALL, "24/7; Tu off", "Fr 18:00-02:00; Sa 12:00-02:00", "Mo-Fr 10:00-26:00",
     "Mo 08:00-24:00", "Mo-Fr 08:00-08:00", "Mo-Fr 20:00+"],
)  # fmt: skip
def test_only_hours_that_pass_midnight_heed_the_day_before(text: str) -> None:
    spelled = hours.parse(text).spelled
    ordinary = {weekday: Reading(weekday, holiday=False) for weekday in range(7)}

    def seen(day: date, before: Reading) -> list[bytes]:
        acts = {**ordinary, (day - timedelta(days=1)).weekday(): before}
        texts = [syntax.rewritten(each, acts) for each in syntax.bounds(spelled)]
        lines = [Hours(each, "weekdays", None).line(day, 1, decreed=False) for each in texts]
        return [line.starts.tobytes() + line.states.tobytes() for line in lines]

    week = [date(2026, 11, day) for day in range(2, 9)]
    heeded = any(
        seen(day, Reading((day.weekday() - 1) % 7, holiday=False))
        != seen(day, Reading(6, holiday=True))
        for day in week
    )
    assert heeded is any(map(syntax.passes_midnight, syntax.bounds(spelled)))


def test_an_instant_needs_its_zone_and_a_year() -> None:
    with pytest.raises(UsageError, match="time zone"):
        state_at(Posted("24/7"), datetime(2026, 3, 3, 10))  # noqa: DTZ001
    for year in (1, 1901, 9001, 9999):
        with pytest.raises(UsageError, match=f"years 1902 to 9000, not {year}"):
            state_at(Posted("24/7"), datetime(year, 3, 3, 10, tzinfo=ZONE))


def test_the_first_and_the_last_instant_are_like_any_other() -> None:
    """Before 1901 clocks stood at +08:05:43, before 1900 and after 9999 the library says closed."""
    first = datetime.fromisoformat("1902-01-01T00:00+14:00")
    last = datetime.fromisoformat("9000-12-31T23:59-12:00")
    for moment in (first, last):
        assert state_at(Posted("24/7"), moment) is OPEN
        assert moment.astimezone(ZONE).utcoffset() == timedelta(hours=8)
    assert told(next_change(Posted("08:00-09:00"), at("9000-12-31T10:00")), last, "en")


def test_instants_come_from_anywhere() -> None:
    assert state_at(Posted(BANK), datetime.fromisoformat("2026-03-03T00:31:00+00:00")) is OPEN
    assert state_at(Posted(BANK), datetime.fromisoformat("2026-03-03T00:29:59+00:00")) is CLOSED


# -- closures, amenities, hosts


def test_closures_win() -> None:
    days = Closure.parse({"from": "2026-03-03", "to": "2026-03-04", "reason": "维修"})
    posted = Posted("24/7", closures=(days,))
    assert state_at(posted, at("2026-03-02T23:59")) is OPEN
    assert state_at(posted, at("2026-03-03T00:00")) is CLOSED
    assert state_at(posted, at("2026-03-04T23:59")) is CLOSED
    assert state_at(posted, at("2026-03-05T00:00")) is OPEN
    assert next_change(posted, at("2026-03-01T12:00")).when == at("2026-03-03T00:00")
    assert days.reason == "维修"


def test_a_closure_may_be_hours_long_or_endless() -> None:
    short = Closure.parse({"from": "2026-03-03T01:00+00:00", "to": "2026-03-03T10:00+08:00"})
    endless = Closure.parse({"from": "2026-03-03"})
    assert state_at(Posted("24/7", closures=(short,)), at("2026-03-03T09:00")) is CLOSED
    assert state_at(Posted("24/7", closures=(short,)), at("2026-03-03T10:00")) is OPEN
    assert state_at(Posted("", closures=(endless,)), at("2030-03-03T10:00")) is CLOSED
    assert state_at(Posted("", closures=(endless,)), at("2026-03-02T10:00")) is UNKNOWN


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"from": "soon"},
        {"from": "2026-03-03", "to": "2026-03-02"},
        {"from": "2026-03-03T10:00", "to": "2026-03-04"},
        {"from": "2026-02-30"},
        {"from": "2026-03-03", "to": "9999-12-31"},
    ],
)
def test_a_wrong_closure_says_what_would_be_right(record: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Closure.parse(record)


@pytest.mark.parametrize(
    ("clock", "shower", "expected"),
    [
        ("07:00", "08:00-20:00", CLOSED),
        ("09:00", "08:00-20:00", OPEN),
        ("09:00", "nonsense", UNKNOWN),
        ("09:00", "Mo off", CLOSED),
    ],
)
def test_an_amenity_has_hours_of_its_own(clock: str, shower: str, expected: State) -> None:
    posted = Posted("24/7", within=(shower,))
    assert state_at(posted, at(f"2026-03-03T{clock}")) is expected


def test_a_station_without_hours_has_its_hosts() -> None:
    assert hours.inherited(" ", BANK) == BANK
    assert hours.inherited("24/7", BANK) == "24/7"


# -- the next change


@pytest.mark.parametrize(
    ("expression", "moment", "en", "zh"),
    [
        (BANK, "2026-03-03T11:35", "closes in 25 min", "25 分钟后关门"),
        (BANK, "2026-03-03T07:00", "opens 08:30", "08:30 开门"),
        (BANK, "2026-03-03T18:00", "opens tomorrow 08:30", "明天 08:30 开门"),
        (BANK, "2026-03-06T18:00", "opens Mon 08:30", "周一 08:30 开门"),
        (BANK, "2026-02-14T18:00", "opens 2026-02-24 08:30", "2026年2月24日 08:30 开门"),
        ("24/7", "2026-03-03T11:35", "always open", "一直开放"),
        ("24/7 off", "2026-03-03T11:35", "closed until further notice", "关闭，暂无开放时间"),
        ("", "2026-03-03T11:35", "hours unknown", "开放时间未知"),
        ("10:00+", "2026-03-03T08:00", "opens 10:00", "10:00 开门"),
        ("10:00-12:00+", "2026-03-03T10:30", "unknown from 12:00", "12:00 起 开放时间未知"),
        ("10:00-12:00+", "2026-03-03T11:35", "unknown in 25 min", "25 分钟后开放时间未知"),
    ],
)
def test_the_next_change_in_words(expression: str, moment: str, en: str, zh: str) -> None:
    change = next_change(Posted(expression), at(moment))
    assert told(change, at(moment), "en") == en
    assert told(change, at(moment), "zh") == zh


@pytest.mark.parametrize(
    ("expression", "clock", "en", "zh"),
    [
        (BANK, "10:00", "open or not is unknown: {}", "开放与否未知：{}"),
        ("Mo-Fr", "10:00", "open or not is unknown: {}", "开放与否未知：{}"),
        (BANK, "08:00", "unknown in 30 min: {}", "30 分钟后开放时间未知，{}"),
        ("10:00-12:00+", "11:35", "unknown in 25 min", "25 分钟后开放时间未知"),
        ("Mo-Fr 10:00-12:00+", "13:00", "closes tomorrow 00:00", "明天 00:00 关门"),
        ("", "10:00", "hours unknown", "开放时间未知"),
        ("08:00-20:00", "10:00", "closes 20:00", "20:00 关门"),
    ],
)
def test_holidays_not_decreed_yet_are_told(expression: str, clock: str, en: str, zh: str) -> None:
    moment = at(f"{beyond()}T{clock}")
    why = f"holidays of {moment.year} not decreed yet", f"{moment.year} 年放假安排尚未公布"
    change = next_change(Posted(expression), moment)
    assert told(change, moment, "en") == en.format(why[0])
    assert told(change, moment, "zh") == zh.format(why[1])


@pytest.mark.parametrize("expression", [BANK, NIGHT, MALL, "10:00-12:00+", "Dec 25 10:00-12:00"])
@pytest.mark.parametrize("moment", ["2026-02-13T09:00", "2026-02-22T23:59", "2026-12-31T23:00"])
def test_the_next_change_is_the_first(expression: str, moment: str) -> None:
    posted, now = Posted(expression), at(moment)
    change = next_change(posted, now)
    assert change.when is not None
    before = change.when - timedelta(minutes=1)
    assert state_at(posted, before) is state_at(posted, now)
    assert state_at(posted, change.when) is change.to
    assert change.to is not state_at(posted, now)
    steps = min((change.when - now) // timedelta(minutes=7), 3000)
    between = {state_at(posted, now + timedelta(minutes=7 * step)) for step in range(steps)}
    assert between <= {state_at(posted, now)}


# -- somebody else's instants

FAR = ("1789-07-14 12:00", "+10000-01-01 12:00")
"""Refused in words: the library takes these years for closed, Python's dates end with 9999."""


@pytest.mark.shared_data
def test_instants_of_the_library_agree(shared_data: Path) -> None:
    with (shared_data / "opening_hours" / "oh_rs_eval_state.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    refused = [row for row in rows if row["datetime"] in FAR]
    assert (len(rows), len(refused)) == (36, 2)
    for row in rows:
        if row in refused:
            continue
        seen = state(row["opening_hours"], row["datetime"].replace(" ", "T"), "weekdays")
        assert seen.name.title() == row["expected"], row


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("24/7", "全天"),
        ("06:00-22:00", "06:00-22:00"),
        ("Mo-Su 08:30-20:00", "每天 08:30-20:00"),
        ("Mo-Fr 08:30-12:00,14:30-18:00; PH off", "周一-周五 08:30-12:00,14:30-18:00；节假日 不开"),
        ("", ""),
    ],
)
def test_an_expression_in_chinese(expression: str, said: str) -> None:
    assert worded(expression) == said
