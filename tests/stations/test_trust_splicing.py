"""Evidence about a few stations put into a ledger: the same as a ledger made anew."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.trust import Evidence, Ledger, evidence_frame
from tests.stations.register_samples import when

SIZE = 6
IDS = [f"S{number}" for number in range(SIZE)]


def _pieces(told: list[tuple[int, int, int, bool]]) -> list[Evidence]:
    words = [("check_in", "worked"), ("report", "cannot_enter")]
    return [
        Evidence(IDS[station], *words[failed], when(minutes), who="王" * who, key=str(number))
        for number, (station, minutes, who, failed) in enumerate(told)
    ]


said = st.lists(
    st.tuples(st.integers(0, SIZE - 1), st.integers(0, 5000), st.integers(0, 2), st.booleans()),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(said, said, st.sets(st.integers(0, SIZE - 1), min_size=1))
def test_it_equals_a_ledger_made_anew(
    before: list[tuple[int, int, int, bool]],
    after: list[tuple[int, int, int, bool]],
    told: set[int],
) -> None:
    ids = pd.Index(IDS, dtype="str")
    rows = np.array(sorted(told))
    new = [each for each in after if each[0] in told]
    old = [each for each in before if each[0] not in told]
    ledger = Ledger.from_frame(evidence_frame(_pieces(before)), ids)
    about = Ledger.from_frame(evidence_frame(_pieces(new)), ids[rows])
    expected = Ledger.from_frame(evidence_frame(_pieces(old + new)), ids)
    found = ledger.told_anew(rows, about)
    for each in fields(Ledger):
        one, other = getattr(found, each.name), getattr(expected, each.name)
        np.testing.assert_array_equal(one, other, err_msg=each.name)
