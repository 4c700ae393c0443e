"""The snapshot knows hours, doors and trust, and hears new evidence at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geodata.errors import FaultyDataError, StoreError, UsageError
from stations import trust
from stations.errors import UnknownAmenityError
from stations.hours import Closure, State
from stations.registry import LiveRegistry, Registry
from stations.schema import STATION_COLUMNS, empty_frame
from stations.store import Changes, Store
from tests.stations.register_samples import BY, stations, when

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = when(600)
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # a Tuesday, 12:00 in Beijing


def piece(station: str, key: str, outcome: str = "cannot_enter", minute: int = 5) -> trust.Evidence:
    kind = "check_in" if outcome == "worked" else "report"
    return trust.Evidence(station, kind, outcome, when(minute), key=key)


def inspection(station: str, minute: int) -> trust.Evidence:
    return trust.Evidence(station, "inspection", "worked", when(minute), "王芳", key=f"i{minute}")


THREE = stations({"A": {"kind": "smart"}, "B": {"status": "closed"}, "C": {"host": "加油站"}})
HEARD = [piece("C", "1"), inspection("A", 3), piece("A", "2"), piece("gone", "3")]


def test_trust_is_the_models_at_the_end_of_the_minute() -> None:
    registry = Registry.from_frames(THREE).with_evidence(trust.evidence_frame(HEARD))
    ledger = trust.Ledger.from_frame(trust.evidence_frame(HEARD), registry.stations.index)
    asked = datetime(2026, 1, 1, 0, 5, 30, tzinfo=UTC)
    expected = trust.probabilities(registry.priors, ledger, when(6), trust.trust_model())
    assert registry.trust(asked).tolist() == expected.tolist()
    assert registry.trust(asked.astimezone(timezone(timedelta(hours=8)))) is registry.trust(asked)
    assert registry.trust(when(5)) is registry.trust(asked)
    assert registry.trust(when(6)) is not registry.trust(asked)
    before = Registry.from_frames(THREE).trust(asked)
    assert (registry.trust(asked) < before).tolist() == [False, False, True]
    with pytest.raises(ValueError, match="read-only"):
        registry.trust(asked)[0] = 1
    with pytest.raises(UsageError, match="zone"):
        registry.trust(asked.replace(tzinfo=None))


def test_a_standing_is_as_old_as_asked_and_as_sure_as_trust() -> None:
    registry = Registry.from_frames(THREE).with_evidence(trust.evidence_frame(HEARD))
    now = when(3) + timedelta(seconds=20)
    standing = registry.standing(0, now)
    assert standing.probability == registry.trust(now)[0]
    assert (standing.zh, standing.open_reports) == ("刚刚由巡检员核实", 0)
    later = registry.standing(0, when(14))
    words = "confirmed 11 minutes ago by an inspector, 1 report not yet checked"
    assert (later.en, later.open_reports) == (words, 1)
    assert registry.standing(1, now).en == "never confirmed"


@pytest.mark.parametrize("now", [when(3), when(5), NOW])
def test_a_moment_weighs_some_as_all_are_weighed(now: datetime) -> None:
    registry = Registry.from_frames(THREE).with_evidence(trust.evidence_frame(HEARD))
    some = registry.moment(now)
    assert some.whole is None
    assert registry.trust(now).max() <= some.most < 1
    rows = np.array([2, 0])
    picked = some.probability(rows).tolist(), some.standings([2, 0])
    again = registry.moment(now)
    assert again.whole is not None
    assert (again.probability(rows).tolist(), again.standings([2, 0])) == picked
    assert picked[0] == registry.trust(now)[rows].tolist()
    assert picked[1] == [registry.standing(2, now), registry.standing(0, now)]
    with pytest.raises(UsageError, match="zone"):
        registry.moment(now.replace(tzinfo=None))


def test_what_is_derived_is_made_once_and_shared_whatever_the_evidence() -> None:
    registry = Registry.from_frames(THREE)
    made: list[int] = []

    def build(source: Registry) -> list[int]:
        made.append(len(source.stations))
        return list(made)

    assert registry.derived(build) is registry.derived(build)
    heard = registry.with_evidence(trust.evidence_frame(HEARD))
    assert heard.derived(build) is registry.derived(build)
    assert Registry.from_frames(THREE).derived(build) == [3, 3]


def test_another_ledger_leaves_the_rest_as_it_is() -> None:
    registry = Registry.from_frames(THREE, revision=3)
    heard = registry.with_evidence(trust.evidence_frame(HEARD))
    for name in ("revision", "stations", "index", "timetable", "priors", "destinations"):
        assert getattr(heard, name) is getattr(registry, name)
    assert (len(registry.ledger.at), len(heard.ledger.at)) == (0, 3)
    with pytest.raises(UsageError, match="expected evidence about 3 stations, got 1"):
        registry.with_ledger(heard.ledger.of(np.array([0])))


def test_the_half_life_is_a_setting() -> None:
    evidence = trust.evidence_frame([inspection("A", 0)])
    short, long = (
        Registry.from_frames(THREE, model=trust.trust_model(days)).with_evidence(evidence)
        for days in (1, 1000)
    )
    assert short.trust(when(60 * 24 * 30))[0] < long.trust(when(60 * 24 * 30))[0]
    assert short.model.half_life_days == 1


def test_an_empty_register_has_no_trust() -> None:
    registry = Registry.from_frames(empty_frame(STATION_COLUMNS))
    assert registry.trust(NOW).shape == (0,)
    assert len(registry.timetable) == len(registry.timetable_for(["toilet"])) == 0
    assert registry.destinations.wgs84.shape == (0, 2)


def states(registry: Registry, *needs: str) -> list[State]:
    return [State(state) for state in registry.timetable_for(needs).states(NOON)]


def test_hours_are_the_stations_or_its_hosts_with_closures_and_amenities() -> None:
    shut = json.dumps([{"from": "2026-11-20", "to": "2026-11-24", "reason": "装修"}])
    shower = json.dumps({"shower": "18:00-20:00", "toilet": "24/7"})
    nothing = {"opening_hours": ""}
    registry = Registry.from_frames(
        stations(
            {
                "A": {"opening_hours": "24/7", "amenity_hours": shower},
                "B": {**nothing, "host_hours": "09:00-17:00"},
                "C": nothing,
                "D": {"opening_hours": "24/7", "closures": shut},
                "E": {"opening_hours": "09:00-17:00", "host_hours": "24/7"},
                "F": {"opening_hours": "锁着", "host_hours": "24/7"},
            }
        )
    )
    opened, closed, unknown = State.OPEN, State.CLOSED, State.UNKNOWN
    assert states(registry) == [opened, opened, unknown, closed, opened, unknown]
    assert states(registry, "shower")[0] == closed
    assert states(registry, "toilet", "shower")[0] == closed
    assert states(registry, "toilet") == states(registry)
    assert registry.timetable_for(["shower"]) is registry.timetable_for(["shower"])
    assert registry.timetable.posted(3).closures == (
        Closure(datetime(2026, 11, 20), datetime(2026, 11, 25), "装修"),  # noqa: DTZ001 - wall time
    )
    with pytest.raises(UnknownAmenityError):
        registry.timetable_for(["sauna"])


def test_the_calendar_is_the_records() -> None:
    make_up = datetime(2026, 2, 14, 4, tzinfo=UTC)  # a Saturday everybody works
    hours = {"opening_hours": "Mo-Fr 08:00-20:00"}
    registry = Registry.from_frames(stations({"A": hours, "B": {**hours, "calendar": "weekdays"}}))
    assert registry.timetable.states(make_up).tolist() == [State.OPEN, State.CLOSED]


def test_navigation_leads_to_the_entrance() -> None:
    registry = Registry.from_frames(
        stations({"A": {"entrance_lon": 102.71, "entrance_lat": 25.01}, "B": {}})
    )
    assert registry.destinations.wgs84.tolist() == [[102.71, 25.01], [102.7, 25.0]]
    assert registry.destinations is registry.destinations


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("calendar", "", "workdays, weekdays"),
        ("calendar", "Workdays", "workdays, weekdays"),
        ("closures", "[", "expected JSON"),
        ("closures", "[" * 100_000, "expected JSON"),
        ("closures", '{"from": "2026-02-15"}', "JSON list"),
        ("closures", '["2026-02-15"]', "JSON list"),
        ("closures", '[{"from": "soon"}]', "dates such as"),
        ("closures", '[{"from": "2026-02-15", "to": "2026-02-01"}]', "ends after it begins"),
        ("amenity_hours", '["24/7"]', "JSON object"),
        ("amenity_hours", '{"shower": 8}', "JSON object"),
        ("amenity_hours", '{"sauna": "24/7"}', "no amenity"),
        ("access_hours", "qr_code", "expected JSON"),
    ],
)
def test_cells_nobody_could_read_are_refused_at_the_door(
    column: str, cell: str, said: str, tmp_path: Path
) -> None:
    frame = stations({"A": {}, "B": {column: cell}})
    with pytest.raises(FaultyDataError) as caught:
        Registry.from_frames(frame)
    [fault] = caught.value.faults
    assert (fault.row, fault.field, fault.value) == (2, column, cell[:80])
    assert said in fault.problem
    with Store.open(f"sqlite:///{tmp_path}/r.db", create=True) as store:
        with pytest.raises(FaultyDataError):
            store.commit(Changes(frame), **BY, at=when(0))
        assert store.revision() == 0


class Hands:
    """A clock turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as opened:
        opened.commit(Changes(THREE), **BY, at=when(0))
        opened.add_evidence(HEARD[:2], received=NOW)
        yield opened


def same_trust(live: LiveRegistry, store: Store) -> bool:
    """Tell whether the live snapshot trusts as one read anew does."""
    trusted: bool = (live.current().trust(NOW) == Registry.load(store).trust(NOW)).all()
    return trusted


def test_the_live_snapshot_hears_evidence_no_sooner_than_it_polls(store: Store) -> None:
    clock = Hands()
    live = LiveRegistry(store, 2.0, clock)
    first = live.current()
    store.add_evidence([piece("C", str(n)) for n in range(10)], received=NOW)
    assert live.current() is first
    clock.now += 2
    second = live.current()
    assert second.trust(NOW)[2] < first.trust(NOW)[2]
    assert second.stations is first.stations
    assert same_trust(live, store)
    store.commit(Changes(stations({"D": {}})), **BY, at=when(1))
    store.add_evidence([piece("D", "d"), inspection("C", 9)], received=NOW)
    clock.now += 2
    assert live.current().stations.index.tolist() == ["A", "B", "C", "D"]
    assert live.current().trust(NOW)[2] > second.trust(NOW)[2]
    assert same_trust(live, store)
    clock.now += 2
    third = live.current()
    clock.now += 2
    assert live.current() is third


def test_a_refresh_hears_at_once(store: Store) -> None:
    live = LiveRegistry(store, 1000.0, Hands(), model=trust.trust_model(5))
    first = live.current()
    assert live.refresh() is first
    store.add_evidence([piece("A", "new")], received=NOW)
    assert live.refresh() is live.current() is not first
    assert live.current().model.half_life_days == 5
    store.commit(Changes(stations({"D": {}})), **BY, at=when(1))
    assert live.refresh().revision == 2
    assert live.current().model.half_life_days == 5
    assert live.store is store


def test_a_refresh_that_fails_says_so_and_keeps_what_there_was(
    store: Store, tmp_path: Path
) -> None:
    live = LiveRegistry(store, 1000.0, Hands())
    first = live.current()
    store.close()
    (tmp_path / "register.db").rename(tmp_path / "away.db")
    assert live.refresh() is first
    assert isinstance(live.error, StoreError)


def test_a_backup_put_back_is_heard_whole(store: Store, tmp_path: Path) -> None:
    live = LiveRegistry(store, 0.0, Hands())
    before = live.current().trust(NOW)
    with Store.open(f"sqlite:///{tmp_path}/other.db", create=True) as other:
        other.commit(Changes(THREE), **BY, at=when(0))
        other.add_evidence([piece("C", "1")], received=NOW)
    store.close()
    for left in tmp_path.glob("register.db*"):
        left.unlink()
    (tmp_path / "other.db").rename(tmp_path / "register.db")
    after = live.current().trust(NOW)
    assert (after < before).tolist() == [True, False, False]
    assert same_trust(live, store)


def test_every_thread_hears_its_own_report(store: Store) -> None:
    live = LiveRegistry(store, 1000.0, Hands())

    def send(number: int) -> bool:
        store.add_evidence([piece("B", f"t{number}", minute=number)], received=NOW)
        at: Any = live.refresh().ledger.at
        return when(number).timestamp() in at

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(send, range(20, 40)))
    assert same_trust(live, store)
