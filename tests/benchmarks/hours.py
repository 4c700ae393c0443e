"""Hours of a whole register: 200,000 rows with 2,000 distinct expressions, no two alike in time.

Ours is measured alone: no peer holds a timetable of a register.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

import numpy as np

from stations.hours.clock import ZONE
from stations.hours.timetable import Timetable
from tests.benchmarks._common import peak_mb, seconds

ROWS, DISTINCT, ASKED, VISITS = 200_000, 2_000, 30, 400
INSTANTS_MS, WEEK_S, VISIT_MS = 20.0, 5.0, 1.0
SHAPES = (
    "Mo-Fr {0}-{1},{2}-{3}",
    "{0}-{3}",
    "Mo-Fr {0}-{3}; Sa {1}-{2}; PH off",
    "Mo-Su {0}-{3}; We off",
    "Mo-Sa {2}-{0}",
    "May 1-Sep 30 {0}-{3}; Oct 1-Apr 30 {1}-{3}",
    "Mo-Th {0}-{1}; Fr-Su,PH {0}-{2}",
    "24/7; Tu {1}-{2} off",
)


def expressions() -> list[str]:
    """Two thousand distinct ones of eight shapes, with minutes drawn."""
    draw = np.random.default_rng(1)
    found: dict[str, None] = {}
    for k in count():
        minutes = np.sort(draw.choice(np.arange(240, 1435), 4, replace=False))
        clock = [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes.tolist()]
        found[SHAPES[k % len(SHAPES)].format(*clock)] = None
        if len(found) == DISTINCT:
            return list(found)
    raise AssertionError


def main() -> None:
    """Print the figures beside the promises."""
    texts = np.array(expressions(), dtype=object)
    codes = np.random.default_rng(2).integers(0, DISTINCT, ROWS)
    build_s, table = seconds(lambda: Timetable.of(texts[codes].tolist()), 1)
    assert len(table.distinct) == DISTINCT
    print(f"{ROWS:,} rows, {DISTINCT:,} distinct: built in {build_s * 1e3:.0f} ms")
    _instants(table)
    _visits(table)
    for name, monday in (("ordinary", None), ("Spring Festival", date(2026, 2, 16))):
        first_s, _ = seconds(lambda m=monday: table.week(m), 1)  # type: ignore[misc]
        again_s, _ = seconds(lambda m=monday: table.week(m), 3)  # type: ignore[misc]
        print(
            f"{name} week, all rows: {first_s:.2f} s (promise {WEEK_S:.0f} s),"
            f" again {again_s * 1e6:.0f} µs"
        )
    print(f"peak memory {peak_mb():.0f} MB")


def _instants(table: Timetable) -> None:
    moment = datetime(2026, 3, 2, 9, 17, tzinfo=ZONE)
    first_s, _ = seconds(lambda: table.states(moment), 1)
    draw = np.random.default_rng(3)
    at = [moment]
    for what in (2026, 2027):
        begin = datetime(what, 1, 1, tzinfo=ZONE)
        minutes = draw.integers(0, 365 * 1440, 60).tolist()
        at = [begin + timedelta(minutes=minute) for minute in minutes]
        spent = sorted(seconds(lambda a=a: table.states(a), 1)[0] for a in at)  # type: ignore[misc]
        print(
            f"all states at a new instant of {what}: median {spent[30] * 1e3:.1f} ms,"
            f" worst of 60 {spent[-1] * 1e3:.1f} ms (promise {INSTANTS_MS:.0f} ms)"
        )
    again_s, _ = seconds(lambda: table.states(at[-1]), 3)
    print(f"  the very first {first_s * 1e3:.0f} ms; the same minute again {again_s * 1e3:.2f} ms")


def _visits(table: Timetable) -> None:
    draw = np.random.default_rng(4)
    rows = draw.integers(0, ROWS, (VISITS, ASKED))
    ways = draw.uniform(1, 40, (VISITS, ASKED))
    moment = datetime(2026, 3, 3, 9, 17, tzinfo=ZONE)

    def run() -> None:
        for some, after in zip(rows, ways, strict=True):
            table.open_through(moment, 20, rows=some, after_min=after)

    cold_s, _ = seconds(run, 1)
    warm_s, _ = seconds(run, 3)
    all_s, _ = seconds(lambda: table.open_through(moment, 20), 2)
    print(
        f"open through a stay, {ASKED} rows with their own arrivals: {warm_s / VISITS * 1e3:.3f} ms"
        f" (promise {VISIT_MS:.0f} ms), while the day is new {cold_s / VISITS * 1e3:.3f} ms;"
        f" all rows {all_s * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
