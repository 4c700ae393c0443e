"""Data quality of a register of 200,000: the time of each rule, and what it finds of the planted.

Ours is measured alone: no peer audits a register. The list of a map platform, 2,000 uploads and
12 sorts of planted faults come with it; see ``stations/audit/quality/planting.py``.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from stations.audit import judge
from stations.audit.quality import CHECKS, rules
from stations.audit.quality.measuring import measured
from stations.audit.quality.planting import Planted, plant, sound
from stations.audit.ruling import Context
from stations.registry import Registry
from tests.benchmarks._audit_register import audit_register
from tests.benchmarks._common import peak_mb

SIZE, SEED = 200_000, 1
SECONDS, MEMORY_MB = 20.0, 2_000.0
RECALL, PRECISION = 0.98, 0.9
AT = datetime(2026, 11, 22, tzinfo=UTC)


def context_of(planted: Planted) -> Context:
    """Put together what the rules look at."""
    registry = Registry.from_frames(planted.stations)
    return Context(registry, at=AT, uploads=planted.uploads, platform=planted.platform)


def main() -> None:
    """Print the figures beside the promises."""
    stations = audit_register(SIZE)
    dirty = context_of(given := plant(stations, SEED))
    # what the process warms once: boundaries of every county, words
    judge(rules(), CHECKS, context_of(sound(stations.iloc[:2000], SEED)))
    before, cpu, wall = peak_mb(), time.process_time(), time.perf_counter()
    for rule in rules():
        start = time.process_time()
        found = judge([rule], CHECKS, dirty)
        print(f"  {rule.id:30}{time.process_time() - start:7.2f} s{len(found):9,} rulings")
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        f"all rules over {len(dirty.registry.stations):,} stations: {cpu:.1f} s of processor,"
        f" {wall:.1f} s by the clock (promise {SECONDS:.0f} s);"
        f" peak memory {peak_mb():.0f} MB, {before:.0f} MB before (promise {MEMORY_MB:.0f} MB)"
    )
    clean = judge(rules(), CHECKS, context_of(sound(stations, SEED)))
    table = measured(given, judge(rules(), CHECKS, dirty), clean)
    print(table.to_string(index=False, float_format="{:.3f}".format))
    twins = table.set_index("sort").loc["duplicate"]
    print(
        f"duplicates: recall {twins['recall']:.3f} (promise {RECALL}),"
        f" precision {twins['precision']:.3f} (promise {PRECISION});"
        f" {int((clean['rule'] == 'twin.duplicate').sum())} pairs in the sound register"
    )


if __name__ == "__main__":
    main()
