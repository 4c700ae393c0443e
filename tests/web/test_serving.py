"""What a server begins with: loaded once, closed, and followed by whoever goes on from there."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from geodata.roads import RoadsMissingError
from stations.errors import StoreMissingError
from stations.store import Changes, Store
from stations.store._meta import APPLICATION
from tests.postgres import postgres
from tests.web import sample
from web.serving import Start, application
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Server

__all__ = ["postgres"]

NEAREST = "/api/v1/nearest?limit=1&lon={}&lat={}".format(*sample.KUNMING)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    sample.filled_store(tmp_path).close()
    url = f"sqlite:///{tmp_path / 'stations.db'}"
    return Settings(db=url, data=str(tmp_path), roads="none")


def renamed(store: Store, name: str) -> int:
    """Record another name for the station in the middle; return the revision."""
    row = store.stations().loc[[sample.NASTY_ID]].assign(name=name)
    at = store.revisions()[-1].at + timedelta(minutes=1)
    return store.commit(Changes(stations=row), who="test", why="another name", at=at).number


@pytest.fixture
def start(settings: Settings) -> Start:
    return Start.of(settings)


@pytest.fixture
def recorded(start: Start) -> Iterator[int]:
    """Give the revision somebody recorded after the start was made."""
    with Store.open(start.settings.db) as store:
        yield renamed(store, "后来的名字")


def test_who_goes_on_from_a_start_answers_with_what_was_recorded_since(
    start: Start, recorded: int
) -> None:
    assert start.begun.registry.revision == recorded - 1
    app = application(start)
    try:
        answer = app.test_client().get(NEAREST)
        assert answer.json is not None
        assert answer.json["revision"] == recorded
        assert answer.json["stations"][0]["name"] == "后来的名字"
    finally:
        app.extensions["stations.register"].store.close()


def test_nothing_is_loaded_again_for_a_few_changes(start: Start, recorded: int) -> None:
    renewed = start.renewed()
    assert renewed.begun.registry.revision == recorded
    assert renewed.begun.registry.layers["parks"] is start.begun.registry.layers["parks"]
    assert renewed.travel is start.travel
    assert start.begun.registry.revision == recorded - 1


def test_a_store_that_is_gone_is_told_of_and_the_start_is_as_it_was(start: Start) -> None:
    gone = replace(start, settings=replace(start.settings, db="sqlite:////nowhere/stations.db"))
    with pytest.raises(StoreMissingError):
        gone.renewed()
    with pytest.raises(StoreMissingError):
        application(gone)
    with pytest.raises(StoreMissingError):
        Start.of(gone.settings)


def test_roads_that_are_not_there_are_told_of(settings: Settings, tmp_path: Path) -> None:
    """Riders get estimates until they are."""
    start = Start.of(replace(settings, roads=str(tmp_path / "roads")))
    assert isinstance(start.travel.error, RoadsMissingError)
    assert start.travel().roads is None


def test_a_start_holds_no_connection_and_no_thread(postgres: Server, settings: Settings) -> None:
    """Else workers would talk over one connection, which is forked with the start."""
    url = postgres.register()
    with Store.open(settings.db) as source, Store.open(url) as target:
        changes = Changes(stations=source.stations())
        target.commit(changes, who="test", why="begin", at=sample.WHEN)
    before = threading.active_count()
    ours = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{APPLICATION}'"
    start = Start.of(replace(settings, db=url))
    assert len(start.begun.registry.stations)
    assert postgres.execute(ours) == ["0"]
    assert threading.active_count() == before
    start.renewed()
    assert postgres.execute(ours) == ["0"]
    assert threading.active_count() == before
    postgres.give_back(url)
