"""The door of evidence: what is kept, and what is refused with which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from geodata.errors import UsageError
from stations.trust import EVIDENCE_COLUMNS, Evidence, checked, evidence_frame

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
GOOD = Evidence("YN-1", "report", "cannot_enter", NOW, "", "门锁着", "3f2a")


def test_what_is_right_is_kept_as_it_is() -> None:
    assert checked(GOOD, NOW) == GOOD


def test_html_and_line_feeds_stay_as_they_came() -> None:
    note = '<script>alert("门")</script> ${x}\n第二行 🧑‍🔧'
    assert checked(replace(GOOD, note=note), NOW).note == note
    assert checked(replace(GOOD, note="a\r\nb"), NOW).note == "a\nb"


def test_times_become_utc_and_names_are_trimmed() -> None:
    kept = checked(replace(GOOD, at=NOW.astimezone(BEIJING), who=" 李 "), NOW)
    assert kept == replace(GOOD, who="李")
    assert kept.at.tzinfo is UTC


@pytest.mark.parametrize("ahead_s", [0, 1, 300])
def test_a_clock_a_little_ahead_is_set_to_now(ahead_s: int) -> None:
    assert checked(replace(GOOD, at=NOW + timedelta(seconds=ahead_s)), NOW).at == NOW


@pytest.mark.parametrize(
    "piece",
    [
        replace(GOOD, note="字" * 500, key="k" * 100, station="s" * 200, who="人" * 100),
        replace(GOOD, at=datetime(2000, 1, 1, tzinfo=UTC)),
        replace(GOOD, kind="check_in", outcome="worked"),
        replace(GOOD, kind="inspection", outcome="closed_for_good", who="王芳"),
    ],
)
def test_the_ends_of_what_is_allowed(piece: Evidence) -> None:
    assert checked(piece, NOW) == piece


REFUSED = [
    (replace(GOOD, kind="rumour"), "kind 'rumour' is not one of inspection, check_in, report"),
    (replace(GOOD, outcome="x" * 100_000), "outcome 'x{80}' is not one of worked, cannot_see"),
    (replace(GOOD, outcome="worked"), "send worked as a check_in"),
    (replace(GOOD, kind="check_in"), "send what failed as a report"),
    (replace(GOOD, kind="inspection", who="  "), "names its inspector"),
    (replace(GOOD, note="字" * 501), "note must have 0 to 500 characters, not 501"),
    (replace(GOOD, who="n" * 101), "who must have 0 to 100"),
    (replace(GOOD, key=""), "key must have 1 to 100 characters, not 0"),
    (replace(GOOD, key="k" * 101), "key must have 1 to 100"),
    (replace(GOOD, station=""), "station must have 1 to 200"),
    (replace(GOOD, note="a\x00b"), "note must be plain text"),
    (replace(GOOD, note="a\x1b[31m"), "note must be plain text"),
    (replace(GOOD, note="a\u202eb"), "note must be plain text"),
    (replace(GOOD, note="a\ud800b"), "note must be plain text"),
    (replace(GOOD, note="a\rb"), "note must be plain text"),
    (replace(GOOD, who="a\nb"), "who must be plain text"),
    (replace(GOOD, key="a\tb"), "key must be plain text"),
    (replace(GOOD, at=NOW.replace(tzinfo=None)), "at must say its zone"),
    (replace(GOOD, at=NOW + timedelta(seconds=301)), "at is after now .* is the clock right"),
    (replace(GOOD, at=datetime.max.replace(tzinfo=UTC)), "at is after now"),
    (replace(GOOD, at=datetime(1970, 1, 1, tzinfo=UTC)), "at is before 2000: is the clock right"),
    (replace(GOOD, at=datetime.min.replace(tzinfo=BEIJING)), "at is before 2000"),
]


@pytest.mark.parametrize(("piece", "message"), REFUSED)
def test_what_is_wrong_is_refused_in_words(piece: Evidence, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        checked(piece, NOW)
    assert len(str(caught.value)) < 400


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(UsageError, match=r"kind .*; key .*; at "):
        checked(replace(GOOD, kind="x", key="", at=datetime(1970, 1, 1, tzinfo=UTC)), NOW)


def test_now_must_have_a_zone() -> None:
    with pytest.raises(UsageError, match="now must"):
        checked(GOOD, NOW.replace(tzinfo=None))


def test_a_frame_holds_the_pieces_in_order_with_fixed_types() -> None:
    pieces = [GOOD, replace(GOOD, at=NOW.astimezone(BEIJING) - timedelta(microseconds=1), key="4")]
    for frame in (evidence_frame(pieces), evidence_frame([])):
        assert frame.dtypes.astype(str).to_dict() == dict(EVIDENCE_COLUMNS)
    assert [Evidence(*row) for row in evidence_frame(pieces).itertuples(index=False)] == pieces
