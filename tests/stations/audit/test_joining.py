"""What is seen beside what is remembered, against plain dictionaries; evidence in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geodata.errors import UsageError
from stations.audit import auditing, quality, wording
from stations.audit.findings import standing
from stations.audit.joining import NEW, joined, pending
from stations.audit.quality.correcting import corrected
from stations.audit.ruling import SEVERITIES, rulings_frame
from stations.errors import StationMissingError
from stations.store._findings import STEP_COLUMNS
from tests.examples import few
from tests.stations import worlds
from tests.stations.audit import quality_cases

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = datetime(2026, 11, 24, 2, tzinfo=UTC)
STATIONS = worlds.stations({id_: (Point(102.8, 24.9), {"area_code": "530114"}) for id_ in "ab"})
KEYS = st.tuples(st.sampled_from(["r.one", "r.two"]), st.sampled_from("abc"), st.sampled_from("xy"))


def ruling(key: tuple[str, str, str], severity: str = "major") -> dict[str, str]:
    rule, station, fact = key
    told = {"severity": severity, "evidence": '{"today":1}', "proposal": ""}
    return {"rule": rule, "station": station, "fact": fact, **told}


def steps(keys: Mapping[tuple[str, str, str], tuple[str, str]]) -> pd.DataFrame:
    """Return steps that opened findings with a due day, and ended some of them."""
    rows: list[dict[str, Any]] = []
    for key, (due, end) in keys.items():
        rule, station, fact = key
        told = {"severity": "minor", "evidence": '{"then":1}', "proposal": "", "due": due}
        number = len(rows) + 1
        about = {"rule": rule, "station": station, "fact": fact}
        plain = {"at": AT, "who": "王芳", "why": "-", "finding": number}
        rows.append({**plain, "step": "open", "details": orjson.dumps(told).decode(), **about})
        if end:
            none = {"rule": "", "station": "", "fact": ""}
            rows.append({**plain, "step": end, "details": '{"until": "2026-12-31"}', **none})
    frame = pd.DataFrame(rows, columns=list(STEP_COLUMNS)).astype(dict(STEP_COLUMNS))
    return frame.set_axis(range(1, len(rows) + 1))


@few(50)
@given(
    seen=st.dictionaries(KEYS, st.sampled_from(SEVERITIES), max_size=8),
    known=st.dictionaries(
        KEYS,
        st.tuples(st.sampled_from(["2026-11-01", "2026-12-01"]), st.sampled_from(["", "settle"])),
        max_size=8,
    ),
)
def test_it_is_what_two_dictionaries_say(
    seen: dict[tuple[str, str, str], str], known: dict[tuple[str, str, str], tuple[str, str]]
) -> None:
    rulings = rulings_frame([ruling(key, severity) for key, severity in seen.items()])
    frame = joined(rulings, standing(steps(known), AT), STATIONS, ["r.one"])
    rows = {(row["rule"], row["station"], row["fact"]): row for row in frame.to_dict("records")}
    assert set(rows) == set(seen) | set(known)
    assert len(frame) == len(rows)
    for key, row in rows.items():
        assert row["severity"] == seen.get(key, "minor")
        assert row["evidence"] == ('{"today":1}' if key in seen else '{"then":1}')
        due, end = known.get(key, ("", ""))
        assert row["state"] == (NEW if key not in known else "settled" if end else "open")
        assert pd.isna(row["finding"]) == (key not in known)
        assert row["overdue"] == (key in known and not end and due < "2026-11-24")
        ran = key in seen or key[0] == "r.one"
        assert (pd.isna(row["seen"]), key in seen) == (not ran, row["seen"] is True)
        assert (row["name"], row["area_code"]) == (
            ("驿站", "530114") if key[1] in "ab" else ("", "")
        )
    left = {key for key in rows if key in seen or (key in known and not known[key][1])}
    kept = pending(frame)
    assert set(zip(kept["rule"], kept["station"], kept["fact"], strict=True)) == left
    order = [(not row["overdue"], SEVERITIES.index(row["severity"])) for row in rows.values()]
    assert order == sorted(order)


def test_every_piece_of_evidence_has_words() -> None:
    known = {rule.id: rule for rule in quality.rules()}
    for name, case in quality_cases.CASES.items():
        rulings = auditing.judge_all([known[name]], case().context())
        for text in rulings["evidence"]:
            seen = orjson.loads(text)
            for told in wording.evidence_told(seen):
                assert told["zh"] != told["en"], (name, told)
                assert told["value"]["zh"]
    assert wording.evidence_told({"verdict": "breach", "missing": None, "x": ""}) == []
    [odd] = wording.evidence_told({"nobody_knows": [1]})
    assert odd == {"zh": "nobody_knows", "en": "nobody_knows", "value": {"zh": "[1]", "en": "[1]"}}


def test_steps_in_words() -> None:
    told = wording.step_told("assign", {"assignee": "李明", "due": "2026-12-01"})
    assert told.zh == "指派，责任人 李明，2026-12-01 前办结"
    assert told.en == "Assign, to 李明, due 2026-12-01"
    assert wording.step_told("confirm", {"seen": "cannot_enter"}).zh == "现场确认属实，现场：进不来"
    assert wording.step_told("later", {"x": 1}).zh == "later"


@pytest.mark.parametrize(("ids", "datum", "error"), [
    ([], "gcj02", UsageError),
    (["a"], "epsg", UsageError),
    (["a"], "wgs84", UsageError),
    (["c"], "gcj02", StationMissingError),
])  # fmt: skip
def test_what_cannot_be_corrected(ids: list[str], datum: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        corrected(STATIONS, ids, datum)


def test_abroad_there_is_nothing_to_correct() -> None:
    london = worlds.stations({"a": (Point(-0.1, 51.5), {})})
    with pytest.raises(UsageError, match="leave them out"):
        corrected(london, ["a"], "gcj02")


def test_a_correction_can_be_taken_back() -> None:
    there = corrected(STATIONS, ["a"], "gcj02")
    again = corrected(there, ["a"], "wgs84")
    assert there.geometry["a"].distance(STATIONS.geometry["a"]) > 0.001
    assert again.geometry["a"].distance(STATIONS.geometry["a"]) < 1e-6
