"""What people found at the stations: inspections, check-ins and reports, all made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from stations.demo.chance import drawn, picked, streams
from stations.demo.facts import facts
from stations.demo.frames import MARK
from stations.trust import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.demo.facts import EvidenceFacts

_STREAM = 6  # those before it make the register
_TAIL = 1.0  # of the visits' lognormal distribution


UNTIL = datetime(2026, 11, 20, tzinfo=UTC)


def evidence(seed: int, ids: Sequence[str], now: datetime = UNTIL) -> list[Evidence]:
    """Return evidence about the stations ``ids`` from the year before ``now``, by time.

    The same seed, instant and ids give the same pieces. Each station works as surely as chance
    decides once; every visit and inspection then finds it working or not. Keys are unique, notes
    and names say that they are made up. A negative seed raises `UsageError`.
    """
    rng, table = streams(seed, _STREAM + 1)[_STREAM], facts().evidence
    surely = rng.beta(*table.works, len(ids))
    pieces = [
        *_visits(rng, table, ids, surely, now),
        *_inspections(rng, table, ids, surely, now),
    ]
    pieces.sort(key=lambda piece: piece.at)
    return [replace(each, key=f"demo-{seed}-{n:06d}") for n, each in enumerate(pieces)]


def _visits(
    rng: np.random.Generator,
    table: EvidenceFacts,
    ids: Sequence[str],
    surely: FloatArray,
    now: datetime,
) -> list[Evidence]:
    mean = table.visits * rng.lognormal(-(_TAIL**2) / 2, _TAIL, len(ids))
    rows = np.repeat(np.arange(len(ids)), rng.poisson(mean))
    found = _found(rng, table, rng.random(len(rows)) < surely[rows])
    named = rng.random(len(rows)) < table.named
    who = picked(rng, len(rows), table.visitors)
    return [
        Evidence(
            station=ids[row],
            kind="check_in" if outcome == "worked" else "report",
            outcome=outcome,
            at=at,
            who=f"{name}{MARK}" if is_named else "",
            note=MARK,
        )
        for row, outcome, at, name, is_named in zip(
            rows.tolist(), found, _times(rng, table, len(rows), now), who, named, strict=True
        )
    ]


def _inspections(
    rng: np.random.Generator,
    table: EvidenceFacts,
    ids: Sequence[str],
    surely: FloatArray,
    now: datetime,
) -> list[Evidence]:
    chosen = np.sort(drawn(rng, np.ones(len(ids)), round(table.inspected * len(ids))))
    fewest, most = table.inspections
    rows: IntArray = np.repeat(chosen, rng.integers(fewest, most + 1, len(chosen)))
    found = _found(rng, table, rng.random(len(rows)) < surely[rows])
    who = picked(rng, len(rows), table.inspectors)
    times = _times(rng, table, len(rows), now)
    return [
        Evidence(ids[row], "inspection", outcome, at, f"{name}{MARK}", MARK)
        for row, outcome, at, name in zip(rows.tolist(), found, times, who, strict=True)
    ]


def _found(rng: np.random.Generator, table: EvidenceFacts, worked: BoolArray) -> list[str]:
    shares = np.array(list(table.failures.values()))
    failed = rng.choice(list(table.failures), len(worked), p=shares / shares.sum()).tolist()
    return [
        "worked" if fine else failure for fine, failure in zip(worked.tolist(), failed, strict=True)
    ]


def _times(
    rng: np.random.Generator, table: EvidenceFacts, count: int, now: datetime
) -> list[datetime]:
    """Return instants before ``now``, to the minute, as likely on any day as on another."""
    minutes = rng.integers(1, table.days * 24 * 60, count).tolist()
    return [now - timedelta(minutes=minute) for minute in minutes]
