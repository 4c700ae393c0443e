"""The trials themselves, a few seconds of each: that they run, and that they notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stations.store import Changes, Store
from tests.trials import kill, load
from tests.trials._acts import Acts, settle
from tests.trials._server import Server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_short_load(tmp_path: Path) -> None:
    sizes = load.Sizes(seconds=8, rate=40, stations=2_000, imports=1, edits=4, reports=10)
    faults, riders = load.run(tmp_path, sizes)
    assert faults == []
    assert sum(map(len, riders.took.values())) == 320


@pytest.mark.slow
def test_a_few_kills(tmp_path: Path) -> None:
    assert kill.run(tmp_path, kills=4, seed=1, stations=1_000, workers=2) == []


def test_what_is_lost_doubled_or_half_is_noticed(tmp_path: Path) -> None:
    acts = Acts(Server(tmp_path, 30, 1))
    assert settle(acts) == []
    acts.acknowledged |= {"edit-1", "report-2"}
    with Store.open(acts.server.db) as store:
        frame, at = store.stations(), store.revisions()[-1].at
        for name in ("first", "second"):
            changes = Changes(stations=frame.head(1).assign(name=name))
            store.commit(changes, who="trial", why="edit-9", at=at)
        half = frame.head(1).rename(index=lambda _: "import-7-0")
        half.index.name = "id"
        half.index = half.index.astype("str")
        store.commit(Changes(stations=half), who="trial", why="import-7", at=at)
    assert settle(acts) == [
        "edit-1 is lost",
        "report-2 is lost",
        "edit-9 is there 2 times",
        "import-7 has 1 of 40 stations",
    ]
