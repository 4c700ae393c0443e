"""What the trials compare rows with: it sees every difference, in both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stations.store import Store, copy
from tests.stations.register_samples import when
from tests.stations.whole import fill
from tests.trials._rows import Held, differences, read
from tests.trials.restore import Noted, compared
from tests.trials.upgrade import disagreements

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Server


def test_both_databases_hold_the_same_rows(tmp_path: Path, postgres: Server) -> None:
    there, here = postgres.register(), f"sqlite:///{tmp_path}/stations.db"
    with Store.open(there) as store, Store.open(here, create=True) as other:
        fill(other)
        copy(other, store)
        assert differences(read(here), read(there)) == []
        assert differences(read(there), read(here)) == []
        other.sign("bulletin", {"month": "2026-02"}, who="李强", at=other.signatures()[-1].at)
    said = differences(read(there), read(here))
    assert [each.split(" are ")[0] for each in said] == ["links: 1 rows", "signatures: 1 rows"]
    postgres.give_back(there)


def test_every_difference_is_told() -> None:
    one = Held(("id", "name"), [("a", "x"), ("b", "y")])
    more = Held(("id", "name", "phone"), [("b", "y", None), ("a", "x", None)])
    assert differences({"t": one}, {"t": more, "new": Held(("id",), [])}) == []
    assert differences({"t": one}, {}) == ["t is gone"]
    assert differences({"t": more}, {"t": one}) == ["t has no phone any more"]
    called = Held(("id", "name", "phone"), [("b", "y", "1"), ("a", "x", None)])
    assert differences({"t": one}, {"t": called}) == ["t.phone says something"]
    twice = Held(("id", "name"), [("a", "x"), ("a", "x")])
    assert differences({"t": one}, {"t": twice}) == [
        "t: 1 rows are lost: ('b', 'y')",
        "t: 1 rows are there and were not: ('a', 'x')",
    ]
    new = {"t": one, "new": Held(("id",), [("1",)])}
    assert differences({"t": one}, new) == ["new has 1 rows"]
    assert differences({"t": one}, new, added=["new"]) == []


def test_what_is_read_otherwise_is_told() -> None:
    then = {"a": {"S": {"name": "x"}}, "layer": [1]}
    assert disagreements(then, {"a": {"S": {"name": "x", "new": "y"}}, "layer": [1], "z": {}}) == []
    assert len(disagreements(then, {"a": {"S": {"name": "y"}}, "layer": [2]})) == 2
    assert len(disagreements(then, {"a": {}, "layer": [1]})) == 1
    assert len(disagreements(then, {})) == 2


def test_a_restored_register_that_lacks_or_has_more_is_told(tmp_path: Path) -> None:
    """Later rows of the note do not count; earlier ones must be there."""
    noted = Noted(when(0), 1, tmp_path)
    noted.after = {
        "revisions": Held(("number", "why"), [(1, "a"), (2, "b"), (3, "late")]),
        "station_versions": Held(("id", "revision"), [("S", 1), ("S", 2), ("T", 3)]),
        "evidence": Held(("key", "number"), [("k", 1)]),
    }
    noted.before = {**noted.after, "revisions": Held(("number", "why"), [(1, "a"), (2, "b")])}
    noted.before["station_versions"] = Held(("id", "revision"), [("S", 1), ("S", 2)])
    there = {**noted.before, "evidence": noted.after["evidence"]}
    assert compared(noted, there) == []
    assert len(compared(noted, {**there, "evidence": Held(("key", "number"), [("x", 1)])})) == 3
    assert len(compared(noted, {**there, "evidence": Held(("key", "number"), [])})) == 1
    half = {**there, "station_versions": Held(("id", "revision"), [("S", 1)])}
    assert len(compared(noted, half)) == 2
