"""A little of `scripts/trial fuzz`, the same inputs each time: only errors of our tree come out."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from tests.trials import _asked
from tests.trials._watch import Target, watched
from tests.trials.fuzz import PARTS

EACH = 12
ALL = [*(target for part in PARTS for target in part.targets()), *_asked.targets("editor")]


@pytest.mark.parametrize("target", ALL, ids=lambda target: target.name)
def test_whatever_comes_is_read_or_refused(target: Target) -> None:
    faults = watched(target, 2 if target.slow else EACH, 1).faults
    assert {fault: given for fault, given in faults.items() if not fault.startswith("takes")} == {}


def test_a_fault_is_noticed_with_its_shortest_input() -> None:
    def read(text: str) -> None:
        if text:
            raise KeyError("no such thing")

    seen = watched(Target("planted", st.text(max_size=5), read), 50, 1)
    ((fault, given),) = seen.faults.items()
    assert fault.startswith("KeyError at ")
    assert len(given) == 3
    assert sum(seen.times.values()) < seen.inputs == 50
