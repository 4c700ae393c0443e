"""The numbers of a round, from ``rounds.toml``, which gives the reason for each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from stations.audit.rounds.moments import minutes_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Terms:
    """Everything a round assumes."""

    wrong: Mapping[str, float]
    """Severity → probability that a finding is true."""
    fixed: float
    """Factor of it once somebody says it is mended."""
    within_m: float
    """Straight metres within which a station matters to workers."""
    seats: float
    """Capacity of a station that has none recorded."""
    most_days: float
    """Days since an inspection that never was; nothing counts for more."""
    arriving_min: float
    per_question_min: float
    questions: float
    """Questions of a form whose length is not known."""
    per_finding_min: float
    lunch: tuple[int, int]
    """Earliest and latest minute of the day a break begins."""
    seed: int
    iterations: int


@cache
def terms() -> Terms:
    """Return the terms shipped with the program."""
    data = tomllib.loads((files(__package__) / "rounds.toml").read_text("utf-8"))
    wrong, visit, search = dict(data["wrong"]), data["visit"], data["search"]
    return Terms(
        fixed=wrong.pop("fixed"),
        wrong=wrong,
        within_m=data["people"]["within_m"],
        seats=data["people"]["seats"],
        most_days=data["days"]["most"],
        arriving_min=visit["arriving"],
        per_question_min=visit["per_question"],
        questions=visit["questions"],
        per_finding_min=visit["per_finding"],
        lunch=(minutes_of(data["lunch"]["earliest"]), minutes_of(data["lunch"]["latest"])),
        seed=search["seed"],
        iterations=search["iterations"],
    )
