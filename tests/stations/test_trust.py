"""The trust model against its page, its promises, and a plain computation piece by piece."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import UsageError
from stations import trust
from stations.catalogue import catalogue
from stations.trust import Evidence, Ledger

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 9, 1, 4, tzinfo=UTC)
MODEL = trust.trust_model()
PAGE = Path(trust.__file__).parent / "README.md"
IDS = ["a", "b", "c"]


def _stations(ids: list[str] = IDS, host: str = "商业银行人民路支行") -> pd.DataFrame:
    frame = pd.DataFrame({"kind": "standard", "host": host}, index=pd.Index(ids, name="id"))
    return frame.astype("str")


def _standings(
    pieces: list[Evidence], now: datetime = NOW, model: trust.TrustModel = MODEL
) -> list[trust.Standing]:
    frame = _stations()
    ledger = Ledger.from_frame(trust.evidence_frame(pieces), frame.index)
    found = trust.standings(trust.priors(frame, model), ledger, now, model)
    return [found.station(row) for row in range(len(IDS))]


def _standing(
    pieces: list[Evidence], now: datetime = NOW, model: trust.TrustModel = MODEL
) -> trust.Standing:
    return _standings(pieces, now, model)[0]


def _trust(pieces: list[Evidence], now: datetime = NOW) -> float:
    return _standing(pieces, now).probability


def _piece(
    kind: str, outcome: str, days: float = 0.0, who: str = "", key: str = "k", station: str = "a"
) -> Evidence:
    who = who or ("王芳" if kind == "inspection" else "")
    return Evidence(station, kind, outcome, NOW - timedelta(days=days), who, "", key)


def _reports(count: int, days: float = 0.0) -> list[Evidence]:
    return [_piece("report", "cannot_enter", days + i / 100, key=str(i)) for i in range(count)]


def test_the_worked_example_of_the_page_is_true() -> None:
    rows = re.findall(
        r"^\| (\d+) \| (.*?) ?\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$",
        PAGE.read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == 7
    start, pieces = NOW - timedelta(days=900), []
    for day, news, good, bad, shown in rows:
        at = start + timedelta(days=int(day))
        for count, kind, outcome in re.findall(r"(\d+) × (\w+) (\w+)", news):
            who = "王芳" if kind == "inspection" else ""
            pieces += [Evidence("a", kind, outcome, at, who, "", str(i)) for i in range(int(count))]
        assert f"{_trust(pieces, at):.3f}" == shown
        assert (3.2 + float(good)) / (4 + float(good) + float(bad)) == pytest.approx(
            float(shown), abs=6e-4
        )


def test_the_page_has_the_numbers_of_the_file() -> None:
    page = PAGE.read_text("utf-8")
    for name in ("fuel", "mall", "bank", "self-built", "agency", "other"):
        assert f"{name} {MODEL.hosts[name.replace('-', '_')].mean:.2f}" in page
    for kind, factor in MODEL.kinds.items():
        assert f"{kind} {factor:g}" in page
    for outcome in trust.OUTCOMES[1:]:
        assert f"{outcome.replace('_', ' ')} {MODEL.outcomes[outcome].weight:g}" in page
    assert f"after {MODEL.half_life_days:g} days" in page
    assert f"*s* = {MODEL.strength:g}" in page
    assert f"({MODEL.overruled:g}) of its weight" in page
    assert f"weighs {MODEL.closing['weight']:g} " in page


@pytest.mark.parametrize(
    "host", ["商业银行支行", "中国石化加油站", "购物中心", "街道办事处", "", "某某公司"]
)
@pytest.mark.parametrize("before", [[], [_piece("inspection", "worked", 30)]])
def test_ten_reports_of_a_locked_door_move_a_station_down_and_an_inspection_brings_it_back(
    host: str, before: list[Evidence]
) -> None:
    frame = _stations(["a"], host)
    held = trust.priors(frame, MODEL)

    def after(*pieces: Evidence) -> float:
        ledger = Ledger.from_frame(trust.evidence_frame(pieces), frame.index)
        return float(trust.probabilities(held, ledger, NOW, MODEL)[0])

    prior = after()
    assert after(*before, *_reports(10, 0.2)) < 0.5 * after(*before)
    assert after(*before, *_reports(10, 0.2), _piece("inspection", "worked")) > prior - 0.03


def test_sources_are_weighed_in_order() -> None:
    signed = _trust([_piece("report", "cannot_enter", who="李")])
    anonymous = _trust([_piece("report", "cannot_enter")])
    assert _trust([_piece("inspection", "cannot_enter")]) < signed < anonymous < _trust([])
    visit, inspection = (_trust([_piece(kind, "worked")]) for kind in ("check_in", "inspection"))
    assert _trust([]) < visit < _trust([_piece("check_in", "worked", who="李")]) < inspection
    assert anonymous < _trust([_piece("report", "cannot_find")]) < _trust([])


def test_closed_for_good_by_an_inspection_outweighs_all_kind_words_until_the_next() -> None:
    kind_words = [_piece("check_in", "worked", 1 + i / 50, key=str(i)) for i in range(100)]
    assert _trust(kind_words) > 0.95
    closed = [*kind_words, _piece("inspection", "closed_for_good")]
    assert _trust(closed) < 0.25
    assert _trust([_piece("inspection", "closed_for_good", 400)]) < 0.1
    assert _trust([*closed, _piece("inspection", "worked", -1)], NOW + timedelta(days=1)) > 0.6


def test_one_voice_counts_once_a_day() -> None:
    one, two, fortnight = (_trust(_reports(count)) for count in (1, 2, 14))
    same = [_piece("report", "cannot_enter", i / 1000, key="0") for i in range(14)]
    assert _trust(same) == one > two > fortnight
    signed = [_piece("report", "cannot_enter", i / 1000, who="李", key=str(i)) for i in range(14)]
    assert _trust(signed) == _trust(signed[:1])
    # 15:59:59 and 16:00 UTC are two days in Beijing
    at = datetime(2026, 8, 20, 16, tzinfo=UTC)
    apart = [
        Evidence("a", "report", "cannot_enter", at - timedelta(seconds=s), key="0") for s in (0, 1)
    ]
    assert _trust(apart) < _trust(apart[:1])


@pytest.mark.parametrize("name", ["x", "key:x"])
def test_a_name_is_not_a_key(name: str) -> None:
    named = _piece("report", "cannot_enter", who=name)
    assert _trust([named, _piece("report", "cannot_enter", key="x")]) < _trust([named])


def test_evidence_from_after_now_does_not_exist_yet() -> None:
    later = [
        *_reports(5, -1),
        _piece("inspection", "worked", -1),
        _piece("inspection", "closed_for_good", -2),
    ]
    assert _standing(later) == _standing([])
    assert _standing([_piece("check_in", "worked"), *later]) == _standing(
        [_piece("check_in", "worked")]
    )


def test_other_stations_evidence_and_unknown_stations_make_no_difference() -> None:
    pieces = [_piece("report", "cannot_enter", station=station) for station in ("b", "zz")]
    assert _standing(pieces) == _standing([])
    assert _standings(pieces)[1].open_reports == 1


def test_no_stations_and_no_evidence() -> None:
    frame = _stations([])
    ledger = Ledger.from_frame(trust.evidence_frame(_reports(3)), frame.index)
    assert trust.standings(trust.priors(frame, MODEL), ledger, NOW, MODEL).probability.shape == (0,)


AGES = [
    (0, "刚刚", "just now"),
    (59, "刚刚", "just now"),
    (60, "1 分钟前", "1 minute ago"),
    (3599, "59 分钟前", "59 minutes ago"),
    (3600, "1 小时前", "1 hour ago"),
    (86_400, "1 天前", "1 day ago"),
    (12 * 86_400 + 5, "12 天前", "12 days ago"),
    (89 * 86_400, "89 天前", "89 days ago"),
    (92 * 86_400, "3 个月前", "3 months ago"),
    (729 * 86_400, "23 个月前", "23 months ago"),
    (731 * 86_400, "2 年前", "2 years ago"),
]


@pytest.mark.parametrize(("seconds", "zh", "en"), AGES)
def test_words_about_the_newest_confirmation(seconds: int, zh: str, en: str) -> None:
    found = _standing(
        [
            _piece("inspection", "worked", seconds / 86_400),
            _piece("check_in", "worked", 900),
        ]
    )
    assert (found.zh, found.en) == (f"{zh}由巡检员核实", f"confirmed {en} by an inspector")
    assert found.confirmed_by == "inspection"
    assert found.confirmed_at == NOW - timedelta(seconds=seconds)


def test_words_without_a_confirmation_and_by_a_visitor() -> None:
    found = _standing(_reports(2))
    words = "从未核实，有 2 条反映待核查", "never confirmed, 2 reports not yet checked"
    assert found[1:] == (None, "", 2, *words)
    assert _standing(_reports(1)).en == "never confirmed, 1 report not yet checked"
    assert _standing([_piece("check_in", "worked", 3)]).zh == "3 天前由到站者核实"
    both = [_piece("check_in", "worked", 3), _piece("inspection", "worked", 3)]
    assert _standing(both).confirmed_by == _standing(both[::-1]).confirmed_by == "inspection"


def test_open_reports_are_those_since_the_last_inspection() -> None:
    answered = [*_reports(3, 10), _piece("inspection", "missing_amenity", 5)]
    assert _standing(answered).open_reports == 0
    news = [
        *_reports(2, 1),
        _piece("check_in", "worked"),
        _piece("report", "cannot_see", 1, key="0"),
    ]
    assert _standing([*answered, *news]).open_reports == 2


HOSTS = [
    ("中国农业银行昆明分行", "bank"),
    ("农村信用社", "bank"),
    ("石化加油站便利店", "fuel"),
    ("Sinopec", "fuel"),
    ("ＣＯＦＦＥＥ　ＳＨＯＰ", "mall"),
    ("西山区总工会", "self_built"),
    ("工人文化宫职工服务中心", "self_built"),
    ("金碧街道办事处", "agency"),
    ("某物流有限公司", "other"),
    ("Bankside Logistics", "other"),
    ("", "none"),
    ("  ", "none"),
]


@pytest.mark.parametrize(("host", "expected"), HOSTS)
def test_hosts_are_known_by_their_words(host: str, expected: str) -> None:
    assert trust.host_class(host, MODEL) == expected


def test_priors_are_the_means_by_host_times_the_factor_of_the_kind() -> None:
    frame = pd.DataFrame(
        {"kind": ["standard", "smart", "mobile", "tent"], "host": ["加油站", "", "加油站", "x"]}
    )
    held = trust.priors(frame.astype("str"), MODEL)
    assert held.success / (held.success + held.failure) == pytest.approx(
        [0.9, 0.7 * 0.95, 0.9 * 0.85, 0.75]
    )
    assert held.success + held.failure == pytest.approx([4.0] * 4)


def test_the_file_covers_every_word() -> None:
    assert set(MODEL.kinds) == set(catalogue().kinds.terms)
    assert tuple(MODEL.outcomes) == trust.OUTCOMES
    assert tuple(MODEL.sources) == trust.KINDS
    assert (MODEL.weights > 0).all()
    assert 0 < MODEL.overruled < 1
    means = [host.mean * factor for host in MODEL.hosts.values() for factor in MODEL.kinds.values()]
    assert 0 < min(means) <= max(means) < 1


@pytest.mark.parametrize("days", [0.0, -1.0, float("nan"), float("inf")])
def test_a_half_life_must_be_a_length_of_time(days: float) -> None:
    with pytest.raises(UsageError, match="half-life"):
        trust.trust_model(days)


def test_the_half_life_is_a_setting() -> None:
    short = trust.trust_model(10)
    old = [_piece("report", "cannot_enter", 10)]
    assert _standing(old, model=short).probability == pytest.approx(3.2 / 4.5)
    assert _standing(old).probability < 3.2 / 4.5


def test_now_must_have_a_zone() -> None:
    with pytest.raises(UsageError, match="zone"):
        _standing([], now=datetime(2026, 9, 1))  # noqa: DTZ001


def test_words_that_are_none_are_refused() -> None:
    frame = trust.evidence_frame([Evidence("a", "rumour", "worked", NOW)])
    with pytest.raises(UsageError, match="'rumour' is not one of inspection"):
        Ledger.from_frame(frame, _stations().index)


kinds_and_outcomes = st.one_of(
    st.tuples(st.just("inspection"), st.sampled_from(trust.OUTCOMES)),
    st.tuples(st.just("check_in"), st.just("worked")),
    st.tuples(st.just("report"), st.sampled_from(trust.OUTCOMES[1:])),
)
times = st.integers(-3000, 400_000) | st.integers(-10, 3000)
pieces = st.builds(
    lambda words, minutes, who, key, station: _piece(
        words[0], words[1], minutes / 1440, who, key, station
    ),
    kinds_and_outcomes,
    times,
    st.sampled_from(["", "", "李", "王芳"]),
    st.sampled_from("pqr"),
    st.sampled_from(IDS),
)
evidence = st.lists(pieces, max_size=14)


def _plainly(given_pieces: list[Evidence], station: str) -> float:
    """Compute one station's trust the slow way, from the words of the page."""
    known = [p for p in given_pieces if p.station == station and p.at <= NOW]
    voices: dict[tuple[object, ...], float] = {}
    for piece in known:
        failed = piece.outcome != "worked"
        weight = MODEL.sources[piece.kind].weight * MODEL.outcomes[piece.outcome].weight
        days = MODEL.half_life_days
        if (piece.kind, piece.outcome) == ("inspection", "closed_for_good"):
            weight, days = MODEL.closing["weight"], days * MODEL.closing["half_lives"]
        weight *= 1 if piece.who else MODEL.anonymous
        weight *= 0.5 ** ((NOW - piece.at) / timedelta(days=days))
        if any(
            p.kind == "inspection" and p.at > piece.at and (p.outcome != "worked") != failed
            for p in known
        ):
            weight *= MODEL.overruled
        day = (piece.at + timedelta(hours=8)).date()
        voice = (failed, piece.kind, day, piece.who or None, None if piece.who else piece.key)
        voices[voice] = max(voices.get(voice, 0.0), weight)
    good = sum(weight for voice, weight in voices.items() if not voice[0])
    return (3.2 + good) / (4 + sum(voices.values()))


@given(evidence)
def test_agrees_with_the_plain_computation(found: list[Evidence]) -> None:
    frame = _stations()
    ledger = Ledger.from_frame(trust.evidence_frame(found), frame.index)
    computed = trust.probabilities(trust.priors(frame, MODEL), ledger, NOW, MODEL)
    assert computed.tolist() == pytest.approx([_plainly(found, station) for station in IDS])
    assert ((computed > 0) & (computed < 1)).all()


@given(evidence, pieces)
def test_more_failures_never_raise_and_more_successes_never_lower(
    found: list[Evidence], more: Evidence
) -> None:
    before, after = _trust(found), _trust([*found, more])
    if more.outcome == "worked":
        assert after >= before - 1e-12
    else:
        assert after <= before + 1e-12


@given(evidence, pieces, st.integers(0, 500))
def test_an_older_piece_counts_less(found: list[Evidence], piece: Evidence, days: int) -> None:
    young = replace(piece, station="a", key="own", at=min(piece.at, NOW))
    older = replace(young, at=young.at - timedelta(days=days))
    rest = [p for p in found if not p.who or p.who != young.who]
    before, after = _trust([young, *rest]), _trust([older, *rest])
    if young.outcome == "worked":
        assert after <= before + 1e-12
    else:
        assert after >= before - 1e-12


@given(evidence, st.randoms())
def test_the_order_of_entry_makes_no_difference(found: list[Evidence], chance: Random) -> None:
    assert _standings(found) == _standings(chance.sample(found, len(found)))


@given(evidence, st.permutations(range(3)), st.integers(0, 3))
def test_a_few_stations_come_out_as_from_the_whole(
    found: list[Evidence], order: list[int], count: int
) -> None:
    frame = _stations()
    rows = np.array(order[:count], dtype=np.int64)
    held = trust.priors(frame, MODEL)
    ledger = Ledger.from_frame(trust.evidence_frame(found), frame.index)
    whole = trust.standings(held, ledger, NOW, MODEL)
    part = trust.standings(held.of(rows), ledger.of(rows), NOW, MODEL)
    assert [part.station(i) for i in range(count)] == [whole.station(row) for row in rows]


@given(evidence)
def test_silence_leads_back_to_the_prior(found: list[Evidence]) -> None:
    fading = [p for p in found if (p.kind, p.outcome) != ("inspection", "closed_for_good")]
    frame = _stations()
    held = trust.priors(frame, MODEL)
    ledger = Ledger.from_frame(trust.evidence_frame(fading), frame.index)
    distances = [
        abs(trust.probabilities(held, ledger, NOW + timedelta(days=days), MODEL) - 0.8)
        for days in (10, 40, 300, 6000)
    ]
    assert all((later <= earlier + 1e-12).all() for earlier, later in pairwise(distances))
    assert (distances[-1] < 1e-9).all()
