"""What a program of some version does with a register: run by itself, its packages on the path.

``change URL`` records a second revision, as any version can; ``tell URL`` prints all that its
`Store` can be asked, as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from stations.store import Changes, Store

if TYPE_CHECKING:
    import pandas as pd

LISTS = ("evidence", "steps", "visits")
"""What later versions' stores can be asked for, a frame each."""


def main() -> None:
    """Do it."""
    what, url = sys.argv[1:]
    with Store.open(url) as store:
        if what == "change":
            _change(store)
        else:
            print(json.dumps(_told(store), ensure_ascii=False))


def _change(store: Any) -> None:
    """Rename a station and remove one."""
    frame = store.stations()
    renamed = frame.iloc[[0]].assign(name="改名驿站")
    changes = Changes(stations=renamed, removed_stations=(frame.index[1],))
    store.commit(changes, who="王芳", why="改名、撤销", at=store.revisions()[-1].at)


def _told(store: Any) -> dict[str, Any]:
    revisions = store.revisions()
    told: dict[str, Any] = {
        "revisions": [
            [each.number, each.at.isoformat(), each.who, each.why, dict(each.summary)]
            for each in revisions
        ]
    }
    for number in range(len(revisions) + 1):
        told[f"stations at {number}"] = _cells(store.stations(number))
        for layer in store.layers(number):
            facts = [layer.name, layer.zh, layer.en, layer.restricted]
            told[f"layer {layer.name} at {number}"] = facts
            told[f"sites of {layer.name} at {number}"] = _cells(store.sites(layer.name, number))
    told.update({name: _cells(getattr(store, name)()) for name in LISTS if hasattr(store, name)})
    return told


def _cells(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return key → column → cell as text; what is not known is None."""
    plain = frame.drop(columns="geometry", errors="ignore").astype(object)
    plain = plain.where(plain.notna(), None)
    if "geometry" in frame:
        plain["geometry"] = frame.geometry.to_wkb(hex=True)
    keys = [str(key) for key in plain.index]
    told: list[dict[str, Any]] = [
        {str(name): None if cell is None else str(cell) for name, cell in row.items()}
        for row in plain.to_dict("records")
    ]
    return dict(zip(keys, told, strict=True))


if __name__ == "__main__":
    main()
