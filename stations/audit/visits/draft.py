"""What a visit would do to the findings of its station, collected before anything is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from stations.store import STEP_COLUMNS
from stations.trust import EVIDENCE_COLUMNS, evidence_frame

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from stations.store import FindingStep, Store
    from stations.trust import Evidence

_EMPTY = ("rule", "station", "fact")


class Draft:
    """A store as it would be: one station's findings and evidence, and what is added to them.

    It answers what `stations.audit.findings` asks a store when it takes steps, and keeps the steps
    for `Store.add_visit`. The visit itself is the only inspection it takes.
    """

    def __init__(self, store: Store, station: str, marks: Mapping[str, Any]) -> None:
        self.base = store.steps_number()
        self.number = store.visits_number() + 1
        self.made: list[FindingStep] = []
        self.heard: list[Evidence] = []
        self._store = store
        self._marks = {**marks, "visit": self.number}
        self._steps = store.steps(stations=[station])
        self._evidence = store.evidence(stations=[station])

    def steps_number(self) -> int:
        """Return the newest step's number, as it would be."""
        return self.base + len(self.made)

    def step_time(self, at: datetime) -> datetime:
        """Return ``at``: every step of a visit is taken at one time."""
        return at

    def steps(
        self, finding: int | None = None, *, stations: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Return the steps of the station's findings, or of one of them."""
        del stations
        frame = self._steps
        return frame if finding is None else frame[frame["finding"] == finding]

    def evidence(self, after: int = 0, *, stations: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the station's evidence, the visit's among it."""
        del after, stations
        return self._evidence

    def present(self, stations: Collection[str]) -> set[str]:
        """Return those of some stations that are on the register now."""
        return self._store.present(stations)

    def hear(self, piece: Evidence) -> None:
        """Add a piece of evidence."""
        self.heard.append(piece)
        number = int(self._evidence.index.max()) + 1 if len(self._evidence) else 1
        row = evidence_frame([piece]).set_axis(pd.Index([number], name="number"))
        parts = [each for each in (self._evidence, row) if len(each)]
        self._evidence = pd.concat(parts).astype(dict(EVIDENCE_COLUMNS))

    def add_steps(
        self,
        steps: Sequence[FindingStep],
        *,
        base: int,
        seen: Sequence[Evidence] = (),
        received: datetime,
    ) -> list[int]:
        """Collect steps, each with the marks of the visit; inspections beside them are dropped."""
        del base, received
        numbers = []
        for step in steps:
            marked = replace(step, details={**step.details, **self._marks})
            self.made.append(marked)
            numbers.append(self.steps_number())
            self._append(marked, numbers[-1])
        for piece in seen:
            if piece.kind != "inspection":
                self.hear(piece)
        return numbers

    def _append(self, step: FindingStep, number: int) -> None:
        told = {name: getattr(step, name) for name in STEP_COLUMNS}
        told |= {name: told[name] or "" for name in _EMPTY}
        told["finding"] = step.finding or number
        told["details"] = orjson.dumps(step.details, option=orjson.OPT_SORT_KEYS).decode()
        told["at"] = pd.Timestamp(step.at).tz_convert("UTC")
        row = pd.DataFrame([told], index=pd.Index([number], name="number"))
        row = row.astype(dict(STEP_COLUMNS))
        self._steps = pd.concat([self._steps, row]) if len(self._steps) else row
