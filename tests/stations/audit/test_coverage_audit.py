"""The coverage audit: signed, checked anew, and a changed byte is noticed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import shapely

from geodata.errors import MissingError, UsageError
from stations.audit import coverage as audits
from stations.coverage import Limit, Need
from stations.hours.clock import ZONE
from stations.store import Changes, Store
from stations.store._chain import GENESIS
from stations.travel import Travel
from stations.trust import Evidence
from tests.stations.register_samples import PARKS, sites, stations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 12, 15, tzinfo=UTC)
WAYS = audits.Ways(Travel())
NEED = Need("parks", Limit(800, "m"), ("toilet",))


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 10, tzinfo=ZONE)


def station(place: float, code: str = "530102", **more: Any) -> dict[str, Any]:
    return {"area_code": code, "lon": place, "lat": 25.0, "opening_hours": "24/7", **more}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/register.db", create=True) as opened:
        places = {
            f"P{i}": {"area_code": code, "workers": 100 + i,
                      "geometry": shapely.Point(102.7 + i / 50, 25.001)}
            for i, code in enumerate(["530102", "530102", "532901", ""])
        }  # fmt: skip
        first = {"A": station(102.7), "B": station(102.72)}
        opened.commit(
            Changes(stations(first), layers=(PARKS,), sites={"parks": sites(places)}),
            who="昆明", why="首次", at=day(10, 1),
        )  # fmt: skip
        later = {"B": station(102.72, opening_hours="Mo-Su 08:00-20:00"), "C": station(102.74)}
        opened.commit(Changes(stations(later)), who="大理", why="<b>新站</b>", at=day(11, 5))
        opened.commit(Changes(removed_stations=("A",)), who="昆明", why="撤", at=day(11, 9))
        yield opened


def asked(store: Store, at: datetime = NOW, since: datetime | None = None) -> audits.Question:
    return audits.Question.of(store, NEED, at=at, since=since, trust_floor=0.5)


def signed(store: Store, **more: Any) -> Any:
    document = audits.audited(store, asked(store, **more), WAYS)
    return audits.sign(store, document, who="王芳", at=NOW)


def test_a_signature_is_kept_as_signed_and_in_the_chain(store: Store) -> None:
    before = store.verify()
    assert store.signatures() == []
    assert store.head() == before.head
    made = signed(store)
    assert (made.number, made.who, made.at, made.about) == (1, "王芳", NOW, "coverage")
    assert audits.signature(store, 1) == made == store.signatures()[0]
    after = store.verify()
    assert (after.broken, after.links) == (None, before.links + 1)
    assert made.document["state"]["head"] == before.head != after.head == store.head()
    assert [each["who"] for each in made.document["revisions"]] == ["昆明", "大理", "昆明"]
    with pytest.raises(MissingError, match="no signature 2; there are 1"):
        audits.signature(store, 2)


def test_prefectures_add_up_and_say_paper_and_real(store: Store) -> None:
    figures = audits.audited(store, asked(store), WAYS)["figures"]
    for name in ("sites", "workers", "worker_hours", "paper", "real"):
        assert sum(row[name] for row in figures["prefectures"]) == figures["total"][name]
    assert [row["code"] for row in figures["prefectures"]] == ["", "5301", "5329"]
    total = figures["total"]
    assert total["paper"] == 168 * (101 + 102)  # of B and C; nobody is near P3
    assert total["real"] == 7 * 12 * 101 + 168 * 102


def test_every_revision_between_two_dates_and_the_edit_that_did_it(store: Store) -> None:
    store.add_evidence(
        [
            Evidence("C", "inspection", "cannot_enter", day(11, 20), "甲", "", f"k{i}")
            for i in range(2)
        ],
        received=NOW,
    )
    question = asked(store, since=day(10, 20))
    document = audits.audited(store, question, WAYS)
    figures = document["figures"]
    steps = figures["changes"]
    assert [each["revision"] and each["revision"]["number"] for each in steps] == [2, 3, None]
    was, now = figures["before"]["total"]["real"], figures["total"]["real"]
    assert [each["before"] for each in steps] == [was, *(each["after"] for each in steps[:-1])]
    assert steps[-1]["after"] == now
    for each in steps:
        assert sum(each["change"].values()) == each["after"] - each["before"]
    kinds = [[(edit["kind"], edit["stations"]) for edit in each["edits"]] for each in steps]
    assert kinds == [[("added", ["C"]), ("hours", ["B"])], [("removed", ["A"])], [("trust", ["C"])]]
    assert [each["number"] for each in document["revisions"]] == [2, 3]


def test_figures_of_a_day_do_not_change_with_what_is_recorded_later(store: Store) -> None:
    made = signed(store, at=day(11, 7), since=day(10, 20))
    assert made.document["question"]["then"]["revision"] == 2
    store.commit(Changes(stations({"C": station(103.0)})), who="x", why="moved", at=NOW)
    late = Evidence("C", "inspection", "cannot_enter", day(11, 6), "甲", "", "late")
    store.add_evidence([late], received=NOW)
    found = audits.check(store, made, WAYS)
    assert (found.figures, found.differences, found.noted, found.whole) == (True, (), True, True)
    again = audits.audited(store, asked(store, at=day(11, 7), since=day(10, 20)), WAYS)
    assert again["figures"]["total"] != made.document["figures"]["total"]  # the late one counts


def test_a_question_is_read_back_word_for_word(store: Store) -> None:
    question = asked(store, since=day(10, 20))
    assert audits.Question.read(question.told()) == question
    with pytest.raises(UsageError, match="swapped"):
        asked(store, at=day(10, 1), since=day(10, 2))


@pytest.mark.parametrize("what", ["document", "station", "evidence"])
def test_one_changed_byte_is_noticed(store: Store, tmp_path: Path, what: str) -> None:
    heard = Evidence("C", "inspection", "worked", day(11, 6), "甲", "", "k")
    store.add_evidence([heard], received=NOW)
    made = signed(store)
    said = 'replace(document, \'"who":"大理"\', \'"who":"大里"\')'
    change, trigger = {
        "document": (f"signatures SET document = {said}", "signatures"),
        "station": ("station_versions SET lon = lon + 0.1 WHERE id = 'C'", "station_versions"),
        "evidence": ("evidence SET outcome = 'wrong_hours'", "evidence"),
    }[what]
    store.close()
    with closing(sqlite3.connect(tmp_path / "register.db")) as raw:
        raw.execute(f"DROP TRIGGER {trigger}_no_update")
        raw.execute(f"UPDATE {change}")
        raw.commit()
    found = audits.check(store, audits.signature(store, made.number), WAYS)
    broken = found.history.broken
    assert broken is not None
    assert broken.kind == {"document": "signature", "station": "revision"}.get(what, "evidence")
    assert not found.whole
    if what == "station":
        assert not found.figures
        [total] = [each for each in found.differences if each["where"] == "total.real"]
        assert total["signed"] > total["now"]


def test_signing_wants_a_name_and_the_order_of_time(store: Store) -> None:
    document = audits.audited(store, asked(store), WAYS)
    for who in ("", " ", "a\x00b"):
        with pytest.raises(UsageError, match="who"):
            audits.sign(store, document, who=who, at=NOW)
    audits.sign(store, document, who="王芳", at=NOW)
    with pytest.raises(UsageError, match="not before"):
        audits.sign(store, document, who="李明", at=NOW - timedelta(days=1, minutes=1))
    with pytest.raises(UsageError, match="zone"):
        audits.sign(store, document, who="李明", at=datetime(2027, 1, 1))  # noqa: DTZ001
    assert len(store.signatures()) == 1


def test_an_empty_register_has_no_chain(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/empty.db", create=True) as empty:
        assert empty.head() == GENESIS
