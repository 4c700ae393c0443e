"""An audit of a register of 200,000: the time of each rule, what is found of the planted; a round.

Ours is measured alone: no peer audits a register. The list of a map platform, 2,000 uploads and
13 sorts of planted faults come with it; see ``stations/audit/quality/planting.py``. The rules of
all shipped standards count as well. A day's round is `tests.benchmarks.rounds`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from stations import demo
from stations.audit import SHIPPED, judge, judge_all, rules_for
from stations.audit.auditing import STANDARD
from stations.audit.quality import CHECKS, rules
from stations.audit.quality.measuring import context_of, measured, trial
from stations.audit.quality.planting import plant, sound
from tests.benchmarks import rounds
from tests.benchmarks._audit_register import audit_register
from tests.benchmarks._common import peak_mb

SIZE, SEED = 200_000, 1
SECONDS, MEMORY_MB = 20.0, 2_000.0
RECALL, PRECISION = 0.98, 0.9
AT = datetime(2026, 11, 22, tzinfo=UTC)


def main() -> None:
    """Print the figures beside the promises."""
    stations = audit_register(SIZE)
    dirty = context_of(given := plant(stations, SEED), AT)
    # what the process warms once: boundaries of every county, words
    judge(rules(), CHECKS, context_of(sound(stations.iloc[:2000], SEED), AT))
    before, cpu, wall = peak_mb(), time.process_time(), time.perf_counter()
    every = [rule for name in SHIPPED for rule in rules_for(name, [STANDARD])]
    for rule in (*every, *rules()):
        start = time.process_time()
        found = judge_all([rule], dirty)
        print(f"  {rule.id:30}{time.process_time() - start:7.2f} s{len(found):9,} rulings")
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        f"all {len(every) + len(rules())} rules over {len(dirty.registry.stations):,} stations:"
        f" {cpu:.1f} s of processor, {wall:.1f} s by the clock (promise {SECONDS:.0f} s);"
        f" peak memory {peak_mb():.0f} MB, {before:.0f} MB before (promise {MEMORY_MB:.0f} MB)"
    )
    clean = judge(rules(), CHECKS, context_of(sound(stations, SEED), AT))
    table = measured(given, judge(rules(), CHECKS, dirty), clean)
    print(table.to_string(index=False, float_format="{:.3f}".format))
    slips = trial(demo.build(1).stations, [SEED], AT).uploads
    print(slips.to_string(index=False, float_format="{:.3f}".format))
    twins = table.set_index("sort").loc["duplicate"]
    print(
        f"duplicates: recall {twins['recall']:.3f} (promise {RECALL}),"
        f" precision {twins['precision']:.3f} (promise {PRECISION});"
        f" {int((clean['rule'] == 'twin.duplicate').sum())} pairs in the sound register"
    )
    rounds.main()


if __name__ == "__main__":
    main()
