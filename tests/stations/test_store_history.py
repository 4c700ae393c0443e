"""Every state the register ever had can be asked for, and none can be rewritten."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from stations.schema import LayerInfo
from stations.store import Changes, Store, station_records
from tests.examples import few
from tests.stations.register_samples import BY, PARKS, sites, stations, when

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Server
    from tests.stations.conftest import Behind

names = st.sampled_from(["甲", "乙", "丙"])
rows = st.dictionaries(
    st.sampled_from("abcd"),
    st.fixed_dictionaries({"name": names, "capacity": st.sampled_from([None, 3])}),
    max_size=3,
)
steps = st.fixed_dictionaries(
    {
        "minutes": st.integers(0, 2),
        "stations": rows,
        "gone": st.sets(st.sampled_from("abcd"), max_size=2),
        "title": st.none() | names,
        "sites": st.dictionaries(
            st.sampled_from("pq"), st.fixed_dictionaries({"name": names}), max_size=2
        ),
        "sites_gone": st.sets(st.sampled_from("pq"), max_size=1),
    }
)


def _replayed(state: dict[str, Any], step: dict[str, Any]) -> tuple[dict[str, Any], Changes]:
    """Apply one step to the model, leaving out what the store would refuse; say it as changes."""
    gone = sorted(step["gone"] & (state["stations"].keys() - step["stations"].keys()))
    layer = LayerInfo("parks", step["title"], "", restricted=False) if step["title"] else None
    has_layer = layer or state["layers"]
    put = step["sites"] if has_layer else {}
    sites_gone = sorted(step["sites_gone"] & (state["sites"].keys() - put.keys()))
    after = {
        "stations": {k: v for k, v in state["stations"].items() if k not in gone}
        | step["stations"],
        "layers": [layer] if layer else state["layers"],
        "sites": {k: v for k, v in state["sites"].items() if k not in sites_gone} | put,
    }
    changes = Changes(
        stations=stations(step["stations"]),
        removed_stations=tuple(gone),
        layers=(layer,) if layer else (),
        sites={"parks": sites(put)} if put else {},
        removed_sites={"parks": tuple(sites_gone)} if sites_gone else {},
    )
    return after, changes


@few(10)
@given(st.lists(steps, max_size=6))
def test_any_old_state_is_what_it_was(history: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        _assert_replayed(f"sqlite:///{folder}/r.db", history)


@settings(max_examples=8, deadline=None)
@given(st.lists(steps, min_size=2, max_size=6))
def test_any_old_state_in_postgresql(postgres: Server, history: list[dict[str, Any]]) -> None:
    register = postgres.register()
    _assert_replayed(register, history)
    postgres.give_back(register)


def _assert_replayed(url: str, history: list[dict[str, Any]]) -> None:
    state: dict[str, Any] = {"stations": {}, "layers": [], "sites": {}}
    states, times, minute = [state], [when(-1)], 0
    with Store.open(url, create=True) as db:
        for step in history:
            after, changes = _replayed(state, step)
            minute += step["minutes"]
            if not changes.empty:
                db.commit(changes, **BY, at=when(minute), base=len(states) - 1)
                state = after
                states.append(state)
                times.append(when(minute))
        assert db.revision() == len(states) - 1
        for number, expected in enumerate(states):
            _assert_state(db, number, expected)
        for moment in range(-1, minute + 2):
            latest = max(n for n, at in enumerate(times) if n == 0 or at <= when(moment))
            assert db.revision_at(when(moment)) == latest


def _assert_state(db: Store, number: int, expected: dict[str, Any]) -> None:
    assert station_records(db.stations(number)) == station_records(stations(expected["stations"]))
    assert db.layers(number) == expected["layers"]
    if expected["layers"]:
        found = db.sites("parks", number)
        told = {key: {"name": name} for key, name in found["name"].items()}
        assert list(told.items()) == sorted(expected["sites"].items())


HISTORY_TABLES = ["revisions", "station_versions", "layer_versions", "site_versions"]


@pytest.mark.parametrize("table", HISTORY_TABLES)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_the_database_itself_refuses_to_rewrite_history(
    url: str, behind: Behind, table: str, change: str
) -> None:
    with Store.open(url, create=True) as db:
        db.commit(
            Changes(stations({"A": {}}), layers=(PARKS,), sites={"parks": sites({"p": {}})}),
            **BY,
            at=when(0),
        )
    column = "who" if table == "revisions" else "deleted"
    with behind() as raw:
        before = raw.exec_driver_sql(f"SELECT * FROM {table}").all()
    with pytest.raises(IntegrityError, match="append-only"), behind() as raw:
        raw.exec_driver_sql(change.format(table, column, column))
    with behind() as raw:
        assert raw.exec_driver_sql(f"SELECT * FROM {table}").all() == before != []


def test_times_are_kept_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "register.db"
    with Store.open(f"sqlite:///{path}", create=True) as db:
        db.commit(Changes(layers=(PARKS,)), **BY, at=when(90))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT at FROM revisions").fetchall() == [
            ("2026-01-01 01:30:00.000000",)
        ]
