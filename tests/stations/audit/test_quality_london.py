"""The council exports of London's toilets, audited: what is wrong in them is found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from stations.audit import judge
from stations.audit.quality import CHECKS, rules
from stations.audit.ruling import Context
from stations.registry import Registry
from tests.stations.audit.london import london

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared_data


def test_what_is_wrong_in_londons_files_is_found(shared_data: Path) -> None:
    frame, uploads, lost = london(shared_data / "poi")
    assert {name: rows for name, rows in lost.items() if rows} == {
        "mixed_data.json": 1  # "Su 12:00-11:00": by day or through the night?
    }
    at = datetime(2026, 11, 22, tzinfo=UTC)
    context = Context(Registry.from_frames(frame), at=at, uploads=uploads)
    found = judge([rule for rule in rules() if rule.id != "age.stale"], CHECKS, context)
    by_rule = {rule: set(part["station"]) for rule, part in found.groupby("rule")}
    assert by_rule.keys() == {
        "hours.never_open", "hours.unreadable", "place.piled_up", "twin.duplicate",
    }  # fmt: skip
    shut = {each.removeprefix("mixed_data.json:") for each in by_rule["hours.never_open"]}
    assert shut == {"249238300", "7699204186"}
    assert len(by_rule["place.piled_up"]) == 11  # of 26 rows of Barnet
    assert "mixed_data.json:331318827" in by_rule["hours.unreadable"]
    again = {each for each in by_rule["twin.duplicate"] if each.startswith("camden_data.json")}
    assert len(again) >= 45  # Camden's two exports are the same 47 rows
